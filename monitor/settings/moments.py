"""Moments, times of the day and weekdays as the configuration writes them: `2027-01-31T18:00`, `"02:00"`, `mon`."""

from datetime import datetime, time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator

from monitor.settings.scalars import Unfit, got, text

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def moment_ms(moment: datetime, zone: ZoneInfo) -> int:
    """The moment in milliseconds since 1970; one without an offset is in the zone."""
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp() * 1000)


def _moment(value: object) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    expected = "expected a date such as 2027-01-31 or a time such as 2027-01-31T18:00+08:00"
    if not isinstance(value, str):
        raise Unfit(f"{expected}, got {got(value)}")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise Unfit(f"{expected}, got {got(value)}") from error
    if not 1970 < moment.year < 9999:
        raise Unfit(f"{expected}, got {got(value)}")
    return moment


def _time_of_day(value: object) -> time:
    if isinstance(value, time):
        return value
    written = text(value)
    try:
        return datetime.strptime(written, "%H:%M").time()  # noqa: DTZ007 - a time of every day, in any zone
    except ValueError:
        raise Unfit(f'expected a time of the day from "00:00" to "23:59", got {got(written)}') from None


Moment = Annotated[datetime | None, BeforeValidator(_moment)]
TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]

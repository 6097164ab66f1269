"""
When something begins, as a crontab writes it: minute, hour, day of the month, month, weekday.

Read as crontabs are, 0 and 7 being Sunday, and kept as APScheduler takes it: that one counts weekdays from Monday, so
that here they become names.  Where a day of the month and a weekday are given, both must fit (cron would take either).
"""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator

from monitor.settings.moments import WEEKDAYS
from monitor.settings.scalars import Unfit, got, text

_FROM_SUNDAY = (WEEKDAYS[-1], *WEEKDAYS)  # by a crontab's number, 0 to 7
_FIELDS = {  # as APScheduler calls them
    "minute": "the minute",
    "hour": "the hour",
    "day": "the day of the month",
    "month": "the month",
    "day_of_week": "the weekday",
}
_ITEM = re.compile(r"(\*|[0-9]{1,2}(-[0-9]{1,2})?)(/[0-9]{1,2})?|[a-z]{3}(-[a-z]{3})?|last")
_WEEKDAY = re.compile(
    rf"(?P<first>\*|[0-7]|{'|'.join(WEEKDAYS)})(-(?P<last>[0-7]|{'|'.join(WEEKDAYS)}))?(/(?P<step>[1-6]))?"
)
_ANY_DAY = datetime(2024, 1, 1, tzinfo=UTC)


def crontab(value: object) -> str:
    """
    Five fields in lower case with weekdays by their names: `30 2 * * 0` becomes `30 2 * * sun`.

    Raises:
        Unfit: They are not five, one of them is wrong, or no day will ever fit.
    """
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415 - costs 30 ms, and few configurations have one

    written = text(value)
    fields = written.lower().split()
    if len(fields) != len(_FIELDS):
        raise Unfit(
            f'expected minute, hour, day of the month, month and weekday, such as "30 2 * * sun", got {got(written)}'
        )
    fields[-1] = _weekdays(fields[-1])
    for name, field in zip(_FIELDS, fields, strict=True):
        if not _is_readable(name, field):
            raise Unfit(f"{_FIELDS[name]} cannot be read, got {got(field)}")
    read = " ".join(fields)
    if CronTrigger.from_crontab(read, timezone=UTC).get_next_fire_time(None, _ANY_DAY) is None:
        raise Unfit(f"names a day that never comes, got {got(written)}")
    return read


def _is_readable(name: str, field: str) -> bool:
    # APScheduler alone is content with more than it reads: jan/2 would be January.
    if not all(_ITEM.fullmatch(item) for item in field.split(",")):
        return False
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415 - likewise

    try:
        CronTrigger(timezone=UTC, **{name: field})
    except ValueError:
        return False
    return True


def _weekdays(field: str) -> str:
    """The names of all that the field means, from Monday; `*` of every day."""
    if field == "*":
        return field
    days: set[str] = set()
    for item in field.split(","):
        match = _WEEKDAY.fullmatch(item)
        if match is None:
            raise Unfit(f"the weekday cannot be read: expected 0 to 7 (0 and 7 are Sunday) or {', '.join(WEEKDAYS)}")
        days.update(_days_of(match["first"], match["last"], int(match["step"] or 0)))
    return ",".join(day for day in WEEKDAYS if day in days)


def _days_of(first: str, last: str | None, step: int) -> tuple[str, ...]:
    """A range may go round the end of the week: `fri-mon`."""
    if first == "*":
        return _FROM_SUNDAY[:7][:: step or 1]
    begin = _number(first)
    end = _number(last) if last else 6 if step else begin
    if end < begin:
        end += 7
    return tuple(_FROM_SUNDAY[day % 7] for day in range(begin, end + 1, step or 1))


def _number(day: str) -> int:
    return int(day) if day.isdecimal() else _FROM_SUNDAY.index(day)


Crontab = Annotated[str, BeforeValidator(crontab)]

"""
Maintenance windows: times at which events that match are recorded, but not sent to people.

A window begins at a time of the day (`start`, on all or some `weekdays`), whenever a crontab says (`cron`), or once
(`at`); that it is one of the three is seen where places are compared (`agreement`).
"""

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from monitor.settings.crontab import Crontab
from monitor.settings.durations import UNITS, spelled
from monitor.settings.match import EventMatch
from monitor.settings.moments import WEEKDAYS, Moment, TimeOfDay, Weekday, moment_ms
from monitor.settings.scalars import Duration, OneOrMore, TextOrEmpty, TimeZoneName, Unfit
from monitor.settings.section import Section

BEGINNINGS = ("start", "cron", "at")
SHORTEST = UNITS["m"]
LONGEST = 7 * UNITS["d"]


def _given(value: object) -> object:
    if value is None:
        raise Unfit("is empty")
    return value


def _duration(value: int) -> int:
    if not SHORTEST <= value <= LONGEST:
        raise Unfit(f"expected {spelled(SHORTEST)} to {spelled(LONGEST)}, got {spelled(value)!r}")
    return value


def _of_start(weekdays: tuple[Weekday, ...], info: ValidationInfo) -> tuple[Weekday, ...]:
    if weekdays and info.data.get("start", weekdays) is None:
        raise Unfit("is given without start, which it belongs to")
    return weekdays or WEEKDAYS


class MaintenanceWindow(Section):
    """When, for how long and about what people are left alone."""

    match: EventMatch = EventMatch()
    start: Annotated[TimeOfDay | None, BeforeValidator(_given)] = None
    weekdays: Annotated[tuple[Weekday, ...], OneOrMore, AfterValidator(_of_start)] = WEEKDAYS  #: of `start`
    cron: Annotated[Crontab | None, BeforeValidator(_given)] = None  #: five fields, weekdays by their names
    at: Annotated[Moment, BeforeValidator(_given)] = None  #: without an offset: in the window's zone
    duration_ms: Annotated[Duration, AfterValidator(_duration)] = Field(alias="duration")
    timezone: TimeZoneName | None = None  #: None: `people.timezone`
    comment: TextOrEmpty = ""

    def zone(self, people: ZoneInfo) -> ZoneInfo:
        """The time zone of the window; `people`: that of people."""
        return people if self.timezone is None else ZoneInfo(self.timezone)

    def at_ms(self, people: ZoneInfo) -> int | None:
        """When a window begins that comes once, in milliseconds since 1970."""
        return None if self.at is None else moment_ms(self.at, self.zone(people))

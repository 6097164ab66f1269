"""
Maintenance windows: what happens meanwhile is recorded and shown, and people hear of what is left of it at the end.

Pure.  Programs (stdout, webhooks) get everything at once all the same.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from apscheduler.triggers.cron import CronTrigger

from monitor.fleet.match import Match

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER = 2**62


class _Span(NamedTuple):
    """
    The window that was looked up last, or the next one; no other begins between `since` and its end.

    It is asked once an event, which must not cost a look at the calendar; several threads may ask, so it is replaced
    as one.
    """

    since: int
    start: int
    end: int


_NOT_YET = _Span(0, 0, 0)


class SingleWindow:
    """One span of time."""

    def __init__(self, match: Match, start: int, duration: int) -> None:
        """
        Args:
            match: Of what nothing is sent.
            start: Milliseconds since 1970.
            duration: Milliseconds.
        """
        self.match = match
        self._start = start
        self._end = start + duration

    def open_until(self, at: int) -> int | None:
        """When it ends, if it is open at this moment; both milliseconds since 1970."""
        return self._end if self._start <= at < self._end else None


class RecurringWindow:
    """A span that comes again: at so many minutes past midnight of some days, or as a cron expression says."""

    def __init__(self, match: Match, trigger: CronTrigger, duration: int) -> None:
        """
        Args:
            match: Of what nothing is sent.
            trigger: Its beginnings; knows its time zone, so that a window keeps its place on the clock in summer.
            duration: Milliseconds.
        """
        self.match = match
        self._trigger = trigger
        self._duration = timedelta(milliseconds=duration)
        self._looked_up = _NOT_YET

    def open_until(self, at: int) -> int | None:
        """As `SingleWindow`'s; where windows overlap, the end of the earliest that is open."""
        found = self._looked_up
        if not found.since <= at < found.end:
            found = self._looked_up = self._look_up(at)
        return found.end if found.start <= at < found.end else None

    def _look_up(self, at: int) -> "_Span":
        moment = _EPOCH + timedelta(milliseconds=at)
        start = self._trigger.get_next_fire_time(None, moment - self._duration + timedelta(milliseconds=1))
        if start is None:  # an expression that never fits, such as 30 February
            return _Span(at, _NEVER, _NEVER)
        return _Span(at, _milliseconds(start), _milliseconds(start + self._duration))


def _milliseconds(moment: datetime) -> int:
    return round((moment - _EPOCH) / timedelta(milliseconds=1))

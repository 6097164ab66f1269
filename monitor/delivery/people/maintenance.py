"""
Maintenance windows: what happens meanwhile is recorded and shown, and people hear of what is left of it at the end.

Pure.  Programs (stdout, webhooks) get everything at once all the same.
"""

from datetime import UTC, datetime, timedelta

from apscheduler.triggers.cron import CronTrigger

from monitor.fleet.match import Match

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
        self._start = 0  # the window that was looked up last, or the next one:
        self._end = 0  # it is asked once an event, which must not cost a look at the calendar
        self._from = 0  # no other begins between this moment and that one's end

    def open_until(self, at: int) -> int | None:
        """As `SingleWindow`'s; where windows overlap, the end of the earliest that is open."""
        if not self._from <= at < self._end:
            self._look_up(at)
        return self._end if self._start <= at < self._end else None

    def _look_up(self, at: int) -> None:
        moment = _EPOCH + timedelta(milliseconds=at)
        start = self._trigger.get_next_fire_time(None, moment - self._duration + timedelta(milliseconds=1))
        self._from = at
        if start is None:  # an expression that never fits, such as 30 February
            self._start = self._end = at + 1
            return
        self._start = _milliseconds(start)
        self._end = _milliseconds(start + self._duration)


def _milliseconds(moment: datetime) -> int:
    return round((moment - _EPOCH) / timedelta(milliseconds=1))

"""
When an app is due: its seat in the interval.

Apps are spread evenly and stay where they are over restarts and changed lists, because a seat is a stable hash of
account and appkey.  Pure: time comes in as an argument.
"""

import hashlib
from datetime import UTC, datetime, timedelta

from apscheduler.triggers.base import BaseTrigger

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def phase(account: str, appkey: str) -> float:
    """Where in the interval the app sits: 0 up to, not including, 1; the same for ever."""
    digest = hashlib.blake2b(f"{account}\0{appkey}".encode(errors="replace"), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


class Seat(BaseTrigger):  # type: ignore[misc]  # apscheduler is untyped
    """
    APScheduler's trigger for one app: the moments ``phase * interval`` into every interval since 1970.

    However long the process was stopped, the next moment lies in the future: what was missed is one poll, not many.
    """

    __slots__ = ("_offset", "due", "first", "interval")

    def __init__(self, *, first: int, interval: int, phase: float) -> None:
        """
        Args:
            first: When the first poll is due, ms since 1970.
            interval: From one poll to the next, ms.
            phase: From :func:`phase`.
        """
        self.first = first
        self.interval = interval
        self.due = first  #: the moment the running poll was due, ms since 1970
        self._offset = int(phase * interval)

    def after(self, moment: int) -> int:
        """The first of the app's moments later than this one, ms since 1970."""
        return moment + self.interval - (moment - self._offset) % self.interval

    def shift(self, by: int) -> None:
        """Follow a clock that was set by so many ms: the distance to the next poll stays as it was."""
        self.first += by
        self.due += by
        self._offset += by

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """APScheduler's question.  The second poll comes half an interval after the first at the earliest."""
        if previous_fire_time is None:
            return moment(self.first)
        self.due = milliseconds(previous_fire_time)
        earliest = self.first + self.interval // 2 if self.due == self.first else self.due
        return moment(self.after(max(earliest, milliseconds(now))))


def moment(ms: int) -> datetime:
    """Milliseconds since 1970 as APScheduler wants them."""
    return EPOCH + timedelta(milliseconds=ms)


def milliseconds(when: datetime) -> int:
    """The inverse of :func:`moment`."""
    return (when - EPOCH) // timedelta(milliseconds=1)

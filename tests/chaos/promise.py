"""
What is promised of a fault, and what was seen: the values that the matrix is made of.

Pure.  A promise is declared beside the fault, in the table of its family; whoever makes the fault happen says what was
seen, and `Seen.problems` has a line for everything that was not kept.
"""

from collections.abc import Sequence
from typing import NamedTuple

import pytest

#: What is said of a source while it fails or is held back, and when that is over: true, and no false event.
OF_THE_SOURCE = {
    "app.unreachable": "app.recovered",
    "account.unreachable": "account.recovered",
    "app.suspect": "app.trusted",
    "account.suspect": "account.trusted",
}


class NotHere(Exception):
    """This fault cannot be made on this machine; the message says why."""


class Promise(NamedTuple):
    """What must hold while a fault lasts; that nothing is invented or lost holds of every one."""

    metric: str  #: what the metrics show, in words
    words: str  #: what a line of the log holds; empty: there is nothing to say
    within: float | None = 1.0  #: intervals after its end by which all is as it was; None: it does not end


class Seen(NamedTuple):
    """One fault, as it was lived through."""

    family: str
    fault: str
    promise: Promise
    metric: str  #: what the metrics showed
    log: str  #: the line that names the cause
    invented: Sequence[str]  #: events that nothing explains
    lost: Sequence[str]  #: events that should have come
    recovered: float | None  #: intervals from its end to when all was as it was; None: it never was
    wrong: Sequence[str] = ()  #: what else was not as promised

    def problems(self) -> list[str]:
        """Everything that was not kept, however long the recovery took."""
        found = [
            *self.wrong,
            *(f"invented: {event}" for event in self.invented),
            *(f"lost: {event}" for event in self.lost),
        ]
        if self.promise.words and self.promise.words not in self.log:
            found.append(f"no line of the log says {self.promise.words!r}")
        if self.recovered is None and self.promise.within is not None:
            found.append("it never recovered")
        return [f"{self.family}, {self.fault}: {each}" for each in found]

    def late(self, margin: float) -> list[str]:
        """
        That the recovery took longer than promised.

        Args:
            margin: Intervals that a call may take, and that lie between two looks.
        """
        within = self.promise.within
        if self.recovered is None or within is None or self.recovered <= within + margin:
            return []
        return [f"{self.family}, {self.fault}: recovered after {self.recovered:.2f} intervals, not {within:g}"]


class Skipped(NamedTuple):
    """One fault that could not be made here."""

    family: str
    fault: str
    reason: str


SKIPS = (NotHere, pytest.skip.Exception)

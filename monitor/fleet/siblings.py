"""
What a decision about one app may ask of the rest of its account.

Read only.  The fleet answers from its index and its counts: no question costs a walk over the apps.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec

from monitor.fleet.answer import FailureReason
from monitor.fleet.app import App
from monitor.fleet.snapshot import AccountState, Entry


class Place(msgspec.Struct, frozen=True):
    """An entry and the app that lists it."""

    app: App
    entry: Entry

    @property
    def identity(self) -> tuple[str, str]:
        """What tells the places of a number apart, and orders them: (appkey, waba_id)."""
        return (self.app.appkey, self.entry.now.waba_id)


class Counts(msgspec.Struct, frozen=True):
    """The other apps of the account, after their last polls."""

    apps: int = 0
    failing: Mapping[FailureReason, int] = {}  #: whose last poll failed or was held off, by its reason
    suspect: int = 0


class Siblings(Protocol):
    """The rest of the account, as seen from one app: nothing here includes the app itself."""

    @property
    def state(self) -> AccountState:
        """The account as a whole."""

    @property
    def others(self) -> Counts:
        """The other apps, counted."""

    @property
    def last_answer(self) -> int | None:
        """Start of the account's latest answer, believed or not, whichever app gave it; None before the first."""

    def elsewhere(self, number: str) -> Iterable[Place]:
        """The number's entries in other apps of the account, by its text: a masked one may be another number."""

    def of_waba(self, waba_id: str) -> Iterable[Place]:
        """The WABA's entries in other apps of the account."""


class NoSiblings:
    """An account of one app about which nothing is known yet."""

    state = AccountState()
    others = Counts()
    last_answer: int | None = None

    def elsewhere(self, number: str) -> tuple[Place, ...]:  # noqa: ARG002 - the protocol's name
        """None."""
        return ()

    def of_waba(self, waba_id: str) -> tuple[Place, ...]:  # noqa: ARG002 - the protocol's name
        """None."""
        return ()

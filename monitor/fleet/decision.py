"""What `decide` returns: one decision from one outcome."""

from enum import StrEnum

import msgspec

from monitor.fleet.app import App
from monitor.fleet.event import Event
from monitor.fleet.snapshot import AccountState, Snapshot


class Why(StrEnum):
    """What kind of decision this was, for the log."""

    BASELINE = "baseline"  #: the app's first answer
    BELIEVED = "believed"  #: an answer was taken as it is
    UNCHANGED = "unchanged"  #: an answer said nothing new, and time told nothing
    HELD_BACK = "held_back"  #: an answer lost so much that its losses wait
    FAILED = "failed"
    ACCEPTED = "accepted"  #: what is held back will be believed at the next answer
    LEFT = "left"  #: the app is not watched any more


class Decision(msgspec.Struct, frozen=True):
    """
    What to record, show and tell after one outcome.

    `after` shares every unchanged entry with `before`: what is another object has changed.
    """

    app: App
    before: Snapshot
    after: Snapshot | None  #: None: the app has left
    unrecorded: Snapshot | None  #: what to show when `after` could not be recorded: *now* is new, *told* as before
    account_before: AccountState
    account_after: AccountState
    events: tuple[Event, ...]
    why: Why
    warnings: tuple[str, ...] = ()  #: one line each, to be logged once: entries that have become ambiguous

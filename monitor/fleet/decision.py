"""What `decide` returns: one decision from one outcome."""

import msgspec

from monitor.fleet.app import App
from monitor.fleet.event import Event
from monitor.fleet.snapshot import AccountState, Snapshot


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
    why: str  #: one word for the log: what kind of decision this was (`Why`)

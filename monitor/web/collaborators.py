"""What the web room calls elsewhere in the daemon, and what these calls may answer."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from monitor.fleet.app import App
from monitor.fleet.fleet import AppKey, Watched
from monitor.fleet.snapshot import Entry
from monitor.store.deliveries import StoredDelivery
from monitor.store.history import StoredEvent


class UnknownTargetError(Exception):
    """No such app or account; becomes a 404 with this sentence."""


class TooSoonError(Exception):
    """The app was polled on somebody's word just now; becomes a 429."""

    def __init__(self, wait: float) -> None:
        self.wait = wait  #: seconds until it may be asked for again
        super().__init__(f"this app was polled on request just now; try again in {wait:.0f} s")


class StoppingError(Exception):
    """The daemon is stopping and starts nothing more; becomes a 503."""


class OwnerSilentError(Exception):
    """Another process watches the account, and does not answer; becomes a 504 with this sentence."""


class NotReadyError(Exception):
    """What is asked for may be known soon; becomes a 503 with this sentence."""


REFUSALS = (UnknownTargetError, TooSoonError, StoppingError, OwnerSilentError)


class Known(Protocol):
    """What is known, as far as it is shown: a `Fleet`, or one with what other processes watch."""

    @property
    def accounts(self) -> tuple[str, ...]:
        """The names of all accounts."""

    def get(self, key: AppKey) -> Watched | None:
        """The app with what is known of it; None when it is not watched."""

    def apps(self, account: str | None = None) -> list[App]:
        """The apps of one account, or of all."""

    def watched(self, account: str | None = None) -> Iterator[Watched]:
        """The same with what is known of them; it may change meanwhile."""

    def find(self, number: str, account: str | None = None) -> Iterator[tuple[App, Entry]]:
        """Every entry of a number (normalised), in one account or in all."""

    def numbers(self) -> Iterator[str]:
        """Every number that an app lists or did list, once an account; nothing must change meanwhile."""


class ReplicaSeen(msgspec.Struct, frozen=True):
    """A process that shares the store."""

    name: str
    is_this: bool  #: the one that is asked
    accounts: Sequence[str]  #: that it watches


class Replicas(Protocol):
    """The processes that share the store, and what they have recorded."""

    @property
    def as_of(self) -> int | None:
        """The sequence of events that what is shown of other processes' accounts is true for; None: nothing is."""

    @property
    def unread(self) -> Sequence[str]:
        """The accounts of which nothing is shown yet: others watch them, and what they recorded is being read."""

    async def refresh(self, *, at_once: bool = False) -> None:
        """
        See what the others have recorded, if that was not done just now; raises nothing.

        Args:
            at_once: Do so in any case: what was recorded before this call is seen.
        """

    def owner(self, account: str) -> str | None:
        """The process that watches the account; None: nobody does, or one has the store alone."""

    def seen(self) -> Sequence[ReplicaSeen]:
        """Who watches what, the one that is asked first; none where one has the store alone."""


class Poller(Protocol):
    """Polls an app on somebody's word."""

    async def poll_now(self, account: str, appkey: str) -> object:
        """
        Poll the app and return once its outcome is shown, waiting for a poll that runs already.

        Raises:
            UnknownTargetError, TooSoonError, StoppingError, OwnerSilentError: It was not polled, or nobody knows.
            StoreError: Another process watches it, and cannot be asked.
        """


class Reloader(Protocol):
    """Reads the configuration anew."""

    async def reload(self) -> str | None:
        """Put the new configuration in force; or keep the old one and return why, in one or more lines."""


class Accepter(Protocol):
    """Believes what is held back as suspect."""

    async def accept(self, account: str, user: str) -> int:
        """
        Believe what is held back in an account, on this user's word (empty where no users are configured).

        Returns:
            How many apps and lists of apps that concerned.

        Raises:
            UnknownTargetError, StoppingError, OwnerSilentError: Nothing was accepted, or nobody knows.
            StoreError: Likewise; or another process watches the account, and cannot be asked.
        """


class HeldList(msgspec.Struct, frozen=True):
    """A list of apps that came back so short that it is not believed."""

    account: str
    source: str  #: file or url
    apps: int  #: in force
    held: int  #: that the list has now


class PollSeen(msgspec.Struct, frozen=True):
    """One of an app's last polls."""

    at: int  #: its start, ms since 1970
    outcome: str  #: `answered`, `unchanged` (the very bytes of the answer before), or the reason of the failure
    held_off: bool  #: no call was made: the reason is the one of before
    size: int  #: bytes of the answer; 0 where there was none
    milliseconds: int  #: that its last call took


class AppWatch(msgspec.Struct, frozen=True):
    """How one app is polled, and what its account can afford."""

    interval: int  #: ms from one poll to the next, as it is at present
    wanted: int  #: ms, as configured: less where the account's budget does not suffice for all of its apps
    next_poll: int | None  #: when it is due, ms since 1970
    polls: Sequence[PollSeen]  #: the last ones, the newest first
    apps: int  #: of the account
    demand: float  #: calls a second that all of them ask for
    rate: float  #: calls a second that the account may make
    held_by: str | None  #: why the account's calls are held off: throttled, auth or unreachable


class Watch(Protocol):
    """How apps are polled."""

    def app(self, app: App) -> AppWatch | None:
        """How an app is polled; None when it no longer is."""

    def interval(self, app: App) -> int:
        """From one poll of an app to the next, ms, as it is at present."""

    def held_lists(self) -> Sequence[HeldList]:
        """The lists of apps that are held back."""


class SinkSeen(msgspec.Struct, frozen=True):
    """Where events go."""

    name: str
    type: str
    waiting: int  #: deliveries to be made
    dead: int  #: deliveries given up
    paused: str  #: why it gets nothing until it is resumed; empty while it does


class Particulars(msgspec.Struct, frozen=True):
    """What the daemon is and runs with."""

    python: str  #: its version
    started: int  #: ms since 1970
    listen: Sequence[str]  #: with the real ports
    configuration: str  #: the one in force as YAML, without secrets
    path: str  #: of its file
    taken_over: int  #: when it came into force, ms since 1970
    problems: Sequence[str]  #: why the last reload kept it; empty when it did not
    store: str  #: where it is, without a secret
    store_works: bool
    store_size: int | None  #: bytes; None while it cannot be read
    sinks: Sequence[SinkSeen] | None  #: None while the store cannot be read


class Introspection(Protocol):
    """Says what the daemon is."""

    async def look(self) -> Particulars:
        """See; raises nothing."""


class Health(Protocol):
    """Whether the daemon goes on, and whether it shows something yet."""

    def healthy(self) -> str | None:
        """None, or why it is not."""

    def ready(self) -> str | None:
        """None, or why not yet."""


class EventLog(Protocol):
    """The recorded events and where they went, as the store keeps them."""

    async def events(
        self,
        *,
        since: int | None = None,
        type: str | None = None,  # noqa: A002  # the event's attribute of this name
        number: str | None = None,
        account: str | None = None,
        appkey: str | None = None,
        after: int | None = None,
        before: int | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> Sequence[StoredEvent]:
        """
        Events that fit every condition; `since` is inclusive, in ms since 1970; `after` and `before` are sequences.

        Raises:
            StoreError: They cannot be read now.
        """

    async def deliveries(
        self,
        *,
        sink: str | None = None,
        failed: bool | None = None,
        since: int | None = None,
        account: str | None = None,
        appkey: str | None = None,
        number: str | None = None,
        type: str | None = None,  # noqa: A002  # the event's attribute of this name
        after: tuple[int, str] | None = None,
        limit: int = 100,
    ) -> Sequence[StoredDelivery]:
        """
        What went where, the newest event first; `after` is the (sequence, sink) that the list goes on from.

        Raises:
            StoreError: They cannot be read now.
        """

    async def last_sequence(self) -> int:
        """The sequence of the newest event; 0 for none."""


class Pieces(Protocol):
    """The fleet's metrics as finished text."""

    def pieces(self, *, openmetrics: bool) -> Iterator[bytes]:
        """The text in pieces that are short work each, without the marker of the end."""

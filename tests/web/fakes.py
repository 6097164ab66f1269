"""Collaborators that keep what they were asked, and answer what a test gave them."""

import asyncio
from collections.abc import Callable

from monitor.store.deliveries import StoredDelivery
from monitor.store.errors import StoreUnavailable
from monitor.store.history import StoredEvent
from monitor.web.collaborators import (
    AppWatch,
    HeldList,
    Particulars,
    PollSeen,
    ReplicaSeen,
    SinkSeen,
    UnknownTargetError,
)
from tests.web.fleets import NOW


class FakeEvents:
    """A store's events and deliveries in memory."""

    def __init__(self, *events: StoredEvent) -> None:
        self.stored = list(events)
        self.sent: list[StoredDelivery] = []
        self.gone = False

    async def events(
        self,
        *,
        since=None,
        type=None,  # noqa: A002  # the protocol's name
        number=None,
        account=None,
        appkey=None,
        after=None,
        before=None,
        limit=100,
        newest_first=False,
    ):
        self._check()
        found = [
            event
            for event in sorted(self.stored, key=lambda event: event.sequence, reverse=newest_first)
            if (since is None or event.time >= since)
            and type in (None, event.type)
            and account in (None, event.account)
            and appkey in (None, event.appkey)
            and (after is None or event.sequence > after)
            and (before is None or event.sequence < before)
            and (number is None or f'"subject":"{number}"' in event.body.decode())
        ]
        return found[:limit]

    async def deliveries(
        self,
        *,
        sink=None,
        failed=None,
        since=None,
        account=None,
        appkey=None,
        number=None,
        type=None,  # noqa: A002  # the protocol's name
        after=None,
        limit=100,
    ):
        self._check()
        found = [
            one
            for one in sorted(self.sent, key=lambda one: (-one.sequence, one.sink))
            if sink in (None, one.sink)
            and (account in (None, one.account) and appkey in (None, one.appkey))
            and (number in (None, one.subject) and type in (None, one.type))
            and failed in (None, one.state == "dead" or (one.state == "open" and one.tries > 0))
            and (since is None or one.time >= since)
            and (after is None or (-one.sequence, one.sink) > (-after[0], after[1]))
        ]
        return found[:limit]

    async def last_sequence(self):
        self._check()
        return max((event.sequence for event in self.stored), default=0)

    def _check(self):
        if self.gone:
            raise StoreUnavailable("the store cannot be read: disk I/O error; polling goes on")


class FakePoller:
    """Polls nothing; `error` is raised, `hold` is waited for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.error: Exception | None = None
        self.hold = asyncio.Event()
        self.hold.set()

    async def poll_now(self, account, appkey):
        self.asked.append((account, appkey))
        await self.hold.wait()
        if self.error is not None:
            raise self.error


class FakeReloader:
    def __init__(self) -> None:
        self.reloads = 0
        self.reason: str | None = None

    async def reload(self):
        self.reloads += 1
        return self.reason


class FakeAccepter:
    def __init__(self) -> None:
        self.accepted: list[tuple[str, str]] = []
        self.error: Exception | None = None

    async def accept(self, account, user):
        if self.error is not None:
            raise self.error
        if account != "main":
            raise UnknownTargetError(f"there is no account {account!r}")
        self.accepted.append((account, user))
        return 2


class FakeHealth:
    def __init__(self) -> None:
        self.sick: str | None = None
        self.waiting: str | None = None

    def healthy(self):
        return self.sick

    def ready(self):
        return self.waiting


class FakePieces:
    """The fleet's text, cut as a test likes."""

    def __init__(self, *pieces: bytes) -> None:
        self.texts = pieces or (b"# TYPE nxcloud_app_up gauge\n", b'nxcloud_app_up{account="main",appkey="a"} 1\n')

    def pieces(self, *, openmetrics):
        return iter(self.texts)


class FakeWatch:
    """Every app is asked once a minute."""

    def __init__(self) -> None:
        self.held: list[HeldList] = []
        self.polls: list[PollSeen] = []
        self.stretch = 1
        self.held_by: str | None = None
        self.is_elsewhere = False

    def interval(self, app):
        return 60_000

    def app(self, app):
        if self.is_elsewhere:
            return None
        return AppWatch(
            interval=60_000 * self.stretch,
            wanted=60_000,
            next_poll=NOW + 20_000,
            polls=self.polls,
            apps=1_200,
            demand=20.0 * self.stretch,
            rate=20.0,
            held_by=self.held_by,
        )

    def held_lists(self):
        return self.held


class FakeIntrospection:
    """A daemon that has run for an hour."""

    def __init__(self) -> None:
        self.seen = Particulars(
            python="3.14.0",
            started=NOW - 3_600_000,
            listen=("127.0.0.1:8620",),
            configuration="accounts:\n- name: main\n  access_secret: '**********'\n",
            path="/etc/number-monitor.yml",
            taken_over=NOW - 60_000,
            problems=(),
            store="/data/number-monitor.db",
            store_works=True,
            store_size=3_400_000,
            sinks=[SinkSeen("ops", "webhook", 3, 1, "")],
        )

    async def look(self):
        return self.seen


class FakeReplicas:
    """Nobody else, until a test says who; `looks` counts what it was told."""

    def __init__(self) -> None:
        self.as_of: int | None = None
        self.unread: list[str] = []
        self.processes: list[ReplicaSeen] = []
        self.looks: list[bool] = []
        self.look: Callable[[], None] = lambda: None

    async def refresh(self, *, at_once: bool = False) -> None:
        self.looks.append(at_once)
        self.look()

    def owner(self, account: str) -> str | None:
        return next((each.name for each in self.processes if account in each.accounts), None)

    def seen(self) -> list[ReplicaSeen]:
        return self.processes

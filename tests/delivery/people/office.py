"""A desk at work: the real store, a room that answers as planned, and a clock that moves when everybody waits."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor.delivery.people.desk import Desk
from monitor.delivery.people.digest import Digest, Trouble
from monitor.delivery.people.notice import Notice
from monitor.delivery.people.rules import Rules
from monitor.delivery.words.wording import Wording
from monitor.fleet.event import Event
from monitor.store.errors import StoreUnavailable
from monitor.store.store import Store
from tests.delivery.fakes import Clock, capturing, instruments
from tests.delivery.turns import Turns

START = 1_800_000_000_000
WORDING = Wording(language="en", zone=ZoneInfo("UTC"), external_url=None)


class Room:
    """Keeps what it took; `answer` says what becomes of a message, by raising or not."""

    def __init__(self, answer: Callable[[Notice], None] = lambda _: None, *, per_minute: int = 20) -> None:
        self.name = "team"
        self.limit = 15.0
        self.per_minute = per_minute
        self.answer = answer
        self.tried: list[Notice] = []
        self.took: list[Notice] = []
        self.let_in = asyncio.Event()
        self.let_in.set()

    async def send(self, notice: Notice) -> str:
        self.tried.append(notice)
        await self.let_in.wait()
        self.answer(notice)
        self.took.append(notice)
        return "ok"

    async def aclose(self) -> None:
        """Nothing to close."""


class Shaky:
    """The store, but for calls that find it down."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.down: set[str] = set()
        self.is_elsewhere = False  #: every account

    def epoch(self, account: str) -> int | None:
        return None if self.is_elsewhere else self.store.epoch(account)

    def __getattr__(self, name: str) -> Callable[..., Awaitable[object]]:
        async def call(*arguments: object) -> object:
            if name in self.down:
                raise StoreUnavailable("store is locked")
            return await getattr(self.store, name)(*arguments)

        return call


class Office:
    """One desk, from the outside."""

    def __init__(self, store: Store, clock: Clock, room: Room, rules: Rules, lasting: Callable[[Trouble], int | None]):
        self.clock, self.room = clock, room
        self.store = Shaky(store)
        self.turns = Turns(clock)
        self.digests: dict[str, Digest] = {}  #: by the notice's id
        self.tried_at: list[int] = []  #: seconds since the start
        self.log, self.logged = capturing()
        made, self.samples = instruments()
        self.desk = Desk(
            room,
            rules=rules,
            worded=self._worded,
            lasting=lasting,
            store=self.store,  # type: ignore[arg-type]  # it passes on whatever it is asked
            instruments=made,
            now=clock.now,
            monotonic=clock.monotonic,
            random=lambda: 0.5,
            log=self.log,
            on_progress=lambda: None,
            pause=self.turns,
        )
        self.task = asyncio.create_task(self.desk.run())

    def _worded(self, digest: Digest) -> Notice:
        notice = WORDING.notice(digest)
        self.digests[notice.id] = digest
        self.tried_at.append((self.clock.now() - START) // 1000)
        return notice

    async def happens(self, *events: Event) -> None:
        """These are recorded, and the desk is woken."""
        await self.store.store.tell(events, lambda _event: ("team",))
        await self.turns.after(self.desk.wake)

    async def runs(self, seconds: float) -> None:
        """Time goes on, wait by wait."""
        until = self.clock.seconds + seconds
        while self.clock.seconds < until and not self.task.done():
            await self.turns.pass_by()

    @property
    def told(self) -> list[str]:
        """The headlines that the room took, a message after the other."""
        return [item.headline for notice in self.room.took for item in notice.items]

    @property
    def took(self) -> list[Digest]:
        return [self.digests[notice.id] for notice in self.room.took]

    async def waiting(self, account: str = "main") -> list[int]:
        return [row.sequence for row in await self.store.store.waiting("team", account, 0, 100_000)]

    async def dead(self) -> list[int]:
        failed = await self.store.store.deliveries(sink="team", failed=True)
        return [each.sequence for each in failed if each.state == "dead"]

    async def ends(self) -> None:
        """The process dies: nothing more is done."""
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task


class Offices:
    """Opens desks on one store, all of them ended afterwards."""

    def __init__(self, path: Path) -> None:
        self.clock = Clock()
        self.clock.seconds = START / 1000
        self._path = path
        self._store: Store | None = None
        self._open: list[Office] = []

    async def open(
        self,
        room: Room,
        rules: Rules | None = None,
        lasting: Callable[[Trouble], int | None] = lambda trouble: trouble.seen,
        *,
        is_elsewhere: bool = False,
    ) -> Office:
        if self._store is None:
            url = f"sqlite:///{self._path}/number-monitor.db"
            self._store = await Store.open(url, now=self.clock.now, wait=0.0)
        office = Office(self._store, self.clock, room, rules or Rules(settle={}), lasting)
        office.store.is_elsewhere = is_elsewhere
        self._open.append(office)
        await office.turns.reached()
        return office

    async def close(self) -> None:
        for office in self._open:
            await office.ends()
        if self._store is not None:
            await self._store.close()


def refusing(numbers: Iterable[str], error: Exception) -> Callable[[Notice], None]:
    """An answer that refuses what names one of these."""
    refused = tuple(numbers)

    def answer(notice: Notice) -> None:
        if any(number in item.headline for number in refused for item in notice.items):
            raise error

    return answer


def failing(times: int, error: Exception) -> Callable[[Notice], None]:
    """An answer that fails so often, then not any more."""
    left = [times]

    def answer(_notice: Notice) -> None:
        if left[0]:
            left[0] -= 1
            raise error

    return answer

"""Stand-ins for what the roster works with; each keeps what it was given."""

import asyncio
from collections.abc import Callable, Sequence

import structlog
from prometheus_client import generate_latest
from structlog.testing import CapturingLogger
from structlog.typing import FilteringBoundLogger

from monitor.fleet.app import App
from monitor.fleet.event import EVENT_TYPES, Event
from monitor.metrics.instruments import Instruments, Registry
from monitor.roster.errors import RosterError
from monitor.roster.url import AppsUrl
from monitor.store.errors import StoreUnavailable


class FakeShelf:
    """The store's lists."""

    def __init__(self) -> None:
        self.lists: dict[tuple[str, str], bytes] = {}
        self.down = False

    async def roster(self, account: str, source: str) -> bytes | None:
        self._check()
        return self.lists.get((account, source))

    async def save_roster(self, account: str, source: str, body: bytes) -> None:
        self._check()
        self.lists[account, source] = body

    def _check(self) -> None:
        if self.down:
            raise StoreUnavailable("store is locked")


class FakeTeller:
    """Records events, unless the store is down."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.down = False

    async def __call__(self, events: Sequence[Event]) -> None:
        if self.down:
            raise StoreUnavailable("store is locked")
        self.events += events

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]


class FakeSource(AppsUrl):
    """A list as somebody else keeps it."""

    def __init__(self, *appkeys: str) -> None:
        super().__init__("https://crm.example/apps")
        self.listed = appkeys
        self.error: str | None = None
        self.reads = 0

    async def read(self, account: str = "main") -> list[App]:
        self.reads += 1
        if self.error:
            raise RosterError([self.error])
        return [App(account, appkey) for appkey in self.listed]


class Clock:
    """Both clocks; they stand still until told."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def now(self) -> int:
        return round(self.seconds * 1000)

    def monotonic(self) -> float:
        return self.seconds


class Pauses:
    """Waits that a test ends: `pass_` lets so many seconds go by and returns when all `waiters` wait again."""

    def __init__(self, clock: Clock, waiters: Callable[[], int]) -> None:
        self.clock = clock
        self.waiters = waiters
        self.waiting: list[tuple[float, asyncio.Future[None]]] = []

    async def __call__(self, seconds: float) -> None:
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiter = (self.clock.seconds + seconds, over)
        self.waiting.append(waiter)
        try:
            await over
        finally:
            self.waiting.remove(waiter)

    async def pass_(self, seconds: float) -> None:
        end = self.clock.seconds + seconds
        await self.settle()
        while due := [waiter for waiter in self.waiting if waiter[0] <= end]:
            first = min(due, key=lambda waiter: waiter[0])
            self.clock.seconds = first[0]
            first[1].set_result(None)
            while first in self.waiting:
                await asyncio.sleep(0)
            await self.settle()
        self.clock.seconds = end

    async def settle(self) -> None:
        while len(self.waiting) < self.waiters():
            await asyncio.sleep(0)


def instruments() -> tuple[Instruments, Callable[[], list[str]]]:
    """(instruments, a function that gives all samples as text lines)."""
    registry = Registry()
    made = Instruments(registry, version="1", revision="", failure_reasons=(), event_types=EVENT_TYPES, attributes=())
    return made, lambda: generate_latest(registry).decode().splitlines()


def capturing() -> tuple[FilteringBoundLogger, CapturingLogger]:
    """(a log, what keeps its calls)."""
    logged = CapturingLogger()
    log = structlog.wrap_logger(logged, processors=[], wrapper_class=structlog.make_filtering_bound_logger(0))
    return log, logged

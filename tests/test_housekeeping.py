"""Chores go on, whatever becomes of one of them."""

import asyncio
import gc
from types import SimpleNamespace

import pytest
import structlog

from monitor import housekeeping
from monitor.housekeeping import Housekeeping
from monitor.store.errors import StoreUnavailable


class Book:
    """A store that can be down; remembers what it was asked."""

    def __init__(self) -> None:
        self.up = True
        self.asked: list[str] = []

    async def flush(self) -> None:
        self.asked.append("flush")
        if not self.up:
            raise StoreUnavailable("away")

    async def prune(self, now: int, retention: int) -> None:
        self.asked.append(f"prune {now} {retention}")


class Trips:
    """Looks at the configuration, and trips over it the first time."""

    def __init__(self) -> None:
        self.looks = 0

    async def look(self) -> None:
        self.looks += 1
        if self.looks == 1:
            raise OSError("unforeseen")


async def nothing() -> None:
    pass


@pytest.fixture
async def keeps(monkeypatch):
    """Starts the chores of a house, with no time between two of them."""
    for name in ("FLUSH_EVERY", "PROBE_EVERY", "LOOK_EVERY", "PRUNE_EVERY"):
        monkeypatch.setattr(housekeeping, name, 0.0)
    started = []

    def keep(store=None, look=nothing) -> Housekeeping:
        polling = SimpleNamespace(untried=lambda: 0, retry_removals=nothing)
        kept = Housekeeping(
            store=store or Book(),
            polling=polling,
            fleet=SimpleNamespace(count=lambda: 0),
            look=look,
            retention=90,
            now=lambda: 7,
            log=structlog.wrap_logger(structlog.ReturnLogger()),
        )
        kept.start()
        started.append(kept)
        return kept

    yield keep
    for kept in started:
        await kept.stop()
    gc.unfreeze()


async def until(condition) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0)


async def test_a_chore_that_broke_is_done_again(keeps):
    trips = Trips()
    keeps(look=trips.look)

    await until(lambda: trips.looks >= 2)


async def test_a_store_that_is_away_is_asked_again(keeps):
    store = Book()
    store.up = False
    keeps(store)

    await until(lambda: store.asked.count("flush") >= 2)


async def test_a_changed_retention_counts_from_the_next_sweep(keeps):
    store = Book()
    kept = keeps(store)
    await until(lambda: "prune 7 90" in store.asked)

    kept.retention = 30

    await until(lambda: "prune 7 30" in store.asked)

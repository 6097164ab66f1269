"""Chores go on, whatever becomes of one of them."""

import asyncio
import gc
from types import SimpleNamespace
from typing import Any

import pytest
import structlog

from monitor.daemon import housekeeping
from monitor.daemon.housekeeping import Housekeeping
from monitor.store.errors import StoreUnavailable

SILENT = structlog.wrap_logger(structlog.ReturnLogger())


class Book:
    """A store that can be down; remembers what it was asked."""

    def __init__(self) -> None:
        self.up = True
        self.why = "away"
        self.asked: list[str] = []

    async def flush(self) -> None:
        self.asked.append("flush")
        if not self.up:
            raise StoreUnavailable(self.why)

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

    def keep(store: Any = None, look=nothing, log=SILENT) -> Housekeeping:
        polling: Any = SimpleNamespace(first_tries=0, retry_removals=nothing)
        given: Any = store or Book()
        kept = Housekeeping(
            store=given,
            polling=polling,
            look=look,
            retention=90,
            now=lambda: 7,
            log=log,
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


async def test_why_a_store_is_away_is_said_once_for_each_reason_and_outage(keeps):
    store, capture = Book(), structlog.testing.LogCapture()
    store.up = False
    keeps(store, log=structlog.wrap_logger(None, [capture]))
    for up, why in ((False, "locked"), (False, "full"), (True, ""), (False, "full")):
        store.up, store.why = up, why
        asked = len(store.asked)
        await until(lambda asked=asked: store.asked[asked:].count("flush") >= 4)

    assert [(entry["event"], entry["error"]) for entry in capture.entries] == [
        ("nothing can be written down", why) for why in ("locked", "full", "full")
    ]


async def test_a_changed_retention_counts_from_the_next_sweep(keeps):
    store = Book()
    kept = keeps(store)
    await until(lambda: "prune 7 90" in store.asked)

    kept.retention = 30

    await until(lambda: "prune 7 30" in store.asked)

"""A store on the disk that already knows a fleet, as it is after the first round over all of its apps."""

import asyncio
import hashlib
from collections.abc import Iterable
from pathlib import Path

from benchmarks.fleets import AT
from monitor.clock import wall_clock
from monitor.fleet.answer import Answer
from monitor.fleet.app import App
from monitor.fleet.decide import decide
from monitor.fleet.policy import Policy
from monitor.fleet.siblings import NoSiblings
from monitor.fleet.snapshot import Snapshot
from monitor.phonelist import wire
from monitor.store.store import Store

SLICE = 250  #: decisions that wait for the writer at once


def fill_store(path: Path, answers: Iterable[tuple[App, bytes]]) -> None:
    """Record what the first answer of each app says.  For a process apart."""
    fill_store_at(f"sqlite:///{path}", answers)


def fill_store_at(url: str, answers: Iterable[tuple[App, bytes]]) -> None:
    """The same in any database."""
    asyncio.run(_fill(url, list(answers)))


async def _fill(url: str, answers: list[tuple[App, bytes]]) -> None:
    store = await Store.open(url, now=wall_clock)
    for begin in range(0, len(answers), SLICE):
        await asyncio.gather(*(_record(store, app, body) for app, body in answers[begin : begin + SLICE]))
    await store.close()


async def _record(store: Store, app: App, body: bytes) -> None:
    reading = wire.read(body)
    answer = Answer(AT, hashlib.blake2b(body, digest_size=16).digest(), reading.rows)
    await store.record(decide(app, Snapshot(), answer, NoSiblings(), Policy(), AT), lambda _event: ())

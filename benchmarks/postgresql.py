"""
What does a store in PostgreSQL take, and how quickly does it give it back?

The storm of `store`, without polls: all 10,000 numbers of 500 apps change at once, every change is an event with a
delivery.  On a server of the same machine that flushes every commit to the disk, beside SQLite in the same run, and
through nothing but a socket: a network adds a round trip to each of the seven statements of a decision.
"""

import asyncio
import tempfile
import time
from pathlib import Path

from benchmarks import fleets
from benchmarks.figures import Figure, spread
from benchmarks.server import usual_server
from benchmarks.store import APPS, CHANGES, TIMES, answers, decided
from monitor.clock import wall_clock
from monitor.delivery.routes import Routes
from monitor.fleet.fleet import Fleet
from monitor.fleet.match import Match
from monitor.store.store import Store


def run() -> list[Figure]:
    """Measure."""
    with tempfile.TemporaryDirectory(prefix="number-monitor-bench-") as name:
        sqlite = asyncio.run(_measure(f"sqlite:///{Path(name)}/store.db"))
    with usual_server() as server:
        postgresql = asyncio.run(_measure(server.url(server.create_database())))
    (rates, restores), (rates_there, restores_there) = postgresql, sqlite
    ours, theirs = spread(rates, "changes/s"), spread(rates_there, "changes/s")
    again, again_there = spread(restores, "s"), spread(restores_there, "s")
    return [
        Figure(
            question="PostgreSQL: 10,000 changes committed with events and deliveries",
            ours=ours,
            theirs=theirs,
            against="the same in SQLite",
            value=ours.median,
            unit="changes/s",
            aim="at least",
            target=2_000,
        ),
        Figure(
            question=f"PostgreSQL: {APPS * fleets.NUMBERS:,} numbers restored",
            ours=again,
            theirs=again_there,
            against="the same from SQLite",
            value=again.median,
            unit="s",
            aim="at most",
            target=1,
        ),
    ]


async def _measure(url: str) -> tuple[list[float], list[float]]:
    """Changes a second of each storm, and the seconds of each restore."""
    routes, fleet = Routes({"stdout": Match()}), Fleet()
    store = await Store.open(url, now=wall_clock)
    rates, restores = [], []
    for turn in range(TIMES + 1):
        decisions = [decided(fleet, index, answer) for index, answer in enumerate(answers(turn))]
        began = time.perf_counter()
        await asyncio.gather(*(store.record(decision, routes) for decision in decisions))
        recorded = time.perf_counter()
        await store.restore()
        if turn:
            rates.append(CHANGES / (recorded - began))
            restores.append(time.perf_counter() - recorded)
    await store.close()
    return rates, restores

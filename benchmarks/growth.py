"""
Does a fleet of 20,000 apps cost more an app than one of 100?

For 100, 1,000, 5,000 and 20,000 apps of 20 numbers, each in a fresh process: CPU time of an unchanged poll (the real
parts against nginx), CPU time of a scraped byte, memory a number (fleet and exposition).  The other side is the fleet
of 1,000 apps in the same run.  `docs/growth.svg` shows the three, as multiples of it.

No figure of the issue: "stays level" is judged as no more than 1.5 × from 1,000 to 20,000 apps.
"""

import asyncio
import gc
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks import fleets
from benchmarks.apart import apart
from benchmarks.figures import Figure, one
from benchmarks.fixed_vendor import fixed_vendor
from benchmarks.machine import resident
from benchmarks.plot import Line, plot
from benchmarks.watch import Watch, watching
from monitor.fleet.app import App

SIZES = (100, 1_000, 5_000, 20_000)
BESIDE = 1_000  #: the size that the others are compared with
POLLS, SCRAPES = 2_000, 5
LEVEL = 1.5
PLOT = Path(__file__).parent.parent / "docs" / "growth.svg"


class Cost(msgspec.Struct, frozen=True):
    """What a fleet of some size costs."""

    poll: float  #: CPU µs of an unchanged one
    scrape: float  #: CPU ns a byte
    memory: float  #: bytes a number


UNITS = {"poll": "µs", "scrape": "ns", "memory": "B"}
WORDS = {
    "poll": "CPU time of an unchanged poll",
    "scrape": "CPU time of a scraped byte",
    "memory": "memory of a number",
}


def run() -> list[Figure]:
    """Measure, and draw the plot."""
    answers = ((fleets.appkey(index), fleets.body(index)) for index in range(max(SIZES)))
    with fixed_vendor(answers) as base_url:
        costs = {size: apart(cost_of, base_url, size) for size in SIZES}
    relative = {what: [getattr(costs[size], what) / getattr(costs[BESIDE], what) for size in SIZES] for what in WORDS}
    lines = [Line(WORDS[what], values) for what, values in relative.items()]
    title = f"Cost by number of apps, as multiples of {BESIDE:,} apps'"
    PLOT.write_text(plot(title, [f"{size:,}" for size in SIZES], lines), encoding="utf-8")
    return [_figure(what, costs) for what in WORDS]


def _figure(what: str, costs: dict[int, Cost]) -> Figure:
    largest, beside = (getattr(costs[size], what) for size in (SIZES[-1], BESIDE))
    every = ", ".join(f"{size:,}: {getattr(costs[size], what):.3g} {UNITS[what]}" for size in SIZES)
    return Figure(
        question=f"{WORDS[what]}, 20,000 apps",
        ours=one(largest, UNITS[what]),
        theirs=one(beside, UNITS[what]),
        against="1,000 apps",
        value=largest / beside,
        unit="×",
        aim="at most",
        target=LEVEL,
        note=every,
    )


def cost_of(base_url: str, size: int) -> Cost:
    """What a fleet of this size costs.  For a process apart."""
    return asyncio.run(_cost_of(base_url, size))


async def _cost_of(base_url: str, size: int) -> Cost:
    async with watching(base_url) as watch:
        before = resident()
        fleets.fill(watch.fleet, watch.exposition, range(size))
        gc.collect()
        memory = (resident() - before) / (size * fleets.NUMBERS)
        apps = [fleets.app(index) for index in range(0, size, max(1, size // POLLS))]
        await watch.round(apps[:100])  # warm up: connections, and each app's first look
        poll = await _cost_of_polls(watch, apps)
        return Cost(poll, _cost_of_scrapes(watch), memory)


async def _cost_of_polls(watch: Watch, apps: Sequence[App]) -> float:
    rounds = max(1, POLLS // len(apps))
    began = time.process_time()
    for _ in range(rounds):
        await watch.round(apps)
    return (time.process_time() - began) / (rounds * len(apps)) * 1e6


def _cost_of_scrapes(watch: Watch) -> float:
    size, began = 0, time.process_time()
    for _ in range(SCRAPES):
        size += sum(len(piece) for piece in watch.exposition.pieces(openmetrics=False))
    return (time.process_time() - began) / size * 1e9

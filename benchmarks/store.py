"""
What does the store do when nothing happens, and when everything happens at once?

Nothing: a round over 500 settled apps whose answers are the same; commits, decoded answers and rendered texts are
counted.  Everything: all 10,000 numbers of 500 apps change in one round; every change is an event with a delivery.
Measured is what the store takes when all decisions are there already and, beside it, the storm as polls bring it: so
many decisions at once as an account has calls in flight, the vendor answering from memory.

Targets: none at all; 10,000 changes a second committed with their events and deliveries; no hold of the loop over 20 ms
meanwhile.
"""

import asyncio
import gc
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from msgspec.structs import replace

from benchmarks import fleets
from benchmarks.apart import one_process
from benchmarks.figures import Figure, one, spread
from benchmarks.fixed_vendor import fixed_vendor
from benchmarks.machine import held, idle_holds
from benchmarks.watch import Watch, watching
from monitor.clock import wall_clock
from monitor.delivery.routes import Routes
from monitor.fleet.answer import Answer
from monitor.fleet.decide import decide
from monitor.fleet.decision import Decision
from monitor.fleet.fleet import Fleet, Watched
from monitor.fleet.match import Match
from monitor.fleet.policy import Policy
from monitor.metrics.lines import number_texts
from monitor.phonelist import wire
from monitor.polling.rules import Rules
from monitor.store.store import Store

APPS = 500
CHANGES = APPS * fleets.NUMBERS
TIMES = 3
MINUTE = 60_000


def run() -> list[Figure]:
    """Measure."""
    answers = [(fleets.appkey(index), fleets.body(index)) for index in range(APPS)]
    with fixed_vendor(answers) as base_url:
        counted = asyncio.run(_count(base_url))
        rates, holds, machine = asyncio.run(_storms(base_url))
    alone = asyncio.run(_store_alone())
    committed, storm = spread(alone, "changes/s"), spread(rates, "changes/s")
    return [
        *(
            Figure(
                question=f"{what} by {APPS} unchanged polls of settled apps",
                ours=one(count, ""),
                theirs=None,
                against="",
                value=count,
                unit="",
                aim="at most",
                target=0,
            )
            for what, count in counted.items()
        ),
        Figure(
            question="storm: 10,000 changes committed with events and deliveries",
            ours=committed,
            theirs=storm,
            against="the same decided, recorded and shown by one account's polls",
            value=committed.median,
            unit="changes/s",
            aim="at least",
            target=10_000,
        ),
        Figure(
            question="longest hold of the loop in that storm",
            ours=spread(holds, "ms"),
            theirs=spread(machine, "ms"),
            against="an idle loop meanwhile",
            value=spread(holds, "ms").median,
            unit="ms",
            aim="at most",
            target=20,
        ),
    ]


async def _count(base_url: str) -> dict[str, int]:
    apps = [fleets.app(index) for index in range(APPS)]
    async with watching(base_url) as watch:
        await watch.first_round(apps)
        await watch.dispatcher.stop()  # what it still claims and marks is the first round's
        await watch.store.flush()
        with _counted(watch) as counts:
            await watch.round(apps)
        return {what: count() for what, count in counts.items()}


@contextmanager
def _counted(watch: Watch) -> Iterator[dict[str, Callable[[], int]]]:
    with (
        mock.patch.object(watch.store, "_write", wraps=watch.store._write) as write,  # noqa: SLF001  # the one door of all writes
        mock.patch.object(wire, "read", wraps=wire.read) as read,
        mock.patch("monitor.metrics.exposition.number_texts", wraps=number_texts) as texts,
    ):
        yield {
            "writes": lambda: write.call_count,
            "answers decoded": lambda: read.call_count,
            "texts of numbers rendered": lambda: texts.call_count,
        }


async def _storms(base_url: str) -> tuple[list[float], list[float], list[float]]:
    rates, longest, machine = [], [], []
    async with watching(base_url) as watch:
        for index in range(APPS):
            watch.fleet.add(fleets.app(index))
        await _storm(watch, answers(0))
        gc.collect()
        gc.freeze()  # as the daemon does once it knows its fleet
        with one_process() as idle:
            for turn in range(1, TIMES + 1):
                beside = idle.submit(idle_holds, 2.0)
                given = answers(turn)
                async with held() as holds:
                    rates.append(CHANGES / await _storm(watch, given))
                longest.append(holds.longest)
                machine.append(beside.result())
    return rates, longest, machine


def answers(turn: int) -> list[Answer]:
    at = fleets.AT + turn * MINUTE
    return [fleets.answer(index, at, "YELLOW" if turn % 2 else "GREEN") for index in range(APPS)]


async def _storm(watch: Watch, answers: Sequence[Answer]) -> float:
    """Seconds until every app's other answer is decided, recorded and shown."""
    waiting = iter(range(APPS))

    async def told() -> None:
        for index in waiting:
            await asyncio.sleep(0)  # a call would be answered here
            answer = answers[index]

            def judged(watched: Watched, answer: Answer = answer) -> Decision:
                siblings = watch.fleet.siblings(watched.app)
                return decide(watched.app, watched.snapshot, answer, siblings, Policy(), answer.started)

            await watch.ledger.apply(fleets.app(index).key, judged, stale_after=10**12)

    began = time.perf_counter()
    await asyncio.gather(*(told() for _ in range(Rules().concurrency)))
    return time.perf_counter() - began


async def _store_alone() -> list[float]:
    routes = Routes({"stdout": Match()})
    with tempfile.TemporaryDirectory(prefix="number-monitor-bench-") as name:
        store = await Store.open(f"sqlite:///{Path(name)}/store.db", now=wall_clock)
        fleet, rates = Fleet(), []
        for turn in range(TIMES + 1):
            decisions = [decided(fleet, index, answer) for index, answer in enumerate(answers(turn))]
            began = time.perf_counter()
            await asyncio.gather(*(store.record(decision, routes) for decision in decisions))
            if turn:
                rates.append(CHANGES / (time.perf_counter() - began))
        await store.close()
    return rates


def decided(fleet: Fleet, index: int, answer: Answer) -> Decision:
    app = fleets.app(index)
    if fleet.get(app.key) is None:
        fleet.add(app)
    watched = fleet.get(app.key)
    assert watched is not None
    decision = decide(app, watched.snapshot, answer, fleet.siblings(app), Policy(), answer.started)
    assert decision.after is not None
    fleet.replace(app, replace(decision.after, version=decision.before.version + 1))
    return decision

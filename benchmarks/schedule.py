"""
What does it cost that 5,000 apps are asked every 60 s, and what happens when the clock is set?

Our side: the real schedule with 5,000 seats; the other side: `loop.call_later` and a task for each.  Both fire as
often as in production (83 times a second) for some seconds; what counts is the CPU time a fired job.
Then the wall clock is set an hour ahead: how long the loop is held while all are seated anew.

Targets: 3 × at most; no hold of over 20 ms.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable

import structlog

from benchmarks import fleets
from benchmarks.apart import apart, one_process
from benchmarks.figures import Figure, one, spread
from benchmarks.machine import held, idle_holds
from monitor.polling.schedule import Schedule

JOBS = 5_000
INTERVAL = 60.0  #: seconds
WINDOW, TIMES = 6.0, 3  #: seconds of a repetition
HOUR = 3600.0


def run() -> list[Figure]:
    """Measure, each repetition in a process of its own."""
    ours = spread([apart(scheduled) for _ in range(TIMES)], "µs a job")
    plain = spread([apart(called_later) for _ in range(TIMES)], "µs a job")
    with one_process() as idle:
        machine = idle.submit(idle_holds, 8.0)
        hold, needed = apart(clock_set)
    return [
        Figure(
            question="scheduling 5,000 apps every 60 s, CPU time a fired job",
            ours=ours,
            theirs=plain,
            against="call_later + task",
            value=ours.median / plain.median,
            unit="×",
            aim="at most",
            target=3,
        ),
        Figure(
            question="longest hold of the loop while the clock is set an hour ahead",
            ours=one(hold, "ms"),
            theirs=one(machine.result(), "ms"),
            against="an idle loop meanwhile",
            value=hold,
            unit="ms",
            aim="at most",
            target=20,
            note=f"all seated anew after {needed:.2g} s",
        ),
    ]


def scheduled() -> float:
    """CPU µs a job that the schedule fires.  For a process apart."""

    async def seat(fire: Callable[[object, int], Awaitable[None]]) -> None:
        schedule = _schedule(fire, lambda: 0.0)
        schedule.start()
        _seat_all(schedule)

    return asyncio.run(_cost(seat))


def called_later() -> float:
    """The same by plain timers and tasks.  For a process apart."""

    async def seat(fire: Callable[[object, int], Awaitable[None]]) -> None:
        loop = asyncio.get_running_loop()
        running: set[asyncio.Task[None]] = set()

        async def once(key: object) -> None:
            await fire(key, 0)

        def due(key: object) -> None:
            task = loop.create_task(once(key))
            running.add(task)
            task.add_done_callback(running.discard)
            loop.call_later(INTERVAL, due, key)

        for index in range(JOBS):
            loop.call_later(random.random() * INTERVAL, due, fleets.app(index).key)

    return asyncio.run(_cost(seat))


async def _cost(seat: Callable[[Callable[[object, int], Awaitable[None]]], Awaitable[None]]) -> float:
    fired = 0

    async def fire(_key: object, _due: int) -> None:
        nonlocal fired
        fired += 1

    await seat(fire)
    await asyncio.sleep(1.0)  # seated and warm
    fired, began = 0, time.process_time()
    await asyncio.sleep(WINDOW)
    return (time.process_time() - began) / fired * 1e6


def clock_set() -> tuple[float, float]:
    """The longest hold in ms, and after how many seconds all were seated anew.  For a process apart."""
    return asyncio.run(_clock_set())


async def _clock_set() -> tuple[float, float]:
    ahead = 0.0

    async def fire(_key: object, _due: int) -> None:
        pass

    schedule = _schedule(fire, lambda: ahead)
    schedule.start()
    _seat_all(schedule)
    await asyncio.sleep(1.5)
    apps = [fleets.app(index) for index in range(JOBS)]
    before = {app.key: schedule.next_poll(app.key) or 0 for app in apps}
    async with held() as holds:
        began, ahead = time.perf_counter(), HOUR
        while any((schedule.next_poll(app.key) or 0) - before[app.key] < HOUR * 900 for app in apps[-50:]):
            await asyncio.sleep(0.005)
        needed = time.perf_counter() - began
        await asyncio.sleep(0.2)
    schedule.stop()
    return holds.longest, needed


def _schedule(fire: Callable[[object, int], Awaitable[None]], ahead: Callable[[], float]) -> Schedule:
    silent = structlog.wrap_logger(None, wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    return Schedule(fire, now=lambda: int((time.time() + ahead()) * 1000), monotonic=time.monotonic, log=silent)


def _seat_all(schedule: Schedule) -> None:
    now = int(time.time() * 1000)
    for index in range(JOBS):
        first = now + int(random.random() * INTERVAL * 1000)
        schedule.seat(fleets.app(index).key, interval=int(INTERVAL * 1000), first=first)

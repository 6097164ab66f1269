"""
What does the first page cost with 5,000 apps and 100,000 numbers, and how long does it hold the event loop?

The web application as it is, asked without a socket, beside a task that takes every turn of the loop it can get: the
longest wait between two of its turns is the hold.  Everything is CPU time, so that whatever else the machine does does
not count.  One number in twenty is in trouble, one app in a hundred changes between two pages.

Target: no hold over 20 ms, whatever is asked for.
"""

import asyncio
import gc
import time
from collections.abc import Iterator

import httpx
from starlette.types import ASGIApp

from benchmarks import fleets
from benchmarks.figures import Figure, spread
from monitor.metrics.exposition import Exposition
from tests.web.conftest import House

APPS = 5_000
PAGES = 10  #: repetitions
ASKED = ("/", "/?q=138", "/?q=glory", "/?show=green&page=10", "/?apps=9", "/events", f"/apps/main/{fleets.appkey(1)}")
MS = 1_000


class Cost:
    """Of one answer, in seconds of CPU time."""

    def __init__(self, seconds: float, hold: float, size: int) -> None:
        self.seconds = seconds
        self.hold = hold
        self.size = size  #: bytes sent


def run() -> list[Figure]:
    """Measure."""
    return asyncio.run(_measure())


async def _measure() -> list[Figure]:
    house, exposition = House(), Exposition(number_series=fleets.SERIES)
    for index in range(APPS):
        rating = "RED" if index % 4 == 0 else "YELLOW" if index % 4 == 1 else "GREEN"
        fleets.decide_answer(house.fleet, exposition, index, fleets.answer(index, fleets.AT, rating, 2))
    gc.collect()
    gc.freeze()  # as the daemon does
    changes = _changes(house, exposition)
    transport = httpx.ASGITransport(_application(house), client=("127.0.0.1", 40_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8620") as client:
        for path in ASKED:
            await client.get(path)  # templates are made ready, and everything is counted once
        pages = []
        for _ in range(PAGES):
            next(changes)
            pages.append(await _cost(client, "/"))
        others = [await _cost(client, path) for path in ASKED for _ in range(3)]
    seconds = spread([page.seconds * MS for page in pages], "ms")
    holds = spread([page.hold * MS for page in [*pages, *others]], "ms")
    return [
        Figure(
            question="first page of 100,000 numbers, 1 % of the apps changed in between",
            ours=seconds,
            theirs=None,
            against="",
            value=seconds.median,
            unit="ms",
            aim="for information",
            target=None,
            note=f"{pages[0].size / 1_000:.0f} kB, packed",
        ),
        Figure(
            question="longest hold of the event loop by a page or a search",
            ours=holds,
            theirs=None,
            against="",
            value=holds.most,
            unit="ms",
            aim="at most",
            target=20.0,
        ),
    ]


def _application(house: House) -> ASGIApp:
    application: ASGIApp = house.application()  # type: ignore[no-untyped-call]  # tests are not annotated
    return application


def _changes(house: House, exposition: Exposition) -> Iterator[None]:
    """Change one app in a hundred, others each time."""
    for turn in range(PAGES):
        for index in range(turn, APPS, 100):
            at = fleets.AT + turn + 1
            fleets.decide_answer(house.fleet, exposition, index, fleets.answer(index, at, "RED", 3))
        yield


async def _cost(client: httpx.AsyncClient, path: str) -> Cost:
    longest = 0.0
    done = False

    async def take_turns() -> None:
        nonlocal longest
        last = time.thread_time()
        while not done:
            await asyncio.sleep(0)
            now = time.thread_time()
            longest = max(longest, now - last)
            last = now

    turns = asyncio.create_task(take_turns())
    await asyncio.sleep(0)
    begin = time.thread_time()
    answer = await client.get(path, headers={"accept-encoding": "gzip"})
    seconds = time.thread_time() - begin
    done = True
    await turns
    assert answer.status_code == 200, path
    return Cost(seconds, longest, answer.num_bytes_downloaded)

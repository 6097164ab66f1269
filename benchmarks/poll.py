"""
How many polls a second, end to end?

Our side: `AccountPolling.poll` with all the daemon's parts behind it (sign, send, receive, decide, record, show,
deliver), 50 in flight, 20 numbers an answer.  All unchanged, against a server that always answers the same (nginx);
all changed, against the simulator: in every answer one number has another quality rating, which is an event each.
The other sides, against nginx, by turns with ours, in a process of their own: a bare loop of `httpx.AsyncClient.post`
and `json.loads`, and the same with aiohttp.

Targets: 8 × httpx's loop and half of aiohttp's all unchanged, 3 × httpx's all changed.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

import aiohttp
import httpx

from benchmarks import fleets
from benchmarks.apart import one_process
from benchmarks.changing_vendor import ChangingVendor, changing_vendor
from benchmarks.figures import Figure, spread
from benchmarks.fixed_vendor import fixed_vendor
from benchmarks.watch import IN_FLIGHT, Watch, watching
from monitor.fleet.app import App
from monitor.phonelist.client import PATH

APPS = 500
CHANGING = 200
POLLS = 2_000  #: a repetition; the loops beside them make as many calls,
CALLS = 600  #: but httpx's, which is the slowest by far
TIMES = 5
DAY = 86_400.0

Ask = Callable[[str], Awaitable[object]]


def run() -> list[Figure]:
    """Measure."""
    fixed = ((fleets.appkey(index), fleets.body(index)) for index in range(APPS))
    with fixed_vendor(fixed) as base_url, changing_vendor(CHANGING, CHANGING * fleets.NUMBERS) as vendor:
        return asyncio.run(_measure(base_url, vendor))


async def _measure(base_url: str, vendor: ChangingVendor) -> list[Figure]:
    async with AsyncExitStack() as stack:
        apart = stack.enter_context(one_process())
        still = await stack.enter_async_context(watching(base_url))
        credentials = (vendor.access_key, vendor.access_secret)
        moving = await stack.enter_async_context(watching(vendor.base_url, credentials=credentials))
        still_apps = [fleets.app(index) for index in range(APPS)]
        moving_apps = [App(account=fleets.ACCOUNT, appkey=appkey) for appkey in vendor.appkeys]
        await still.first_round(still_apps)
        vendor.move(DAY)
        await moving.first_round(moving_apps)
        rates: dict[str, list[float]] = {"unchanged": [], "one": [], "all": [], "httpx": [], "aiohttp": []}
        for turn in range(-1, TIMES):  # the first is to warm up
            found = {
                "aiohttp": await _bare(apart, "aiohttp", base_url, POLLS),
                "unchanged": await _watched(still, still_apps, POLLS // APPS),
                "httpx": await _bare(apart, "httpx", base_url, CALLS),
                "one": await _changed(moving, moving_apps, vendor, turn, numbers=1),
                "all": await _changed(moving, moving_apps, vendor, turn, numbers=fleets.NUMBERS),
            }
            for name, rate in found.items() if turn >= 0 else ():
                rates[name].append(rate)
    return _figures(rates)


def _figures(rates: dict[str, list[float]]) -> list[Figure]:
    spreads = {name: spread(each, "polls/s") for name, each in rates.items()}

    def figure(ours: str, theirs: str, target: float | None, question: str) -> Figure:
        return Figure(
            question=question,
            ours=spreads[ours],
            theirs=spreads[theirs],
            against=f"bare {theirs} loop",
            value=spreads[ours].median / spreads[theirs].median,
            unit="×",
            aim="at least" if target is not None else "for information",
            target=target,
        )

    return [
        figure("unchanged", "httpx", 8, "polls a second, all unchanged"),
        figure("unchanged", "aiohttp", 0.5, "polls a second, all unchanged"),
        figure("one", "httpx", 3, "polls a second, every answer changed in one number"),
        figure("all", "httpx", None, "polls a second, every answer changed in all 20 numbers"),
    ]


async def _watched(watch: Watch, apps: Sequence[App], rounds: int = 1) -> float:
    began = time.perf_counter()
    for _ in range(rounds):
        await watch.round(apps)
    return rounds * len(apps) / (time.perf_counter() - began)


async def _changed(watch: Watch, apps: Sequence[App], vendor: ChangingVendor, turn: int, *, numbers: int) -> float:
    # by turns of two, so that each begins where all are GREEN: YELLOW in the measured round, GREEN again after it
    vendor.move(DAY)
    vendor.change(2 * turn + 1, numbers=numbers)
    rate = await _watched(watch, apps)
    vendor.move(DAY)
    vendor.change(2 * turn, numbers=numbers)
    await watch.round(apps)
    await _delivered(watch)
    return rate


async def _bare(process: ProcessPoolExecutor, name: str, base_url: str, calls: int) -> float:
    return await asyncio.get_running_loop().run_in_executor(process, bare_rate, name, base_url, calls)


async def _delivered(watch: Watch) -> None:
    while any(backlog.waiting for backlog in (await watch.store.backlog()).values()):
        await asyncio.sleep(0.05)


def bare_rate(name: str, base_url: str, calls: int) -> float:
    """Calls a second of a bare loop, its connections open already.  For a process apart."""

    async def rate() -> float:
        async with BARE[name](base_url) as ask:
            await _calls(ask, 4 * IN_FLIGHT)
            began = time.perf_counter()
            await _calls(ask, calls)
            return calls / (time.perf_counter() - began)

    return asyncio.run(rate())


async def _calls(ask: Ask, calls: int) -> None:
    waiting = iter(range(calls))

    async def some() -> None:
        for index in waiting:
            await ask(fleets.appkey(index % APPS))

    await asyncio.gather(*(some() for _ in range(IN_FLIGHT)))


@asynccontextmanager
async def _httpx(base_url: str) -> AsyncIterator[Ask]:
    limits = httpx.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT)
    async with httpx.AsyncClient(base_url=base_url, limits=limits) as client:

        async def ask(appkey: str) -> object:
            return json.loads((await client.post(PATH, json={"appkey": appkey})).content)

        yield ask


@asynccontextmanager
async def _aiohttp(base_url: str) -> AsyncIterator[Ask]:
    connector = aiohttp.TCPConnector(limit=IN_FLIGHT)
    async with aiohttp.ClientSession(base_url, connector=connector) as session:

        async def ask(appkey: str) -> object:
            async with session.post(PATH, json={"appkey": appkey}) as response:
                return json.loads(await response.read())

        yield ask


BARE: Mapping[str, Callable[[str], AbstractAsyncContextManager[Ask]]] = {"httpx": _httpx, "aiohttp": _aiohttp}

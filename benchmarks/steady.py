"""
A minute in the life of one container: 5,000 apps of 20 numbers every 60 s, from a vendor that takes 300 ms.

The whole daemon, restored from its store, past its first round; 1 % of the apps change in a minute; it is scraped with
gzip every 15 s, and once by eight at a time.  Measured are its CPU time, its memory, how late polls begin, and how long
anything held its loop, beside what a loop with nothing to do shows on this machine meanwhile.

Targets: a quarter of a core, 400 MB, 99 % of the polls begin within 1 s of when they are due, no hold over 20 ms.
"""

import asyncio
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks import fleets
from benchmarks.apart import apart, one_process
from benchmarks.changing_vendor import ChangingVendor, changing_vendor
from benchmarks.configuration import write_configuration
from benchmarks.daemons import Samples, polled, running, samples
from benchmarks.figures import Figure, one
from benchmarks.machine import Holds, collections, held, idle_holds, resident
from benchmarks.scrape import scrape_all
from benchmarks.stores import fill_store
from monitor.daemon.daemon import Daemon
from monitor.fleet.app import App
from monitor.simulator.lives import Script
from monitor.simulator.world import World

APPS = 5_000
DELAY = 0.3  #: seconds that the vendor takes
RATE = 250.0  #: calls a second: the first round takes 20 s
WINDOW = 60.0  #: seconds
SCRAPE_EVERY = 15.0
CHANGE_EVERY = 6.0  #: a tenth of a per cent of the apps each time
MB = 1_000_000


def run() -> list[Figure]:
    """Measure."""
    with (
        tempfile.TemporaryDirectory(prefix="number-monitor-bench-") as name,
        changing_vendor(APPS, APPS * fleets.NUMBERS, delay=DELAY) as vendor,
        one_process() as scraper,
        one_process() as idle,
    ):
        directory = Path(name)
        apart(fill_with_world, directory / "number-monitor.db")
        path = write_configuration(
            directory,
            vendor.base_url,
            credentials=(vendor.access_key, vendor.access_secret),
            apps=[(appkey, "") for appkey in vendor.appkeys],
            rate=RATE,
            interval="60s",
        )
        return asyncio.run(_measure(path, vendor, scraper, idle))


def fill_with_world(path: Path) -> None:
    """The store after a first round over the simulator's apps.  For a process apart."""
    world = World.of(APPS, APPS * fleets.NUMBERS, script=Script())
    fill_store(path, [(App(account=fleets.ACCOUNT, appkey=key), world.answer(key)) for key in world.appkeys])


async def _measure(
    path: Path, vendor: ChangingVendor, scraper: ProcessPoolExecutor, idle: ProcessPoolExecutor
) -> list[Figure]:
    async with running(path) as daemon:
        await polled(daemon, APPS)
        before = await samples(daemon)
        beside = idle.submit(idle_holds, WINDOW)
        cpu, began = time.process_time(), time.perf_counter()
        with collections() as pauses:
            async with held() as holds:
                await _live(daemon, vendor, scraper)
        cores = (time.process_time() - cpu) / (time.perf_counter() - began)
        after = await samples(daemon)
        memory = resident() / MB
    return _figures(cores, memory, before, after, holds, await asyncio.wrap_future(beside), pauses)


async def _live(daemon: Daemon, vendor: ChangingVendor, scraper: ProcessPoolExecutor) -> None:
    """Scrapes and changes for as long as the window is."""
    loop, url = asyncio.get_running_loop(), f"http://{daemon.addresses[0]}/metrics"

    async def scrapes() -> None:
        for turn in range(int(WINDOW / SCRAPE_EVERY)):
            await asyncio.gather(
                loop.run_in_executor(scraper, scrape_all, url, 8 if turn == 1 else 1, "gzip"),
                asyncio.sleep(SCRAPE_EVERY),
            )

    async def changes() -> None:
        for turn in range(int(WINDOW / CHANGE_EVERY)):
            await asyncio.to_thread(vendor.change, turn, numbers=1, apps=0.001)
            await asyncio.sleep(CHANGE_EVERY)

    await asyncio.gather(scrapes(), changes())


def _figures(
    cores: float,
    memory: float,
    before: Samples,
    after: Samples,
    holds: Holds,
    machine: float,
    pauses: list[float],
) -> list[Figure]:
    polls = after["number_monitor_polls_total", ""] - before["number_monitor_polls_total", ""]
    late = _late(before, after, 0.99)

    def figure(
        question: str, value: float, unit: str, target: float, note: str = "", other: float | None = None
    ) -> Figure:
        return Figure(
            question=question,
            ours=one(value, unit),
            theirs=None if other is None else one(other, unit),
            against="" if other is None else "an idle loop meanwhile",
            value=value,
            unit=unit,
            aim="at most",
            target=target,
            note=note,
        )

    collected = f"garbage collector: longest pause {max(pauses, default=0) * 1000:.0f} ms, {len(pauses)} pauses"
    looks = f"99.9 % of the looks under {holds.share(0.999):.2g} ms; {collected}"
    return [
        figure("5,000 apps of 20 numbers every 60 s: cores", cores, "cores", 0.25, f"{polls:,.0f} polls in a minute"),
        figure("the same: memory", memory, "MB", 400),
        figure("the same: 99 % of polls begin within", late, "s", 1.0, "a bucket's bound; the vendor takes 300 ms"),
        figure("the same: longest hold of the loop", holds.longest, "ms", 20, looks, machine),
    ]


def _late(before: Samples, after: Samples, share: float) -> float:
    """The bound of the bucket that holds this share of the polls, seconds."""
    name = "number_monitor_poll_lateness_seconds_bucket"
    counts = {float(bound): after[key, bound] - before[key, bound] for key, bound in after if key == name}
    return min(bound for bound, count in counts.items() if count >= share * counts[float("inf")])

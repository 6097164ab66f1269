"""
How much memory does a number take, and does it stay so?

Our side: the whole daemon with 5,000 apps and 100,000 numbers, restored from its store, each app polled and all
scraped once, less the same daemon without any: RSS of two fresh processes.  The other side: prometheus-client with the
same five families, likewise.  Then a soak: 2,000 rounds over 20 apps with 1 % change, each a minute to whoever decides.

Targets: 1.5 KB a number; after the soak RSS within 5 % of what it was after its first tenth, no descriptor more.
"""

import asyncio
import gc
import tempfile
from pathlib import Path

import httpx

from benchmarks import fleets
from benchmarks.apart import apart
from benchmarks.changing_vendor import ChangingVendor, changing_vendor
from benchmarks.configuration import write_configuration
from benchmarks.daemons import polled, running
from benchmarks.figures import Figure, one
from benchmarks.fixed_vendor import fixed_vendor
from benchmarks.machine import collections, descriptors, resident
from benchmarks.scrape import registry_of
from benchmarks.stores import fill_store
from benchmarks.watch import Watch, watching
from monitor.fleet.app import App

APPS = 5_000
SOAK_APPS, SOAK_ROUNDS = 20, 2_000
CHANGE_EVERY = 5  #: rounds between two changes of one app in twenty: 1 %
MIB = 1024 * 1024


def run() -> list[Figure]:
    """Measure."""
    answers = [(fleets.appkey(index), fleets.body(index)) for index in range(APPS)]
    with fixed_vendor(answers) as base_url:
        full, empty = apart(daemon_memory, base_url, APPS), apart(daemon_memory, base_url, 0)
    numbers = APPS * fleets.NUMBERS
    client = apart(client_memory)
    with changing_vendor(SOAK_APPS, SOAK_APPS * fleets.NUMBERS) as vendor:
        soaked = asyncio.run(_soak(vendor))
    ours, theirs = (full - empty) / numbers / 1024, client / numbers / 1024
    return [
        Figure(
            question="memory a number, all in, five families",
            ours=one(ours, "KiB"),
            theirs=one(theirs, "KiB"),
            against="prometheus-client alone",
            value=ours,
            unit="KiB",
            aim="at most",
            target=1.5,
            note=f"{full / MIB:.0f} MiB with 100,000 numbers, {empty / MIB:.0f} MiB with none",
        ),
        *soaked,
    ]


def daemon_memory(base_url: str, apps: int) -> int:
    """RSS of the daemon once each app was polled and all was scraped.  For a process apart."""
    with tempfile.TemporaryDirectory(prefix="number-monitor-bench-") as name:
        directory = Path(name)
        known = [fleets.app(index) for index in range(apps)]
        apart(fill_store, directory / "number-monitor.db", [(app, fleets.body(i)) for i, app in enumerate(known)])
        path = write_configuration(directory, base_url, apps=[(app.appkey, app.name) for app in known])
        return asyncio.run(_daemon_memory(path, apps))


async def _daemon_memory(path: Path, apps: int) -> int:
    async with running(path) as daemon:
        await polled(daemon, apps)
        async with (
            httpx.AsyncClient(timeout=60) as client,
            client.stream("GET", f"http://{daemon.addresses[0]}/metrics") as response,
        ):
            async for _piece in response.aiter_raw():
                pass
        gc.collect()
        return resident()


def client_memory() -> int:
    """What prometheus-client takes for the same series.  For a process apart."""
    before = resident()
    registry = registry_of((fleets.app(index), fleets.answer(index, fleets.AT).rows) for index in range(APPS))
    gc.collect()
    after = resident()
    del registry
    return after - before


async def _soak(vendor: ChangingVendor) -> list[Figure]:
    apps = [App(account=fleets.ACCOUNT, appkey=appkey) for appkey in vendor.appkeys]
    credentials = (vendor.access_key, vendor.access_secret)
    async with watching(vendor.base_url, credentials=credentials, interval="60s") as watch:
        vendor.move(60)
        await watch.first_round(apps)
        with collections() as pauses:
            await _rounds(watch, vendor, apps, range(SOAK_ROUNDS // 10))
            early, opened = _settled()
            await _rounds(watch, vendor, apps, range(SOAK_ROUNDS // 10, SOAK_ROUNDS))
            late, left = _settled()
    return [
        Figure(
            question="RSS after 2,000 rounds with 1 % change",
            ours=one(late / MIB, "MiB"),
            theirs=one(early / MIB, "MiB"),
            against="after 200",
            value=(late / early - 1) * 100,
            unit="%",
            aim="at most",
            target=5,
        ),
        Figure(
            question="open descriptors after 2,000 rounds",
            ours=one(left, ""),
            theirs=one(opened, ""),
            against="after 200",
            value=left - opened,
            unit="",
            aim="at most",
            target=0,
        ),
        Figure(
            question="longest pause of the garbage collector in 2,000 rounds",
            ours=one(max(pauses) * 1000, "ms"),
            theirs=None,
            against=f"{len(pauses):,} pauses, {sum(pauses):.2g} s together",
            value=max(pauses) * 1000,
            unit="ms",
            aim="for information",
            target=None,
        ),
    ]


async def _rounds(watch: Watch, vendor: ChangingVendor, apps: list[App], turns: range) -> None:
    for turn in turns:
        vendor.move(60)
        if turn % CHANGE_EVERY == 0:
            vendor.change(turn // CHANGE_EVERY, numbers=1, apps=1 / SOAK_APPS)
        await watch.round(apps)


def _settled() -> tuple[int, int]:
    gc.collect()
    return resident(), descriptors()

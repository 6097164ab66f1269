"""What the operating system says of this process, and how long its event loop was held."""

import asyncio
import gc
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
TICK = os.sysconf("SC_CLK_TCK")  #: of them, the kernel counts a second of CPU time
LOOK = 0.001  #: seconds between two looks of the lag probe


def resident() -> int:
    """Bytes of memory that the process has now (RSS)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def cpu_of(pid: int) -> float:
    """Seconds of CPU time that a process has taken, with all those that it has started."""
    times: dict[int, float] = {}
    parents: dict[int, int] = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = place.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended just now
            continue
        each = int(place.parent.name)
        parents[each] = int(fields[1])
        times[each] = sum(map(int, fields[11:15])) / TICK  # its own, and that of children that have ended
    whole = {pid}
    while more := {each for each, parent in parents.items() if parent in whole} - whole:
        whole |= more
    return sum(times.get(each, 0.0) for each in whole)


def descriptors() -> int:
    """How many files, sockets and pipes are open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


class Holds:
    """How long the loop was held, seconds each: how late the probe's sleeps of a millisecond ended."""

    def __init__(self) -> None:
        self.each: list[float] = []

    @property
    def longest(self) -> float:
        """The longest of them, in ms."""
        return max(self.each, default=0.0) * 1000

    def share(self, share: float) -> float:
        """The hold that this share of all looks did not exceed, in ms."""
        ordered = sorted(self.each)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


@asynccontextmanager
async def held() -> AsyncIterator[Holds]:
    """Probe the loop meanwhile."""
    holds = Holds()
    probe = asyncio.create_task(_probe(holds))
    await asyncio.sleep(0)
    try:
        yield holds
    finally:
        probe.cancel()


async def _probe(holds: Holds) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(LOOK)
        holds.each.append(time.perf_counter() - began - LOOK)


def idle_holds(seconds: float) -> float:
    """The longest hold of a loop that does nothing, ms: what the machine itself adds.  For a process apart."""

    async def idle() -> float:
        async with held() as holds:
            await asyncio.sleep(seconds)
        return holds.longest

    return asyncio.run(idle())


@contextmanager
def collections() -> Iterator[list[float]]:
    """The garbage collector's pauses meanwhile, seconds each."""
    pauses: list[float] = []
    began = 0.0

    def note(phase: str, _info: dict[str, int]) -> None:
        nonlocal began
        if phase == "start":
            began = time.perf_counter()
        else:
            pauses.append(time.perf_counter() - began)

    gc.callbacks.append(note)
    try:
        yield pauses
    finally:
        gc.callbacks.remove(note)

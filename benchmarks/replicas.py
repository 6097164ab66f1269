"""
Daemons in processes of their own, side by side on one store: what each takes is told apart, and one can be killed.

Each has a probe in its loop that looks how long it was held; what the probe itself costs is some per cent of a core,
so it runs only while it is asked to.
"""

import asyncio
import logging
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.daemons import running
from benchmarks.machine import cpu_of, resident
from monitor.daemon.daemon import Daemon

LOOK = 0.002  #: seconds between two looks of the probe
MS = 1_000


class Told(msgspec.Struct, frozen=True):
    """What a daemon says of itself."""

    memory: int  #: bytes that it has now (RSS)
    held: float = 0.0  #: how long its loop was held at most, ms: what other processes did meanwhile is in it
    busy: float = 0.0  #: the same by the loop's own CPU time
    shown: int = 0  #: apps that its metrics show


class Replica:
    """One daemon, from outside; made by `replica`."""

    def __init__(self, pipe: "Connection[str, Any]", process: BaseProcess) -> None:
        self._pipe = pipe
        self._process = process
        self.address: str = pipe.recv()
        assert process.pid is not None, "it is started"
        self.pid = process.pid

    @property
    def cpu(self) -> float:
        """Seconds of CPU time since it was started."""
        return cpu_of(self.pid)

    @property
    def shown(self) -> int:
        """Apps that its metrics show now."""
        return self._ask("told").shown

    def probe(self) -> None:
        """Look from now on how long its loop is held."""
        self._ask("probe")

    def probed(self) -> Told:
        """How long it was; the probe ends."""
        return self._ask("probed")

    def kill(self) -> None:
        """End it as a machine ends that loses its power."""
        self._process.kill()
        self._process.join()

    def stop(self) -> None:
        """End it in order; nothing happens when it has ended."""
        self._pipe.close()
        self._process.join()

    def _ask(self, what: str) -> Told:
        self._pipe.send(what)
        told: Told = self._pipe.recv()
        return told


@contextmanager
def replica(configuration: Path) -> Iterator[Replica]:
    """Run a daemon until the end of the block, or until it is killed."""
    context = get_context("spawn")
    ours, its = context.Pipe()
    process = context.Process(target=_run, args=(its, configuration), daemon=True)
    process.start()
    its.close()
    started = Replica(ours, process)
    try:
        yield started
    finally:
        started.stop()


def _run(pipe: "Connection[Any, str]", configuration: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends whoever measures, who ends us
    logging.disable(logging.WARNING)  # `run` keeps APScheduler quiet likewise: a late poll is counted, not logged
    asyncio.run(_serve(pipe, configuration))


async def _serve(pipe: "Connection[Any, str]", configuration: Path) -> None:
    async with running(configuration) as daemon:
        probe = _Probe(daemon)
        answers = {"told": probe.told, "probe": probe.begin, "probed": probe.end}
        pipe.send(daemon.addresses[0])
        heard: asyncio.Queue[str | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        loop.add_reader(pipe.fileno(), lambda: heard.put_nowait(_said(pipe)))
        while (what := await heard.get()) is not None:
            pipe.send(answers[what]())
        loop.remove_reader(pipe.fileno())


def _said(pipe: "Connection[Any, str]") -> str | None:
    try:
        return pipe.recv()
    except (EOFError, ConnectionResetError):
        return None


class _Probe:
    """Looks every two milliseconds how much later than that it is, and how much of that the loop itself was at work."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self._task: asyncio.Task[None] | None = None
        self._longest = self._busy = 0.0

    def begin(self) -> Told:
        self._longest = self._busy = 0.0
        self._task = asyncio.create_task(self._look())
        return self.told()

    def end(self) -> Told:
        assert self._task is not None, "it has begun"
        self._task.cancel()
        return self.told()

    def told(self) -> Told:
        shown = len(self._daemon._exposition._shown)  # noqa: SLF001 - a scrape would say it with 700 MB of text
        return Told(resident(), self._longest * MS, self._busy * MS, shown)

    async def _look(self) -> None:
        while True:
            began, at_work = time.perf_counter(), time.thread_time()
            await asyncio.sleep(LOOK)
            self._longest = max(self._longest, time.perf_counter() - began - LOOK)
            self._busy = max(self._busy, time.thread_time() - at_work)

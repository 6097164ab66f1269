"""The process itself: stopped, starved, without descriptors, with a client that serves no more, with a stuck loop."""

import asyncio
import contextlib
import resource
import signal
import time
from pathlib import Path

from tests.chaos.ordeal import UNREACHABLE, Ordeal
from tests.chaos.promise import Promise
from tests.chaos.reading import Look

FAMILY = "the process"


class ProcessOrdeal(Ordeal):
    """Its vendor is in good order."""

    family = FAMILY

    def _is_up(self, found: Look) -> bool:
        return all(found.app("main", appkey).up == 1 for appkey in self.world.appkeys)


class Stopped(ProcessOrdeal):
    """SIGSTOP, as a frozen container or a machine that sleeps."""

    fault = "stopped, then continued"
    promise = Promise("no answer", "")
    intervals = 2.5
    longer = 36.0

    async def strike(self) -> None:
        self._stopped_at = time.monotonic()
        self.daemon.process.send_signal(signal.SIGSTOP)

    async def mend(self) -> None:
        self.daemon.process.send_signal(signal.SIGCONT)

    async def clean(self) -> None:
        with contextlib.suppress(ProcessLookupError, AttributeError):
            self.daemon.process.send_signal(signal.SIGCONT)

    async def _look(self) -> Look | None:
        found = await super()._look()
        if found is None:
            self._metric = f"no answer for {time.monotonic() - self._stopped_at:.0f} s"
        return found

    def shows(self, found: Look) -> str:
        return ""


class Starved(ProcessOrdeal):
    """A tenth of the time, in slices of 50 ms: what a machine gives that is far too busy."""

    fault = "given a tenth of its time"
    promise = Promise("up 1", "")
    steady = True
    told_meanwhile = True
    intervals = 2.0

    async def strike(self) -> None:
        self._starving = asyncio.create_task(self._starve())

    async def mend(self) -> None:
        self._starving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._starving
        self.daemon.process.send_signal(signal.SIGCONT)

    async def clean(self) -> None:
        if hasattr(self, "_starving"):
            self._starving.cancel()
        with contextlib.suppress(ProcessLookupError, AttributeError):
            self.daemon.process.send_signal(signal.SIGCONT)

    async def _starve(self) -> None:
        while True:
            self.daemon.process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(0.45)
            self.daemon.process.send_signal(signal.SIGCONT)
            await asyncio.sleep(0.05)

    def shows(self, found: Look) -> str:
        return "up 1" if self._is_up(found) else ""


class Held(ProcessOrdeal):
    """Something keeps the event loop for 0.9 s of each second."""

    fault = "its event loop held for 0.9 s of each second"
    promise = Promise("up 1", "")
    program = "tests.chaos.seized"
    steady = True
    told_meanwhile = True

    async def strike(self) -> None:
        self.daemon.process.send_signal(signal.SIGUSR1)

    async def mend(self) -> None:
        self.daemon.process.send_signal(signal.SIGUSR2)

    def shows(self, found: Look) -> str:
        return "up 1" if self._is_up(found) else ""


class Exhausted(ProcessOrdeal):
    """Not one descriptor more, and the vendor has closed its connections."""

    fault = "no descriptor left"
    promise = Promise("up 0, reason connect", "Too many open files")
    true_events = UNREACHABLE

    async def strike(self) -> None:
        pid = self.daemon.process.pid
        await self.simulator.stop()  # it closes every connection
        await asyncio.sleep(0.5)  # and the daemon its ends
        self._limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        held = await asyncio.to_thread(_descriptors, pid)
        lowest = next(number for number in range(len(held) + 1) if number not in held)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (lowest, self._limits[1]))
        await self.simulator.start(port=int(self.base_url.rpartition(":")[2]))

    async def mend(self) -> None:
        resource.prlimit(self.daemon.process.pid, resource.RLIMIT_NOFILE, self._limits)

    def shows(self, found: Look) -> str:
        apps = [found.app("main", appkey) for appkey in self.world.appkeys]
        return "up 0, reason connect" if all(app.up == 0 and app.reason == "connect" for app in apps) else ""


class Clogged(ProcessOrdeal):
    """Its HTTP client's connections are all taken and never given back."""

    fault = "its HTTP client serves no more"
    promise = Promise("up 1 again, the change told", "the HTTP client is replaced")
    program = "tests.chaos.seized"
    told_meanwhile = True
    true_events = UNREACHABLE
    intervals = 3.0

    async def strike(self) -> None:
        self.daemon.process.send_signal(signal.SIGRTMIN)

    def shows(self, found: Look) -> str:
        return self.promise.metric if self._is_up(found) and self._told(self._changed) else ""


class Stuck(ProcessOrdeal):
    """Something keeps the event loop for ever; whoever supervises the process starts it again."""

    fault = "its event loop stuck for good (the limit being 5 s, not 60)"
    promise = Promise("no answer, then exit code 1", "event loop stuck", within=None)
    program = "tests.chaos.seized"

    async def strike(self) -> None:
        self.daemon.process.send_signal(signal.SIGRTMIN + 1)
        code = await self.daemon.end_by_itself()
        self._metric = f"no answer, then exit code {code}"
        self._stacks = any("time.sleep(3600)" in line or "seized.py" in line for line in self.daemon.log)

    async def mend(self) -> None:
        before = self.daemon
        await self._client.aclose()
        await self.start()
        self.daemon.events[:0], self.daemon.log[:0] = before.events, before.log

    def shows(self, found: Look) -> str:
        return ""

    def faults(self) -> list[str]:
        """The stacks say what held the loop."""
        return [] if self._stacks else ["no stack names what held the loop"]


def _descriptors(pid: int) -> set[int]:
    return {int(path.name) for path in Path(f"/proc/{pid}/fd").iterdir()}


ORDEALS = (Stopped, Starved, Held, Exhausted, Clogged, Stuck)

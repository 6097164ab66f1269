"""
One daemon with a vendor in good order, and something wrong with what the daemon itself stands on.

Before: all is well.  Meanwhile a number turns RED.  After: that has been told, once, and so is what changes next.
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import httpx

from monitor.simulator.lives import STILL
from monitor.simulator.server import Call, Simulator
from monitor.simulator.world import World
from tests.chaos.promise import OF_THE_SOURCE, Promise, Seen
from tests.chaos.reading import Look, look, unhealthy
from tests.system.running import PATIENCE, Running, configuration, eventually

INTERVAL = 5.0  # seconds: the shortest that can be configured
LOOK_EVERY = 0.25
ANSWER_WITHIN = 1.0  # seconds for one scrape: a process that is stopped answers none
APPS, NUMBERS = 3, 12


class Ordeal:
    """One fault, to be lived through once; a subclass says how it is made."""

    family: ClassVar[str]
    fault: ClassVar[str]
    promise: ClassVar[Promise]
    program = "monitor"
    through: Sequence[str] = ()
    intervals = 2.0  #: that it lasts, in `make test`
    longer = 4.0  #: and in `make chaos`
    steady = False  #: the metrics show what is promised all the while, not only once it has been noticed
    told_meanwhile = False  #: what changes is told while the fault lasts
    true_events: Mapping[str, str] = {}  #: what may be told of the sources meanwhile, and of their recovery

    told_anew: Sequence[str] = ()  #: types of events that may come again

    def __init__(self, directory: Path) -> None:
        """
        Args:
            directory: For everything that is written.
        """
        self.directory = directory
        self.store = directory / "number-monitor.db"
        self.environ: dict[str, str] = {}
        self.calls: list[tuple[float, Call]] = []  #: each with the moment at which it came, monotonic seconds
        self.world = World.of(apps=APPS, numbers=NUMBERS, script=STILL)
        self.simulator = Simulator(
            self.world, now=self.vendor_now, on_call=lambda call: self.calls.append((time.monotonic(), call))
        )
        self.daemon: Running
        self.base_url = ""
        self._client: httpx.AsyncClient
        self._wrong: dict[str, None] = {}
        self._metric = ""

    async def prepare(self) -> None:
        """Make ready what the fault needs, before the daemon starts."""

    async def strike(self) -> None:
        """Let it begin."""
        raise NotImplementedError

    async def mend(self) -> None:
        """Let it end."""

    async def clean(self) -> None:
        """Leave nothing behind, whatever happened."""

    def vendor_now(self) -> int:
        """The vendor's clock, ms since 1970."""
        return time.time_ns() // 1_000_000

    def shows(self, found: Look) -> str:
        """What the metrics show, in words, when it is as promised; else nothing."""
        raise NotImplementedError

    def faults(self) -> Iterable[str]:
        """What else is wrong, at the end."""
        return ()

    async def live(self, *, quick: bool, starting: asyncio.Semaphore) -> Seen:
        """
        Go through it.

        Args:
            quick: Let it be over soon.
            starting: How many daemons may start at once.
        """
        self.base_url = await self.simulator.start()
        try:
            await self.prepare()
            path = configuration(
                self.directory,
                base_url=self.base_url,
                access_key=self.world.access_key,
                access_secret=self.world.access_secret,
                apps=list(self.world.appkeys),
                poll={"interval": f"{INTERVAL:g}s", "timeout": "1s"},
                store={"url": f"sqlite:///{self.store}"},
            )
            self.path = path
            async with starting:
                await self.start()
            return await self._lived(self.intervals if quick else self.longer)
        finally:
            await self._end()
            await self.clean()
            await self.simulator.stop()

    async def start(self) -> None:
        """Start the daemon, and wait until it is ready."""
        self.daemon = await Running.start(self.path, environ=self.environ, program=self.program, through=self.through)
        self._client = httpx.AsyncClient(base_url=await self.daemon.ready(), timeout=ANSWER_WITHIN)

    async def _end(self) -> None:
        if hasattr(self, "_client"):
            await self._client.aclose()
        if hasattr(self, "daemon"):
            await self.daemon.end()

    def red(self, found: Look) -> bool:
        """Whether the number that changed meanwhile is shown as it is now."""
        return self._rating(found, self._changed) == 3

    @property
    def _changed(self) -> str:
        return self.world.numbers[0]

    @property
    def _next(self) -> str:
        return self.world.numbers[-1]

    async def _lived(self, intervals: float) -> Seen:
        await eventually(lambda: len(self.daemon.told("app.baseline")) == APPS)
        await self._until(PATIENCE, self._is_well)
        await self.strike()
        self.world.change(self._changed, {"quality_rating": "RED"})
        await self._watch(intervals * INTERVAL)
        if not self._metric:
            self._wrong[f"never showed {self.promise.metric}"] = None
        if self._told(self._changed) and not self.told_meanwhile:
            self._wrong["something was told that cannot have been recorded"] = None
        ended, ended_at = time.monotonic(), time.time()
        await self.mend()
        recovered = await self._until(PATIENCE, lambda found: self._has_recovered(found, ended_at))
        self.world.change(self._next, {"quality_rating": "YELLOW"})
        until = time.monotonic() + INTERVAL  # whatever is told too much is told by the next poll
        await self._until(PATIENCE, lambda _: self._told(self._next) and not list(self._never_over()))
        await self._until(PATIENCE, lambda found: found.at > until)
        wanted = [self._changed, self._next]
        return Seen(
            family=self.family,
            fault=self.fault,
            promise=self.promise,
            metric=self._metric,
            log=self.line(),
            invented=list(self._invented(wanted)),
            lost=[f"number.degraded {number}" for number in wanted if not self._told(number)],
            recovered=None if recovered is None else max(0.0, recovered - ended) / INTERVAL,
            wrong=[*self._wrong, *self.faults()],
        )

    async def _watch(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = await self._look()
            if found is not None and (complaint := await self._complaint()):
                self._wrong[complaint] = None
            words = self.shows(found) if found is not None else ""
            self._metric = words or self._metric
            if self.steady and found is not None and not words:
                self._wrong[f"did not show {self.promise.metric} all the while"] = None
            await asyncio.sleep(LOOK_EVERY)

    async def _until(self, patience: float, reached: Callable[[Look], bool]) -> float | None:
        until = time.monotonic() + patience
        while time.monotonic() < until:
            found = await self._look()
            if found is not None and reached(found):
                return found.at
            await asyncio.sleep(LOOK_EVERY)
        return None

    async def _complaint(self) -> str:
        try:
            return await unhealthy(self._client)
        except httpx.HTTPError:
            return ""

    async def _look(self) -> Look | None:
        try:
            return await look(self._client)
        except httpx.HTTPError:
            return None

    def _is_well(self, found: Look) -> bool:
        apps = [found.app("main", appkey) for appkey in self.world.appkeys]
        return found.own("number_monitor_store_up") == 1 and all(app.up == 1 and not app.reason for app in apps)

    def _has_recovered(self, found: Look, since: float) -> bool:
        now = time.time()  # a success of later than now was by another clock
        fresh = all(since < self._success(found, appkey) < now + 1 for appkey in self.world.appkeys)
        return self._is_well(found) and fresh and self.red(found) and self._told(self._changed)

    def _success(self, found: Look, appkey: str) -> float:
        return found.app("main", appkey).last_success

    def _rating(self, found: Look, number: str) -> float | None:
        return next(found.rating("main", app, number) for app in self.world.appkeys if number in self.world.listed(app))

    def _told(self, number: str) -> bool:
        return any(event["subject"] == number for event in self.daemon.told("number.degraded"))

    def _invented(self, wanted: Sequence[str]) -> Iterator[str]:
        left = [*(("number.degraded", number) for number in wanted)]
        left += [("app.baseline", appkey) for appkey in self.world.appkeys]
        allowed = {*self.true_events, *self.true_events.values(), *self.told_anew}
        for event in self.daemon.events:
            told = (event["type"], event["subject"])
            if told in left:
                left.remove(told)
            elif told[0] not in allowed:
                yield " ".join(told)
        yield from self._never_over()

    def _never_over(self) -> Iterator[str]:
        for begun, over in self.true_events.items():
            if len(self.daemon.told(begun)) > len(self.daemon.told(over)):
                yield f"{begun} was never over"

    def line(self) -> str:
        """The first line of the log that has the words."""
        words = self.promise.words
        for line in self.daemon.log:
            if words and words in line:
                if not line.startswith("{"):
                    return line.strip()
                entry = json.loads(line)
                return f"{entry['event']}: {entry['error']}" if "error" in entry else str(entry["event"])
        return ""


UNREACHABLE = {name: over for name, over in OF_THE_SOURCE.items() if name.endswith(".unreachable")}

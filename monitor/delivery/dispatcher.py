"""
Gets recorded events out: a lane for every sink, stdout too, and the figures of what waits.

No sink holds up another, nor a poll or a scrape.  What was not delivered when we stop stays due.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import structlog

from monitor.delivery.lane import Lane, Outbox, Pause, pause
from monitor.delivery.sink import Sink
from monitor.metrics.instruments import Instruments
from monitor.store.errors import StoreError
from monitor.store.outbox import Backlog

COUNT_EVERY = 15.0  # seconds, when nothing is delivered
COUNT_AFTER = 1.0  # seconds between two counts while much is


class Books(Outbox, Protocol):
    """Where deliveries wait and are counted: `monitor.store.store.Store`."""

    async def backlog(self) -> Mapping[str, Backlog]:
        """How far behind each sink is that has something waiting or dead."""


class Dispatcher:
    """All sinks' lanes."""

    def __init__(
        self,
        sinks: Sequence[Sink],
        *,
        store: Books,
        instruments: Instruments,
        now: Callable[[], int],
        monotonic: Callable[[], float],
        random: Callable[[], float],
        log: structlog.typing.FilteringBoundLogger,
        pause: Pause = pause,
    ) -> None:
        """
        Args:
            sinks: Where to; they stay the caller's to close, after `stop`.
            store: Where from.
            instruments: Our own metrics.
            now: Wall clock, milliseconds since 1970.
            monotonic: Seconds.
            random: Evenly from 0 to 1, for the jitter of retries.
            log: For sinks that fail and for what is given up.
            pause: Waits for an event, so many seconds at most.
        """
        self._names = [sink.name for sink in sinks]
        self._store = store
        self._instruments = instruments
        self._log = log
        self._pause = pause
        self._progress = asyncio.Event()
        self._stopping = asyncio.Event()
        self._lanes = [
            Lane(
                sink,
                store=store,
                instruments=instruments,
                now=now,
                monotonic=monotonic,
                random=random,
                log=log,
                on_progress=self._progress.set,
                pause=pause,
            )
            for sink in sinks
        ]
        self._running: list[asyncio.Task[None]] = []
        self._counting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to deliver what is due, what an earlier process has left included."""
        for name in self._names:
            self._instruments.add_sink(name)
        self._running = [asyncio.create_task(lane.run()) for lane in self._lanes]
        self._counting = asyncio.create_task(self._count())

    def wake(self) -> None:
        """Something was recorded: deliver it at once."""
        for lane in self._lanes:
            lane.wake()
        self._progress.set()

    async def stop(self, limit: float = 3.0) -> None:
        """Start no send; those under way get so many seconds to end and be marked, then they are left due."""
        self._stopping.set()
        for lane in self._lanes:
            lane.stop()
        if self._running:
            _ended, stuck = await asyncio.wait(self._running, timeout=limit)
            for task in stuck:
                task.cancel()
            await asyncio.gather(*stuck, return_exceptions=True)
        if self._counting is not None:
            self._counting.cancel()
            await asyncio.gather(self._counting, return_exceptions=True)

    async def _count(self) -> None:
        while not self._stopping.is_set():
            self._progress.clear()
            try:
                backlog = await self._store.backlog()
            except StoreError as error:
                self._log.debug("backlog not counted", reason=str(error))
            else:
                for name in self._names:
                    self._report(name, backlog.get(name, Backlog()))
            await self._pause(self._stopping, COUNT_AFTER)
            await self._pause(self._progress, COUNT_EVERY)

    def _report(self, name: str, backlog: Backlog) -> None:
        self._instruments.delivery_backlog.labels(name).set(backlog.waiting)
        self._instruments.delivery_oldest.labels(name).set((backlog.oldest or 0) / 1000)
        self._instruments.dead_letters.labels(name).set(backlog.dead)

"""
Gets recorded events out: a lane for every sink for programs, stdout too, a desk for every one for people, and the
figures of what waits.

No sink holds up another, nor a poll or a scrape.  What was not delivered when we stop stays due.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

import structlog

from monitor.delivery.lane import Lane, Outbox, Pause, pause
from monitor.delivery.people.desk import Desk, Worded
from monitor.delivery.people.gathering import Lasting
from monitor.delivery.people.inbox import Inbox
from monitor.delivery.people.notice import NoticeSink
from monitor.delivery.people.rules import Rules
from monitor.delivery.sink import Sink
from monitor.metrics.instruments import Instruments
from monitor.store.errors import StoreError
from monitor.store.outbox import Backlog

COUNT_EVERY = 15.0  # seconds, when nothing is delivered
COUNT_AFTER = 1.0  # seconds between two counts while much is


class Books(Outbox, Inbox, Protocol):
    """Where deliveries wait and are counted: `monitor.store.store.Store`."""

    async def backlog(self, now: int) -> Mapping[str, Backlog]:
        """How far behind each sink is that has something waiting or dead, but for what is held back on purpose."""


class WayOut(Protocol):
    """What serves one sink: a lane for programs, a desk for people."""

    def wake(self) -> None:
        """Something was recorded."""

    def take_over(self) -> None:
        """More is ours: what another process has put off is due once the sink is seen to work from here."""

    def resume(self) -> None:
        """If the sink is paused, send to it again."""

    def stop(self) -> None:
        """Send nothing more; `run` returns when what is under way has ended."""

    async def run(self) -> None:
        """Deliver until stopped."""


class _Line(NamedTuple):
    """A sink that is configured now."""

    out: WayOut
    task: asyncio.Task[None]


class Dispatcher:
    """
    All sinks' lanes; sinks come and go while it runs.

    A lane that takes the place of another of its name begins when that one has ended, so that nothing that is under
    way is sent a second time.  What waits for a sink that has left stays in the store.
    """

    def __init__(
        self,
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
            store: Where from.
            instruments: Our own metrics.
            now: Wall clock, milliseconds since 1970.
            monotonic: Seconds.
            random: Evenly from 0 to 1, for the jitter of retries.
            log: For sinks that fail and for what is given up.
            pause: Waits for an event, so many seconds at most.
        """
        self._store = store
        self._instruments = instruments
        self._now = now
        self._monotonic = monotonic
        self._random = random
        self._log = log
        self._pause = pause
        self._progress = asyncio.Event()
        self._stopping = asyncio.Event()
        self._lines: dict[str, _Line] = {}
        self._ending: dict[str, asyncio.Task[None]] = {}  # the last lane of each name, until its last send has ended
        self._left_behind: set[str] = set()  # sinks of which it was said that events wait for them in vain
        self._counting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to count what waits; each sink that was put, and will be, delivers from then on by itself."""
        self._counting = asyncio.create_task(self._count())

    def put(self, sink: Sink) -> None:
        """
        Deliver to this sink, what an earlier process has left included; it takes the place of one of the same name.

        It is the dispatcher's to close from now on.
        """
        lane = Lane(
            sink,
            store=self._store,
            instruments=self._instruments,
            now=self._now,
            monotonic=self._monotonic,
            random=self._random,
            log=self._log,
            on_progress=self._progress.set,
            pause=self._pause,
        )
        self._open(sink, lane)

    def put_people(self, sink: NoticeSink, *, rules: Rules, worded: Worded, lasting: Lasting) -> None:
        """
        Deliver to a sink for people likewise.

        Args:
            sink: Where to.
            rules: What it wants, and when.
            worded: Puts a digest into words.
            lasting: Whether trouble lasts, before somebody is reminded of it.
        """
        desk = Desk(
            sink,
            rules=rules,
            worded=worded,
            lasting=lasting,
            store=self._store,
            instruments=self._instruments,
            now=self._now,
            monotonic=self._monotonic,
            random=self._random,
            log=self._log,
            on_progress=self._progress.set,
            pause=self._pause,
        )
        self._open(sink, desk)

    def change_people(self, name: str, *, rules: Rules, worded: Worded) -> None:
        """What a sink for people wants from now on, of what waits too, and in which words."""
        desk = self._lines[name].out
        if isinstance(desk, Desk):
            desk.rules, desk.worded = rules, worded
            desk.wake()

    def remove(self, name: str) -> None:
        """Send nothing more to this sink; what waits for it is delivered when a sink of this name is put again."""
        if name in self._lines:
            self._leave(name)
            self._ending[name].add_done_callback(lambda task: self._forget(name, task))

    def resume(self, name: str) -> bool:
        """Send again to a sink that is paused; False when no such sink is configured."""
        line = self._lines.get(name)
        if line is not None:
            line.out.resume()
        return line is not None

    def wake(self) -> None:
        """Something was recorded: deliver it at once."""
        for line in self._lines.values():
            line.out.wake()
        self._progress.set()

    def take_over(self) -> None:
        """What other processes had to deliver is ours now: deliver it at once, what they tried in vain too."""
        for line in self._lines.values():
            line.out.take_over()
        self._progress.set()

    async def stop(self, limit: float = 3.0) -> None:
        """
        Start no send; those under way get so many seconds to end and be marked, then they are left due.

        Every sink is closed.
        """
        self._stopping.set()
        for line in self._lines.values():
            line.out.stop()
        running = [*(line.task for line in self._lines.values()), *self._ending.values()]
        if running:
            _ended, stuck = await asyncio.wait(running, timeout=limit)
            for task in stuck:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        if self._counting is not None:
            self._counting.cancel()
            await asyncio.gather(self._counting, return_exceptions=True)

    def _open(self, sink: Sink | NoticeSink, out: WayOut) -> None:
        self._instruments.add_sink(sink.name)
        before = self._leave(sink.name)
        self._lines[sink.name] = _Line(out, asyncio.create_task(_serve(sink, out, before)))
        self._left_behind.discard(sink.name)
        self._progress.set()

    def _leave(self, name: str) -> asyncio.Task[None] | None:
        """Stop the lane of this name; the task that ends when its last send has, None when there never was one."""
        line = self._lines.pop(name, None)
        if line is not None:
            line.out.stop()
            self._ending[name] = line.task
        return self._ending.get(name)

    def _forget(self, name: str, ended: asyncio.Task[None]) -> None:
        if name not in self._lines and self._ending.get(name) is ended:
            self._instruments.remove_sink(name)
            self._ending.pop(name, None)
            self._progress.set()

    async def _count(self) -> None:
        while not self._stopping.is_set():
            self._progress.clear()
            try:
                backlog = await self._store.backlog(self._now())
            except StoreError as error:
                self._log.debug("backlog not counted", reason=str(error))
            else:
                for name in self._lines:
                    self._report(name, backlog.get(name, Backlog()))
                self._tell_of_left_behind(backlog)
            await self._pause(self._stopping, COUNT_AFTER)
            await self._pause(self._progress, COUNT_EVERY)

    def _report(self, name: str, backlog: Backlog) -> None:
        self._instruments.delivery_backlog.labels(name).set(backlog.waiting)
        self._instruments.delivery_oldest.labels(name).set((backlog.oldest or 0) / 1000)
        self._instruments.dead_letters.labels(name).set(backlog.dead)

    def _tell_of_left_behind(self, backlog: Mapping[str, Backlog]) -> None:
        """Once for each sink that is no more, or not yet again, in the configuration."""
        for name in backlog.keys() - self._lines.keys() - self._ending.keys() - self._left_behind:
            left = backlog[name]
            self._left_behind.add(name)
            self._log.warning(
                "events are left for a sink that is not configured: `deliveries discard` gives them up",
                sink=name,
                waiting=left.waiting,
                dead=left.dead,
            )


async def _serve(sink: Sink | NoticeSink, out: WayOut, before: asyncio.Task[None] | None) -> None:
    """Run it once the one before it has ended; close the sink after its last send."""
    try:
        if before is not None:
            await asyncio.wait([before])
        await out.run()
    finally:
        await sink.aclose()

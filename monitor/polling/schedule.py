"""
One APScheduler job per app: when each is asked.

The first round starts at once, spread at the budget's rate; after it every app keeps its seat.  APScheduler sleeps on
the wall clock: a clock that is set moves every job along, in slices, so that no poll is lost or doubled.
Jobs live in memory only: two processes that shared a job store would both run them.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import datetime

import structlog
from apscheduler.events import EVENT_JOB_MAX_INSTANCES
from apscheduler.job import Job
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.polling.seat import Seat, milliseconds, moment, phase

AppKey = tuple[str, str]  #: (account, appkey)

CLOCK_LOOK = 1.0  #: seconds between two looks at the clocks
CLOCK_STEP = 5_000  #: ms that the wall clock may drift from the monotonic one before the jobs are seated anew
SLICE = 100  #: jobs that are touched without giving way to other tasks
A_TURN = 40  #: polls that begin in one turn of the loop, however many are due: 3 ms
LIBRARY_LOGGER = "apscheduler.scheduler"


class Schedule:
    """All apps' seats.  `poll` is called with an app's key and the moment it was due, one call at a time per app."""

    def __init__(
        self,
        poll: Callable[[AppKey, int], Awaitable[object]],
        *,
        now: Callable[[], int],
        monotonic: Callable[[], float],
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        """
        Args:
            poll: Polls one app; waits as long as it must and raises nothing.
            now: Wall clock, ms since 1970.
            monotonic: Seconds.
            log: For a clock that was set.
        """
        self._poll = poll
        self._now = now
        self._monotonic = monotonic
        self._log = log
        self._seated_by = self._offset()  # the clocks' distance that the jobs' moments go by
        self.overrun = 0  #: polls that were due while the one before was still running
        # `job_defaults` is the only place where APScheduler reads these; elsewhere they are silently ignored
        self._jobs = _FewAtOnce()
        self._scheduler = _OneLookATurn(
            jobstores={"default": self._jobs},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
            timezone="UTC",
            logger=logging.getLogger(LIBRARY_LOGGER),
        )
        self._scheduler.add_listener(self._overran, EVENT_JOB_MAX_INSTANCES)
        self._watch: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; belongs to the running event loop from here on."""
        self._scheduler.start()
        self._seated_by = self._offset()
        self._watch = asyncio.create_task(self._watch_clock(), name="watch-clock")

    def pause(self) -> None:
        """Start no poll any more; those that run go on."""
        if self._watch is not None:
            self._watch.cancel()
        if self._scheduler.running:
            self._scheduler.pause()

    def stop(self) -> None:
        """End.  Cancels polls that still run: end them first."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def seat(self, key: AppKey, *, interval: int, first: int) -> None:
        """Give an app its seat: first polled at `first` (ms since 1970), then every `interval` ms."""
        seat = Seat(first=first, interval=interval, phase=phase(*key))
        self._scheduler.add_job(self._fire, seat, args=(key, seat), id=_job_id(key), next_run_time=moment(first))

    def reseat(self, key: AppKey, *, interval: int) -> None:
        """Change an app's interval; nothing happens when it is the same or the app has no seat."""
        job: Job | None = self._scheduler.get_job(_job_id(key))
        if job is None or job.trigger.interval == interval:
            return
        now = self._now()
        seat = Seat(first=now, interval=interval, phase=phase(*key))
        job.modify(trigger=seat, args=(key, seat), next_run_time=moment(seat.after(now)))

    def hasten(self, key: AppKey, *, first: int) -> None:
        """Poll an app at `first` (ms since 1970) and from then on as before; nothing happens when it has no seat."""
        job: Job | None = self._scheduler.get_job(_job_id(key))
        if job is None:
            return
        seat = Seat(first=first, interval=job.trigger.interval, phase=phase(*key))
        job.modify(trigger=seat, args=(key, seat), next_run_time=moment(first))

    def unseat(self, key: AppKey) -> None:
        """Take an app's seat away; a poll that runs goes on."""
        if self._scheduler.get_job(_job_id(key)) is not None:
            self._scheduler.remove_job(_job_id(key))

    def next_poll(self, key: AppKey) -> int | None:
        """When the app is due next, ms since 1970; None when it has no seat."""
        job: Job | None = self._scheduler.get_job(_job_id(key))
        return None if job is None or job.next_run_time is None else milliseconds(job.next_run_time)

    def overdue(self) -> int:
        """How long the job that should have fired first has been waiting, ms, whatever the clock was set to since."""
        due = self._jobs.get_next_run_time()
        return 0 if due is None else max(0, int(self._monotonic() * 1000) + self._seated_by - milliseconds(due))

    async def _fire(self, key: AppKey, seat: Seat) -> None:
        await self._poll(key, seat.due)

    def _overran(self, _event: object) -> None:
        self.overrun += 1

    async def _watch_clock(self) -> None:
        while True:
            await asyncio.sleep(CLOCK_LOOK)
            step = self._offset() - self._seated_by
            if abs(step) > CLOCK_STEP:
                self._log.warning("clock was set: polls are seated anew", step_seconds=round(step / 1000, 1))
                await self._shift(step)
                self._seated_by += step

    def _offset(self) -> int:
        return self._now() - int(self._monotonic() * 1000)

    async def _shift(self, by: int) -> None:
        for jobs in _slices(self._scheduler.get_jobs()):
            for job in jobs:
                if self._scheduler.get_job(job.id) is job and job.next_run_time is not None:
                    job.trigger.shift(by)
                    job.modify(next_run_time=moment(milliseconds(job.next_run_time) + by))
            await asyncio.sleep(0)


class _OneLookATurn(AsyncIOScheduler):  # type: ignore[misc]  # the library has no types
    """APScheduler looks what is due for each job that is added or changed: here once for all those of a turn."""

    _about_to_look = False

    def wakeup(self) -> None:
        """Look what is due, soon."""
        if not self._about_to_look:
            self._about_to_look = True
            asyncio.get_running_loop().call_soon(self._look)

    def _look(self) -> None:
        self._about_to_look = False
        if self.running:
            super().wakeup()


class _FewAtOnce(MemoryJobStore):  # type: ignore[misc]  # likewise
    """APScheduler begins all that is due in one go; what is left out here is due still, and begun in its next turn."""

    def get_due_jobs(self, now: datetime) -> list[Job]:
        due: list[Job] = super().get_due_jobs(now)
        return due[:A_TURN]


def _job_id(key: AppKey) -> str:
    return "\0".join(key)


def _slices(jobs: Iterable[Job]) -> Iterator[list[Job]]:
    some: list[Job] = []
    for job in jobs:
        some.append(job)
        if len(some) == SLICE:
            yield some
            some = []
    yield some

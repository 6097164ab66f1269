"""One job per app."""

import asyncio
import time
from itertools import pairwise

import structlog

from monitor.polling.schedule import A_TURN, Schedule

KEY = ("main", "app-1")


class Clock:
    """The wall clock, which a test may set."""

    def __init__(self) -> None:
        self.set_by = 0

    def __call__(self) -> int:
        return int(time.time() * 1000) + self.set_by


class Polls:
    """Remembers which polls were due; each lasts until it is released."""

    def __init__(self, *, last: bool = False) -> None:
        self.due: list[tuple[tuple[str, str], int]] = []
        self.another = asyncio.Event()
        self.release = asyncio.Event()
        if not last:
            self.release.set()

    async def __call__(self, key: tuple[str, str], due: int) -> None:
        self.due.append((key, due))
        self.another.set()
        await self.release.wait()

    async def count(self, wanted: int) -> None:
        async with asyncio.timeout(10):
            while len(self.due) < wanted:
                self.another.clear()
                await self.another.wait()


def schedule_of(polls: Polls, clock: Clock) -> Schedule:
    log = structlog.wrap_logger(structlog.testing.CapturingLogger())
    schedule = Schedule(polls, now=clock, monotonic=time.monotonic, log=log)
    schedule.start()
    return schedule


async def test_the_first_poll_starts_at_once_and_the_next_come_by_themselves():
    clock, polls = Clock(), Polls()
    schedule = schedule_of(polls, clock)
    try:
        schedule.seat(KEY, interval=50, first=clock())
        await polls.count(3)
    finally:
        schedule.stop()

    first, second, third = (due for _key, due in polls.due[:3])
    assert (25 <= second - first <= 76, third - second) == (True, 50)


async def test_a_poll_that_overruns_is_not_started_twice_and_counted():
    clock, polls = Clock(), Polls(last=True)
    schedule = schedule_of(polls, clock)
    try:
        schedule.seat(KEY, interval=20, first=clock())
        async with asyncio.timeout(5):
            while schedule.overrun < 2:
                await asyncio.sleep(0)
        started = len(polls.due)
        polls.release.set()
    finally:
        schedule.stop()

    assert started == 1


async def test_of_all_that_has_become_due_at_once_a_few_begin_in_a_turn_of_the_loop():
    clock, polls = Clock(), Polls(last=True)
    schedule, begun = schedule_of(polls, clock), [0]
    keys = [("main", f"app-{index}") for index in range(5 * A_TURN)]
    try:
        for key in keys:
            schedule.seat(key, interval=3_600_000, first=clock() - 1_000)
        async with asyncio.timeout(10):
            while begun[-1] < len(keys):
                await asyncio.sleep(0)
                begun.append(len(polls.due))
    finally:
        polls.release.set()
        schedule.stop()

    assert max(after - before for before, after in pairwise(begun)) == A_TURN
    assert {key for key, _due in polls.due} == set(keys)


async def test_a_schedule_that_ends_while_it_is_about_to_look_ends_quietly():
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
    clock, polls = Clock(), Polls()
    schedule = schedule_of(polls, clock)
    schedule.seat(KEY, interval=3_600_000, first=clock())
    await polls.count(1)
    schedule.stop()
    schedule.hasten(KEY, first=clock())
    for _ in range(5):
        await asyncio.sleep(0)

    assert (complaints, len(polls.due)) == ([], 1)


async def test_an_app_without_a_seat_is_polled_no_more():
    clock, polls = Clock(), Polls()
    schedule = schedule_of(polls, clock)
    try:
        schedule.seat(KEY, interval=60_000, first=clock() + 60_000)
        schedule.unseat(KEY)
        schedule.unseat(KEY)
    finally:
        schedule.stop()

    assert schedule.next_poll(KEY) is None


async def test_another_interval_keeps_the_first_poll_away_and_moves_the_next():
    clock, polls = Clock(), Polls()
    schedule = schedule_of(polls, clock)
    try:
        schedule.seat(KEY, interval=3_600_000, first=clock() + 3_600_000)
        schedule.reseat(KEY, interval=60_000)
        due = schedule.next_poll(KEY)
    finally:
        schedule.stop()

    assert due is not None
    assert 0 < due - clock() <= 60_000


async def test_a_clock_that_is_set_takes_every_job_along():
    clock, polls = Clock(), Polls()
    schedule = schedule_of(polls, clock)
    try:
        schedule.seat(KEY, interval=60_000, first=clock() + 30_000)
        before = schedule.next_poll(KEY)
        clock.set_by = 3_600_000
        async with asyncio.timeout(10):
            while schedule.next_poll(KEY) == before:
                await asyncio.sleep(0)
        after = schedule.next_poll(KEY)
    finally:
        schedule.stop()

    assert before is not None
    assert after is not None
    assert abs(after - (before + 3_600_000)) < 1000


async def test_a_job_that_should_have_fired_shows_as_overdue():
    clock, polls = Clock(), Polls()
    schedule = schedule_of(polls, clock)
    try:
        schedule.pause()
        schedule.seat(KEY, interval=60_000, first=clock() - 90_000)
        overdue = schedule.overdue()
    finally:
        schedule.stop()

    assert overdue >= 90_000 - 1  # both clocks are cut to whole milliseconds


async def test_a_hastened_app_is_polled_at_once_and_then_in_its_seat():
    clock, polls = Clock(), Polls()
    schedule = schedule_of(polls, clock)
    try:
        schedule.seat(KEY, interval=3_600_000, first=clock() + 1_800_000)
        schedule.hasten(KEY, first=clock())
        await polls.count(1)
        due = schedule.next_poll(KEY)
    finally:
        schedule.stop()

    assert due is not None
    assert 1_800_000 <= due - polls.due[0][1] <= 5_400_000


async def test_an_app_without_a_seat_is_not_hastened():
    schedule = schedule_of(Polls(), Clock())
    try:
        schedule.hasten(KEY, first=0)

        assert schedule.next_poll(KEY) is None
    finally:
        schedule.stop()


async def test_a_clock_that_was_set_ahead_makes_no_poll_overdue():
    clock = Clock()
    schedule = schedule_of(Polls(), clock)
    try:
        schedule.seat(KEY, interval=3_600_000, first=clock() + 600_000)
        clock.set_by = 7_200_000

        assert schedule.overdue() == 0
    finally:
        schedule.stop()

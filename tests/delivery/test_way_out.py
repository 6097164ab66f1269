"""The whole way out: a real store, a dispatcher, the webhook sink, and a receiver on a socket that fails."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

import pytest

from monitor.delivery.dispatcher import Dispatcher
from monitor.delivery.endpoint import Endpoint
from monitor.delivery.sinks.webhook import WebhookSink
from monitor.http.transport import open_transport
from monitor.store.store import Store
from tests.delivery.fakes import Clock, capturing, instruments
from tests.delivery.receiver import CLOSE, HANG, TAKEN, Receiver, answer
from tests.store.making import event, to

SUBJECTS = ("+8613800000001", "+8613800000002", "+8613800000003")
FAILURES = (
    answer("500 Oops"),
    answer("404 Not Found"),
    answer("301 Moved", "Location: /other"),
    answer("429 Slow", "Retry-After: 7"),
    answer("503 Busy", "Retry-After: 3"),
    CLOSE,
)


class Process:
    """A store and a dispatcher, as one run of the daemon has them; its waits take no time."""

    def __init__(self, store: Store, clock: Clock, receiver: Receiver) -> None:
        self.store = store
        self.clock = clock
        self.receiver = receiver
        self.log, self.logged = capturing()
        self.dispatcher = Dispatcher(
            store=store,
            instruments=instruments()[0],
            now=clock.now,
            monotonic=clock.monotonic,
            random=lambda: 0.5,
            log=self.log,
            pause=self._pause,
        )

    def start(self, *, limit: float = 30.0) -> None:
        self.dispatcher.start()
        self.put(limit)

    def put(self, limit: float = 30.0) -> None:
        """Configure the sink, or another in its place."""
        transport = open_transport(proxy=None, connections=4)
        endpoint = Endpoint(self.receiver.url, transport=transport, now=self.clock.now)
        sink = WebhookSink("ops", endpoint, keys=(b"k" * 32,), now=self.clock.now, limit=limit)
        self.dispatcher.put(sink)

    async def record(self, *subjects: str) -> None:
        await self.store.tell([event(subject) for subject in subjects], to("ops"))
        self.dispatcher.wake()

    async def paused(self) -> None:
        """Wait until the sink is paused in the store."""
        async with asyncio.timeout(30):
            while "ops" not in await self.store.paused_sinks():
                await asyncio.sleep(0)

    async def stop(self) -> None:
        await self.dispatcher.stop()
        await self.store.close()

    async def _pause(self, awaited: asyncio.Event, seconds: float) -> None:
        await asyncio.sleep(0.001)  # a turn for the sockets; what is waited for is never this
        if not awaited.is_set():
            self.clock.seconds += seconds


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


@pytest.fixture
async def begin(receiver: Receiver, tmp_path: Path) -> AsyncIterator[Callable[[], Awaitable[Process]]]:
    """Opens the one store for a new process."""
    clock = Clock()
    async with AsyncExitStack() as running:

        async def process() -> Process:
            begun = Process(await Store.open(f"sqlite:///{tmp_path}/n.db", now=clock.now), clock, receiver)
            running.push_async_callback(begun.stop)
            return begun

        yield process


def failing(seed: int, count: int) -> Iterator[bytes]:
    """So many answers, a third of them failures."""
    random = Random(seed)
    return (random.choice(FAILURES) if random.random() < 0.34 else TAKEN for _ in range(count))


def taken(receiver: Receiver, subject: str) -> list[str]:
    """The sequences of a subject's events that were answered with success, in order."""
    return [request.event["sequence"] for request in receiver.taken if request.event["subject"] == subject]


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_fails_in_between_each_subjects_events_are_taken_in_order(begin, receiver, seed):
    receiver.plan(*failing(seed, 60))
    process = await begin()
    process.start()
    await process.record(*SUBJECTS * 6)
    await receiver.has_taken(18)
    await process.stop()

    assert [taken(receiver, subject) for subject in SUBJECTS] == [
        [f"{sequence:020}" for sequence in range(first, 19, 3)] for first in (1, 2, 3)
    ]


async def test_an_event_that_fails_comes_again_under_the_same_id_with_a_new_time_stamp(begin, receiver):
    receiver.plan(answer("500 Oops"))
    process = await begin()
    process.start()
    await process.record(SUBJECTS[0])
    await receiver.has_taken(1)
    await process.stop()

    first, second = (request.headers for request in receiver.requests)
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) >= int(first["webhook-timestamp"]) + 5
    assert receiver.requests[0].body == receiver.requests[1].body


async def test_a_receiver_that_does_not_answer_is_asked_again_after_the_deadline(begin, receiver):
    receiver.plan(HANG)
    process = await begin()
    process.start(limit=0.2)
    await process.record(SUBJECTS[0])
    await receiver.has_taken(1)
    await process.stop()

    assert [call.kwargs["reason"] for call in process.logged.calls if "reason" in call.kwargs] == ["no answer in time"]


async def test_what_is_left_at_the_end_of_one_process_the_next_delivers(begin, receiver):
    receiver.plan(*[answer("500 Oops")] * 200)
    first = await begin()
    first.start()
    await first.record(*SUBJECTS * 2)
    await receiver.has(5)
    await first.stop()
    receiver.recover()
    second = await begin()
    second.start()
    await receiver.has_taken(6)
    await second.stop()

    assert sorted(request.event["sequence"] for request in receiver.taken) == [f"{n:020}" for n in range(1, 7)]


async def test_a_sink_that_is_changed_again_and_again_loses_and_repeats_nothing(begin, receiver):
    process = await begin()
    process.start()
    for _ in range(10):
        await process.record(*SUBJECTS)
        process.put()
    await receiver.has_taken(30)
    await process.stop()

    sequences = [request.event["sequence"] for request in receiver.taken]
    assert sorted(sequences) == [f"{n:020}" for n in range(1, 31)]


async def test_after_a_410_all_is_kept_over_a_restart_until_the_sink_is_resumed(begin, receiver):
    receiver.plan(*[answer("410 Gone")] * 4)
    first = await begin()
    first.start()
    await first.record(*SUBJECTS)
    await first.paused()
    await first.stop()
    asked = len(receiver.requests)
    receiver.recover()
    second = await begin()
    second.start()
    await second.record(*SUBJECTS)
    for _ in range(100):
        await asyncio.sleep(0)
    still = len(receiver.requests)
    second.dispatcher.resume("ops")
    await receiver.has_taken(6)
    await second.stop()

    assert still == asked
    assert [taken(receiver, subject) for subject in SUBJECTS] == [[f"{n:020}", f"{n + 3:020}"] for n in (1, 2, 3)]


async def test_what_is_refused_is_a_dead_letter_and_the_subjects_next_event_is_sent(begin, receiver):
    receiver.plan(answer("422 No", body=b"no such field"))
    process = await begin()
    process.start()
    await process.record(SUBJECTS[0], SUBJECTS[0])
    await receiver.has_taken(1)
    backlog = await process.store.backlog()
    await process.stop()

    assert (backlog["ops"].dead, len(receiver.requests)) == (1, 2)

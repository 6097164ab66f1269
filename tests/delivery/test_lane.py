"""One sink's way out: order, retries, dead letters, a store that is down."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.delivery.lane import Lane
from monitor.delivery.schedule import RETRIES
from monitor.delivery.sink import Gone, Message, Refused, Throttled, Unavailable
from tests.delivery.fakes import Clock, FakeSink, FakeStore, Pauses, capturing, instruments


class Yard:
    """A lane with everything around it; it stops by itself when nothing is open any more, or after so many waits."""

    def __init__(self, store: FakeStore, sink: FakeSink, *, waits: int = 20_000) -> None:
        self.store = store
        self.sink = sink
        self.clock = Clock()
        self.instruments, self.samples = instruments()
        self.instruments.add_sink("hook")
        self.log, self.logged = capturing()
        self.pauses = Pauses(self.clock, waits, store.all_settled, self.stop)
        self.lane = Lane(
            sink,
            store=store,
            instruments=self.instruments,
            now=self.clock.now,
            monotonic=self.clock.monotonic,
            random=lambda: 0.5,
            log=self.log,
            on_progress=lambda: None,
            pause=self.pauses,
        )

    def stop(self) -> None:
        self.lane.stop()

    async def run(self) -> None:
        await self.lane.run()

    def sample(self, name: str) -> float:
        found = [text for text in self.samples() if text.startswith(f"number_monitor_{name}")]
        return float(found[0].split()[-1])

    @property
    def said(self) -> list[str]:
        return [call.kwargs["event"] for call in self.logged.calls]


def failing(times: int, error: Exception) -> Callable[[Sequence[Message]], None]:
    """Fails so many sends, then takes everything."""
    left = [times]

    def answer(_: Sequence[Message]) -> None:
        if left[0]:
            left[0] -= 1
            raise error

    return answer


def stuck(subject: str, error: Exception) -> Callable[[Sequence[Message]], None]:
    """Fails for one subject, for ever."""

    def answer(messages: Sequence[Message]) -> None:
        if any(message.subject == subject for message in messages):
            raise error

    return answer


async def test_what_is_due_is_sent_and_marked():
    yard = Yard(FakeStore([(1, "a"), (2, "b")]), FakeSink())
    await yard.run()

    assert (yard.sink.took, yard.store.states, yard.sample("deliveries_total")) == ([1, 2], ["done", "done"], 2)


async def test_a_subject_keeps_its_order():
    yard = Yard(FakeStore([(1, "a"), (2, "a"), (3, "a")]), FakeSink())
    await yard.run()

    assert yard.sink.took == [1, 2, 3]


async def test_a_sink_that_takes_batches_gets_them():
    yard = Yard(FakeStore([(1, "a"), (2, "b"), (3, "c")]), FakeSink(batch=2))
    await yard.run()

    assert yard.sink.asked == [[1, 2], [3]]


async def test_a_failed_message_comes_again_after_its_wait():
    down = failing(3, Unavailable("HTTP 500"))
    times: list[float] = []
    yard = Yard(FakeStore([(1, "a")]), FakeSink())

    def answer(messages: Sequence[Message]) -> None:
        times.append(yard.clock.seconds)
        down(messages)

    yard.sink.answer = answer
    await yard.run()

    assert [after - before for before, after in pairwise(times)] == [5, 30, 120]


async def test_a_stuck_subject_holds_up_no_other():
    store = FakeStore([(1, "a"), (2, "b"), (3, "a"), (4, "c")])
    yard = Yard(store, FakeSink(stuck("a", Unavailable("HTTP 500"))), waits=3)
    await yard.run()

    assert (yard.sink.took, store.row(3).tries) == ([2, 4], 0)


async def test_a_stuck_subject_is_not_hurried_by_the_others_again_and_again():
    store = FakeStore([(1, "a"), *((sequence, f"b{sequence}") for sequence in range(2, 50))])
    yard = Yard(store, FakeSink(stuck("a", Unavailable("HTTP 500"))), waits=1)
    await yard.run()

    assert (len(yard.sink.took), store.row(1).tries) == (48, 2)


async def test_a_success_after_failures_makes_all_that_waits_due_at_once():
    store = FakeStore([(1, "a"), (2, "b")])
    for sequence in (1, 2):
        store.row(sequence).tries, store.row(sequence).due = 6, 10**12
    store.add(3, "c")
    yard = Yard(store, FakeSink(), waits=1)
    await yard.run()

    assert yard.sink.took == [3, 1, 2]


async def test_a_sink_that_is_down_is_asked_rarely_and_with_one_message():
    store = FakeStore((sequence, f"s{sequence}") for sequence in range(1, 1001))
    yard = Yard(store, FakeSink(failing(10**9, Unavailable("no route"))), waits=10)
    await yard.run()

    assert len(yard.sink.asked) == 3 + 9
    assert yard.pauses.waited == [5, 10, 20, *[30] * 7]


async def test_all_that_waited_for_a_sink_arrives_when_it_is_back():
    store = FakeStore((sequence, f"s{sequence}") for sequence in range(1, 1001))
    yard = Yard(store, FakeSink(failing(120, Unavailable("no route"))))
    await yard.run()

    assert sorted(yard.sink.took) == list(range(1, 1001))


async def test_memory_holds_one_claim_at_most():
    store = FakeStore((sequence, f"s{sequence}") for sequence in range(1, 1001))
    yard = Yard(store, FakeSink())
    await yard.run()

    assert max(store.claims) == 200


async def test_what_is_refused_is_a_dead_letter_and_the_next_goes_on():
    store = FakeStore([(1, "a"), (2, "a")])
    yard = Yard(store, FakeSink(failing(1, Refused("HTTP 422: no such field"))))
    await yard.run()

    assert (store.states, store.row(1).reason) == (["dead", "done"], "HTTP 422: no such field")
    assert yard.sample("deliveries_dead_total") == 1
    assert yard.sample('delivery_failures_total{reason="refused"') == 1


async def test_what_failed_for_a_day_is_a_dead_letter():
    store = FakeStore([(1, "a")])
    store.row(1).tries = len(RETRIES)
    yard = Yard(store, FakeSink(failing(1, Unavailable("HTTP 500"))))
    await yard.run()

    assert (store.states, yard.said) == (["dead"], ["deliveries fail", "delivery given up"])


async def test_a_sink_that_asks_to_be_left_alone_is():
    store = FakeStore([(1, "a"), (2, "b")])
    yard = Yard(store, FakeSink(failing(1, Throttled("HTTP 429", after=90.0))), waits=2)
    await yard.run()

    assert (yard.pauses.waited[0], yard.sink.asked[0], sorted(yard.sink.took)) == (90.0, [1], [1, 2])
    assert yard.sample('delivery_failures_total{reason="throttled"') == 1


async def test_a_send_that_takes_too_long_is_given_up_and_tried_again():
    class Silent(FakeSink):
        async def send(self, messages: Sequence[Message]) -> str:
            await asyncio.Event().wait()
            return ""

    yard = Yard(FakeStore([(1, "a")]), Silent(limit=0.001), waits=1)
    await yard.run()

    assert (yard.store.row(1).tries, yard.store.row(1).reason) == (1, "no answer in time")
    assert yard.sample('delivery_failures_total{reason="timeout"') == 1


async def test_a_fault_in_the_sink_loses_nothing():
    yard = Yard(FakeStore([(1, "a")]), FakeSink(failing(1, KeyError("x"))), waits=2)
    await yard.run()

    assert (yard.sink.took, yard.said[:2]) == ([1], ["sink broke", "deliveries fail"])


async def test_trouble_is_logged_once_and_so_is_its_end():
    yard = Yard(FakeStore([(1, "a")]), FakeSink(failing(3, Unavailable("HTTP 500"))))
    await yard.run()

    assert yard.said == ["deliveries fail", "deliveries go on"]


async def test_a_receiver_that_says_something_else_each_time_is_one_trouble():
    words = iter("abc")

    def answer(_: Sequence[Message]) -> None:
        if word := next(words, ""):
            raise Unavailable(f"http://h answered HTTP 500: request {word}")

    yard = Yard(FakeStore([(1, "a")]), FakeSink(answer))
    await yard.run()

    assert yard.said == ["deliveries fail", "deliveries go on"]


@pytest.mark.parametrize("call", ["claim", "release", "delivered", "postpone", "bury", "hasten"])
async def test_a_store_that_is_down_is_waited_for(call):
    answers = {"postpone": failing(1, Unavailable("x")), "bury": failing(1, Refused("x"))}
    store = FakeStore([(1, "a"), (2, "b")])
    store.failing = {call}
    yard = Yard(store, FakeSink(answers.get(call, lambda _: None)))
    yard.pauses.done = store.recover
    await yard.run()

    assert (store.all_settled(), yard.pauses.waited[0]) == (True, 2.0)


async def test_what_the_sink_has_is_marked_when_the_store_is_back_and_not_sent_again():
    store = FakeStore([(1, "a")])
    store.failing = {"delivered"}
    yard = Yard(store, FakeSink())
    yard.pauses.done = store.recover
    await yard.run()

    assert (yard.sink.asked, store.states) == ([[1]], ["done"])


async def test_claims_of_an_earlier_process_are_taken_over():
    store = FakeStore([(1, "a")])
    store.row(1).claimed = True
    yard = Yard(store, FakeSink())
    await yard.run()

    assert yard.sink.took == [1]


async def test_what_is_under_way_at_the_stop_is_finished_and_the_rest_stays_due():
    store = FakeStore([(1, "a"), (2, "b")])
    yard = Yard(store, FakeSink())
    yard.sink.answer = lambda _: yard.stop()
    await yard.run()

    assert (store.states, store.row(2).claimed) == (["done", "open"], False)


outcomes = st.lists(st.sampled_from(["took", "refused", "unavailable", "throttled"]), max_size=40)
ERRORS = {"refused": Refused("no"), "unavailable": Unavailable("down"), "throttled": Throttled("slow", after=3.0)}


@given(st.lists(st.sampled_from("abcd"), max_size=12), outcomes, st.integers(1, 3))
def test_whatever_the_sink_answers_each_message_arrives_once_in_order_or_is_dead(subjects, answers, batch):
    left = list(answers)

    def answer(_: Sequence[Message]) -> None:
        outcome = left.pop(0) if left else "took"
        if outcome != "took":
            raise ERRORS[outcome]

    store = FakeStore(enumerate(subjects, start=1))
    yard = Yard(store, FakeSink(answer, batch=batch))
    asyncio.run(yard.run())
    took = {subject: [s for s in yard.sink.took if store.row(s).subject == subject] for subject in "abcd"}

    assert all(sequences == sorted(set(sequences)) for sequences in took.values())
    assert {row.sequence for row in store.rows if row.state == "done"} == set(yard.sink.took)
    assert store.all_settled()


class Slow(FakeSink):
    """Takes a message only when it is let; knows how many waited at once, and of which subjects."""

    def __init__(self, concurrency: int) -> None:
        super().__init__(concurrency=concurrency)
        self.let: dict[str, asyncio.Event] = {}
        self.at_once: list[tuple[str, ...]] = []
        self._under_way: list[str] = []

    def may(self, subject: str) -> asyncio.Event:
        return self.let.setdefault(subject, asyncio.Event())

    async def send(self, messages: Sequence[Message]) -> str:
        subject = messages[0].subject
        self._under_way.append(subject)
        self.at_once.append(tuple(self._under_way))
        try:
            await self.may(subject).wait()
            return await super().send(messages)
        finally:
            self._under_way.remove(subject)


async def turns(condition: Callable[[], bool]) -> None:
    """Let the other tasks go on until it is so."""
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0)


async def test_several_subjects_are_under_way_at_once_as_many_as_the_sink_allows_and_never_two_of_one():
    store = FakeStore([(1, "a"), (2, "a"), (3, "b"), (4, "c"), (5, "d"), (6, "e")])
    sink = Slow(4)
    yard = Yard(store, sink, waits=10**6)
    running = asyncio.create_task(yard.run())
    await turns(lambda: len(sink.at_once) == 4)
    for subject in "abcde":
        sink.may(subject).set()
    await running

    assert max(map(len, sink.at_once)) == 4
    assert not [each for each in sink.at_once if len(set(each)) < len(each)]
    assert sink.took.index(1) < sink.took.index(2)


async def test_a_send_that_takes_long_holds_up_no_other_subject():
    store = FakeStore([(1, "a"), (2, "b"), (3, "b"), (4, "b"), (5, "a")])
    sink = Slow(2)
    yard = Yard(store, sink, waits=10**6)
    sink.may("b").set()
    running = asyncio.create_task(yard.run())
    await turns(lambda: sink.took == [2, 3, 4])
    sink.may("a").set()
    await running

    assert sink.took == [2, 3, 4, 1, 5]


async def test_what_the_last_owner_has_put_off_is_due_at_the_next_success():
    store = FakeStore([(1, "a")])
    yard = Yard(store, FakeSink(), waits=10**6)
    yard.pauses.done = lambda: store.row(1).state == "done" and len(store.rows) == 1
    await yard.run()
    store.add(2, "b")
    store.row(2).tries, store.row(2).due = 3, 10**12
    store.add(3, "c")
    lane = yard.lane
    lane._stopping.clear()
    yard.pauses.done = store.all_settled

    lane.take_over()
    await yard.run()

    assert store.states == ["done"] * 3


@pytest.mark.parametrize("tenure", [None, 2])
async def test_what_was_claimed_of_an_account_that_has_changed_hands_since_is_not_sent(tenure):
    store = FakeStore([(1, "a"), (2, "b")])
    sink = Slow(1)
    yard = Yard(store, sink, waits=3)
    running = asyncio.create_task(yard.run())
    await turns(lambda: len(sink.at_once) == 1)
    store.tenure = tenure
    sink.may("a").set()
    sink.may("b").set()
    await running

    assert (sink.took, store.states) == ([1], ["done", "open"])


async def test_a_claim_that_runs_out_while_its_message_is_under_way_is_not_sent_a_second_time():
    store = FakeStore([(1, "a")])
    sink = Slow(2)
    yard = Yard(store, sink, waits=10**6)
    running = asyncio.create_task(yard.run())
    await turns(lambda: len(sink.at_once) == 1)
    store.row(1).claimed = False
    await turns(lambda: len(store.claims) > 5)
    sink.may("a").set()
    await running

    assert sink.asked == [[1]]


async def test_a_stop_waits_for_all_that_is_under_way():
    sink = Slow(2)
    yard = Yard(FakeStore([(1, "a"), (2, "b"), (3, "c")]), sink, waits=10**6)
    running = asyncio.create_task(yard.run())
    await turns(lambda: len(sink.at_once) == 2)
    yard.stop()
    sink.may("a").set()
    sink.may("b").set()
    await running

    assert (yard.store.states, yard.store.row(3).claimed) == (["done", "done", "open"], False)


async def test_a_sink_that_is_down_is_left_alone_once_however_many_were_under_way():
    store = FakeStore((sequence, f"s{sequence}") for sequence in range(1, 100))
    yard = Yard(store, FakeSink(failing(10**9, Unavailable("no route")), concurrency=4), waits=4)
    await yard.run()

    assert yard.pauses.waited == [5, 10, 20, 30]


GONE = Gone("HTTP 410")


async def test_a_receiver_that_is_gone_pauses_the_sink_and_everything_stays_due():
    store = FakeStore([(1, "a"), (2, "b"), (3, "a")])
    yard = Yard(store, FakeSink(failing(10**9, GONE)), waits=5)
    await yard.run()

    assert (yard.sink.asked, store.paused) == ([[1]], {"hook": "HTTP 410"})
    assert [(row.state, row.tries) for row in store.rows] == [("open", 0)] * 3
    assert yard.said == ["sink paused: nothing is sent to it until it is resumed or a reload"]
    assert yard.sample('delivery_failures_total{reason="refused"') == 1


async def test_a_sink_that_was_paused_when_the_process_ended_gets_nothing_after_the_restart():
    store = FakeStore([(1, "a")])
    store.paused = {"hook": "HTTP 410"}
    yard = Yard(store, FakeSink(), waits=5)
    await yard.run()

    assert (yard.sink.asked, yard.said) == ([], ["sink is paused: nothing is sent to it until it is resumed"])


async def test_a_resumed_sink_gets_all_that_waited_in_order():
    store = FakeStore([(1, "a"), (2, "b"), (3, "a")])
    yard = Yard(store, FakeSink(failing(1, GONE)), waits=5)

    def resume() -> bool:
        yard.lane.resume()
        return store.all_settled()

    yard.pauses.done = resume
    await yard.run()

    assert (yard.sink.took, store.paused) == ([1, 2, 3], {})
    assert yard.said[-1] == "deliveries go on"


async def test_a_sink_that_is_resumed_in_the_store_goes_on_by_itself():
    store = FakeStore([(1, "a")])
    store.paused = {"hook": "HTTP 410"}
    yard = Yard(store, FakeSink(), waits=5)

    def resume() -> bool:
        store.paused = {}
        return store.all_settled()

    yard.pauses.done = resume
    await yard.run()

    assert (yard.sink.took, yard.pauses.waited[0]) == ([1], 15.0)


@pytest.mark.parametrize("call", ["pause_sink", "paused_sinks", "resume_sink"])
async def test_a_pause_waits_for_a_store_that_is_down(call):
    store = FakeStore([(1, "a"), (2, "b")])
    store.failing = {call}
    yard = Yard(store, FakeSink(failing(1, GONE)), waits=20)

    def later() -> bool:
        if store.recover():
            return True
        yard.lane.resume()
        return False

    yard.pauses.done = later
    yard.lane.resume()
    await yard.run()

    assert (sorted(yard.sink.took), store.paused) == ([1, 2], {})


@given(st.lists(st.sampled_from("abcd"), max_size=12), outcomes, st.integers(1, 5))
def test_whatever_the_sink_answers_several_under_way_keep_each_subjects_order(subjects, answers, concurrency):
    left = list(answers)

    def answer(_: Sequence[Message]) -> None:
        outcome = left.pop(0) if left else "took"
        if outcome != "took":
            raise ERRORS[outcome]

    store = FakeStore(enumerate(subjects, start=1))
    yard = Yard(store, FakeSink(answer, concurrency=concurrency))
    asyncio.run(yard.run())
    took = {subject: [s for s in yard.sink.took if store.row(s).subject == subject] for subject in "abcd"}

    assert all(sequences == sorted(set(sequences)) for sequences in took.values())
    assert store.all_settled()

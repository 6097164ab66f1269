"""All sinks together: none holds up another, and the figures of what waits."""

import asyncio
from collections.abc import Sequence

from monitor.delivery.dispatcher import Dispatcher
from monitor.delivery.sink import Message, Sink
from tests.delivery.fakes import Clock, FakeSink, FakeStore, capturing, instruments


class Blocked(FakeSink):
    """Takes a message only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()
        self.let = asyncio.Event()

    async def send(self, messages: Sequence[Message]) -> str:
        self.reached.set()
        await self.let.wait()
        return await super().send(messages)


class Office:
    """A dispatcher with everything around it; its waits are real and last until it is woken."""

    def __init__(self, store: FakeStore, *sinks: Sink) -> None:
        self.store = store
        clock = Clock()
        self.instruments, self.samples = instruments()
        self.log, self.logged = capturing()
        self.sinks = sinks
        self.dispatcher = Dispatcher(
            store=store,
            instruments=self.instruments,
            now=clock.now,
            monotonic=clock.monotonic,
            random=lambda: 0.5,
            log=self.log,
        )

    def start(self) -> None:
        self.dispatcher.start()
        for sink in self.sinks:
            self.dispatcher.put(sink)

    async def until(self, sample: str) -> None:
        while f"number_monitor_{sample}" not in self.samples():
            await asyncio.sleep(0)


async def test_what_is_recorded_is_delivered_when_the_dispatcher_is_woken():
    sink = FakeSink()
    office = Office(FakeStore(), sink)
    office.start()
    await office.until('delivery_backlog{sink="hook"} 0.0')
    office.store.add(1, "a")
    office.dispatcher.wake()
    await office.until('deliveries_total{sink="hook"} 1.0')
    await office.dispatcher.stop()

    assert sink.took == [1]


async def test_what_another_process_had_to_deliver_is_delivered_when_it_is_taken_over():
    office = Office(FakeStore(), FakeSink())
    office.start()
    await office.until('delivery_backlog{sink="hook"} 0.0')
    office.store.add(1, "a")
    office.dispatcher.take_over()
    await office.until('deliveries_total{sink="hook"} 1.0')
    await office.dispatcher.stop()

    assert office.store.states == ["done"]


async def test_the_figures_of_what_waits_are_told_while_a_sink_is_blocked():
    office = Office(FakeStore([(7, "a"), (8, "b")]), Blocked())
    office.store.add(9, "c")
    office.store.row(9).state = "dead"
    office.start()
    await office.until('delivery_backlog{sink="hook"} 2.0')
    await office.dispatcher.stop(limit=0)

    assert 'number_monitor_delivery_oldest_timestamp_seconds{sink="hook"} 7.0' in office.samples()
    assert 'number_monitor_dead_letters{sink="hook"} 1.0' in office.samples()


async def test_counters_of_a_sink_start_at_0():
    office = Office(FakeStore(), FakeSink())
    office.start()
    await office.dispatcher.stop()

    assert 'number_monitor_deliveries_total{sink="hook"} 0.0' in office.samples()
    assert 'number_monitor_delivery_failures_total{reason="timeout",sink="hook"} 0.0' in office.samples()


async def test_at_the_stop_what_is_under_way_is_finished():
    sink = Blocked()
    office = Office(FakeStore([(1, "a")]), sink)
    office.start()
    await sink.reached.wait()
    stopping = asyncio.create_task(office.dispatcher.stop(limit=60))
    sink.let.set()
    await stopping

    assert office.store.states == ["done"]


async def test_at_the_stop_what_does_not_end_is_left_due():
    sink = Blocked()
    office = Office(FakeStore([(1, "a")]), sink)
    office.start()
    await sink.reached.wait()
    await office.dispatcher.stop(limit=0)

    assert (office.store.states, sink.took) == (["open"], [])


async def test_a_store_that_cannot_be_counted_is_counted_later_and_stops_nothing():
    sink = FakeSink()
    office = Office(FakeStore([(1, "a")]), sink)
    office.store.failing = {"backlog"}
    office.start()
    await office.until('deliveries_total{sink="hook"} 1.0')
    await office.dispatcher.stop()

    assert office.store.states == ["done"]


async def test_a_sink_that_is_changed_gets_what_waits_by_its_new_self_once_the_old_ones_sends_have_ended():
    before, after = Blocked(), FakeSink()
    office = Office(FakeStore([(1, "a"), (2, "b")]), before)
    office.start()
    await before.reached.wait()
    office.dispatcher.put(after)
    for _ in range(50):
        await asyncio.sleep(0)
    early = list(after.took)
    before.let.set()
    await office.until('deliveries_total{sink="hook"} 2.0')
    await office.dispatcher.stop()

    assert (early, before.took, after.took) == ([], [1], [2])
    assert (before.closed, after.closed) == (True, True)


async def test_what_waits_for_a_sink_that_is_removed_stays_and_is_told_in_the_log_and_no_sample_is_left():
    sink = Blocked()
    office = Office(FakeStore([(1, "a"), (2, "b")]), sink)
    office.start()
    await sink.reached.wait()
    office.dispatcher.remove("hook")
    sink.let.set()
    while not (told := [call.kwargs for call in office.logged.calls if "waiting" in call.kwargs]):
        await asyncio.sleep(0)
    await office.dispatcher.stop()

    assert (office.store.states, sink.closed) == (["done", "open"], True)
    assert [(each["sink"], each["waiting"], each["dead"]) for each in told] == [("hook", 1, 0)]
    assert not [sample for sample in office.samples() if 'sink="hook"' in sample]


async def test_a_sink_that_comes_back_gets_what_waited_for_it():
    office = Office(FakeStore([(1, "a")]))
    office.start()
    while not office.logged.calls:
        await asyncio.sleep(0)
    sink = FakeSink()
    office.dispatcher.put(sink)
    await office.until('deliveries_total{sink="hook"} 1.0')
    await office.dispatcher.stop()

    assert sink.took == [1]


async def test_a_paused_sink_is_resumed_by_its_name():
    sink = FakeSink()
    office = Office(FakeStore([(1, "a")]), sink)
    office.store.paused = {"hook": "HTTP 410"}
    office.start()
    found = (office.dispatcher.resume("hook"), office.dispatcher.resume("other"))
    await office.until('deliveries_total{sink="hook"} 1.0')
    await office.dispatcher.stop()

    assert (found, sink.took, office.store.paused) == ((True, False), [1], {})

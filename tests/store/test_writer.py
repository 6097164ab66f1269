"""One thread writes; what waits together is committed together, and still every call has its own result and error."""

import asyncio
import threading
from concurrent.futures import Future, wait
from typing import Any

import pytest
from sqlalchemy import Connection

from monitor.fleet.snapshot import Snapshot
from monitor.store import writer as module
from monitor.store.errors import StoreConflict, StoreUnavailable
from monitor.store.sqlite import SqliteDatabase
from monitor.store.writer import Writer
from tests.store.making import SHOP, decision, event, telling, to


class Thread:
    """A writer, with what it has told, that can be held while work is queued."""

    def __init__(self, path) -> None:
        self.commits: list[float] = []
        self.states: list[bool] = []
        self._writer = Writer(
            SqliteDatabase(path, lambda: 0.0),
            monotonic=lambda: 0.0,
            on_commit=self.commits.append,
            on_state=self.states.append,
        )
        self._writer.start()
        self.results(self.put("CREATE TABLE thing (name TEXT PRIMARY KEY)"))
        self.commits.clear()

    def put(self, statement: str) -> Future[Any]:
        return self._writer.submit(lambda connection: connection.exec_driver_sql(statement).rowcount)

    def together(self, *work) -> list[Future[Any]]:
        """Queue work while the thread is busy with something else."""
        busy, held = threading.Event(), threading.Event()

        def hold(_: Connection) -> None:
            busy.set()
            held.wait()

        self._writer.submit(hold)
        busy.wait()
        futures = [self._writer.submit(each) for each in work]
        self.go = held.set
        return futures

    def results(self, *futures: Future[Any]) -> list[Any]:
        wait(futures)
        return [future.exception() or future.result() for future in futures if not future.cancelled()]

    def names(self) -> list[str]:
        asked = self._writer.submit(
            lambda connection: connection.exec_driver_sql("SELECT name FROM thing").scalars().all()
        )
        return list(asked.result())

    def stop(self) -> None:
        self._writer.stop()


@pytest.fixture
def thread(path):
    thread = Thread(path)
    yield thread
    thread.stop()


def insert(name: str):
    return lambda connection: connection.exec_driver_sql("INSERT INTO thing VALUES (?)", (name,)).rowcount


def insert_and_refuse(name: str):
    def work(connection: Connection) -> None:
        insert(name)(connection)
        raise StoreConflict(name)

    return work


def test_what_waits_together_is_committed_together(thread):
    futures = thread.together(insert("a"), insert("b"), insert("c"))
    thread.go()

    assert thread.results(*futures) == [1, 1, 1]
    assert len(thread.commits) == 2  # the work that held the thread, and the three


def test_a_group_is_no_larger_than_its_limit(thread, monkeypatch):
    monkeypatch.setattr(module, "GROUP", 2)
    futures = thread.together(*(insert(name) for name in "abcde"))
    thread.go()

    assert thread.results(*futures) == [1] * 5
    assert len(thread.commits) == 1 + 3


def test_work_that_refuses_leaves_no_trace_among_the_others(thread):
    futures = thread.together(insert("a"), insert_and_refuse("b"), insert("c"))
    thread.go()

    assert [type(result) for result in thread.results(*futures)] == [int, StoreConflict, int]
    assert thread.names() == ["a", "c"]


def test_work_that_refuses_alone_leaves_no_trace(thread):
    futures = thread.together(insert_and_refuse("b"))
    thread.go()

    assert [type(result) for result in thread.results(*futures)] == [StoreConflict]
    assert thread.names() == []


def test_work_that_the_database_refuses_spoils_nobody_elses(thread):
    futures = thread.together(insert("a"), insert("a"), insert("b"))
    thread.go()

    assert [type(result) for result in thread.results(*futures)] == [int, StoreUnavailable, int]
    assert thread.names() == ["a", "b"]


def test_two_errors_of_one_cause_are_two(thread, path):
    futures = thread.together(insert("a"), insert("b"))
    path.rename(path.with_name("aside.db"))
    thread.go()

    first, second = thread.results(*futures)
    path.with_name("aside.db").rename(path)

    assert (type(first), str(first)) == (type(second), str(second))
    assert thread.states == [True, False]


def test_work_that_was_cancelled_while_it_waited_is_not_done(thread):
    futures = thread.together(insert("a"), insert("b"))
    futures[0].cancel()
    thread.go()

    assert thread.results(*futures) == [1]
    assert thread.names() == ["b"]


def test_what_is_queued_is_finished_before_the_stop(path):
    thread = Thread(path)
    futures = thread.together(insert("a"), insert("b"))
    thread.go()

    thread.stop()

    assert [future.done() for future in futures] == [True, True]


async def test_each_caller_gets_its_own_of_a_group(store):
    decisions = [telling(event(), before=Snapshot(version=version)) for version in (0, 5, 1)]

    found = await asyncio.gather(*(store.record(each, to()) for each in decisions), return_exceptions=True)

    assert [type(each) for each in found] == [tuple, StoreConflict, tuple]
    assert [each.sequence for each in await store.events()] == [1, 2]


async def test_a_caller_that_is_cancelled_stops_nobody_else(store):
    given_up = asyncio.create_task(store.record(telling(event("a")), to()))
    await asyncio.sleep(0)
    given_up.cancel()

    recorded = await store.tell([event("b")], to())
    await asyncio.gather(given_up, return_exceptions=True)

    assert recorded[0].event.subject == "b"


async def test_commits_are_told_to_the_loop_with_their_seconds(open_store):
    told: list[tuple[float, str]] = []
    ticks = iter(range(1_000))
    store = await open_store(
        monotonic=lambda: float(next(ticks)),
        on_commit=lambda seconds: told.append((seconds, threading.current_thread().name)),
    )
    told.clear()

    await store.record(decision(Snapshot(), Snapshot()), to())
    await asyncio.sleep(0)

    assert told == [(1.0, threading.main_thread().name)]


async def test_a_listing_that_takes_long_holds_up_no_commit(store):
    asked, go_on = threading.Event(), threading.Event()

    def long_listing(connection: Connection) -> list[int]:
        first = connection.exec_driver_sql("SELECT count(*) FROM app").scalar_one()
        asked.set()
        go_on.wait()
        return [first, connection.exec_driver_sql("SELECT count(*) FROM app").scalar_one()]

    listing = asyncio.create_task(store._read(long_listing))
    await asyncio.to_thread(asked.wait)
    await store.record(decision(Snapshot(), Snapshot()), to())
    as_recorded = await store.restore_app(SHOP.key)
    go_on.set()

    assert as_recorded.version == 1
    assert await listing == [0, 0]  # it sees the store as it was when it began

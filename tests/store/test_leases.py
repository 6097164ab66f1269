"""One process at a time owns an account, whatever happens to the one that did."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from sqlalchemy import Connection

from monitor.fleet.app import App
from monitor.fleet.snapshot import Snapshot
from monitor.store import schema
from monitor.store.errors import LeaseLost, StoreInUse
from monitor.store.ownership import Ownership
from monitor.store.people import Conclusion, KnownTrouble
from monitor.store.store import Store
from tests.postgresql import PostgresqlServer
from tests.store.making import NOW, decision, event, sequences, to

Opener = Callable[..., Awaitable[Store]]
SHOP = App("a", "shop", "")


class Clock:
    """A process's own clock."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def opener(postgresql: PostgresqlServer) -> AsyncIterator[Opener]:
    """Opens one store, as many processes as one likes."""
    url = postgresql.url(postgresql.empty_database())
    async with AsyncExitStack() as opened:

        async def opener(*, wait: float = 0.0, alone: bool = False, **options: Any) -> Store:
            store = await Store.open(url, now=lambda: NOW, wait=wait, alone=alone, **options)
            opened.push_async_callback(store.close)
            return store

        yield opener


def leases(store: Store) -> Ownership:
    assert store.ownership is not None
    return store.ownership


def told(version: int = 0) -> Any:
    return decision(Snapshot(version=version), Snapshot(), event(app=SHOP), app=SHOP)


async def expire(store: Store) -> None:
    """Time passes, for the database."""
    await store._write(lambda connection: connection.exec_driver_sql("UPDATE lease SET until = 0"))


async def test_one_of_several_gets_an_account(opener):
    stores = [await opener() for _ in range(3)]

    taken = await asyncio.gather(*(leases(store).take(["a", "b"]) for store in stores))

    assert sorted(account for each in taken for account in each) == ["a", "b"]


async def test_what_is_not_owned_is_not_written(opener):
    owner, other = await opener(), await opener()
    await leases(owner).take(["a"])

    with pytest.raises(LeaseLost, match="account a is not this process's at this moment: nothing of it is recorded"):
        await other.record(told(), to())
    with pytest.raises(LeaseLost):
        await other.tell([event(app=SHOP)], to())

    assert await owner.events() == []


async def test_what_is_given_is_another_s_at_once(opener):
    owner, other = await opener(), await opener()
    await leases(owner).take(["a", "b"])

    await leases(owner).give(["a"])

    assert (list(await leases(other).take(["a", "b"])), leases(other).epoch("a")) == (["a"], 2)
    assert [leases(owner).acts_for(account) for account in ("a", "b")] == [False, True]


async def test_the_accounts_of_a_process_that_ends_are_another_s_at_once(opener):
    owner, other = await opener(), await opener()
    await leases(owner).take(["a"])

    await owner.close()

    assert list(await leases(other).take(["a"])) == ["a"]
    assert len((await leases(other).renew("other")).replicas) == 1


async def test_an_owner_that_was_stopped_writes_nothing_when_it_wakes_up(opener):
    stopped = await opener(monotonic=lambda: 0.0)  # for its own clock no time has passed
    other = await opener()
    await leases(stopped).take(["a"])
    await expire(other)
    await leases(other).take(["a"])

    with pytest.raises(LeaseLost, match="account a is another process's now: nothing of it is recorded here"):
        await stopped.record(told(), to())

    assert sequences(await other.record(told(), to())) == [1]


async def test_of_what_is_recorded_together_only_what_is_lost_is_refused(opener):
    stopped, other = await opener(monotonic=lambda: 0.0), await opener()
    await leases(stopped).take(["a", "b"])
    await expire(other)
    await leases(other).take(["a"])

    done = await asyncio.gather(
        *(stopped.tell([event(app=App(account, "x", ""))], to()) for account in "abab"), return_exceptions=True
    )

    assert [isinstance(each, LeaseLost) for each in done] == [True, False, True, False]


async def test_who_takes_over_waits_for_what_the_owner_is_writing(opener):
    owner, other = await opener(), await opener()
    await leases(owner).take(["a"])
    await expire(other)
    writing, go_on = threading.Event(), threading.Event()

    def slowly(connection: Connection) -> None:
        owner._recorder.events(connection, [(event(app=SHOP), ())])
        writing.set()
        go_on.wait()

    held = asyncio.create_task(owner._write_of({"a"}, slowly))
    await asyncio.to_thread(writing.wait)
    taking = asyncio.create_task(leases(other).take(["a"]))
    waited = await other._read(waits)
    go_on.set()
    await held

    assert waited
    assert list(await taking) == ["a"]
    assert sequences(await other.events()) == [1]


def waits(connection: Connection) -> bool:
    """As soon as somebody waits for a lock."""
    while not connection.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar_one():
        connection.exec_driver_sql("SELECT pg_stat_clear_snapshot()")
    return True


async def test_a_process_stops_acting_by_its_own_clock(opener):
    clock = Clock()
    store = await opener(monotonic=clock)
    await leases(store).take(["a"])

    clock.now = 11.9
    before = leases(store).acts_for("a")
    clock.now = 12.1

    assert (before, leases(store).acts_for("a")) == (True, False)
    with pytest.raises(LeaseLost):
        await store.record(told(), to())


async def test_a_lease_that_ended_and_that_nobody_took_goes_on(opener):
    store = await opener()
    await leases(store).take(["a"])
    await expire(store)

    view = await leases(store).renew("me")

    assert (view.epochs(leases(store).holder), leases(store).epoch("a")) == ({"a": 1}, 1)


async def test_everybody_sees_who_is_there_and_who_owns_what(opener):
    first, second = await opener(), await opener()
    await leases(first).renew("one")
    await leases(first).take(["a"])

    view = await leases(second).renew("two")

    names = {replica.holder: replica.name for replica in view.replicas}
    assert sorted(names.values()) == ["one", "two"]
    assert [(each.account, names[each.holder], each.epoch) for each in view.owned] == [("a", "one", 1)]


async def test_who_writes_alone_lets_no_other_in_until_it_ends(opener):
    store = await opener(alone=True)

    with pytest.raises(StoreInUse, match=r"is in use by process \d+ on \S+: stop it first"):
        await opener(alone=True)
    await store.record(told(), to())
    waiting = asyncio.create_task(opener(alone=True, wait=30.0))
    await store.close()

    assert sequences(await (await waiting).record(told(1), to())) == [2]


async def test_tables_are_not_changed_under_a_process_of_an_older_version(opener, monkeypatch):
    older = await opener(alone=True)
    monkeypatch.setattr(schema, "SCHEMA", "0999")

    with pytest.raises(StoreInUse, match="is in use by an older number-monitor: stop it first"):
        await opener(alone=True)
    waiting = asyncio.create_task(opener(alone=True, wait=30.0))
    await older.close()

    assert (await waiting).store_id == older.store_id


async def test_who_was_alone_and_was_stopped_writes_nothing_when_it_wakes_up(opener):
    stopped = await opener(alone=True, monotonic=lambda: 0.0)
    await expire(stopped)
    other = await opener(alone=True)

    with pytest.raises(LeaseLost, match="the store is another process's now"):
        await stopped.record(told(), to())

    assert sequences(await other.record(told(), to())) == [1]


async def test_a_list_of_apps_is_kept_by_the_owner_alone(opener: Opener) -> None:
    first, second = await opener(), await opener()
    for each, account in ((first, "b"), (second, "a")):
        await leases(each).renew("pod")
        await leases(each).take([account])
    await second.save_roster("a", "file", b"new")

    with pytest.raises(LeaseLost):
        await first.save_roster("a", "file", b"old")

    assert await first.roster("a", "file") == b"new"


async def test_whom_a_sink_for_people_knows_is_told_before_an_account_is_owned(opener: Opener) -> None:
    owner, other = await opener(), await opener()
    await leases(owner).renew("pod")
    await leases(owner).take(["a"])
    epoch = owner.epoch("a")
    assert epoch is not None
    await owner.conclude("team", "a", Conclusion(known={"trouble": KnownTrouble("{}", None)}), epoch)

    assert await other.acquainted("team") == ["a"]

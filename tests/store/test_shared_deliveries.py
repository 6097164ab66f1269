"""Of a store that several processes share, each delivers, restores and counts what is of its own accounts."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from monitor.fleet.app import App
from monitor.fleet.snapshot import Snapshot
from monitor.store.errors import LeaseLost
from monitor.store.leases import ACT_FOR
from monitor.store.outbox import Backlog
from monitor.store.ownership import Ownership
from monitor.store.people import Conclusion, KnownTrouble
from monitor.store.store import Store
from tests.postgresql import PostgresqlServer
from tests.store.making import NOW, decision, event, sequences, to

Opener = Callable[..., Awaitable[Store]]
SHOP, KIOSK = App("a", "shop", ""), App("b", "kiosk", "")


@pytest.fixture
async def opener(postgresql: PostgresqlServer) -> AsyncIterator[Opener]:
    """Opens one store, as many processes as one likes."""
    url = postgresql.url(postgresql.empty_database())
    async with AsyncExitStack() as opened:

        async def opener(**options: Any) -> Store:
            store = await Store.open(url, now=lambda: NOW, wait=0.0, alone=False, **options)
            opened.push_async_callback(store.close)
            return store

        yield opener


async def owning(store: Store, *accounts: str) -> Store:
    await leases(store).renew("pod")
    await leases(store).take(accounts)
    return store


def leases(store: Store) -> Ownership:
    assert store.ownership is not None
    return store.ownership


async def tell(store: Store, app: App) -> None:
    told = event(f"number of {app.account}", app=app)
    await store.record(decision(Snapshot(), Snapshot(), told, app=app), to("ops"))


@pytest.fixture
async def first(opener: Opener) -> Store:
    """Owns account a, of which an event waits."""
    store = await owning(await opener(), "a")
    await tell(store, SHOP)
    return store


@pytest.fixture
async def second(opener: Opener, first: Store) -> Store:
    """Owns account b, of which an event waits."""
    store = await owning(await opener(), "b")
    await tell(store, KIOSK)
    return store


async def test_each_is_given_what_is_of_its_own_accounts(first: Store, second: Store) -> None:
    claimed = await second.claim("ops", 10, NOW), await first.claim("ops", 10, NOW)

    assert [sequences(each) for each in claimed] == [[2], [1]]


async def test_who_owns_nothing_is_given_nothing(opener: Opener, first: Store) -> None:
    assert await (await opener()).claim("ops", 10, NOW) == []


async def test_what_waits_is_counted_by_the_owner_alone(first: Store, second: Store) -> None:
    await second.bury("ops", 2, "no")

    assert await first.backlog() == {"ops": Backlog(waiting=1, oldest=NOW)}
    assert await second.backlog() == {"ops": Backlog(dead=1)}


async def test_what_another_has_claimed_stays_claimed_when_one_starts(first: Store, second: Store) -> None:
    await first.claim("ops", 10, NOW)
    await second.release("ops")

    assert await first.claim("ops", 10, NOW) == []


async def test_who_takes_an_account_over_sends_what_its_last_owner_had_claimed(first: Store, second: Store) -> None:
    await first.claim("ops", 10, NOW)
    await second.claim("ops", 10, NOW)
    await leases(first).give(["a"])
    await leases(second).take(["a"])
    await second.release_of(["a"])

    assert sequences(await second.claim("ops", 10, NOW)) == [1]


async def test_desks_look_after_their_own_accounts(first: Store, second: Store) -> None:
    assert list(await first.agenda("ops")) == ["a"]
    assert list(await second.agenda("ops")) == ["b"]


async def test_one_account_is_restored_alone(first: Store, second: Store) -> None:
    restored = await second.restore(["a"])

    assert list(restored.apps) == [SHOP.key]
    assert list(restored.snapshots) == [SHOP.key]


async def test_what_was_noted_of_an_account_is_not_written_when_it_is_anothers(first: Store, second: Store) -> None:
    first.note_success(SHOP.key, NOW)
    await leases(first).give(["a"])
    await first.flush()

    assert (await second.restore_app(SHOP.key)).last_success is None


async def test_what_people_know_of_an_account_is_not_touched_by_its_last_owner(first: Store, second: Store) -> None:
    epoch = first.epoch("a")
    assert epoch is not None
    await leases(first).give(["a"])
    await leases(second).take(["a"])

    with pytest.raises(LeaseLost):
        await first.conclude("ops", "a", Conclusion(told=[1], known={"trouble": KnownTrouble("{}", None)}), epoch)

    assert (await second.known("ops", "a"), len(await second.waiting("ops", "a", 0, 10))) == ({}, 1)


async def test_what_was_told_before_a_long_silence_is_marked_where_nobody_has_taken_over(opener: Opener) -> None:
    time = [0.0]
    store = await owning(await opener(monotonic=lambda: time[0]), "a")
    await tell(store, SHOP)
    epoch = store.epoch("a")
    assert epoch is not None
    time[0] = ACT_FOR
    assert store.epoch("a") is None

    await store.conclude("ops", "a", Conclusion(told=[1]), epoch)

    assert await store.waiting("ops", "a", 0, 10) == []


async def test_accounts_with_something_to_deliver_are_found_whoever_owns_them(first: Store, second: Store) -> None:
    await first.delivered("ops", [1])

    owed = [list(await leases(first).owed(sinks)) for sinks in (["ops", "other"], ["other"])]
    assert owed == [["b"], []]

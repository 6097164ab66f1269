"""What is older than the retention is forgotten; what somebody still waits for is not."""

import pytest

from monitor.fleet.snapshot import Snapshot
from monitor.store import prune
from tests.store.making import NOW, SHOP, decision, entries, entry, event, graves, sequences, telling, to, tombstone

A, B, C = (f"+861380000000{digit}" for digit in "123")
DAY = 86_400_000


async def test_events_within_the_retention_stay(store):
    await store.record(telling(event(time=NOW - DAY - 1), event(time=NOW - DAY), event(time=NOW)), to())

    assert await store.prune(NOW, DAY) == 1
    assert sequences(await store.events()) == [2, 3]


@pytest.mark.parametrize(
    ("marked", "left"),
    [
        pytest.param(None, [1], id="waiting"),
        pytest.param("delivered", [], id="delivered"),
        pytest.param("bury", [], id="a dead letter"),
        pytest.param("postpone", [1], id="put off"),
    ],
)
async def test_an_event_stays_while_a_delivery_of_it_is_to_be_made(store, marked, left):
    await store.record(telling(event(time=NOW - 2 * DAY)), to("ops"))
    marks = {
        "delivered": lambda: store.delivered("ops", [1]),
        "bury": lambda: store.bury("ops", 1, "refused"),
        "postpone": lambda: store.postpone("ops", 1, NOW, "timeout"),
    }
    if marked is not None:
        await marks[marked]()

    await store.prune(NOW, DAY)

    assert sequences(await store.events()) == left


async def test_deliveries_go_with_their_event(store):
    await store.record(telling(event(time=NOW - 2 * DAY)), to("ops"))
    await store.bury("ops", 1, "refused")

    await store.prune(NOW, DAY)

    assert await store.backlog() == {}


async def test_old_tombstones_go_and_entries_never_do(store):
    young, old = tombstone(A, NOW - DAY), tombstone(B, NOW - DAY - 1)
    await store.record(decision(Snapshot(), Snapshot(entries(entry(C)), gone=graves(young, old))), to())

    assert await store.prune(NOW, DAY) == 1
    assert await store.restore_app(SHOP.key) == Snapshot(entries(entry(C)), gone=graves(young), version=1)


async def test_more_than_a_slice_is_forgotten_in_one_go(store, monkeypatch):
    monkeypatch.setattr(prune, "SLICE", 2)
    await store.record(telling(*(event(time=NOW - 2 * DAY) for _ in range(5))), to())

    assert await store.prune(NOW, DAY) == 5
    assert await store.events() == []


async def test_a_tombstone_that_was_forgotten_may_be_dug_up(store):
    before = Snapshot(gone=graves(tombstone(A, NOW - 2 * DAY)))
    await store.record(decision(Snapshot(), before), to())
    await store.prune(NOW, DAY)

    await store.record(decision(Snapshot(gone=before.gone, version=1), Snapshot(entries(entry(A)))), to())

    assert await store.restore_app(SHOP.key) == Snapshot(entries(entry(A)), version=2)

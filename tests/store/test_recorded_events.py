"""An event is recorded once, with an id and a place of its own that no other event ever gets."""

import json
import uuid

import pytest

from monitor.fleet.app import App
from monitor.fleet.event import Event
from monitor.fleet.snapshot import AccountState, Snapshot
from monitor.store.errors import StoreConflict, StoreUnavailable
from tests.store.making import NOW, SHOP, decision, entries, entry, event, sequences, telling, to

OTHER = "+8613800000002"


async def test_events_keep_the_order_of_the_decision(store):
    recorded = await store.record(telling(event("a"), event("b"), event("a")), to())

    assert [(each.sequence, each.event.subject) for each in recorded] == [(1, "a"), (2, "b"), (3, "a")]


async def test_the_body_carries_the_id_and_the_sequence_that_were_recorded(store):
    (recorded,) = await store.record(telling(event()), to())

    body = json.loads(recorded.body)

    assert (body["id"], int(body["sequence"])) == (recorded.id, recorded.sequence)
    assert [(found.id, found.body) for found in await store.events()] == [(recorded.id, recorded.body)]


async def test_the_same_transitions_in_two_stores_of_one_identity_have_the_same_ids(open_store, tmp_path):
    identity = uuid.UUID(int=7)

    first, second = [
        [
            each.id
            for each in await (await open_store(tmp_path / name, new_id=lambda: identity)).record(
                telling(*events), to()
            )
        ]
        for name, events in (("one.db", [event(), event(OTHER)]), ("two.db", [event(OTHER), event()]))
    ]

    assert first == second[::-1]


async def test_two_new_stores_share_no_id(open_store, tmp_path):
    ids = {
        (await (await open_store(tmp_path / name)).record(telling(event()), to()))[0].id
        for name in ("one.db", "two.db")
    }

    assert len(ids) == 2


async def test_no_id_is_given_twice_over_repetition_removal_forgetting_and_restart(store, open_store):
    first = await store.record(telling(event(), event()), to())
    second = await store.record(decision(Snapshot(version=1), None, event()), to())
    await store.prune(NOW + 100, 1)
    await store.close()
    again = await open_store()
    third = await again.record(telling(event(), event()), to())

    assert again.store_id == store.store_id
    assert len({each.id for each in (*first, *second, *third)}) == 5


async def test_ids_go_on_after_a_restart_as_they_would_have_without(open_store, tmp_path):
    async def ids(name: str, *, restart: bool) -> list[str]:
        options = {"new_id": lambda: uuid.UUID(int=7)}
        store = await open_store(tmp_path / name, **options)
        found = [each.id for each in await store.record(telling(event()), to())]
        await store.record(decision(Snapshot(version=1), None), to())
        if restart:
            await store.close()
            store = await open_store(tmp_path / name, **options)
        return found + [each.id for each in await store.record(telling(event()), to())]

    assert await ids("one.db", restart=True) == await ids("two.db", restart=False)


async def test_a_refused_decision_uses_up_no_place_and_no_id(open_store, tmp_path):
    async def after(name: str, *, conflict: bool) -> list[tuple[int, str]]:
        store = await open_store(tmp_path / name, new_id=lambda: uuid.UUID(int=7))
        if conflict:
            with pytest.raises(StoreConflict):
                await store.record(telling(event(), before=Snapshot(version=5)), to())
        return [(each.sequence, each.id) for each in await store.record(telling(event()), to())]

    assert await after("one.db", conflict=True) == await after("two.db", conflict=False)


async def test_the_sequence_goes_on_after_everything_was_forgotten(store, open_store):
    await store.record(telling(event(), event()), to())
    assert await store.prune(NOW + 2, 1) == 2
    await store.close()

    again = await open_store()

    assert await again.last_sequence() == 2
    assert sequences(await again.record(telling(event(), before=Snapshot(version=1)), to())) == [3]


async def test_events_without_an_app_are_told(store):
    held = Event("app_list.held", NOW, "warning", "main", "main", data={})

    (recorded,) = await store.tell([held], to("stdout"))

    assert [(found.id, found.appkey) for found in await store.events()] == [(recorded.id, "")]
    assert (await store.restore()).accounts == {}
    assert list(await store.backlog()) == ["stdout"]


async def test_an_account_that_has_moved_on_is_a_conflict_and_nothing_is_written(store):
    seen, other = AccountState(), AccountState(suspect_since=NOW)
    first = decision(Snapshot(), Snapshot(), account_before=seen, account_after=other)
    await store.record(first, to())

    with pytest.raises(StoreConflict, match=r"^account main has moved on from version 0$"):
        await store.record(decision(Snapshot(version=1), Snapshot(), event(), account_after=other), to("ops"))

    assert await store.last_sequence() == 0
    assert (await store.restore()).accounts == {"main": AccountState(version=1, suspect_since=NOW)}


async def test_routes_are_asked_once_an_event(store):
    asked: list[str] = []

    def routes(told: Event) -> list[str]:
        asked.append(told.subject)
        return ["stdout", "ops"]

    await store.record(telling(event("a"), event("b")), routes)

    assert asked == ["a", "b"]
    assert {sink: backlog.waiting for sink, backlog in (await store.backlog()).items()} == {"ops": 2, "stdout": 2}


FOUND = [
    pytest.param({}, [1, 2, 3, 4], id="everything"),
    pytest.param({"since": NOW + 2}, [3, 4], id="since a moment, which counts"),
    pytest.param({"type": "number.recovered"}, [2], id="by type"),
    pytest.param({"number": OTHER}, [3], id="by number"),
    pytest.param({"account": "other"}, [4], id="by account"),
    pytest.param({"appkey": SHOP.appkey, "account": "main"}, [1, 2, 3], id="by app"),
    pytest.param({"after": 1, "before": 4}, [2, 3], id="between two sequences"),
    pytest.param({"limit": 2}, [1, 2], id="the first two"),
    pytest.param({"limit": 2, "newest_first": True}, [4, 3], id="the last two"),
    pytest.param({"before": 3, "limit": 1, "newest_first": True}, [2], id="paging back"),
    pytest.param({"number": "' OR 1=1 --"}, [], id="nothing fits"),
]


@pytest.mark.parametrize(("asked", "expected"), FOUND)
async def test_events_are_found_by_what_is_asked(store, asked, expected):
    told = (event(time=NOW), event(type="number.recovered", time=NOW + 1), event(OTHER, time=NOW + 2))
    other = App("other", SHOP.appkey)
    await store.record(telling(*told), to())
    await store.record(telling(event(app=other, time=NOW + 3), app=other), to())

    assert sequences(await store.events(**asked)) == expected


async def test_nothing_is_recorded_after_the_close(store):
    await store.close()

    with pytest.raises(StoreUnavailable, match=r"^store \S+ is closed: the program is stopping"):
        await store.record(decision(Snapshot(), Snapshot(entries(entry()))), to())


async def test_nothing_is_read_after_the_close(store):
    await store.close()

    with pytest.raises(StoreUnavailable, match=r"^store \S+ is closed: the program is stopping"):
        await store.events()

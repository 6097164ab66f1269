"""What an operator sees of deliveries and does with them: by hand, and while the daemon writes."""

from typing import Any

import pytest
from sqlalchemy import event as hook

from monitor.fleet.snapshot import Snapshot
from monitor.store import deliveries
from monitor.store.deliveries import Chosen, DeliveryQuery, StoredDelivery
from monitor.store.errors import StoreTooNew, StoreUnavailable, UnknownEvent
from monitor.store.outbox import Backlog
from monitor.store.pauses import PausedSink
from monitor.store.store import Store
from monitor.store.tables import DeliveryState
from tests.store.making import NOW, SHOP, event, sequences, telling, to

A, B, C = (f"+861380000000{digit}" for digit in "123")
HOUR = 3_600_000
OPEN, DONE, DEAD, DISCARDED = DeliveryState


@pytest.fixture
async def ids(store):
    """The ids of five events, an hour apart: to `ops` waiting, put off, delivered, dead; the last waits for `mail`."""
    times = [NOW - hours * HOUR for hours in (5, 4, 3, 2)]
    told = [event(f"+86138000000{place:02d}", time=time) for place, time in enumerate(times)]
    recorded = [*await store.record(telling(*told), to("ops"))]
    recorded += await store.record(telling(event(A, time=NOW - HOUR), before=Snapshot(version=1)), to("mail"))
    await store.postpone("ops", 2, NOW + HOUR, "HTTP 500")
    await store.delivered("ops", [3])
    await store.bury("ops", 4, "HTTP 422")
    return {each.sequence: each.id for each in recorded}


@pytest.fixture
async def beside(store, path):
    beside = await Store.open_beside(f"sqlite:///{path}", now=lambda: NOW)
    yield beside
    await beside.close()


async def states(store):
    return {each.sequence: each.state for each in await store.deliveries()}


async def test_a_delivery_says_what_went_where_and_why_it_is_not_there(store, ids):
    (found,) = await store.deliveries(sink="ops", since=NOW - 2 * HOUR)

    assert found == StoredDelivery(
        4,
        "ops",
        DEAD,
        1,
        NOW,
        "HTTP 422",
        ids[4],
        "number.degraded",
        NOW - 2 * HOUR,
        "main",
        SHOP.appkey,
        found.subject,
    )
    assert found.subject == "+8613800000003"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param({}, [5, 4, 3, 2, 1], id="the newest first"),
        pytest.param({"sink": "ops"}, [4, 3, 2, 1], id="of a sink"),
        pytest.param({"failed": True}, [4, 2], id="failed: dead or put off"),
        pytest.param({"failed": True, "sink": "mail"}, [], id="failed of another sink"),
        pytest.param({"failed": False}, [5, 3, 1], id="not failed"),
        pytest.param({"since": NOW - 3 * HOUR}, [5, 4, 3], id="of a span"),
        pytest.param({"account": "main"}, [5, 4, 3, 2, 1], id="of an account"),
        pytest.param({"account": "other"}, [], id="of another account"),
        pytest.param({"appkey": "nobody"}, [], id="of another app"),
        pytest.param({"number": "+8613800000003"}, [4], id="of a number"),
        pytest.param({"type": "number.degraded", "failed": True}, [4, 2], id="of a type, failed"),
        pytest.param({"type": "number.moved"}, [], id="of another type"),
        pytest.param({"limit": 2}, [5, 4], id="so many"),
        pytest.param({"after": (3, "ops")}, [2, 1], id="the next page"),
        pytest.param({"after": (3, "mail")}, [3, 2, 1], id="the next page, within an event"),
        pytest.param({"after": (3, "ops"), "failed": True}, [2], id="the next page of the failed"),
    ],
)
async def test_deliveries_are_listed(store, ids, asked, expected):
    assert [each.sequence for each in await store.deliveries(**asked)] == expected


@pytest.mark.parametrize(
    ("chosen", "changed"),
    [
        pytest.param(Chosen(sink="ops"), {4: OPEN}, id="of a sink: dead letters"),
        pytest.param(Chosen(sink="mail"), {}, id="of a sink that has none"),
        pytest.param(Chosen(since=NOW - 2 * HOUR), {4: OPEN}, id="of a span"),
        pytest.param(Chosen(since=NOW - 3 * HOUR), {3: OPEN, 4: OPEN}, id="of a span, delivered ones too"),
        pytest.param(Chosen(since=NOW - 3 * HOUR, sink="mail"), {}, id="of a span and another sink"),
    ],
)
async def test_what_is_chosen_is_sent_again(store, ids, beside, chosen, changed):
    before = await states(store)

    count = await beside.replay(chosen)

    assert (count, await states(store)) == (len(changed), {**before, **changed})


@pytest.mark.parametrize(("sequence", "count"), [(1, 0), (2, 0), (3, 1), (4, 1)])
async def test_an_event_that_is_named_is_sent_again_unless_it_waits_anyway(store, ids, beside, sequence, count):
    assert await beside.replay(Chosen(ids=(ids[sequence],))) == count


async def test_what_is_sent_again_is_due_at_once_under_the_same_id_as_if_never_tried(store, ids, beside):
    await beside.replay(Chosen(ids=(ids[4],)))
    claimed = {due.sequence: due for due in await store.claim("ops", 10, NOW)}

    assert (claimed[4].tries, ids[4].encode() in claimed[4].body) == (0, True)


@pytest.mark.parametrize(
    ("chosen", "dropped"),
    [
        pytest.param(Chosen(sink="ops"), [1, 2, 4], id="of a sink: waiting and dead"),
        pytest.param(Chosen(since=NOW - 2 * HOUR), [4, 5], id="of a span"),
        pytest.param(Chosen(since=NOW - 2 * HOUR, sink="mail"), [5], id="of a span and a sink"),
    ],
)
async def test_what_is_chosen_is_given_up(store, ids, beside, chosen, dropped):
    before = await states(store)

    count = await beside.discard(chosen)

    assert (count, await states(store)) == (len(dropped), {**before, **dict.fromkeys(dropped, DISCARDED)})


async def test_what_was_given_up_is_counted_nowhere_and_its_event_stays(store, ids, beside):
    await beside.discard(Chosen(sink="ops"))

    assert await store.backlog() == {"mail": Backlog(1, NOW - HOUR, 0)}
    assert await store.claim("ops", 10, NOW + HOUR) == []
    assert sequences(await store.events()) == [1, 2, 3, 4, 5]


async def test_what_was_given_up_comes_back_when_it_is_named_and_not_with_a_span(store, ids, beside):
    await beside.discard(Chosen(ids=(ids[4],)))

    assert await beside.replay(Chosen(since=NOW - 2 * HOUR)) == 0
    assert await beside.replay(Chosen(ids=(ids[4],))) == 1


async def test_what_is_given_up_while_it_is_sent_is_delivered_when_it_arrives(store, ids, beside):
    await store.claim("ops", 10, NOW)
    await beside.discard(Chosen(ids=(ids[1],)))

    await store.delivered("ops", [1])

    assert (await states(store))[1] is DONE


async def test_an_unknown_event_is_named_and_nothing_is_changed(store, ids, beside):
    before = await states(store)

    with pytest.raises(UnknownEvent, match="the store knows no event nope, never"):
        await beside.discard(Chosen(ids=("nope", ids[4], "never")))

    assert await states(store) == before


@pytest.mark.parametrize("slice_", [1, 2, 3, 500])
async def test_many_are_changed_slice_by_slice_each_once(store, ids, beside, monkeypatch, slice_):
    monkeypatch.setattr(deliveries, "SLICE", slice_)
    monkeypatch.setattr("monitor.store.beside.GIVE_WAY", 0)

    assert await beside.replay(Chosen(since=0)) == 2
    assert await beside.discard(Chosen(since=0)) == 5


async def test_what_is_delivered_meanwhile_is_not_sent_again_and_again(store, ids, beside, monkeypatch):
    monkeypatch.setattr(deliveries, "SLICE", 1)
    monkeypatch.setattr("monitor.store.beside.GIVE_WAY", 0)
    replay = deliveries.replay

    def and_delivered(connection, **arguments):
        done = replay(connection, **arguments)
        connection.exec_driver_sql("UPDATE delivery SET state = 'done' WHERE sequence >= 3")
        return done

    monkeypatch.setattr(deliveries, "replay", and_delivered)

    assert await beside.replay(Chosen(since=0)) == 3


async def test_a_paused_sink_stays_so_over_a_restart_until_it_is_resumed(store, open_store):
    await store.pause_sink("ops", "HTTP 410")
    await store.pause_sink("ops", "HTTP 410 again")
    await store.close()
    again = await open_store()

    paused, resumed, left = await again.paused_sinks(), await again.resume_sink("ops"), await again.paused_sinks()

    assert (paused, resumed, left) == ({"ops": PausedSink("HTTP 410", NOW)}, True, {})
    assert not await again.resume_sink("ops")


async def test_a_resumed_sink_gets_at_once_what_was_put_off(store, ids, beside):
    await store.pause_sink("ops", "HTTP 410")

    assert await beside.resume("ops")
    assert sequences(await store.claim("ops", 10, NOW)) == [1, 2]


async def test_a_store_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(StoreUnavailable, match="does not exist: `number-monitor run` makes it"):
        await Store.open_beside(f"sqlite:///{tmp_path}/none.db", now=lambda: NOW)

    assert list(tmp_path.iterdir()) == []


async def test_a_store_that_was_migrated_meanwhile_is_left_alone(store, ids, beside):
    await store._write(lambda connection: connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0999'"))

    with pytest.raises(StoreTooNew):
        await beside.discard(Chosen(since=0))

    assert DISCARDED not in (await states(store)).values()


@pytest.mark.usefixtures("in_sqlite")
async def test_the_failed_are_found_without_looking_at_what_was_delivered(store):
    asked: list[Any] = []

    def plan(connection):
        hook.listen(connection, "before_cursor_execute", lambda *call: asked.append(call[2:4]))
        deliveries.find_deliveries(connection, DeliveryQuery(failed=True))
        statement, parameters = asked[0]
        return [step.detail for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]

    steps = await store._write(plan)

    assert {name for name in ("delivery_open", "delivery_dead") if any(name in step for step in steps)} == {
        "delivery_open",
        "delivery_dead",
    }, steps
    assert not [step for step in steps if step in ("SCAN delivery", "SCAN event")], steps

"""Deliveries: in order for a subject and sink, held up by nobody else, made at least once."""

from typing import Any

import pytest
from sqlalchemy import event as hook

from monitor.fleet.snapshot import Snapshot
from monitor.store import outbox
from monitor.store.outbox import CLAIM, Backlog, Due
from tests.store.making import NOW, event, sequences, telling, to

A, B = "+8613800000001", "+8613800000002"
LATER = NOW + 5_000


@pytest.fixture
async def waiting(store):
    """A store whose sink `ops` has four events before it: two of A, then one of B, then A's third."""
    await store.record(telling(event(A), event(A), event(B), event(A)), to("ops"))
    return store


async def test_a_delivery_carries_what_a_sink_needs(store):
    (recorded,) = await store.record(telling(event(time=NOW - 7)), to("ops"))

    claimed = await store.claim("ops", 10, NOW)

    assert claimed == [Due(recorded.sequence, "ops", A, 0, NOW - 7, recorded.body, "main")]


async def test_only_the_earliest_of_a_subject_is_claimed(waiting):
    assert sequences(await waiting.claim("ops", 10, NOW)) == [1, 3]


async def test_what_is_claimed_is_not_claimed_again_nor_overtaken(waiting):
    await waiting.claim("ops", 10, NOW)

    assert await waiting.claim("ops", 10, NOW) == []


async def test_a_subject_goes_on_when_its_earliest_is_delivered(waiting):
    for expected in ([1, 3], [2], [4], []):
        claimed = sequences(await waiting.claim("ops", 10, NOW))
        await waiting.delivered("ops", claimed)

        assert claimed == expected


async def test_a_subject_that_is_put_off_holds_up_no_other(waiting):
    await waiting.claim("ops", 10, NOW)
    await waiting.postpone("ops", 1, LATER, "timeout")
    await waiting.delivered("ops", [3])
    await waiting.record(telling(event(B), before=Snapshot(version=1)), to("ops"))

    assert sequences(await waiting.claim("ops", 10, NOW)) == [5]


async def test_what_is_put_off_comes_when_it_is_due_with_its_tries_counted(waiting):
    await waiting.claim("ops", 1, NOW)
    await waiting.postpone("ops", 1, LATER, "timeout")

    before = await waiting.claim("ops", 1, LATER - 1)
    await waiting.delivered("ops", sequences(before))
    after = await waiting.claim("ops", 1, LATER)

    assert sequences(before) == [3]
    assert [(due.sequence, due.tries) for due in after] == [(1, 1)]


async def test_the_oldest_come_first_and_no_more_than_asked_for(waiting):
    assert sequences(await waiting.claim("ops", 1, NOW)) == [1]
    assert sequences(await waiting.claim("ops", 1, NOW)) == [3]


async def test_a_claim_that_nobody_marks_expires(waiting):
    await waiting.claim("ops", 10, NOW)

    assert await waiting.claim("ops", 10, NOW + CLAIM - 1) == []
    assert sequences(await waiting.claim("ops", 10, NOW + CLAIM)) == [1, 3]


async def test_what_was_sent_but_not_marked_comes_again_after_a_restart_under_the_same_id(waiting, open_store):
    sent = await waiting.claim("ops", 10, NOW)
    await waiting.close()
    again = await open_store()
    await again.release("ops")

    assert await again.claim("ops", 10, NOW) == sent


async def test_a_release_gives_back_one_sinks_claims_only(store):
    await store.record(telling(event(A)), to("ops", "mail"))
    await store.claim("ops", 10, NOW)
    await store.claim("mail", 10, NOW)

    await store.release("mail")

    assert sequences(await store.claim("mail", 10, NOW)) == [1]
    assert await store.claim("ops", 10, NOW) == []


async def test_sinks_know_nothing_of_each_other(store):
    await store.record(telling(event(A), event(A)), to("stdout", "ops"))
    await store.claim("stdout", 10, NOW)
    await store.delivered("stdout", [1])

    assert sequences(await store.claim("stdout", 10, NOW)) == [2]
    assert sequences(await store.claim("ops", 10, NOW)) == [1]


async def test_a_dead_letter_lets_the_subject_go_on(waiting):
    await waiting.claim("ops", 10, NOW)

    await waiting.bury("ops", 1, "refused: 400")

    assert sequences(await waiting.claim("ops", 10, NOW)) == [2]
    assert (await waiting.backlog())["ops"] == Backlog(waiting=3, oldest=NOW, dead=1)


async def test_a_sink_that_works_again_gets_at_once_what_was_put_off(waiting):
    await waiting.claim("ops", 10, NOW)
    await waiting.postpone("ops", 1, LATER, "timeout")
    await waiting.postpone("ops", 3, LATER, "timeout")

    await waiting.hasten("ops", NOW + 1)

    assert sequences(await waiting.claim("ops", 10, NOW + 1)) == [1, 3]


async def test_marking_what_is_done_already_changes_nothing(waiting):
    await waiting.claim("ops", 10, NOW)
    await waiting.delivered("ops", [1, 3])

    await waiting.postpone("ops", 1, LATER, "too late")
    await waiting.bury("ops", 3, "too late")

    assert (await waiting.backlog())["ops"] == Backlog(waiting=2, oldest=NOW, dead=0)


async def test_the_backlog_tells_what_waits_since_when(store):
    await store.record(telling(event(A, time=NOW - 9), event(B, time=NOW - 5)), to("ops", "mail"))
    await store.claim("ops", 1, NOW)
    await store.delivered("ops", [1])

    assert await store.backlog() == {"mail": Backlog(2, NOW - 9, 0), "ops": Backlog(1, NOW - 5, 0)}


async def test_a_sink_with_dead_letters_only_is_in_the_backlog(store):
    await store.record(telling(event(A)), to("ops"))
    await store.bury("ops", 1, "refused: 400")

    assert await store.backlog() == {"ops": Backlog(0, None, 1)}


async def test_marking_nothing_is_no_error(store):
    await store.delivered("ops", [])

    assert await store.backlog() == {}


@pytest.mark.usefixtures("in_sqlite")
@pytest.mark.parametrize(
    ("question", "tables"),
    [
        pytest.param(
            lambda connection: outbox.claim(connection, "ops", 10, NOW),
            {"delivery_open", "delivery_subject"},
            id="claim",
        ),
        pytest.param(outbox.backlog, {"delivery_open"}, id="backlog"),
    ],
)
async def test_the_queue_is_found_by_its_own_index_however_much_was_delivered(store, question, tables):
    asked: list[Any] = []

    def plan(connection):
        hook.listen(connection, "before_cursor_execute", lambda *call: asked.append(call[2:4]))
        question(connection)
        statement, parameters = asked[0]
        return [step.detail for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]

    steps = await store._write(plan)

    assert not [step for step in steps if step.startswith("SCAN delivery") and "INDEX" not in step], steps
    assert {name for name in tables if any(f"INDEX {name}" in step for step in steps)} == tables, steps


async def test_what_was_recorded_before_the_clock_was_set_back_is_claimed_at_once(waiting):
    an_hour_ago = NOW - 3_600_000

    assert sequences(await waiting.claim("ops", 10, an_hour_ago)) == [1, 3]

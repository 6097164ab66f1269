"""What people are to be told and what they know: changed together, found again, kept apart by sink and account."""

from typing import Any

import msgspec
import pytest
from sqlalchemy import event as hook

from monitor.fleet.app import App
from monitor.store import people
from monitor.store.deliveries import Chosen
from monitor.store.outbox import Backlog
from monitor.store.people import Conclusion, KnownTrouble
from tests.store.making import NOW, event, sequences, telling, to

A, B = "+8613800000001", "+8613800000002"
LATER = NOW + 60_000
OTHER = App("other", "jh43xxxd435", "shop-two")
RED = KnownTrouble('{"told": "RED"}', LATER)


@pytest.fixture
async def waiting(store):
    """A store whose sink `team` has two events of the account `main` before it, and one of the account `other`."""
    await store.record(telling(event(A), event(B, time=NOW - 5)), to("team"))
    await store.record(telling(event(A, app=OTHER), app=OTHER), to("team", "mail"))
    return store


async def found(store, account="main", sink="team"):
    return [(row.sequence, row.due, row.tries, row.replayed) for row in await store.waiting(sink, account, 0, 10)]


async def test_what_waits_is_found_by_account_in_the_order_of_recording(waiting):
    assert await found(waiting) == [(1, NOW, 0, False), (2, NOW, 0, False)]
    assert await found(waiting, "other") == [(3, NOW, 0, False)]


async def test_what_waits_is_found_a_page_at_a_time(waiting):
    first = await waiting.waiting("team", "main", 0, 1)
    second = await waiting.waiting("team", "main", first[-1].sequence, 1)

    assert (sequences(first), sequences(second)) == ([1], [2])


async def test_the_agenda_is_the_first_moment_of_each_account(waiting):
    await waiting.conclude("team", "other", Conclusion(held={LATER: [3]}), waiting.epoch("other"))

    assert await waiting.agenda("team") == {"main": NOW, "other": LATER}


async def test_the_agenda_has_the_moment_to_look_at_what_is_known(waiting):
    known = {"a": RED, "b": KnownTrouble("{}", LATER + 1), "c": KnownTrouble("{}", None)}
    await waiting.conclude("team", "main", Conclusion(told=[1, 2], known=known), waiting.epoch("main"))

    assert await waiting.agenda("team") == {"main": LATER, "other": NOW}


async def test_what_is_known_without_a_moment_to_look_at_is_found_by_its_account(waiting):
    await waiting.conclude(
        "team", "main", Conclusion(told=[1, 2], known={"a": KnownTrouble("{}", None)}), waiting.epoch("main")
    )

    assert (await waiting.acquainted("team"), await waiting.agenda("team")) == (["main"], {"other": NOW})


async def test_a_conclusion_changes_rows_and_what_is_known_at_once(waiting):
    concluded = Conclusion(told=[1], held={LATER: [2]}, known={"a": RED})

    await waiting.conclude("team", "main", concluded, waiting.epoch("main"))

    assert await found(waiting) == [(2, LATER, 0, False)]
    assert await waiting.known("team", "main") == {"a": RED.state}


async def test_a_conclusion_that_fails_changes_nothing(waiting):
    broken = Conclusion(told=[1, 2], known={"a": msgspec.structs.replace(RED, state=None)})

    with pytest.raises(Exception, match=r"(?i)not.null"):
        await waiting.conclude("team", "main", broken, waiting.epoch("main"))

    assert (await found(waiting), await waiting.known("team", "main")) == ([(1, NOW, 0, False), (2, NOW, 0, False)], {})


async def test_what_is_forgotten_is_known_no_more(waiting):
    await waiting.conclude("team", "main", Conclusion(known={"a": RED, "b": RED}), waiting.epoch("main"))

    await waiting.conclude(
        "team", "main", Conclusion(known={"a": None, "b": KnownTrouble("{}", None)}), waiting.epoch("main")
    )

    assert await waiting.known("team", "main") == {"b": "{}"}


async def test_what_one_sink_knows_of_one_account_is_nobody_elses(waiting):
    await waiting.conclude("team", "main", Conclusion(known={"a": RED}), waiting.epoch("main"))

    assert await waiting.known("mail", "main") == {}
    assert await waiting.known("team", "other") == {}


async def test_why_nothing_is_said_of_an_event_stands_in_its_delivery(waiting):
    await waiting.conclude("team", "main", Conclusion(told=[1], quiet={"known already": [2]}), waiting.epoch("main"))

    done = {each.sequence: (each.state, each.reason) for each in await waiting.deliveries(sink="team")}
    assert (done[1], done[2]) == (("done", ""), ("done", "known already"))


async def test_what_is_put_off_is_due_then_with_its_tries_counted(waiting):
    await waiting.put_off("team", {1: LATER, 2: LATER + 1}, "HTTP 500")

    assert await found(waiting) == [(1, LATER, 1, False), (2, LATER + 1, 1, False)]


async def test_what_waits_for_another_try_is_not_held_for_less(waiting):
    await waiting.put_off("team", {1: LATER}, "HTTP 500")

    await waiting.conclude("team", "main", Conclusion(held={LATER - 1: [1, 2]}), waiting.epoch("main"))

    assert [row[:2] for row in await found(waiting)] == [(1, LATER), (2, LATER - 1)]


async def test_what_is_given_up_is_a_dead_letter(waiting):
    await waiting.give_up("team", [1], "HTTP 400")

    assert [row[0] for row in await found(waiting)] == [2]
    assert (await waiting.backlog())["team"] == Backlog(waiting=2, oldest=NOW - 5, dead=1)


async def test_what_is_replayed_says_so_however_often_it_fails(waiting, path):
    await waiting.give_up("team", [1], "HTTP 400")
    beside = await waiting.open_beside(f"sqlite:///{path}", now=lambda: NOW)
    await beside.replay(Chosen(sink="team"))
    await beside.close()

    await waiting.put_off("team", {1: LATER}, "HTTP 500")

    assert await found(waiting) == [(1, LATER, 1, True), (2, NOW, 0, False)]


async def test_what_is_done_is_not_changed_any_more(waiting):
    await waiting.conclude("team", "main", Conclusion(told=[1, 2]), waiting.epoch("main"))

    await waiting.put_off("team", {1: LATER}, "too late")
    await waiting.give_up("team", [2], "too late")

    assert (await found(waiting), (await waiting.backlog())["team"]) == ([], Backlog(waiting=1, oldest=NOW, dead=0))


async def test_thousands_are_concluded_at_once(store):
    await store.record(telling(*(event(f"+{number}") for number in range(1_200))), to("team"))

    await store.conclude("team", "main", Conclusion(told=range(1, 1_201)), store.epoch("main"))

    assert await store.waiting("team", "main", 0, 10) == []


@pytest.mark.usefixtures("in_sqlite")
@pytest.mark.parametrize(
    ("question", "index"),
    [
        pytest.param(lambda connection: people.agenda(connection, "team"), "delivery_open", id="agenda"),
        pytest.param(lambda connection: people.waiting(connection, "team", "main", 0, 10), "delivery_open", id="rows"),
    ],
)
async def test_what_waits_is_found_by_its_own_index_however_much_was_told(store, question, index):
    asked: list[Any] = []

    def plan(connection):
        hook.listen(connection, "before_cursor_execute", lambda *call: asked.append(call[2:4]))
        question(connection)
        statement, parameters = asked[0]
        return [step.detail for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]

    steps = await store._write(plan)

    assert any(f"INDEX {index}" in step for step in steps), steps

"""The desk at work: what becomes of a message, and that nothing is lost whatever happens to receiver and store."""

import asyncio
import tracemalloc
from itertools import pairwise

import pytest

from monitor.delivery.people.desk import LOOK_EVERY
from monitor.delivery.people.maintenance import SingleWindow
from monitor.delivery.people.rules import Rules
from monitor.delivery.schedule import RETRIES
from monitor.delivery.sink import Gone, Refused, Throttled, Unavailable
from monitor.fleet.match import Match
from monitor.store.people import Conclusion, KnownTrouble
from tests.delivery.people.happening import banned, turns
from tests.delivery.people.living import believed
from tests.delivery.people.office import START, Offices, Room, failing, refusing

ONE, TWO, THREE = "+8613800000001", "+8613800000002", "+8613800000003"
MINUTE, HOUR, DAY = 60, 3600, 86_400
DOWN = Unavailable("HTTP 503")


@pytest.fixture
async def offices(tmp_path):
    opened = Offices(tmp_path)
    yield opened
    await opened.close()


async def test_what_happens_is_told_and_done(offices):
    office = await offices.open(Room())

    await office.happens(banned(ONE, START))
    await office.runs(MINUTE)

    assert (office.told, await office.waiting()) == ([f"{ONE} (shop-one) is BANNED (cannot send), was CONNECTED"], [])


async def test_a_message_that_fails_is_tried_again_as_the_schedule_says(offices):
    office = await offices.open(Room(failing(5, DOWN)))

    await office.happens(banned(ONE, START))
    await office.runs(HOUR)

    waits = [round(later - earlier) for earlier, later in pairwise(office.tried_at)]
    assert (waits, len(office.room.took)) == ([round(wait) for wait in RETRIES[:5]], 1)


async def test_a_message_that_fails_for_a_day_is_a_dead_letter(offices):
    room = Room(failing(1, DOWN))
    office = await offices.open(room)
    await office.store.store.tell([banned(ONE, START)], lambda _event: ("team",))
    for _ in RETRIES:
        await office.store.store.put_off("team", {1: START}, "HTTP 503")

    await office.runs(MINUTE)

    assert (await office.dead(), await office.waiting()) == ([1], [])


async def test_a_receiver_that_wants_less_is_left_alone_as_long_as_it_says(offices):
    office = await offices.open(Room(failing(1, Throttled("HTTP 429", 90.0))))

    await office.happens(banned(ONE, START))
    await office.runs(5 * MINUTE)

    assert office.tried_at == [10, 100]


async def test_what_comes_while_a_receiver_is_down_goes_with_the_rest(offices):
    room = Room(failing(3, DOWN))
    office = await offices.open(room)
    await office.happens(banned(ONE, START))
    await office.runs(20)

    await office.happens(banned(TWO, office.clock.now()))
    await office.runs(5 * MINUTE)

    assert [len(digest.lines) for digest in office.took] == [2]


async def test_a_success_after_failures_makes_due_what_waits_of_other_accounts(offices):
    room = Room(failing(4, DOWN))
    office = await offices.open(room)
    await office.happens(banned(ONE, START, account="a"))
    await office.runs(4 * MINUTE)

    await office.happens(banned(TWO, office.clock.now(), account="b"))
    await office.runs(2 * MINUTE)

    assert sorted(digest.account for digest in office.took) == ["a", "b"]


async def test_a_receiver_that_is_gone_is_paused_and_gets_all_when_it_is_resumed(offices):
    office = await offices.open(Room(failing(1, Gone("HTTP 410"))))
    await office.happens(banned(ONE, START))
    await office.runs(HOUR)
    tried = len(office.room.tried)

    await office.turns.after(office.desk.resume)
    await office.runs(MINUTE)

    assert (tried, len(office.room.took)) == (1, 1)


async def test_a_pause_outlasts_the_process(offices):
    first = await offices.open(Room(failing(1, Gone("HTTP 410"))))
    await first.happens(banned(ONE, START))
    await first.runs(MINUTE)
    await first.ends()

    office = await offices.open(Room())
    await office.runs(HOUR)

    assert office.room.tried == []


async def test_of_a_message_that_is_refused_the_parts_that_are_not_arrive(offices):
    office = await offices.open(Room(refusing([TWO], Refused("HTTP 400"))))

    await office.happens(*(banned(number, START) for number in (ONE, TWO, THREE)))
    await office.runs(MINUTE)

    assert ([line[:14] for line in office.told], await office.dead(), await office.waiting()) == ([ONE, THREE], [2], [])


async def test_what_was_refused_when_it_began_is_not_told_when_it_ends(offices):
    office = await offices.open(Room(refusing(["BANNED"], Refused("HTTP 400"))))
    await office.happens(banned(ONE, START))
    await office.runs(MINUTE)

    await office.happens(turns(ONE, "BANNED", "CONNECTED", office.clock.now()))
    await office.runs(5 * MINUTE)

    assert (office.told, await office.waiting()) == ([], [])


async def test_an_end_that_is_refused_leaves_nothing_open(offices):
    office = await offices.open(Room(refusing(["again"], Refused("HTTP 400"))))
    await office.happens(banned(ONE, START))
    await office.runs(MINUTE)

    await office.happens(turns(ONE, "BANNED", "CONNECTED", office.clock.now()))
    await office.runs(2 * HOUR)

    assert (await office.dead(), await office.store.store.known("team", "main")) == ([2], {})


async def test_no_more_messages_a_minute_than_the_receiver_takes(offices):
    office = await offices.open(Room(per_minute=2))

    await office.happens(*(banned(ONE, START, account=account) for account in "abcde"))
    await office.runs(5 * MINUTE)

    assert office.tried_at == [10, 10, 70, 70, 130]


async def test_a_receiver_that_answers_slowly_holds_up_no_look(offices):
    office = await offices.open(Room())

    def slow(_notice):
        office.clock.seconds += 14

    office.room.answer = slow
    await office.happens(banned(ONE, START))
    await office.runs(30)
    at = office.clock.now()

    await office.happens(banned(TWO, at))
    await office.runs(2 * MINUTE)

    assert office.tried_at[1] - (at - START) // 1000 <= MINUTE + 10


async def test_what_is_told_is_marked_when_the_store_is_back_and_not_told_twice(offices):
    office = await offices.open(Room())
    office.room.answer = lambda _notice: office.store.down.add("conclude")
    await office.happens(banned(ONE, START))
    await office.runs(MINUTE)
    waited = await office.waiting()

    office.store.down.clear()
    await office.runs(5 * MINUTE)

    assert (waited, await office.waiting(), len(office.room.tried)) == ([1], [], 1)


async def test_an_account_that_changes_hands_while_a_message_waits_for_its_turn_is_left_to_its_next_owner(offices):
    office = await offices.open(Room(per_minute=1))
    await office.happens(banned(ONE, START))
    while not office.took:
        await office.turns.pass_by()
    await office.happens(banned(TWO, START, account="other"))
    while office.turns.waits[-1] <= LOOK_EVERY:
        await office.turns.pass_by()
    office.store.is_elsewhere = True
    await office.runs(5 * MINUTE)

    assert ([digest.account for digest in office.took], await office.waiting("other")) == (["main"], [2])


async def test_new_rules_are_those_of_what_becomes_ours_later_too(offices):
    office = await offices.open(Room())
    await office.happens(banned(ONE, START))
    await office.runs(MINUTE)
    await office.ends()

    later = await offices.open(Room(), Rules(settle={}, remind_every=HOUR * 1000), is_elsewhere=True)
    await later.runs(MINUTE)
    later.store.is_elsewhere = False
    await later.runs(1.5 * HOUR)

    assert [digest.lines[0].news for digest in later.took] == ["reminder"]


async def test_what_the_last_owner_has_put_off_is_told_with_the_next_message(offices):
    office = await offices.open(Room())
    await office.happens(banned(ONE, START))
    await office.runs(MINUTE)
    await office.store.store.tell([banned(TWO, START)], lambda _event: ("team",))
    await office.store.store.put_off("team", {2: START + DAY * 1000}, "HTTP 503")

    await office.turns.after(office.desk.take_over)
    await office.happens(banned(THREE, START, account="other"))
    await office.runs(5 * MINUTE)

    assert (len(office.took), await office.waiting()) == (3, [])


async def test_a_store_that_is_away_is_waited_for(offices):
    office = await offices.open(Room())
    office.store.down = {"agenda", "known", "waiting"}
    await office.happens(banned(ONE, START))
    await office.runs(HOUR)
    before = office.told

    office.store.down = set()
    await office.runs(MINUTE)

    assert (before, len(office.told)) == ([], 1)


async def test_a_process_that_dies_between_sending_and_marking_tells_it_again(offices):
    first = await offices.open(Room())
    await first.happens(banned(ONE, START))
    first.store.down = {"conclude"}
    await first.runs(MINUTE)
    await first.ends()

    office = await offices.open(Room())
    await office.runs(MINUTE)

    assert [notice.items for notice in first.room.tried[:1]] == [notice.items for notice in office.room.took]


async def test_after_a_restart_the_minute_between_two_messages_is_kept(offices):
    first = await offices.open(Room())
    await first.happens(banned(ONE, START))
    await first.runs(10)
    await first.ends()

    office = await offices.open(Room())
    await office.happens(banned(TWO, office.clock.now()))
    await office.runs(5 * MINUTE)

    assert office.tried_at[0] - first.tried_at[0] >= MINUTE


async def test_a_message_that_is_under_way_when_it_stops_is_sent_and_marked(offices):
    office = await offices.open(Room())
    office.room.let_in.clear()
    await office.store.store.tell([banned(ONE, START)], lambda _event: ("team",))
    office.clock.seconds += 10
    office.turns._over.set()
    while not office.room.tried:
        await asyncio.sleep(0)

    office.desk.stop()
    office.room.let_in.set()
    await office.task

    assert (len(office.told), await office.waiting()) == (1, [])


async def test_when_it_stops_nothing_more_is_sent(offices):
    office = await offices.open(Room(per_minute=1))
    await office.happens(*(banned(ONE, START, account=account) for account in "ab"))
    await office.runs(10)

    office.desk.stop()
    await office.task

    assert len(office.room.tried) == 1


async def test_new_rules_are_obeyed_at_once(offices):
    office = await offices.open(Room(), Rules(settle={("quality_rating", "RED"): 30 * 60_000}))
    await office.happens(turns(ONE, "GREEN", "RED", START))
    await office.runs(MINUTE)
    before = office.told

    office.desk.rules = Rules(settle={})
    await office.turns.after(office.desk.wake)
    await office.runs(15)

    assert (before, len(office.told)) == ([], 1)


async def test_reminders_that_are_asked_for_later_come(offices):
    office = await offices.open(Room(), Rules(settle={}))
    await office.happens(turns(ONE, "GREEN", "RED", START))
    await office.runs(MINUTE)

    office.desk.rules = Rules(settle={}, remind_every=600_000)
    await office.turns.after(office.desk.wake)
    await office.runs(15 * MINUTE)

    assert [digest.lines[0].news for digest in office.took] == ["opened", "reminder"]


async def test_an_event_that_cannot_be_read_holds_up_no_other(offices):
    office = await offices.open(Room())
    broken = banned(ONE, START)
    broken.data["account"] = None  # type: ignore[index]  # made by hand
    await office.store.store.tell([broken], lambda _event: ("team",))

    await office.happens(banned(TWO, START))
    await office.runs(MINUTE)

    assert (len(office.told), await office.dead()) == (1, [1])


async def test_what_was_known_and_cannot_be_read_holds_up_nothing_and_is_logged(offices):
    office = await offices.open(Room())
    unreadable = Conclusion(known={f"main/{ONE}/status": KnownTrouble("[]", None)})
    await office.store.store.conclude("team", "main", unreadable, office.store.epoch("main"))

    await office.happens(banned(ONE, START), banned(TWO, START))
    await office.runs(MINUTE)

    assert len(office.told) == 2
    assert {(call.kwargs["event"], call.kwargs["incident"]) for call in office.logged.calls} == {
        ("what is known of an incident cannot be read", f"main/{ONE}/status")
    }


async def test_an_account_whose_message_breaks_holds_up_no_other(offices):
    office = await offices.open(Room())
    worded = office.desk.worded

    def breaking(digest):
        if digest.account == "a":
            raise ZeroDivisionError
        return worded(digest)

    office.desk.worded = breaking
    await office.happens(banned(ONE, START, account="a"), banned(TWO, START, account="b"))
    await office.runs(5 * MINUTE)

    assert [digest.account for digest in office.took] == ["b"]
    assert await office.waiting("a") == [1]
    assert {(call.kwargs["event"], call.kwargs["account"]) for call in office.logged.calls} == {
        ("delivering broke", "a")
    }


@pytest.mark.parametrize(
    ("rules", "answer"),
    [
        pytest.param(Rules(settle={}), lambda _notice: None, id="nothing to do"),
        pytest.param(Rules(settle={}), failing(10_000, DOWN), id="the receiver is down"),
        pytest.param(Rules(), lambda _notice: None, id="trouble settles"),
        pytest.param(
            Rules(settle={}, remind_every=300_000, windows=(SingleWindow(Match(), START + 120_000, DAY * 1000),)),
            lambda _notice: None,
            id="a reminder is kept back",
        ),
        pytest.param(
            Rules(settle={}, windows=(SingleWindow(Match(), START, DAY * 1000),)),
            lambda _notice: None,
            id="maintenance",
        ),
    ],
)
async def test_it_looks_a_few_times_a_minute_at_most(offices, rules, answer):
    office = await offices.open(Room(answer), rules)
    await office.happens(turns(ONE, "GREEN", "RED", START))
    await office.runs(5 * MINUTE)
    rounds = len(office.turns.waits)

    await office.runs(30 * MINUTE)

    assert (len(office.turns.waits) - rounds) / 30 <= 6


async def test_ten_thousand_events_that_waited_for_an_hour_arrive_and_memory_holds_their_incidents_alone(offices):
    room = Room(failing(1_000, DOWN))
    office = await offices.open(room)
    words = ("GREEN", "RED", "YELLOW", "RED", "YELLOW", "RED")
    numbers = [f"+86138{index:08d}" for index in range(2_000)]
    for step, (before, after) in enumerate(pairwise(words)):
        events = [turns(each, before, after, START - 3_600_000 + step * 720_000, waba_id=each[-2:]) for each in numbers]
        await office.store.store.tell(events, lambda _event: ("team",))
    await office.runs(HOUR)
    tries = len(room.tried)

    room.answer = lambda _notice: None
    tracemalloc.start()
    await office.happens(banned(ONE, office.clock.now()))
    await office.runs(MINUTE)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    bad = {f"main/{number}/quality_rating": "RED" for number in numbers} | {f"main/{ONE}/status": "BANNED"}
    assert believed(office.took) == bad
    assert (await office.waiting(), tries < 10, peak < 10_000 * len(numbers)) == ([], True, True)

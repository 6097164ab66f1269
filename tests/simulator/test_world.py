"""What apps list at a moment, and what is changed by hand."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.simulator.lives import EVENTFUL, STILL, Life, Place, Script, Step
from monitor.simulator.row import FIELDS
from monitor.simulator.world import UnknownAppError, UnknownFieldError, UnknownNumberError, World
from tests.simulator.conftest import Clock

WORDS: dict[str, set[Any]] = {
    "quality_rating": {"GREEN", "YELLOW", "RED", "UNKNOW"},
    "name_status": {"APPROVED", "AVAILABLE_WITHOUT_REVIEW", "DECLINED", "PENDING_REVIEW"},
    "code_verification_status": {"NOT_VERIFIED", "VERIFIED"},
    "current_limit": {"", "TIER_250", "TIER_1K", "TIER_10K", "TIER_100K", "TIER_UNLIMITED"},
    "register_status": {1, 4, 5, "5"},
    "status": {"CONNECTED", "BANNED", "MIGRATED", "FLAGGED", "RATE_LIMITED", "RESTRICTED", "DISCONNECTED", "PENDING"},
}
LONGEST = 3 * max(life.period for life in (*EVENTFUL.numbers, EVENTFUL.waba, EVENTFUL.app) if life) // 1_000


def rows(world: World, appkey: str) -> list[dict[str, Any]]:
    """The rows of an answer."""
    data: list[dict[str, Any]] = json.loads(world.answer(appkey))["data"]
    return data


def still(clock: Clock | None = None, apps: int = 2) -> World:
    """A world in which nothing happens by itself."""
    return World.of(apps=apps, numbers=6, script=STILL, monotonic=clock or Clock())


@settings(max_examples=40, deadline=None)
@given(st.floats(min_value=0, max_value=LONGEST), st.integers(min_value=0, max_value=3))
def test_at_any_time_every_row_is_one_the_vendor_documents(seconds, seed):
    clock = Clock()
    world = World.of(apps=4, numbers=32, seed=seed, monotonic=clock)
    clock.seconds = seconds

    for row in (row for appkey in world.appkeys for row in world.rows(appkey)):
        assert tuple(row) == FIELDS
        assert all(row[field] in words for field, words in WORDS.items())
        assert row["waba_id"].isdigit()


@settings(max_examples=40, deadline=None)
@given(st.floats(min_value=0, max_value=LONGEST), st.floats(min_value=0, max_value=LONGEST))
def test_what_is_kept_is_what_would_be_rendered(earlier, later):
    clock = Clock()
    world = World.of(apps=4, numbers=32, monotonic=clock)
    clock.seconds = earlier
    for appkey in world.appkeys:
        world.answer(appkey)
    clock.seconds = later

    fresh_clock = Clock()
    fresh = World.of(apps=4, numbers=32, monotonic=fresh_clock)
    fresh_clock.seconds = later
    assert [world.answer(appkey) for appkey in world.appkeys] == [fresh.answer(appkey) for appkey in fresh.appkeys]


@settings(max_examples=40, deadline=None)
@given(st.floats(min_value=0, max_value=LONGEST))
def test_at_any_time_every_number_is_listed_somewhere(seconds):
    clock = Clock()
    world = World.of(apps=4, numbers=32, monotonic=clock)
    clock.seconds = seconds

    assert {number for appkey in world.appkeys for number in world.listed(appkey)} == set(world.numbers)


def test_an_answer_has_the_documented_envelope():
    world = still()

    envelope = json.loads(world.answer(world.appkeys[0]))

    assert list(envelope) == ["code", "data", "message"]
    assert (envelope["code"], envelope["message"], len(envelope["data"])) == (0, "Request successful", 3)


def test_an_answer_is_rendered_once_while_nothing_changes():
    clock = Clock()
    world = still(clock)

    first = world.answer(world.appkeys[0])
    clock.seconds = 10**6

    assert world.answer(world.appkeys[0]) is first


def test_speed_makes_time_pass_faster():
    clock = Clock()
    script = Script(numbers=(Life("banned", (Step(600), Step(600, {"status": "BANNED"}))),))
    world = World.of(apps=1, numbers=1, script=script, monotonic=clock, speed=600)

    seen = []
    for seconds in range(4):
        clock.seconds = seconds
        seen.append(rows(world, world.appkeys[0])[0]["status"])

    assert sorted(seen) == ["BANNED", "BANNED", "CONNECTED", "CONNECTED"]
    assert seen[:2] == seen[2:]


def test_at_speed_0_nothing_happens():
    clock = Clock()
    world = World.of(monotonic=clock, speed=0)
    before = [world.answer(appkey) for appkey in world.appkeys]

    clock.seconds = 10**6

    assert [world.answer(appkey) for appkey in world.appkeys] == before


@pytest.mark.parametrize("speed", [-1, float("nan"), float("inf")])
def test_a_speed_is_a_number_of_times(speed):
    with pytest.raises(ValueError, match=f"speed is how many times faster than life, 0 or more, not {speed}"):
        World.of(speed=speed)


def test_a_number_that_moves_is_migrated_here_and_connected_there_and_then_only_there():
    clock = Clock()
    moves = (Step(600), Step(120, {"status": "MIGRATED"}, Place.BOTH), Step(600, place=Place.AWAY))
    world = World.of(apps=2, numbers=1, script=Script(numbers=(Life("moves", moves),)), monotonic=clock, speed=10)
    home, away = world.appkeys

    seen = []
    for seconds in range(150):
        clock.seconds = float(seconds)
        statuses = tuple(tuple(row["status"] for row in rows(world, appkey)) for appkey in (home, away))
        if statuses not in seen:
            seen.append(statuses)

    assert seen == [(("CONNECTED",), ()), (("MIGRATED",), ("CONNECTED",)), ((), ("CONNECTED",))]


def test_a_lower_tier_is_that_of_a_whole_waba():
    clock = Clock()
    world = World.of(apps=1, numbers=8, script=Script(waba=EVENTFUL.waba), monotonic=clock)

    tiers = set()
    for seconds in range(0, 1_200, 60):
        clock.seconds = float(seconds)
        tiers.add(tuple((row["waba_id"], row["current_limit"]) for row in rows(world, world.appkeys[0])))

    assert len(tiers) == 2
    before, after = tiers
    changed = {waba_id for (waba_id, old), (_, new) in zip(before, after, strict=True) if old != new}
    assert len(changed) == 1
    assert sum(waba_id in changed for waba_id, _ in before) == 4


def test_an_app_that_fails_answers_with_a_code_and_no_rows():
    clock = Clock()
    world = World.of(
        apps=2, numbers=2, script=Script(app=Life("fails", (Step(1), Step(1, code=9001)))), monotonic=clock
    )

    answers = set()
    for seconds in range(2):
        clock.seconds = float(seconds)
        answers |= {world.answer(appkey) for appkey in world.appkeys}

    assert b'{"code":9001,"message":"System business error","data":null}' in answers


@pytest.mark.parametrize("written", ["+8613800000001", "8613800000001", " +86 138-0000-0001"])
def test_a_number_is_found_as_people_write_it(written):
    assert still().show(written)["number"] == "+8613800000001"


@pytest.mark.parametrize("written", ["", "+", "+8613999999999", "x", "+86 xxx 24"])
def test_a_number_nobody_has_is_refused_with_a_sentence(written):
    with pytest.raises(UnknownNumberError, match=r"no number '.*' here; GET /numbers lists those there are"):
        still().change(written, {"status": "BANNED"})


def test_a_changed_field_is_in_the_next_answer_and_the_others_are_as_they_were():
    world = still()
    before = rows(world, world.appkeys[0])

    world.change(world.numbers[0], {"quality_rating": "RED"})

    assert rows(world, world.appkeys[0]) == [{**before[0], "quality_rating": "RED"}, *before[1:]]


def test_a_changed_field_is_pinned_against_its_script_and_the_others_are_not():
    clock = Clock()
    script = Script(numbers=(Life("all", (Step(10), Step(10, {"quality_rating": "RED", "status": "FLAGGED"}))),))
    world = World.of(apps=1, numbers=1, script=script, monotonic=clock)
    world.change(world.numbers[0], {"quality_rating": "YELLOW"})

    seen = set()
    for seconds in range(0, 20, 5):
        clock.seconds = float(seconds)
        (row,) = rows(world, world.appkeys[0])
        seen.add((row["quality_rating"], row["status"]))

    assert seen == {("YELLOW", "CONNECTED"), ("YELLOW", "FLAGGED")}


@pytest.mark.parametrize("value", [None, 7, [], {"a": 1}, "NO_SUCH_WORD", "\ud83d", "格洛里"])
def test_a_field_may_be_changed_to_anything_json_can_say(value):
    world = still()

    world.change(world.numbers[0], {"verified_name": value})

    assert rows(world, world.appkeys[0])[0]["verified_name"] == value


def test_a_field_that_a_row_does_not_have_is_refused_and_nothing_is_changed():
    world = still()
    before = world.answer(world.appkeys[0])

    with pytest.raises(UnknownFieldError, match=r"a row has no field 'quality'; it has display_phone_number, .*"):
        world.change(world.numbers[0], {"status": "BANNED", "quality": "RED"})

    assert world.answer(world.appkeys[0]) == before


def test_a_number_with_another_display_number_is_still_found_by_its_own():
    world = still()

    world.change(world.numbers[0], {"display_phone_number": "+86 xxx 24"})

    assert world.show(world.numbers[0])["row"]["display_phone_number"] == "+86 xxx 24"


@pytest.mark.parametrize(
    ("places", "listed"),
    [
        pytest.param((), [False, False], id="gone"),
        pytest.param((1,), [False, True], id="moved"),
        pytest.param((0, 1), [True, True], id="in two places"),
        pytest.param((0,), [True, False], id="where it was"),
    ],
)
def test_a_number_is_listed_where_it_was_placed(places, listed):
    world = still()
    for appkey in world.appkeys:
        world.answer(appkey)

    world.place(world.numbers[0], *(world.appkeys[index] for index in places))

    display = world.show(world.numbers[0])["row"]["display_phone_number"]
    assert [
        display in [row["display_phone_number"] for row in rows(world, appkey)] for appkey in world.appkeys
    ] == listed
    assert world.show(world.numbers[0])["appkeys"] == tuple(world.appkeys[index] for index in places)


def test_a_number_that_was_placed_away_and_back_leaves_nothing_behind():
    world = still(apps=3)
    before = [world.answer(appkey) for appkey in world.appkeys]

    world.place(world.numbers[0], world.appkeys[2])
    world.answer(world.appkeys[2])
    world.place(world.numbers[0], world.appkeys[0])

    assert [world.answer(appkey) for appkey in world.appkeys] == before


def test_a_number_in_another_app_belongs_to_a_waba_of_that_app():
    world = still()

    world.place(world.numbers[0], world.appkeys[1])

    waba_ids = {row["waba_id"] for row in rows(world, world.appkeys[1])}
    assert len(waba_ids) == 1


def test_a_number_is_not_placed_in_an_app_that_nobody_has():
    with pytest.raises(UnknownAppError, match="no appkey 'jh00' here; GET /apps lists those there are"):
        still().place("+8613800000001", "jh00")

"""Numbers that move from place to place within the account."""

import msgspec
import pytest

from monitor.fleet.moves import can_serve
from monitor.fleet.policy import DAY, MINUTE, Policy
from monitor.fleet.scales import Severity
from tests.fleet.making import NUMBER, WABA, Watch, action, brief, incidents, row, types

OTHER = "+8613800000002"
LEFT = ["MIGRATED", "DELETED", "DISCONNECTED"]


def two_places(**words: str) -> Watch:
    """The number in app `a`, healthy, and in app `b` as told."""
    watch = Watch("a", "b")
    watch.answers(row(), app="a")
    watch.answers(row(**words), row(OTHER), app="b")
    return watch


def polls(watch: Watch, times: int, *listed, app: str = "a"):
    return [event for _ in range(times) for event in watch.answers(*listed, app=app)]


@pytest.mark.parametrize("status", LEFT)
def test_a_number_that_left_while_it_can_send_elsewhere_has_moved(status):
    watch = two_places()

    (told,) = polls(watch, 12, row(status=status))

    assert (told.type, told.severity, told.subject) == ("number.moved", "info", NUMBER)
    assert (told.data["attribute"], told.data["before"], told.data["after"]) == ("status", "CONNECTED", status)
    assert told.data["moved_to"] == {"appkey": "b", "app_name": "shop-b", "waba_id": WABA}
    assert incidents(told) == []
    assert watch.entry().severity is Severity.OK


@pytest.mark.parametrize("elsewhere", ["BANNED", "DISCONNECTED", "PENDING"])
def test_a_number_that_can_send_nowhere_has_not_moved(elsewhere):
    watch = two_places(status=elsewhere)

    told = polls(watch, 12, row(status="DISCONNECTED"))

    assert types(told) == ["number.degraded"]


def test_a_number_gone_from_one_app_and_alive_in_another_has_moved():
    watch = two_places()

    (told,) = polls(watch, 12, row(OTHER, waba="w9"))

    assert (told.type, told.data["attribute"], told.data["before"]) == ("number.moved", None, None)
    assert (WABA, NUMBER) not in watch.snapshot().entries


def test_a_move_between_two_wabas_of_an_app_is_one_event():
    watch = Watch()
    watch.answers(row())

    told = polls(watch, 12, row(waba="w2"))

    assert types(told) == ["number.moved"]


def test_a_place_found_after_the_degradation_was_told_makes_it_a_move_and_closes():
    watch = Watch("a", "b")
    watch.answers(row(), app="a")
    watch.answers(row(OTHER), app="b")
    watch.answers(row(status="DISCONNECTED"), app="a")
    arrival = watch.answers(row(OTHER), row(), app="b")

    (told,) = watch.answers(row(status="DISCONNECTED"), app="a")

    assert brief(arrival) == [("number.recovered", "status", "DISCONNECTED", "CONNECTED")]
    assert action(arrival[0]) == "update"
    assert brief([told]) == [("number.moved", "status", "DISCONNECTED", "DISCONNECTED")]
    assert incidents(told) == [{"id": f"main/{NUMBER}/status", "action": "close"}]
    assert watch.answers(row(status="DISCONNECTED"), app="a") == []


def test_a_place_found_after_the_removal_was_told_makes_it_a_move_once():
    watch = Watch("a", "b")
    watch.answers(row(quality_rating="RED"), row(OTHER), app="a")
    watch.answers(app="b")
    gone = polls(watch, 12, row(OTHER))
    added = watch.answers(row(), app="b")

    told = watch.answers(row(OTHER), app="a") + watch.answers(row(OTHER), app="a")

    assert (types(gone), types(added), types(told)) == (["number.removed"], ["number.added"], ["number.moved"])
    assert incidents(told[0]) == []


def test_the_end_of_a_move_is_a_degradation():
    watch = two_places()
    polls(watch, 12, row(status="MIGRATED"))
    watch.answers(row(status="BANNED"), row(OTHER), app="b")

    (told,) = watch.answers(row(status="MIGRATED"), app="a")

    assert brief([told]) == [("number.degraded", "status", "MIGRATED", "MIGRATED")]
    assert (told.severity, action(told)) == ("critical", "update")
    assert watch.entry().severity is Severity.CRITICAL


def test_a_rating_that_was_in_trouble_all_the_while_counts_again_then():
    watch = Watch("a", "b")
    watch.answers(row(quality_rating="RED"), app="a")
    watch.answers(row(), app="b")
    moved = watch.answers(row(quality_rating="RED", status="DISCONNECTED"), app="a")
    watch.answers(row(status="BANNED"), app="b")

    told = watch.answers(row(quality_rating="RED", status="DISCONNECTED"), app="a")

    assert [one["action"] for one in incidents(moved[0])] == ["close"]
    assert brief(told) == [
        ("number.degraded", "status", "DISCONNECTED", "DISCONNECTED"),
        ("number.degraded", "quality_rating", "RED", "RED"),
    ]
    assert [action(event) for event in told] == ["update", "open"]


@pytest.mark.parametrize("blip", ["UNKNOWN", "", "PENDING"])
def test_a_blip_at_the_new_place_is_no_outage_at_the_old_one(blip):
    watch = two_places()
    polls(watch, 12, row(status="MIGRATED"))
    watch.answers(row(status=blip), row(OTHER), app="b")

    assert watch.answers(row(status="MIGRATED"), app="a") == []


def test_a_number_that_comes_back_where_it_left_has_recovered():
    watch = two_places()
    polls(watch, 12, row(status="MIGRATED"))

    (told,) = watch.answers(row(), app="a")

    assert brief([told]) == [("number.recovered", "status", "MIGRATED", "CONNECTED")]
    assert action(told) is None


def test_it_is_banned_where_it_left():
    watch = two_places()
    polls(watch, 12, row(status="MIGRATED"))

    (told,) = watch.answers(row(status="BANNED"), app="a")

    assert (told.type, told.severity, action(told)) == ("number.degraded", "critical", "open")


def test_a_masked_number_never_moves():
    watch = Watch("a", "b")
    watch.answers(row("+86 xxx 24"), app="a")
    watch.answers(row("+86 xxx 24"), app="b")

    told = watch.answers(row("+86 xxx 24", status="DISCONNECTED"), app="a")

    assert types(told) == ["number.degraded"]


def test_a_number_that_has_moved_before_the_app_is_watched_is_no_trouble():
    watch = Watch("a", "b")
    watch.answers(row(), app="b")

    (told,) = watch.answers(row(status="MIGRATED"), app="a")

    assert (told.type, told.severity, told.data["degraded"], told.data["incidents"]) == ("app.baseline", "info", [], [])
    assert watch.entry().severity is Severity.OK


def test_a_tombstone_is_forgotten_after_its_time():
    watch = Watch("a", "b")
    watch.answers(row(), row(OTHER), app="a")
    watch.answers(app="b")
    polls(watch, 12, row(OTHER))
    due = watch.snapshot().due_at
    watch.passes(90 * DAY)
    polls(watch, 1, row(OTHER))
    watch.answers(row(), app="b")

    told = watch.answers(row(OTHER), app="a")

    assert due is not None
    assert told == []
    assert watch.snapshot().gone == {}


def test_a_place_that_goes_in_the_same_answer_is_no_place_to_have_moved_to():
    watch = Watch()
    watch.answers(row(waba="w1"), row(waba="w2"))
    polls(watch, 10, row(waba="w2"))

    told = watch.answers(row(waba="w2", status="DISCONNECTED"))

    assert types(told) == ["number.degraded", "number.removed"]


def test_what_changes_under_one_waba_has_the_other_decided_again():
    watch = Watch()
    watch.answers(row(waba="w1"), row(waba="w2"))
    watch.answers(row(waba="w1"), row(waba="w2"))
    settled = watch.fleet.settled(("main", "a"), watch.at)

    watch.answers(row(waba="w1", status="RESTRICTED"), row(waba="w2"))

    assert (settled, watch.fleet.settled(("main", "a"), watch.at)) == (True, False)


@pytest.mark.parametrize("twin", ["CONNECTED", "BANNED"])
def test_a_place_that_is_listed_twice_does_not_end_a_move(twin):
    watch = two_places()
    polls(watch, 12, row(status="MIGRATED"))
    watch.answers(row(), row(status=twin), row(OTHER), app="b")

    told = watch.answers(row(status="MIGRATED"), app="a") + polls(watch, 12, row(status="DELETED"))

    assert brief(told) == [("number.moved", "status", "MIGRATED", "DELETED")]
    assert watch.entry().severity is Severity.OK


def test_a_place_that_is_listed_twice_does_not_begin_a_move():
    watch = two_places()
    watch.answers(row(), row(), row(OTHER), app="b")

    told = watch.answers(row(status="DISCONNECTED"), app="a")

    assert types(told) == ["number.degraded"]


def test_a_move_that_ended_is_not_begun_again_by_a_place_listed_twice():
    watch = two_places()
    polls(watch, 12, row(status="MIGRATED"))
    watch.answers(row(status="BANNED"), row(OTHER), app="b")
    ended = watch.answers(row(status="MIGRATED"), app="a")
    watch.answers(row(status="BANNED"), row(status="BANNED"), row(OTHER), app="b")

    assert types(ended) == ["number.degraded"]
    assert watch.answers(row(status="MIGRATED"), app="a") == []


def test_what_else_changes_where_a_number_moved_from_pages_nobody():
    watch = two_places()
    watch.answers(row(status="DISCONNECTED"), app="a")

    told = watch.answers(
        row(status="DISCONNECTED", quality_rating="RED", tier="TIER_1K", name_status="DECLINED"), app="a"
    )

    assert [(event.type, event.severity, incidents(event)) for event in told] == [
        ("number.degraded", "info", []),
        ("number.changed", "info", []),
        ("waba.tier_lowered", "info", []),
    ]
    assert watch.entry().severity is Severity.OK


def test_a_rating_where_a_number_moved_from_is_no_part_of_its_incident():
    watch = two_places()
    watch.answers(row(status="DISCONNECTED"), app="a")
    opened = watch.answers(row(quality_rating="RED"), row(OTHER), app="b")

    told = watch.answers(row(status="DISCONNECTED", quality_rating="YELLOW"), app="a")

    assert action(opened[0]) == "open"
    assert [(event.type, event.severity, incidents(event)) for event in told] == [("number.degraded", "info", [])]


@pytest.mark.parametrize("word", ["PENDING", "UNVERIFIED"])
def test_pending_where_a_number_moved_from_is_no_worse_than_that(word):
    watch = two_places()
    polls(watch, 12, row(status="MIGRATED"))

    told = polls(watch, 12, row(status=word))

    assert [(event.type, event.severity, incidents(event)) for event in told] == [("number.changed", "info", [])]
    assert watch.entry().severity is Severity.OK


def test_pending_where_a_number_moved_from_is_trouble_when_the_move_ends():
    watch = two_places()
    polls(watch, 12, row(status="MIGRATED"))
    polls(watch, 12, row(status="PENDING"))
    watch.answers(row(status="BANNED"), row(OTHER), app="b")

    (told,) = watch.answers(row(status="PENDING"), app="a")

    assert brief([told]) == [("number.degraded", "status", "PENDING", "PENDING")]
    assert (told.severity, action(told)) == ("critical", "update")


def test_a_number_gone_from_both_places_is_told_as_gone():
    watch = Watch("a", "b")
    watch.answers(row(), row("+8613800000003"), app="a")
    watch.answers(row(), row(OTHER), app="b")
    polls(watch, 12, row(status="MIGRATED"), row("+8613800000003"))
    polls(watch, 12, row("+8613800000003"))
    tombs = watch.snapshot().gone

    told = polls(watch, 12, row(OTHER), app="b")

    assert tombs[WABA, NUMBER].moved
    assert [(event.type, event.severity) for event in told] == [("number.removed", "warning")]


def test_a_number_that_moved_and_is_gone_with_its_place_is_a_warning():
    watch = Watch("a", "b")
    watch.answers(row(), row("+8613800000003"), app="a")
    watch.answers(row(), row(OTHER), app="b")
    polls(watch, 12, row(status="MIGRATED"), row("+8613800000003"))
    for _ in range(5):
        watch.answers(row("+8613800000003"), app="a")
        watch.answers(row(status="BANNED"), row(OTHER), app="b")

    (told,) = polls(watch, 12, row("+8613800000003"))

    assert (told.type, told.severity) == ("number.removed", "warning")


@pytest.mark.parametrize(
    ("now", "told", "can"),
    [
        pytest.param("CONNECTED", "CONNECTED", True, id="it can"),
        pytest.param("CONNECTED", "DISCONNECTED", True, id="it can again, which is not told yet"),
        pytest.param("BANNED", "CONNECTED", False, id="it cannot, which is not told yet"),
        pytest.param("SNOOZED", "CONNECTED", True, id="unknown, and it could"),
        pytest.param("SNOOZED", "BANNED", False, id="unknown, and it could not"),
        pytest.param("DISCONNECTED", "CONNECTED", True, id="what may be a blip"),
        pytest.param("OFFLINE", "CONNECTED", True, id="what may be a blip, under its other name"),
        pytest.param("DISCONNECTED", "BANNED", False, id="what may be a blip of what could not"),
        pytest.param("PENDING", "CONNECTED", False, id="what is no blip"),
    ],
)
def test_a_place_serves_when_it_can_send_or_could_before_what_may_be_a_blip(now, told, can):
    watch = Watch()
    watch.answers(row())
    entry = msgspec.structs.replace(watch.entry(), now=row(status=now), told=row(status=told))

    assert can_serve(entry, Policy(dwell={("status", "DISCONNECTED"): MINUTE}), moved=False) is can


@pytest.mark.parametrize(
    ("now", "told", "moved", "can"),
    [
        pytest.param("CONNECTED", "CONNECTED", False, False, id="no place to have moved to"),
        pytest.param("CONNECTED", "BANNED", True, True, id="one row can"),
        pytest.param("BANNED", "CONNECTED", True, True, id="the other row can"),
        pytest.param("BANNED", "BANNED", True, False, id="none can"),
    ],
)
def test_an_ambiguous_place_only_goes_on_with_a_move(now, told, moved, can):
    watch = Watch()
    watch.answers(row(), row())
    entry = msgspec.structs.replace(watch.entry(), now=row(status=now), told=row(status=told))

    assert can_serve(entry, Policy(), moved=moved) is can


def test_a_tombstone_that_is_found_elsewhere_says_where():
    watch = Watch("a", "b")
    watch.answers(row(), row(OTHER), app="a")
    watch.answers(row("+8613800000003"), app="b")
    polls(watch, 12, row(OTHER))

    watch.answers(row("+8613800000003"), row(), app="b")
    (told,) = watch.answers(row(OTHER), app="a")

    assert told.type == "number.moved"
    assert told.data["moved_to"] == {"appkey": "b", "app_name": "shop-b", "waba_id": WABA}
    assert told.data["incidents"] == []


def test_a_number_that_moved_has_no_drop_of_its_tier_any_more():
    watch = two_places()
    polls(watch, 1, row(tier="TIER_1K"))
    dropped = watch.entry().marks.tier_before_drop

    polls(watch, 12, row(tier="TIER_1K", status="DISCONNECTED"))

    marks = watch.entry().marks
    assert (dropped, marks.moved, marks.tier_before_drop, marks.tier_dropped_at) == ("TIER_10K", True, "", 0)

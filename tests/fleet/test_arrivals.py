"""Entries met for the first time in a known app."""

import pytest

from monitor.fleet.app import App
from monitor.fleet.match import Match
from monitor.fleet.policy import Policy, SeverityRule
from monitor.fleet.scales import Severity
from tests.fleet.making import NUMBER, START, Watch, action, brief, row, types

OTHER = "+8613800000002"


def test_a_new_healthy_number_is_added_and_nothing_else():
    watch = Watch()
    watch.answers(row(OTHER))

    (told,) = watch.answers(row(OTHER), row())

    assert (told.type, told.severity, told.subject) == ("number.added", "info", NUMBER)
    assert told.data["state"] == {"quality_rating": "GREEN", "status": "CONNECTED", "tier": "TIER_10K"}
    assert told.data["incident"] is None
    assert watch.entry().severity is Severity.OK


def test_a_new_number_in_trouble_is_added_and_degraded_from_nothing():
    watch = Watch()
    watch.answers(row(OTHER))

    told = watch.answers(row(OTHER), row(quality_rating="RED"))

    assert brief(told) == [
        ("number.added", None, None, None),
        ("number.degraded", "quality_rating", None, "RED"),
    ]
    assert (told[1].severity, action(told[1])) == ("critical", "open")
    assert (told[1].data["before_since"], told[1].data["last_seen_before"]) == (None, None)


def test_a_new_numbers_first_known_rating_is_told_when_it_comes_and_is_bad():
    watch = Watch()
    watch.answers(row(OTHER))
    watch.answers(row(OTHER), row(quality_rating="NA"))

    told = watch.answers(row(OTHER), row(quality_rating="YELLOW"))

    assert brief(told) == [("number.degraded", "quality_rating", None, "YELLOW")]


@pytest.mark.parametrize("status", ["PENDING", "UNVERIFIED"])
def test_a_new_number_on_its_way_in_is_no_trouble(status):
    watch = Watch()
    watch.answers(row(OTHER))

    told = watch.answers(row(OTHER), row(status=status))
    shown = watch.entry().severity
    told += watch.answers(row(OTHER), row())

    assert brief(told) == [("number.added", None, None, None), ("number.changed", "status", status, "CONNECTED")]
    assert shown is Severity.OK


@pytest.mark.parametrize(
    ("after", "kind", "severity"),
    [("UNVERIFIED", "number.changed", "info"), ("BANNED", "number.degraded", "critical"),
     ("DELETED", "number.degraded", "warning"), ("FLAGGED", "number.degraded", "critical"),
     ("RESTRICTED", "number.improved", "info")],
)  # fmt: skip
def test_a_new_number_that_waits_may_go_elsewhere(after, kind, severity):
    watch = Watch()
    watch.answers(row(status="PENDING"))

    told = [event for _ in range(11) for event in watch.answers(row(status=after))]

    assert [(event.type, event.severity) for event in told] == [(kind, severity)]


def test_a_number_seen_in_a_second_app_is_told_nothing():
    watch = Watch("a", "b")
    watch.answers(row())
    watch.answers(row(OTHER), app="b")

    assert watch.answers(row(OTHER), row(), app="b") == []


def test_a_number_seen_under_a_second_waba_is_told_nothing():
    watch = Watch()
    watch.answers(row())

    assert watch.answers(row(), row(waba="w2")) == []


def test_a_second_place_begins_with_the_worst_that_the_others_have_told():
    watch = Watch("a", "b", "c")
    watch.answers(row(quality_rating="YELLOW"), app="a")
    watch.answers(row(quality_rating="RED"), app="b")
    watch.answers(row(OTHER), app="c")

    same = watch.answers(row(OTHER), row(quality_rating="RED"), app="c")
    healed = watch.answers(row(OTHER), row(), app="c")

    assert same == []
    assert brief(healed) == [("number.recovered", "quality_rating", "RED", "GREEN")]
    assert action(healed[0]) == "update"


def test_trouble_in_a_second_place_alone_is_a_degradation_at_once():
    watch = Watch("a", "b")
    watch.answers(row(), app="a")
    watch.answers(row(OTHER), app="b")

    told = watch.answers(row(OTHER), row(quality_rating="RED"), app="b")

    assert brief(told) == [("number.degraded", "quality_rating", "GREEN", "RED")]
    assert action(told[0]) == "open"


def test_pending_in_a_second_place_is_a_new_numbers():
    watch = Watch("a", "b")
    watch.answers(row(), app="a")
    watch.answers(row(OTHER), app="b")

    told = [event for _ in range(12) for event in watch.answers(row(OTHER), row(status="PENDING"), app="b")]
    shown = watch.entry(app="b").severity
    told += watch.answers(row(OTHER), row(), app="b")

    assert brief(told) == [("number.changed", "status", "PENDING", "CONNECTED")]
    assert shown is Severity.OK


def test_a_masked_number_is_new_in_every_app():
    watch = Watch("a", "b")
    watch.answers(row("+86 xxx 24", quality_rating="RED"), app="a")
    watch.answers(app="b")

    told = watch.answers(row("+86 xxx 24"), app="b")

    assert types(told) == ["number.added"]


def test_a_number_that_comes_back_after_its_removal_is_added_again():
    watch = Watch()
    watch.answers(row(), row(OTHER))
    for _ in range(12):
        watch.answers(row(OTHER))

    told = watch.answers(row(OTHER), row(quality_rating="YELLOW"))

    assert types(told) == ["number.added", "number.degraded"]
    assert watch.snapshot().gone == {}


@pytest.mark.parametrize("unknown", ["", "UNKNOWN"])
@pytest.mark.parametrize("word", ["PENDING", "UNVERIFIED"])
def test_pending_in_a_second_place_is_a_new_numbers_after_an_unknown_status_too(unknown, word):
    watch = Watch("a", "b")
    watch.answers(row(), app="a")
    watch.answers(row(OTHER), app="b")
    watch.answers(row(OTHER), row(status=unknown), app="b")

    told = [event for _ in range(12) for event in watch.answers(row(OTHER), row(status=word), app="b")]
    shown = watch.entry(app="b").severity
    told += watch.answers(row(OTHER), row(), app="b")

    assert brief(told) == [("number.changed", "status", word, "CONNECTED")]
    assert shown is Severity.OK


def test_pending_in_a_second_place_that_could_send_is_trouble():
    watch = Watch("a", "b")
    watch.answers(row(), app="a")
    watch.answers(row(OTHER), app="b")
    watch.answers(row(OTHER), row(status=""), app="b")
    watch.answers(row(OTHER), row(), app="b")

    told = [event for _ in range(12) for event in watch.answers(row(OTHER), row(status="PENDING"), app="b")]

    assert [(event.type, event.severity) for event in told] == [("number.degraded", "critical")]


def test_pending_in_a_second_place_leaves_the_incident_it_began_in():
    watch = Watch("a", "b")
    watch.answers(row(status="FLAGGED"), app="a")
    watch.answers(row(OTHER), app="b")
    watch.answers(row(OTHER), row(status=""), app="b")
    watch.answers(row(), app="a")

    told = [event for _ in range(12) for event in watch.answers(row(OTHER), row(status="PENDING"), app="b")]

    assert brief(told) == [("number.changed", "status", "FLAGGED", "PENDING")]
    assert (told[0].severity, action(told[0])) == ("info", "close")


def begun_after_restart(*order: str):
    """What `z` begins with where `a` and `b` have told the same rating in two words of time, read in this order."""
    told = Watch("a", "b", "z")
    told.answers(row(quality_rating="RED"), app="b")
    told.answers(row(quality_rating="RED"), app="a")
    told.answers(row(OTHER), app="z")
    watch = Watch(*order, "z")
    watch.at = told.at
    for app in (*order, "z"):
        watch.fleet.replace(App("main", app), told.snapshot(app))
    watch.answers(row(OTHER), row(quality_rating="RED"), app="z")
    return watch.entry(app="z")


def test_what_a_second_place_begins_with_is_the_same_after_a_restart():
    one, other = begun_after_restart("a", "b"), begun_after_restart("b", "a")

    assert one == other
    assert one.told_since.quality_rating == START


def test_a_rating_that_was_no_trouble_elsewhere_is_told_where_it_is():
    harmless = SeverityRule(Match(appkey=("a",)), {("quality_rating", "RED"): Severity.OK})
    watch = Watch("a", "b", policy=Policy(severity=(harmless,)))
    watch.answers(row(quality_rating="RED"), app="a")
    watch.answers(row(OTHER), app="b")

    told = watch.answers(row(OTHER), row(quality_rating="RED"), app="b")

    assert brief(told) == [("number.degraded", "quality_rating", None, "RED")]
    assert action(told[0]) == "open"

"""An app's first answer."""

import pytest

from monitor.fleet.match import Match
from monitor.fleet.policy import IgnoreRule, Policy
from monitor.fleet.scales import Severity
from tests.fleet.making import NUMBER, WABA, Watch, action, brief, incidents, row, rows, types


def test_the_first_answer_is_one_event_with_its_counts():
    watch = Watch()

    (told,) = watch.answers(
        row("+8613800000001"),
        row("+8613800000002", quality_rating="RED", tier=""),
        row("+8613800000003", quality_rating="NA", status="LINKED", tier="TIER_1M"),
        row("+8613800000004", tier="BIG"),
    )[1:]

    assert (told.type, told.severity, told.subject) == ("app.baseline", "warning", "a")
    assert told.data["numbers"] == 4
    assert told.data["counts"] == {
        "quality_rating": {"GREEN": 2, "RED": 1, "UNKNOWN": 1},
        "status": {"CONNECTED": 4},
        "tier": {"NONE": 1, "OTHER": 1, "TIER_10K": 1, "TIER_1M": 1},
    }


def test_what_is_already_in_trouble_is_named_and_its_incidents_open():
    watch = Watch()

    (told,) = watch.answers(row(quality_rating="RED", status="RESTRICTED"), row("+8613800000002"))

    assert told.data["degraded"] == [
        {
            "number": NUMBER,
            "waba_id": WABA,
            "quality_rating": "RED",
            "status": "RESTRICTED",
            "severity": "critical",
        }
    ]
    assert incidents(told) == [
        {"id": f"main/{NUMBER}/quality_rating", "action": "open"},
        {"id": f"main/{NUMBER}/status", "action": "open"},
    ]


def test_at_most_a_hundred_are_named():
    watch = Watch()

    (told,) = watch.answers(*rows(120, quality_rating="YELLOW"))

    assert (len(told.data["degraded"]), told.data["degraded_count"]) == (100, 120)
    assert len(incidents(told)) == 120


def test_an_incident_that_another_app_opened_is_not_opened_again():
    watch = Watch("a", "b")
    watch.answers(row(quality_rating="RED"), app="a")

    (told,) = watch.answers(row(quality_rating="RED"), app="b")

    assert incidents(told) == [{"id": f"main/{NUMBER}/quality_rating", "action": "update"}]


@pytest.mark.parametrize("status", ["MIGRATED", "DISCONNECTED"])
def test_dwell_does_not_apply(status):
    watch = Watch()

    (told,) = watch.answers(row(status=status))

    assert told.data["degraded_count"] == 1
    assert watch.answers(row(status=status)) == []


def test_pending_from_the_start_is_a_new_numbers():
    watch = Watch()

    (told,) = watch.answers(row(status="PENDING"))

    assert (told.severity, told.data["degraded_count"]) == ("info", 0)


def test_an_empty_first_answer_is_a_baseline_too():
    watch = Watch()

    (told,) = watch.answers()

    assert (told.type, told.severity, told.data["numbers"]) == ("app.baseline", "info", 0)
    assert types(watch.answers(row())) == ["number.added"]


def test_what_heals_after_the_baseline_has_recovered():
    watch = Watch()
    watch.answers(row(quality_rating="RED"))

    (told,) = watch.answers(row())

    assert brief([told]) == [("number.recovered", "quality_rating", "RED", "GREEN")]
    assert action(told) == "close"


def test_ignored_trouble_is_none():
    watch = Watch(policy=Policy(ignore=(IgnoreRule(Match(number=(NUMBER,))),)))

    (told,) = watch.answers(row(status="BANNED"))

    assert (told.severity, told.data["degraded"], incidents(told)) == ("info", [], [])
    assert watch.entry().severity is Severity.OK


def test_an_app_that_comes_back_has_a_baseline_again():
    watch = Watch()
    watch.answers(row(quality_rating="RED"))
    watch.loses("a")
    watch.add("a")

    (told,) = watch.answers(row(quality_rating="RED"))

    assert told.type == "app.baseline"
    assert incidents(told) == [{"id": f"main/{NUMBER}/quality_rating", "action": "open"}]

"""Known trouble."""

import pytest

from monitor.fleet.match import Match
from monitor.fleet.policy import HOUR, MINUTE, IgnoreRule, Policy
from monitor.fleet.scales import Severity
from tests.fleet.making import NUMBER, START, WABA, Watch, action, brief, incidents, row, types

IGNORE = Policy(ignore=(IgnoreRule(Match(number=(NUMBER,)), comment="being retired"),))


def test_the_start_is_told_and_closes_the_incidents():
    watch = Watch()
    watch.answers(row(quality_rating="RED", status="BANNED"))

    watch.rule(IGNORE)
    (told,) = watch.answers(row(quality_rating="RED", status="BANNED"))

    assert brief([told]) == [("number.changed", "ignored", "false", "true")]
    assert (told.severity, told.data["comment"]) == ("info", "being retired")
    assert [one["action"] for one in incidents(told)] == ["close", "close"]
    assert watch.entry().severity is Severity.OK


def test_the_end_opens_them_again_where_it_is_still_bad():
    watch = Watch(policy=IGNORE)
    watch.answers(row(quality_rating="RED"))

    watch.rule(Policy())
    (told,) = watch.answers(row(quality_rating="RED"))

    assert brief([told]) == [("number.changed", "ignored", "true", "false")]
    assert told.data["incident"] == {"id": f"main/{NUMBER}/quality_rating", "action": "open"}
    assert watch.entry().severity is Severity.CRITICAL


def test_its_events_are_info_and_open_nothing():
    watch = Watch(policy=IGNORE)
    watch.answers(row())

    told = watch.answers(row(quality_rating="RED", status="BANNED"))

    assert [(event.type, event.severity, action(event)) for event in told] == [
        ("number.degraded", "info", None),
        ("number.degraded", "info", None),
    ]
    assert watch.entry().severity is Severity.OK


def test_it_ends_by_itself_at_its_time():
    until = START + HOUR
    watch = Watch(policy=Policy(ignore=(IgnoreRule(Match(), until=until),)))
    watch.answers(row(quality_rating="RED"))
    due = watch.snapshot().due_at

    watch.at = until - MINUTE
    told = [types(watch.answers(row(quality_rating="RED"))) for _ in range(2)]

    assert due == until
    assert told == [[], ["number.changed"]]


def test_a_number_that_is_new_and_ignored_is_only_added():
    watch = Watch(policy=IGNORE)
    watch.answers(row("+8613800000002"))

    told = watch.answers(row("+8613800000002"), row())

    assert types(told) == ["number.added"]
    assert watch.entry().marks.ignored


def test_its_removal_is_info():
    watch = Watch(policy=IGNORE)
    watch.answers(row(), row("+8613800000002"))

    told = [event for _ in range(12) for event in watch.answers(row("+8613800000002"))]

    assert [(event.type, event.severity) for event in told] == [("number.removed", "info")]


def test_another_apps_entry_keeps_the_incident_open():
    watch = Watch("a", "b")
    watch.answers(row(quality_rating="RED"), app="a")
    watch.answers(row(quality_rating="RED"), app="b")

    watch.rule(Policy(ignore=(IgnoreRule(Match(appkey=("a",))),)))
    (told,) = watch.answers(row(quality_rating="RED"), app="a")

    assert action(told) == "update"


@pytest.mark.parametrize(
    ("tier", "opened", "dropped_at"),
    [
        pytest.param("TIER_10K", [], 0, id="it is back"),
        pytest.param(
            "TIER_1K", [{"id": f"main/{WABA}/tier", "action": "open"}], START + MINUTE, id="it is partly back"
        ),
    ],
)
def test_a_tier_that_came_back_while_nothing_was_told_is_no_trouble_when_the_rule_ends(tier, opened, dropped_at):
    watch = Watch(policy=Policy(ignore=(IgnoreRule(Match()),)))
    watch.answers(row())
    watch.answers(row(tier="TIER_250"))
    watch.answers(row(tier="TIER_250"), row(tier=tier))
    watch.rule(Policy())

    (told,) = watch.answers(row(tier=tier))

    assert (told.type, told.data["attribute"]) == ("number.changed", "ignored")
    assert incidents(told) == opened
    assert watch.entry().marks.tier_dropped_at == dropped_at

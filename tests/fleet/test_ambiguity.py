"""Two rows of one identity in one answer."""

import pytest

from monitor.fleet.answer import Answer
from monitor.fleet.decide import decide
from monitor.fleet.match import Match
from monitor.fleet.policy import DAY, IgnoreRule, Policy
from monitor.fleet.scales import Severity
from tests.fleet.making import NUMBER, WABA, Watch, action, brief, row, types

MASKED = "+86 xxx 24"


def test_the_worst_of_them_is_shown_and_nothing_is_told():
    watch = Watch()
    watch.answers(row(MASKED), row(MASKED))

    told = watch.answers(
        row(MASKED, quality_rating="YELLOW", status="BANNED", tier="TIER_1K"), row(MASKED, quality_rating="RED")
    )

    entry = watch.entry(MASKED)
    assert told == []
    assert (entry.now.quality_rating, entry.now.status, entry.now.tier) == ("RED", "BANNED", "TIER_1K")
    assert (entry.ambiguous, entry.severity) == (True, Severity.CRITICAL)


def test_one_warning_says_so():
    watch = Watch()
    watch.answers(row(MASKED))
    (app,) = watch.fleet.apps()
    answer = Answer(watch.at, b"", (row(MASKED), row(MASKED)))

    def warnings():
        return decide(app, watch.snapshot(), answer, watch.fleet.siblings(app), watch.policy, watch.at).warnings

    first = warnings()
    watch.answers(row(MASKED), row(MASKED))

    assert [WABA in line and MASKED in line for line in first] == [True]
    assert warnings() == ()


def test_when_it_ends_told_becomes_now_silently():
    watch = Watch()
    watch.answers(row(MASKED))
    watch.answers(row(MASKED), row(MASKED, quality_rating="RED"))

    told = watch.answers(row(MASKED, quality_rating="YELLOW", status="FLAGGED", tier="TIER_1K", verified_name="X"))

    assert told == []
    assert watch.entry(MASKED).told is watch.entry(MASKED).now
    assert watch.entry(MASKED).severity is Severity.CRITICAL


def test_what_follows_is_told_again():
    watch = Watch()
    watch.answers(row(MASKED), row(MASKED))
    watch.answers(row(MASKED))

    assert brief(watch.answers(row(MASKED, quality_rating="RED"))) == [
        ("number.degraded", "quality_rating", "GREEN", "RED")
    ]


def test_an_incident_that_was_open_before_it_closes_after_it():
    watch = Watch()
    watch.answers(row(MASKED, quality_rating="RED"))
    watch.answers(row(MASKED, quality_rating="RED"), row(MASKED))

    (told,) = watch.answers(row(MASKED))

    assert (told.type, action(told)) == ("number.recovered", "close")


def test_an_ambiguous_entry_is_no_place_to_have_moved_to():
    watch = Watch("a", "b")
    watch.answers(row(), app="a")
    watch.answers(row(), row(), app="b")

    assert types(watch.answers(row(status="DISCONNECTED"), app="a")) == ["number.degraded"]


def test_an_app_with_one_is_never_settled():
    watch = Watch()
    watch.answers(row(MASKED), row(MASKED))
    watch.answers(row(MASKED), row(MASKED))

    assert not watch.fleet.settled(("main", "a"), watch.at)


def test_an_unchanged_answer_is_as_ambiguous_as_the_one_it_repeats():
    watch = Watch()
    watch.answers(row(MASKED), row(MASKED, quality_rating="RED"))

    assert watch.repeats() == []
    assert watch.entry(MASKED).ambiguous


def test_a_pending_one_does_not_persist_for_nothing_was_told_of_it():
    watch = Watch()
    watch.answers(row(MASKED, status="PENDING"), row(MASKED))
    watch.passes(DAY)

    assert watch.answers(row(MASKED, status="")) == []


def test_known_trouble_listed_twice_is_ok_from_the_start_of_its_rule_to_its_end():
    watch = Watch()
    watch.answers(row(quality_rating="RED"), row(quality_rating="RED"))
    severities = [watch.entry().severity]

    told = []
    for policy in (Policy(ignore=(IgnoreRule(Match(number=(NUMBER,))),)), Policy()):
        watch.rule(policy)
        told += watch.answers(row(quality_rating="RED"), row(quality_rating="RED"))
        severities.append(watch.entry().severity)

    assert severities == [Severity.CRITICAL, Severity.OK, Severity.CRITICAL]
    assert told == []


def test_trouble_listed_twice_counts_in_the_baseline():
    watch = Watch()

    (told,) = watch.answers(row(), row(quality_rating="RED"))

    assert (told.severity, told.data["degraded_count"], told.data["incidents"]) == ("warning", 1, [])
    assert [one["quality_rating"] for one in told.data["degraded"]] == ["RED"]
    assert watch.entry().severity is Severity.CRITICAL


@pytest.mark.parametrize("odd", [0, 1])
def test_a_word_nobody_documented_is_told_from_either_of_two_rows(odd):
    watch = Watch()
    watch.answers(row())
    twins = [row(status="BANNED"), row(status="BANNED")]
    twins[odd] = row(status="SLEEPING")

    told = watch.answers(*twins)

    assert [(event.type, event.data["word"]) for event in told] == [("vendor.unmapped", "SLEEPING")]


def test_a_number_that_is_ambiguous_in_a_second_place_takes_nothing_over_from_the_first():
    watch = Watch("a", "b")
    watch.answers(row(quality_rating="RED"), app="a")
    watch.answers(row("+8613800000002"), app="b")

    told = watch.answers(row("+8613800000002"), row(), row(quality_rating="YELLOW"), app="b")

    assert told == []
    assert watch.entry(app="b").told.quality_rating == ""

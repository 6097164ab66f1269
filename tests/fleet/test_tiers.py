"""Messaging tiers: told for a WABA, not for its numbers."""

from monitor.fleet.match import Match
from monitor.fleet.policy import DAY, IgnoreRule, Policy
from tests.fleet.making import WABA, Watch, action, brief, row, rows, types


def test_the_same_step_of_a_wabas_numbers_is_one_event():
    watch = Watch()
    watch.answers(*rows(3))

    (told,) = watch.answers(*rows(3, tier="TIER_1K"))

    assert (told.type, told.severity, told.subject, told.waba_id) == ("waba.tier_lowered", "warning", WABA, WABA)
    assert told.data["numbers"] == ["+8613800000001", "+8613800000002", "+8613800000003"]
    assert (told.data["before"], told.data["after"]) == ("TIER_10K", "TIER_1K")
    assert told.data["incident"] == {"id": f"main/{WABA}/tier", "action": "open"}


def test_each_step_of_each_waba_is_an_event_of_its_own():
    watch = Watch()
    watch.answers(row("+8613800000001"), row("+8613800000002"), row("+8613800000003", waba="w2"))

    told = watch.answers(
        row("+8613800000001", tier="TIER_1K"),
        row("+8613800000002", tier="TIER_250"),
        row("+8613800000003", waba="w2", tier="TIER_UNLIMITED"),
    )

    assert [(event.subject, event.type, action(event)) for event in told] == [
        (WABA, "waba.tier_lowered", "open"),
        (WABA, "waba.tier_lowered", "update"),
        ("w2", "waba.tier_raised", None),
    ]


def test_a_tier_nobody_has_seen_before_is_read_by_its_number():
    watch = Watch()
    watch.answers(row())

    assert types(watch.answers(row(tier="TIER_2M"))) == ["waba.tier_raised"]


def test_no_tier_is_no_drop():
    watch = Watch()
    watch.answers(row())

    assert watch.answers(row(tier="")) + watch.answers(row(tier="TIER_NOT_SET")) + watch.answers(row()) == []


def test_a_first_tier_is_taken_over_silently():
    watch = Watch()
    watch.answers(row(tier=""))

    told = watch.answers(row(tier="TIER_250")) + watch.answers(row(tier="TIER_1K"))

    assert brief(told) == [("waba.tier_raised", "tier", "TIER_250", "TIER_1K")]


def test_partly_back_is_an_update_and_wholly_back_closes():
    watch = Watch()
    watch.answers(row())

    told = [watch.answers(row(tier=tier))[0] for tier in ("TIER_1K", "TIER_250", "TIER_1K", "TIER_10K")]

    assert [action(event) for event in told] == ["open", "update", "update", "close"]


def test_the_incident_is_open_while_any_number_of_the_waba_is_down():
    watch = Watch("a", "b")
    watch.answers(row("+8613800000001"), app="a")
    watch.answers(row("+8613800000002"), app="b")

    told = [
        watch.answers(row("+8613800000001", tier="TIER_1K"), app="a")[0],
        watch.answers(row("+8613800000002", tier="TIER_1K"), app="b")[0],
        watch.answers(row("+8613800000001"), app="a")[0],
        watch.answers(row("+8613800000002"), app="b")[0],
    ]

    assert [action(event) for event in told] == ["open", "update", "update", "close"]


def test_after_seven_days_the_lower_tier_is_the_rule():
    watch = Watch()
    watch.answers(*rows(2))
    watch.answers(*rows(2, tier="TIER_1K"))
    due = watch.snapshot().due_at
    assert due is not None

    watch.at = due
    (told,) = watch.answers(*rows(2, tier="TIER_1K"))
    again = watch.answers(*rows(2, tier="TIER_1K"))
    raised = watch.answers(*rows(2))

    assert (told.type, told.severity, action(told)) == ("waba.tier_lowered", "info", "close")
    assert (told.data["before"], told.data["after"]) == ("TIER_1K", "TIER_1K")
    assert again == []
    assert [(event.type, action(event)) for event in raised] == [("waba.tier_raised", None)]


def test_a_number_that_is_gone_keeps_no_tier_incident_open():
    watch = Watch()
    watch.answers(row("+8613800000001"), row("+8613800000002", waba="w2"))
    watch.answers(row("+8613800000001", tier="TIER_1K"), row("+8613800000002", waba="w2"))

    told = [event for _ in range(12) for event in watch.answers(row("+8613800000002", waba="w2"))]

    assert told[0].data["incidents"] == [{"id": f"main/{WABA}/tier", "action": "close"}]


def test_the_drop_of_an_ignored_number_is_info_and_opens_nothing():
    watch = Watch(policy=Policy(ignore=(IgnoreRule(Match()),)))
    watch.answers(row())

    (told,) = watch.answers(row(tier="TIER_1K"))

    assert (told.type, told.severity, action(told)) == ("waba.tier_lowered", "info", None)


def test_a_drop_without_a_waba_has_a_subject_all_the_same():
    watch = Watch()
    watch.answers(row(waba=""))
    watch.passes(DAY)

    (told,) = watch.answers(row(waba="", tier="TIER_1K"))

    assert (told.subject, told.data["incident"]["id"]) == ("-", "main/-/tier")


def test_the_rule_of_one_number_closes_nothing_while_another_is_down():
    watch = Watch()
    watch.answers(*rows(2))
    watch.answers(row("+8613800000001", tier="TIER_1K"), row("+8613800000002"))
    due = watch.snapshot().due_at
    assert due is not None
    watch.passes(DAY)
    watch.answers(*rows(2, tier="TIER_1K"))

    watch.at = due
    at_first = watch.answers(*rows(2, tier="TIER_1K"))
    watch.passes(DAY)
    at_last = watch.answers(*rows(2, tier="TIER_1K"))

    assert at_first == []
    assert [(event.type, action(event)) for event in at_last] == [("waba.tier_lowered", "close")]


def test_partly_back_after_the_lower_tier_became_the_rule_is_no_incident():
    watch = Watch(remembers=False)
    watch.answers(row())
    watch.answers(row(tier="TIER_250"))
    watch.passes(8 * DAY)
    watch.answers(row(tier="TIER_250"))

    (raised,) = watch.answers(row(tier="TIER_1K"))
    (lowered,) = watch.answers(row(tier="TIER_250"))

    assert (raised.type, action(raised)) == ("waba.tier_raised", None)
    assert (lowered.type, action(lowered)) == ("waba.tier_lowered", "open")


def test_a_second_drop_has_seven_days_of_its_own():
    watch = Watch()
    watch.answers(row())
    watch.answers(row(tier="TIER_1K"))
    watch.answers(row())
    watch.passes(3 * DAY)
    second = watch.at

    watch.answers(row(tier="TIER_1K"))

    assert watch.entry().marks.tier_dropped_at == second
    assert watch.snapshot().due_at == second + 7 * DAY


def test_steps_of_a_waba_are_counted_by_their_attribute():
    watch = Watch()
    watch.answers(row())

    (told,) = watch.answers(row(tier="TIER_1K"))

    assert told.attribute == "tier"


def test_a_number_that_is_gone_leaves_the_incident_of_its_waba_open_for_the_others():
    watch = Watch()
    watch.answers(*rows(2))
    watch.answers(*rows(2, tier="TIER_1K"))

    told = [event for _ in range(12) for event in watch.answers(row("+8613800000002", tier="TIER_1K"))]

    assert types(told) == ["number.removed"]
    assert told[0].data["incidents"] == [{"id": f"main/{WABA}/tier", "action": "update"}]

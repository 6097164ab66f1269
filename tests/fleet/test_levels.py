"""Changes of rating and status: which type is told, how severe, and when."""

import pytest

from monitor.fleet.match import Match
from monitor.fleet.policy import DAY, HOUR, MINUTE, Policy, SeverityRule
from monitor.fleet.scales import Severity
from tests.fleet.making import NUMBER, START, Watch, action, brief, row, types

OTHER = "+8613800000002"
NO_DWELL = Policy(dwell={})


@pytest.mark.parametrize(
    ("before", "after", "kind", "severity"),
    [
        ("GREEN", "YELLOW", "number.degraded", "warning"),
        ("GREEN", "RED", "number.degraded", "critical"),
        ("YELLOW", "RED", "number.degraded", "critical"),
        ("RED", "YELLOW", "number.improved", "info"),
        ("RED", "GREEN", "number.recovered", "info"),
        ("YELLOW", "GREEN", "number.recovered", "info"),
        ("GREEN", "GREEN", None, None),
        ("GREEN", "UNKNOWN", None, None),
        ("GREEN", "UNKNOW", None, None),
        ("GREEN", "NA", None, None),
        ("GREEN", "", None, None),
        ("GREEN", "PURPLE", None, None),
        ("UNKNOWN", "GREEN", None, None),
    ],
)
def test_a_rating_is_told_by_where_it_goes(before, after, kind, severity):
    watch = Watch()
    watch.answers(row(quality_rating=before))

    told = [event for event in watch.answers(row(quality_rating=after)) if event.type != "vendor.unmapped"]

    assert [(event.type, event.severity) for event in told] == ([(kind, severity)] if kind else [])


@pytest.mark.parametrize(
    ("before", "after", "kind", "severity"),
    [
        ("CONNECTED", "FLAGGED", "number.degraded", "critical"),
        ("CONNECTED", "RATE_LIMITED", "number.degraded", "warning"),
        ("CONNECTED", "RESTRICTED", "number.degraded", "warning"),
        ("CONNECTED", "PENDING", "number.degraded", "critical"),
        ("CONNECTED", "UNVERIFIED", "number.degraded", "critical"),
        ("CONNECTED", "DISCONNECTED", "number.degraded", "critical"),
        ("CONNECTED", "MIGRATED", "number.degraded", "critical"),
        ("CONNECTED", "DELETED", "number.degraded", "warning"),
        ("CONNECTED", "BANNED", "number.degraded", "critical"),
        ("FLAGGED", "RATE_LIMITED", "number.degraded", "critical"),  # the higher of the two states'
        ("RESTRICTED", "FLAGGED", "number.degraded", "critical"),  # it fell, but into a critical state
        ("RESTRICTED", "RATE_LIMITED", "number.improved", "info"),
        ("BANNED", "RESTRICTED", "number.improved", "info"),
        ("BANNED", "FLAGGED", "number.improved", "info"),
        ("BANNED", "CONNECTED", "number.recovered", "info"),
        ("DISCONNECTED", "BANNED", "number.degraded", "critical"),
        ("BANNED", "DISCONNECTED", "number.changed", "info"),
        ("DISCONNECTED", "PENDING", "number.changed", "info"),
        ("DISCONNECTED", "MIGRATED", "number.changed", "info"),
        ("MIGRATED", "DELETED", "number.changed", "info"),
        ("DELETED", "DISCONNECTED", "number.degraded", "critical"),  # between two that cannot send, but worse
        ("DELETED", "PENDING", "number.changed", "info"),  # no worse than where it came from
        ("CONNECTED", "LINKED", None, None),
        ("LINKED", "OFFLINE", "number.degraded", "critical"),
        ("OFFLINE", "UNLINKED", None, None),
        ("PAUSED", "VERIFIED", "number.recovered", "info"),
        ("BANNED", "UNKNOWN", None, None),
    ],
)
def test_a_status_is_told_by_where_it_goes(before, after, kind, severity):
    watch = Watch(policy=NO_DWELL)
    watch.answers(row(status=before))

    told = watch.answers(row(status=after))

    assert [(event.type, event.severity) for event in told] == ([(kind, severity)] if kind else [])


def test_unknown_between_two_reds_is_nothing():
    watch = Watch()
    watch.answers(row(quality_rating="RED"))

    told = watch.answers(row(quality_rating="UNKNOWN")) + watch.answers(row(quality_rating="RED"))

    assert told == []
    assert watch.entry().since.quality_rating == START


def test_unknown_between_green_and_red_is_one_degradation_with_honest_bounds():
    watch = Watch()
    watch.answers(row())
    watch.answers(row())
    watch.answers(row(quality_rating=""))

    (told,) = watch.answers(row(quality_rating="RED"))

    assert (told.type, told.data["before"], told.data["after"]) == ("number.degraded", "GREEN", "RED")
    assert told.data["before_since"] == "2023-11-14T22:13:20.000Z"
    assert told.data["last_seen_before"] == "2023-11-14T22:14:20.000Z"
    assert told.time == START + 3 * MINUTE


def test_now_is_shown_while_it_is_unknown_and_told_stays():
    watch = Watch()
    watch.answers(row(quality_rating="RED"))

    watch.answers(row(quality_rating="NA"))

    assert (watch.entry().now.quality_rating, watch.entry().told.quality_rating) == ("NA", "RED")
    assert watch.entry().severity is Severity.CRITICAL


@pytest.mark.parametrize("status", ["PENDING", "UNVERIFIED", "MIGRATED"])
def test_a_status_with_a_dwell_is_shown_at_once_and_told_when_it_has_held(status):
    watch = Watch()
    watch.answers(row())

    waiting = [watch.answers(row(status=status)) for _ in range(10)]
    assert watch.entry().now.status == status
    told = watch.answers(row(status=status))

    assert [event for events in waiting for event in events] == []
    assert brief(told) == [("number.degraded", "status", "CONNECTED", status)]


def test_a_dwell_is_held_by_two_answers_however_long_the_first_was_ago():
    watch = Watch()
    watch.answers(row())

    watch.passes(HOUR)
    first = watch.answers(row(status="PENDING"))
    watch.passes(HOUR)
    second = watch.answers(row(status="PENDING"))

    assert (types(first), types(second)) == ([], ["number.degraded"])


def test_a_blip_within_its_dwell_is_nothing():
    watch = Watch()
    watch.answers(row())

    told = [event for status in ("PENDING", "PENDING", "CONNECTED") for event in watch.answers(row(status=status))]

    assert told == []
    assert watch.entry().told is watch.entry().now


def test_an_improvement_is_told_when_it_has_held_for_the_recovery_dwell():
    watch = Watch(policy=Policy(recovery_dwell=5 * MINUTE))
    watch.answers(row(quality_rating="RED"))

    told = [types(watch.answers(row())) for _ in range(6)]

    assert told == [[], [], [], [], [], ["number.recovered"]]


def test_a_setback_within_the_recovery_dwell_is_nothing():
    watch = Watch(policy=Policy(recovery_dwell=5 * MINUTE))
    watch.answers(row(quality_rating="RED"))

    told = watch.answers(row()) + watch.answers(row(quality_rating="RED"))

    assert told == []


def test_what_waits_says_when_it_is_due():
    watch = Watch()
    watch.answers(row())

    watch.answers(row(status="PENDING"))

    assert watch.snapshot().due_at == START + MINUTE + 10 * MINUTE


@pytest.mark.parametrize(
    ("rating", "status", "severity"),
    [
        ("GREEN", "CONNECTED", Severity.OK),
        ("YELLOW", "CONNECTED", Severity.WARNING),
        ("GREEN", "RESTRICTED", Severity.WARNING),
        ("YELLOW", "BANNED", Severity.CRITICAL),
        ("UNKNOWN", "CONNECTED", Severity.OK),
        ("RED", "", Severity.CRITICAL),
        ("", "UNKNOWN", Severity.UNKNOWN),
        ("GREEN", "PENDING", Severity.OK),
    ],
)
def test_an_entry_is_as_bad_as_the_worse_of_its_two_levels(rating, status, severity):
    watch = Watch()

    watch.answers(row(quality_rating=rating, status=status))

    assert watch.entry().severity is severity


@pytest.mark.parametrize(("status", "severity"), [("RESTRICTED", "critical"), ("RATE_LIMITED", "critical")])
def test_a_limit_that_lasts_for_a_day_is_told_once_and_shown_as_told(status, severity):
    watch = Watch()
    watch.answers(row())
    watch.answers(row(status=status))

    watch.passes(DAY - 2 * MINUTE)
    early = watch.answers(row(status=status))
    (told,) = watch.answers(row(status=status))
    later = watch.answers(row(status=status))

    assert (early, later) == ([], [])
    assert (told.type, told.severity, action(told)) == ("number.persisting", severity, "update")
    assert (told.data["before"], told.data["after"]) == (status, status)
    assert watch.entry().severity is Severity.CRITICAL


@pytest.mark.parametrize("status", ["PENDING", "UNVERIFIED"])
def test_a_new_number_that_waits_for_a_day_is_a_warning(status):
    watch = Watch()
    watch.answers()
    watch.answers(row(status=status))

    watch.passes(DAY)
    (told,) = watch.answers(row(status=status))

    assert (told.type, told.severity, action(told)) == ("number.persisting", "warning", "open")
    assert watch.entry().severity is Severity.WARNING


def test_its_end_after_that_is_a_recovery():
    watch = Watch()
    watch.answers(row(status="PENDING"))
    watch.passes(DAY)
    watch.answers(row(status="PENDING"))

    (told,) = watch.answers(row())

    assert (told.type, action(told)) == ("number.recovered", "close")


def test_a_number_that_could_send_does_not_persist_in_pending_it_is_critical_already():
    watch = Watch()
    watch.answers(row())
    for _ in range(12):
        watch.answers(row(status="PENDING"))

    watch.passes(2 * DAY)

    assert watch.answers(row(status="PENDING")) == []
    assert watch.entry().severity is Severity.CRITICAL


def test_an_override_changes_the_severity_of_a_state_for_those_that_match():
    trial = SeverityRule(Match(number=(NUMBER,)), {("quality_rating", "RED"): Severity.WARNING})
    watch = Watch(policy=Policy(severity=(trial,)))
    watch.answers(row(), row("+8613800000002"))

    told = watch.answers(row(quality_rating="RED"), row("+8613800000002", quality_rating="RED"))

    assert [event.severity for event in told] == ["warning", "critical"]
    assert watch.entry().severity is Severity.WARNING


def test_the_first_override_that_fits_and_names_the_state_wins():
    first = SeverityRule(Match(labels=(("plan", ("trial",)),)), {("quality_rating", "YELLOW"): Severity.OK})
    second = SeverityRule(Match(), {("quality_rating", "RED"): Severity.WARNING})
    third = SeverityRule(Match(), {("quality_rating", "RED"): Severity.OK})
    watch = Watch(policy=Policy(severity=(first, second, third)))
    watch.answers(row())

    (told,) = watch.answers(row(quality_rating="RED"))

    assert told.severity == "warning"


def test_a_state_that_is_overridden_to_ok_opens_no_incident():
    rule = SeverityRule(Match(), {("quality_rating", "YELLOW"): Severity.OK})
    watch = Watch(policy=Policy(severity=(rule,)))
    watch.answers(row())

    (told,) = watch.answers(row(quality_rating="YELLOW"))

    assert (told.type, told.severity, action(told)) == ("number.degraded", "info", None)
    assert watch.entry().severity is Severity.OK


def test_an_override_that_comes_with_a_reload_is_shown_at_the_next_answer():
    watch = Watch()
    watch.answers(row(quality_rating="YELLOW"))

    watch.rule(Policy(severity=(SeverityRule(Match(), {("quality_rating", "YELLOW"): Severity.CRITICAL}),)))
    assert watch.answers(row(quality_rating="YELLOW")) == []
    changed = watch.entry().severity
    watch.rule(Policy())
    watch.answers(row(quality_rating="YELLOW"))

    assert (changed, watch.entry().severity) == (Severity.CRITICAL, Severity.WARNING)


def test_a_clock_set_back_restarts_a_dwell_and_stops_nothing():
    watch = Watch()
    watch.answers(row())
    watch.answers(row(status="PENDING"))
    watch.passes(-365 * DAY)

    told = [types(watch.answers(row(status="PENDING"))) for _ in range(12)]

    assert told.count(["number.degraded"]) == 1


def test_a_clock_set_back_puts_nothing_after_the_event():
    watch = Watch()
    watch.answers(row())
    watch.passes(-HOUR)

    told = watch.answers(row(quality_rating="RED", tier="TIER_1K", verified_name="NEW"))

    assert [(event.data["before_since"], event.data["last_seen_before"], event.time) for event in told] == [
        ("2023-11-14T21:14:20.000Z", "2023-11-14T21:14:20.000Z", START + MINUTE - HOUR)
    ] * 3


def test_pending_persists_a_day_after_it_began_not_after_the_number_was_first_seen():
    watch = Watch()
    watch.answers(row(OTHER))
    watch.answers(row(OTHER), row(status=""))
    watch.passes(2 * DAY)

    first = watch.answers(row(OTHER), row(status="PENDING"))
    watch.passes(DAY - MINUTE)
    told = watch.answers(row(OTHER), row(status="PENDING"))

    assert (types(first), types(told)) == ([], ["number.persisting"])


def test_pending_from_the_start_persists_a_day_after_the_number_was_first_seen():
    watch = Watch()
    watch.answers(row(status="PENDING"))
    for _ in range(12):
        watch.answers(row(status="UNVERIFIED"))
    watch.passes(DAY - 14 * MINUTE)

    told = [types(watch.answers(row(status="UNVERIFIED"))) for _ in range(2)]

    assert told == [[], ["number.persisting"]]


def test_pending_and_unverified_by_turns_hold_together():
    watch = Watch()
    watch.answers(row())

    told = [types(watch.answers(row(status=word))) for word in ["PENDING", "UNVERIFIED"] * 10]

    assert [index for index, kinds in enumerate(told) if kinds] == [10]
    assert told[10] == ["number.degraded"]


def test_an_unknown_status_between_pending_and_unverified_has_them_hold_anew():
    watch = Watch()
    watch.answers(row())

    told = [types(watch.answers(row(status=word))) for word in [*["PENDING", "UNVERIFIED"] * 3, "", *["PENDING"] * 11]]

    assert [index for index, kinds in enumerate(told) if kinds] == [17]


def test_limits_by_turns_have_one_clock():
    watch = Watch()
    watch.answers(row())
    told = []
    for hour in range(30):
        told += watch.answers(row(status="RESTRICTED" if hour % 10 else "RATE_LIMITED"))
        watch.passes(HOUR - MINUTE)

    (persisting,) = [event for event in told if event.type == "number.persisting"]

    assert persisting.time == START + MINUTE + DAY
    assert watch.entry().severity is Severity.CRITICAL


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [("RATE_LIMITED", "RESTRICTED", "number.changed"), ("RESTRICTED", "RATE_LIMITED", "number.improved")],
)
def test_limits_that_persisted_stay_critical_and_page_once_whatever_limit_it_is(before, after, kind):
    watch = Watch()
    watch.answers(row())
    watch.answers(row(status=before))
    watch.passes(DAY)
    persisting = watch.answers(row(status=before))

    told = watch.answers(row(status=after))
    watch.passes(2 * DAY)
    told += watch.answers(row(status=after))
    healed = watch.answers(row())

    assert types(persisting) == ["number.persisting"]
    assert [(event.type, event.severity, action(event)) for event in told] == [(kind, "info", "update")]
    assert [(event.type, action(event)) for event in healed] == [("number.recovered", "close")]


def test_a_limit_that_went_away_begins_anew():
    watch = Watch()
    watch.answers(row())
    for word in ["RESTRICTED", "RATE_LIMITED", "CONNECTED", "RESTRICTED"]:
        watch.answers(row(status=word))
        watch.passes(20 * HOUR)

    assert watch.answers(row(status="RESTRICTED")) == []


def test_an_unknown_status_between_two_limits_is_nothing():
    watch = Watch()
    watch.answers(row())
    for word in ["RESTRICTED", "RATE_LIMITED", "", "RESTRICTED", ""]:
        watch.answers(row(status=word))
        watch.passes(5 * HOUR)

    assert types(watch.answers(row(status="RESTRICTED"))) == ["number.persisting"]


def test_a_rating_of_a_number_whose_limit_persisted_is_told_as_ever():
    watch = Watch()
    watch.answers(row(status="RESTRICTED"))
    watch.passes(DAY)
    watch.answers(row(status="RESTRICTED"))

    (told,) = watch.answers(row(status="RESTRICTED", quality_rating="RED"))

    assert (told.type, told.severity) == ("number.degraded", "critical")


def test_what_lasts_is_as_bad_as_a_rule_says():
    mild = SeverityRule(Match(), {("status", "RESTRICTED"): Severity.WARNING})
    watch = Watch(policy=Policy(severity=(mild,)))
    watch.answers(row())
    watch.answers(row(status="RESTRICTED"))
    watch.passes(DAY)

    (told,) = watch.answers(row(status="RESTRICTED"))

    assert (told.type, told.severity) == ("number.persisting", "warning")
    assert watch.entry().severity is Severity.WARNING


def test_a_rule_may_be_about_an_apps_labels():
    trial = SeverityRule(Match(labels=(("plan", ("trial",)),)), {("quality_rating", "RED"): Severity.WARNING})
    watch = Watch("a", policy=Policy(severity=(trial,)))
    watch.add("b", labels=(("plan", "trial"),))
    numbers = {"a": NUMBER, "b": "+8613800000002"}
    for app, number in numbers.items():
        watch.answers(row(number), app=app)

    told = [watch.answers(row(number, quality_rating="RED"), app=app)[0] for app, number in numbers.items()]

    assert [event.severity for event in told] == ["critical", "warning"]

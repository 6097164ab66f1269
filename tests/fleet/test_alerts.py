"""Numbers in trouble as alerts: which, with which labels, since when."""

import re

import pytest

from monitor.fleet.alerts import IN_TROUBLE, NAMES, SEVERITIES, TIER_LOWERED, Alert, alerts_of
from monitor.fleet.answer import FailureReason
from monitor.fleet.attributes import LEVELS, canonical
from monitor.fleet.hints import HINTS, level_hint
from monitor.fleet.match import Match
from monitor.fleet.policy import DAY, HOUR, MINUTE, IgnoreRule, Policy, SeverityRule
from monitor.fleet.scales import QUALITY_RATING, STATUS, STATUS_ALIASES, Severity
from tests.fleet.making import NUMBER, START, WABA, Watch, row, rows

OTHER_WABA = "116960000086405"


def alerts(watch: Watch, app: str = "a") -> list[Alert]:
    """All alerts of an app."""
    watched = watch.fleet.get(("main", app))
    assert watched is not None
    return [alert for entry in watched.snapshot.entries.values() for alert in alerts_of(watched.app, entry)]


def brief(watch: Watch, app: str = "a") -> list[tuple[str, str]]:
    """Name and severity of each."""
    return [(alert.name, alert.severity) for alert in alerts(watch, app)]


def short(name: str) -> str:
    return f"NXCloudNumber{name}"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({}, []),
        ({"quality_rating": "YELLOW"}, [("QualityYellow", "warning")]),
        ({"quality_rating": "RED"}, [("QualityRed", "critical")]),
        ({"quality_rating": "NA"}, []),
        ({"quality_rating": "PURPLE"}, []),
        ({"status": "FLAGGED"}, [("Flagged", "critical")]),
        ({"status": "RATE_LIMITED"}, [("RateLimited", "warning")]),
        ({"status": "RESTRICTED"}, [("Restricted", "warning")]),
        ({"status": "PAUSED"}, [("Restricted", "warning")]),
        ({"status": "PENDING"}, []),
        ({"status": "DISCONNECTED"}, [("Disconnected", "critical")]),
        ({"status": "OFFLINE"}, [("Disconnected", "critical")]),
        ({"status": "MIGRATED"}, [("Migrated", "critical")]),
        ({"status": "DELETED"}, [("Deleted", "warning")]),
        ({"status": "BANNED"}, [("Banned", "critical")]),
        ({"quality_rating": "RED", "status": "RATE_LIMITED"}, [("QualityRed", "critical"), ("RateLimited", "warning")]),
        ({"quality_rating": "YELLOW", "status": "BANNED"}, [("QualityYellow", "warning"), ("Banned", "critical")]),
    ],
)
def test_each_state_in_trouble_is_an_alert_of_its_own_as_bad_as_it_is(words, expected):
    watch = Watch()

    watch.answers(row(**words))

    assert brief(watch) == [(short(name), severity) for name, severity in expected]


def test_an_alert_is_identified_by_what_holds_as_long_as_it_lasts():
    watch = Watch()

    watch.answers(row(quality_rating="RED"))

    (alert,) = alerts(watch)
    assert alert.labels == {
        "alertname": "NXCloudNumberQualityRed",
        "severity": "critical",
        "attribute": "quality_rating",
        "account": "main",
        "appkey": "a",
        "waba_id": WABA,
        "number": NUMBER,
    }
    assert (alert.word, alert.since, alert.app_name, alert.hint_id) == ("RED", START, "shop-a", "quality.red")


def test_a_number_without_a_waba_has_no_label_for_it():
    watch = Watch()

    watch.answers(row(waba="", quality_rating="RED"))

    assert "waba_id" not in alerts(watch)[0].labels


def test_from_red_to_yellow_one_alert_ends_and_another_begins():
    watch = Watch()
    watch.answers(row(quality_rating="RED"))
    (red,) = alerts(watch)

    watch.answers(row(quality_rating="YELLOW"))

    (yellow,) = alerts(watch)
    assert (yellow.name, yellow.since) == (short("QualityYellow"), START + MINUTE)
    assert yellow.identity != red.identity


def test_a_rating_that_is_unknown_for_a_while_ends_nothing():
    watch = Watch()
    watch.answers(row(quality_rating="RED"))

    watch.answers(row(quality_rating="UNKNOWN"))

    assert brief(watch) == [(short("QualityRed"), "critical")]


def test_recovered_is_no_alert():
    watch = Watch()
    watch.answers(row(quality_rating="RED"))

    watch.answers(row())

    assert alerts(watch) == []


@pytest.mark.parametrize("reason", [FailureReason.TIMEOUT, FailureReason.AUTH])
def test_an_app_that_cannot_be_reached_for_days_keeps_its_alerts(reason):
    watch = Watch()
    watch.answers(row(status="BANNED"))

    for _ in range(4):
        watch.passes(DAY)
        watch.fails(reason)

    assert brief(watch) == [(short("Banned"), "critical")]


def test_a_list_that_is_empty_all_at_once_ends_no_alert_while_it_is_not_believed():
    watch = Watch()
    watch.answers(*rows(6, quality_rating="RED"))

    watch.answers()

    assert len(alerts(watch)) == 6


def test_a_number_that_is_gone_has_no_alert():
    watch = Watch()
    watch.answers(row(quality_rating="RED"), *rows(9)[1:])

    for _ in range(12):
        watch.answers(*rows(9)[1:])

    assert alerts(watch) == []


def test_what_waits_for_its_dwell_is_no_alert_yet_and_then_is_one_since_it_began():
    watch = Watch()
    watch.answers(row())

    watch.answers(row(status="PENDING"))
    early = alerts(watch)
    for _ in range(10):
        watch.answers(row(status="PENDING"))

    assert early == []
    assert [(alert.name, alert.since) for alert in alerts(watch)] == [(short("Pending"), START + MINUTE)]


def test_limited_for_a_day_is_critical_and_says_so():
    watch = Watch()
    watch.answers(row(status="RESTRICTED"))
    watch.passes(25 * HOUR)

    watch.answers(row(status="RESTRICTED"))

    (alert,) = alerts(watch)
    assert (alert.name, alert.severity, alert.hint_id) == (short("Restricted"), "critical", "persisting.restricted")


def test_a_new_number_that_stays_pending_for_a_day_is_a_warning():
    watch = Watch()
    watch.answers(row(status="PENDING"))
    watch.passes(25 * HOUR)

    watch.answers(row(status="PENDING"))

    assert brief(watch) == [(short("Pending"), "warning")]


def overriding(word: str, severity: Severity) -> Policy:
    return Policy(severity=(SeverityRule(Match(), {("quality_rating", word): severity}),))


@pytest.mark.parametrize(
    ("policy", "words", "expected"),
    [
        (overriding("RED", Severity.WARNING), {"quality_rating": "RED"}, [("QualityRed", "warning")]),
        (overriding("YELLOW", Severity.CRITICAL), {"quality_rating": "YELLOW"}, [("QualityYellow", "critical")]),
        (overriding("RED", Severity.OK), {"quality_rating": "RED"}, []),
        (
            overriding("RED", Severity.OK),
            {"quality_rating": "RED", "status": "RATE_LIMITED"},
            [("RateLimited", "warning")],
        ),
        (Policy(ignore=(IgnoreRule(Match(number=(NUMBER,))),)), {"quality_rating": "RED"}, []),
    ],
)
def test_rules_of_the_configuration_are_kept(policy, words, expected):
    watch = Watch(policy=policy)

    watch.answers(row(**words))

    assert brief(watch) == [(short(name), severity) for name, severity in expected]


def test_of_two_states_equally_bad_by_the_tables_each_is_as_bad_as_the_number():
    watch = Watch(policy=overriding("RED", Severity.WARNING))

    watch.answers(row(quality_rating="RED", status="BANNED"))

    assert brief(watch) == [(short("QualityRed"), "critical"), (short("Banned"), "critical")]


def test_a_healthy_word_that_a_rule_makes_trouble_is_an_alert_too():
    watch = Watch(policy=overriding("GREEN", Severity.WARNING))

    watch.answers(row())

    assert brief(watch) == [(IN_TROUBLE, "warning")]


def test_a_state_that_a_reload_makes_trouble_is_an_alert_from_the_next_answer_on():
    watch = Watch(policy=overriding("RED", Severity.OK))
    watch.answers(row(quality_rating="RED"))

    watch.rule(Policy())
    watch.answers(row(quality_rating="RED"))

    assert brief(watch) == [(short("QualityRed"), "critical")]


def test_a_number_that_moved_is_no_alert_where_it_was():
    watch = Watch("a", "b")
    watch.answers(row(), app="a")
    watch.answers(row(waba=OTHER_WABA), app="b")

    watch.answers(row(status="DISCONNECTED"), app="a")

    assert alerts(watch) == []


def test_of_two_rows_of_one_number_the_worse_is_alerted_on():
    watch = Watch()
    watch.answers(row())

    watch.answers(row(), row(quality_rating="RED"))

    assert brief(watch) == [(short("QualityRed"), "critical")]


def test_a_lowered_tier_is_one_alert_of_the_waba_whoever_of_its_numbers_tells_it():
    watch = Watch()
    watch.answers(*rows(2))

    watch.answers(*rows(2, tier="TIER_1K"))

    one, other = alerts(watch)
    assert one == other
    assert one.labels == {
        "alertname": TIER_LOWERED,
        "severity": "warning",
        "attribute": "tier",
        "account": "main",
        "waba_id": WABA,
    }
    assert (one.word, one.since, one.waba_name) == ("TIER_1K", START + MINUTE, "GLORY TEST")


def test_every_documented_word_that_can_be_trouble_has_a_name_and_advice():
    documented = {("quality_rating", text) for text in QUALITY_RATING} | {("status", text) for text in STATUS}
    bad = {state for state in documented if SEVERITIES[state] >= Severity.WARNING}

    assert bad == NAMES.keys()
    assert all(level_hint(*state) in HINTS for state in NAMES)
    assert {canonical("status", alias) for alias in STATUS_ALIASES} <= STATUS.keys()
    assert {attribute for attribute, _ in NAMES} == set(LEVELS)


def test_names_are_unlike_begin_alike_and_are_camel_case():
    names = [*NAMES.values(), TIER_LOWERED, IN_TROUBLE]

    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"NXCloud([A-Z][a-z]+)+", name)] == []


def test_a_new_number_on_its_way_in_is_alerted_on_for_its_rating_alone():
    watch = Watch()
    watch.answers(row("+8613800000002"))

    watch.answers(row("+8613800000002"), row(status="PENDING", quality_rating="RED"), row(status="PENDING"))

    assert brief(watch) == [(short("QualityRed"), "critical")]


def test_an_ambiguous_number_that_is_banned_at_first_sight_is_alerted_on():
    watch = Watch()
    watch.answers(row("+8613800000002"))

    watch.answers(row("+8613800000002"), row(status="BANNED"), row(status="PENDING"))

    assert brief(watch) == [(short("Banned"), "critical")]


def test_a_number_on_its_way_in_that_is_ambiguous_later_is_new_still():
    watch = Watch()
    watch.answers(row("+8613800000002"))
    watch.answers(row("+8613800000002"), row(status="PENDING"))

    watch.answers(row("+8613800000002"), row(status="PENDING", quality_rating="RED"), row(status="PENDING"))

    assert brief(watch) == [(short("QualityRed"), "critical")]


def test_a_word_nobody_documented_is_no_alert_beside_one_that_is():
    watch = Watch()

    watch.answers(row(quality_rating="RED", status="SNOOZED"), row(status="SNOOZED"))

    assert brief(watch) == [(short("QualityRed"), "critical")]


def test_an_ambiguous_number_is_in_trouble_since_it_is_shown_so():
    watch = Watch()
    watch.answers(row(), row())

    watch.answers(row(quality_rating="RED"), row())

    (alert,) = alerts(watch)
    assert alert.since == START + MINUTE


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ({"status": "OFFLINE"}, level_hint("status", "DISCONNECTED")),
        ({"status": "PAUSED"}, level_hint("status", "RESTRICTED")),
        ({"quality_rating": "YELLOW"}, level_hint("quality_rating", "YELLOW")),
    ],
)
def test_the_advice_is_the_documented_words(words, advice):
    watch = Watch()

    watch.answers(row(**words))

    assert alerts(watch)[0].hint_id == advice


def test_an_alert_names_the_number_as_people_know_it():
    watch = Watch()

    watch.answers(row(quality_rating="RED", verified_name="GLORY", waba_name="TEST"))

    (alert,) = alerts(watch)
    assert (alert.verified_name, alert.waba_name) == ("GLORY", "TEST")


def test_a_number_that_could_send_and_is_pending_is_alerted_on_though_it_is_ambiguous():
    watch = Watch()
    watch.answers(row())

    watch.answers(row(status="PENDING"), row())

    assert brief(watch) == [(short("Pending"), "critical")]


def test_what_lasts_is_a_warning_beside_what_is_critical():
    watch = Watch()
    watch.answers(row("+8613800000002"))
    watch.answers(row("+8613800000002"), row(status="PENDING"))
    watch.passes(DAY)

    watch.answers(row("+8613800000002"), row(status="PENDING", quality_rating="RED"))

    assert brief(watch) == [(short("QualityRed"), "critical"), (short("Pending"), "warning")]

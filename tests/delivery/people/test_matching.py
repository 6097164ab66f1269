"""Who is told what: a sink's match says which trouble is told, and how that goes on is told all the same."""

import msgspec
import pytest

from monitor.delivery.people.notice import News
from monitor.delivery.people.rules import Rules
from monitor.fleet.answer import FailureReason
from monitor.fleet.event import Event
from monitor.fleet.match import Match
from monitor.fleet.policy import IgnoreRule, Policy
from tests.delivery.people.living import DAY, HOUR, MINUTE, WABA, Life, row, watching

OPENED, CHANGED, CLOSED, ONCE = News.OPENED, News.CHANGED, News.CLOSED, News.ONCE
ONE, TWO, THREE = "+8613800000001", "+8613800000002", "+8613800000003"
HERE, THERE = "jh42xxxd434", "jh43xxxd435"
CRITICAL = Match(severity=("critical",))


def by(**match) -> Rules:
    return Rules(match=Match(**{"severity": ("warning", "critical"), **match}), settle={})


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        pytest.param(by(), [ONE, TWO], id="everything"),
        pytest.param(by(number=(ONE,)), [ONE], id="a number"),
        pytest.param(by(number=("+86*2",)), [TWO], id="numbers by a glob"),
        pytest.param(by(waba_id=("1*",)), [ONE, TWO], id="a WABA"),
        pytest.param(by(waba_id=("2",)), [], id="another WABA"),
        pytest.param(by(appkey=(HERE,)), [ONE, TWO], id="an app"),
        pytest.param(by(appkey=(THERE,)), [], id="another app"),
        pytest.param(by(labels=(("team", ("emea",)),)), [ONE, TWO], id="a label"),
        pytest.param(by(labels=(("team", ("apac",)),)), [], id="another label"),
        pytest.param(by(attribute=("status",)), [TWO], id="an attribute"),
        pytest.param(by(type=("number.*",)), [ONE, TWO], id="types by a glob"),
        pytest.param(by(type=("app.*",)), [], id="other types"),
        pytest.param(by(account=("other",)), [], id="another account"),
    ],
)
def test_a_sink_is_told_of_what_it_asks_for(rules, told):
    life = Life(rules)
    life.labels[HERE] = (("team", "emea"),)
    life.answers(row(ONE), row(TWO))
    life.passes(5 * MINUTE)

    life.keeps(10 * MINUTE, row(ONE, quality_rating="RED"), row(TWO, status="BANNED"))
    life.keeps(10 * MINUTE, row(ONE), row(TWO))

    assert sorted(life.told()) == sorted(
        [
            *((OPENED, number, "RED" if number == ONE else "BANNED") for number in told),
            *((CLOSED, number, "recovered") for number in told),
        ]
    )


def test_who_wants_critical_trouble_alone_hears_of_no_other():
    life = watching(row(ONE), rules=Rules(match=CRITICAL))

    life.keeps(2 * HOUR, row(ONE, quality_rating="YELLOW"))

    assert life.told() == []


def test_who_wants_critical_trouble_alone_hears_how_it_goes_on():
    life = watching(row(ONE), rules=Rules(match=CRITICAL))

    for word in ("RED", "YELLOW", "GREEN"):
        life.keeps(HOUR, row(ONE, quality_rating=word))

    assert life.told() == [(OPENED, ONE, "RED"), (CHANGED, ONE, "YELLOW"), (CLOSED, ONE, "recovered")]


def test_who_wants_critical_trouble_alone_is_not_told_of_what_is_left_of_a_moment_of_it():
    life = watching(row(ONE), rules=Rules(match=CRITICAL))

    life.keeps(2 * MINUTE, row(ONE, quality_rating="RED"))
    life.keeps(2 * HOUR, row(ONE, quality_rating="YELLOW"))

    assert life.told() == []


def test_who_names_the_types_hears_of_no_others():
    life = watching(row(ONE), rules=by(type=("number.degraded", "number.recovered")))

    for word in ("RED", "YELLOW", "GREEN"):
        life.keeps(HOUR, row(ONE, quality_rating=word))

    assert life.told() == [(OPENED, ONE, "RED"), (CLOSED, ONE, "recovered")]


@pytest.mark.parametrize("rules", [by(number=(ONE,)), by(attribute=("quality_rating",)), by(waba_id=(WABA,))])
def test_an_app_that_leaves_ends_what_was_told_of_a_part_of_it(rules):
    life = watching(row(ONE), rules=rules)
    life.keeps(10 * MINUTE, row(ONE, quality_rating="RED"))

    life.leaves()
    life.passes(HOUR)

    assert life.told() == [(OPENED, ONE, "RED"), (CLOSED, ONE, "left")]


def test_an_ignore_ends_what_was_told_to_who_asked_for_an_attribute():
    life = watching(row(ONE), rules=by(attribute=("status",)))
    life.keeps(10 * MINUTE, row(ONE, status="BANNED"))

    life.policy = Policy(ignore=(IgnoreRule(Match(number=(ONE,))),))
    life.keeps(10 * MINUTE, row(ONE, status="BANNED"))

    assert life.told() == [(OPENED, ONE, "BANNED"), (CLOSED, ONE, "ignored")]


def test_a_status_that_improves_from_what_was_no_trouble_is_told_for_the_trouble_it_is():
    life = watching(row(ONE), row(TWO, status="PENDING"))

    life.keeps(HOUR, row(ONE), row(TWO, status="RESTRICTED"))

    assert life.told() == [(OPENED, TWO, "RESTRICTED")]


def test_rules_that_ask_for_more_are_obeyed_from_the_next_event_on():
    life = watching(row(ONE), rules=by(number=(TWO,)))
    life.keeps(10 * MINUTE, row(ONE, quality_rating="YELLOW"))

    life.reader.rules = by()
    life.keeps(10 * MINUTE, row(ONE, quality_rating="RED"))

    assert life.told() == [(OPENED, ONE, "RED")]


def test_rules_that_ask_for_less_let_go_of_what_waits():
    life = watching(row(ONE))
    life.keeps(3 * MINUTE, row(ONE, quality_rating="RED"))

    life.reader.rules = by(number=(TWO,))
    life.keeps(HOUR, row(ONE, quality_rating="RED"))

    assert (life.told(), life.reader.waits) == ([], {})


def test_nobody_is_reminded_of_what_is_asked_for_no_more():
    life = watching(row(ONE), rules=Rules(remind_every=DAY))
    life.keeps(10 * MINUTE, row(ONE, quality_rating="RED"))

    life.reader.rules = msgspec.structs.replace(by(number=(TWO,)), remind_every=DAY)
    life.keeps(3 * DAY, row(ONE, quality_rating="RED"), every=HOUR)

    assert life.told() == [(OPENED, ONE, "RED")]


def test_an_app_that_cannot_be_reached_and_can_again():
    life = watching(row(ONE))

    for _ in range(10):
        life.fails()
        life.passes(MINUTE)
    life.keeps(HOUR, row(ONE))

    assert life.told() == [(OPENED, HERE, "app.unreachable"), (CLOSED, HERE, "recovered")]


def test_an_account_that_cannot_be_reached_is_one_trouble_that_gets_worse_after_a_quarter_of_an_hour():
    life = Life()
    for app in (HERE, THERE):
        life.answers(row(app), app=app)
    life.passes(5 * MINUTE)

    for _ in range(30):
        for app in (HERE, THERE):
            life.fails(app=app)
        life.passes(MINUTE)
    for app in (HERE, THERE):
        life.answers(row(app), app=app)
    life.passes(HOUR)

    severities = [line.severity for _at, digest in life.reader.heard for line in digest.lines]
    assert ([line[:2] for line in life.told()], severities) == (
        [(OPENED, "main"), (CHANGED, "main"), (CLOSED, "main")],
        ["warning", "critical", "info"],
    )


def test_credentials_that_are_refused_while_an_account_cannot_be_reached_are_news():
    life = Life()
    for app in (HERE, THERE):
        life.answers(row(app), app=app)
    life.passes(5 * MINUTE)
    for reason in (FailureReason.TIMEOUT, FailureReason.AUTH):
        for _ in range(20):
            for app in (HERE, THERE):
                life.fails(app=app, reason=reason)
            life.passes(MINUTE)

    hints = [line.troubles[0].hint_id for _at, digest in life.reader.heard for line in digest.lines]
    assert hints == ["account.unreachable", "account.unreachable", "account.refused"]


def test_lists_that_are_empty_for_a_while_are_one_trouble_of_the_account():
    life = Life()
    for app in (HERE, THERE):
        life.answers(row(app), app=app)
    life.passes(5 * MINUTE)

    for _ in range(20):
        for app in (HERE, THERE):
            life.answers(app=app)
        life.passes(MINUTE)
    for app in (HERE, THERE):
        life.answers(row(app), app=app)
    life.passes(HOUR)

    assert [line[1:] for line in life.told()] == [("main", "account.suspect"), ("main", "recovered")]


def test_a_list_of_apps_that_is_held_back_and_believed():
    life = watching(row(ONE))

    for kind, severity in (("app_list.held", "warning"), ("app_list.accepted", "info")):
        facts = {"account": "main", "severity": severity, "source": "file", "before": 9, "after": 2, "appkeys": []}
        life.happens(Event(kind, life.at, severity, "main", "main", data=facts))  # type: ignore[arg-type]  # as in the table above
        life.passes(5 * MINUTE)

    assert life.told() == [(OPENED, "main", "app_list.held"), (CLOSED, "main", "recovered")]


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        pytest.param(["TIER_1K", "TIER_10K"], [(OPENED, "TIER_1K"), (CLOSED, "recovered")], id="raised again"),
        pytest.param(
            ["TIER_1K", "TIER_2K", "TIER_10K"],
            [(OPENED, "TIER_1K"), (CHANGED, "TIER_2K"), (CLOSED, "recovered")],
            id="partly raised",
        ),
        pytest.param(["TIER_2K", "TIER_1K"], [(OPENED, "TIER_2K"), (CHANGED, "TIER_1K")], id="lowered once more"),
        pytest.param(["TIER_100K"], [], id="only raised"),
    ],
)
def test_a_tier_is_told_of_the_waba_as_it_goes(steps, told):
    life = watching(row(ONE), row(TWO))

    for tier in steps:
        life.keeps(HOUR, row(ONE, tier=tier), row(TWO, tier=tier))

    assert life.told() == [(news, WABA, state) for news, state in told]


def test_a_tier_that_some_numbers_have_back_is_still_lower():
    life = watching(row(ONE), row(TWO))
    life.keeps(HOUR, row(ONE, tier="TIER_1K"), row(TWO, tier="TIER_1K"))

    life.keeps(HOUR, row(ONE), row(TWO, tier="TIER_1K"))
    before = [line[0] for line in life.told()]
    life.keeps(HOUR, row(ONE), row(TWO))

    assert (before, life.told()[-1]) == ([OPENED, CHANGED], (CLOSED, WABA, "recovered"))


def test_a_number_that_goes_does_not_end_what_others_of_its_waba_keep_open():
    life = watching(row(ONE), row(TWO), row(THREE))
    life.keeps(HOUR, *(row(number, tier="TIER_1K") for number in (ONE, TWO, THREE)))

    life.keeps(HOUR, *(row(number, tier="TIER_1K") for number in (ONE, TWO)))

    assert life.told() == [(OPENED, WABA, "TIER_1K"), (ONCE, THREE, "number.removed")]


def test_after_seven_days_the_lower_tier_is_the_rule():
    life = watching(row(ONE))

    life.keeps(8 * DAY, row(ONE, tier="TIER_1K"), every=HOUR)

    line = life.reader.heard[-1][1].lines[0]
    assert (line.news, line.troubles[0].hint_id) == (CLOSED, "tier.rule")


def test_what_is_replayed_is_told_as_it_was_and_changes_nothing():
    life = watching(row(ONE))
    life.keeps(10 * MINUTE, row(ONE, quality_rating="RED"))
    life.keeps(10 * MINUTE, row(ONE))
    known = dict(life.reader.known)

    life.replays(2)
    life.replays(3)
    life.passes(5 * MINUTE)

    assert life.told()[2:] == [(ONCE, ONE, "RED"), (ONCE, ONE, "GREEN")]
    assert life.reader.known.keys() <= known.keys()


def test_what_was_no_news_is_none_when_it_is_replayed():
    life = watching(row(ONE))
    life.keeps(10 * MINUTE, row(ONE, verified_name="GLORY JANE"))

    life.replays(2)
    life.passes(5 * MINUTE)

    assert life.told() == []

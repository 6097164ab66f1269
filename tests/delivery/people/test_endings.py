"""How trouble ends: well again is only what is well; what is gone, moved, ignored or left is said to be that."""

import msgspec

from monitor.delivery.people.notice import News
from monitor.delivery.people.rules import Rules
from monitor.fleet.match import Match
from monitor.fleet.policy import IgnoreRule, Policy
from tests.delivery.people.living import HOUR, MINUTE, Life, believed, row, watching

ONE, TWO = "+8613800000001", "+8613800000002"
HERE, THERE = "jh42xxxd434", "jh43xxxd435"
OPENED, CHANGED, CLOSED, ONCE = News.OPENED, News.CHANGED, News.CLOSED, News.ONCE
RED = {"quality_rating": "RED"}
IGNORING = Policy(ignore=(IgnoreRule(Match(number=(ONE,))),))


def shared(*, elsewhere: dict[str, str] | None = None) -> Life:
    """A number that two apps list."""
    life = Life()
    for app, words in ((HERE, {}), (THERE, elsewhere or {})):
        life.answers(row(ONE, **words), app=app)
    life.passes(15 * MINUTE)
    return life


def both(life: Life, here: dict[str, str], there: dict[str, str], minutes: int = 10) -> None:
    for _ in range(minutes):
        life.answers(row(ONE, **here), app=HERE)
        life.answers(row(ONE, **there), app=THERE)
        life.passes(MINUTE)


def test_a_number_that_is_well_again_recovered():
    life = watching(row(ONE))

    life.keeps(10 * MINUTE, row(ONE, **RED))
    life.keeps(HOUR, row(ONE))

    assert life.told() == [(OPENED, ONE, "RED"), (CLOSED, ONE, "recovered")]


def test_a_number_that_is_gone_did_not_recover():
    life = watching(row(ONE), row(TWO))

    life.keeps(10 * MINUTE, row(ONE, **RED), row(TWO))
    life.keeps(HOUR, row(TWO))

    assert life.told() == [(OPENED, ONE, "RED"), (CLOSED, ONE, "removed")]


def test_a_number_that_is_gone_without_trouble_is_told_once():
    life = watching(row(ONE), row(TWO))

    life.keeps(HOUR, row(TWO))

    assert life.told() == [(ONCE, ONE, "number.removed")]


def test_a_number_that_is_gone_before_its_trouble_was_told_is_told_once():
    life = watching(row(ONE), row(TWO))

    life.keeps(5 * MINUTE, row(ONE, quality_rating="YELLOW"), row(TWO))
    life.keeps(HOUR, row(TWO))

    assert life.told() == [(ONCE, ONE, "number.removed")]


def test_a_number_that_sends_from_elsewhere_moved():
    life = Life()
    life.answers(row(ONE), row(TWO), app=HERE)
    life.answers(row("+8613800000003"), app=THERE)
    life.passes(5 * MINUTE)

    life.keeps(20 * MINUTE, row(ONE, status="DISCONNECTED"), row(TWO), app=HERE)
    life.keeps(20 * MINUTE, row("+8613800000003"), row(ONE), app=THERE)
    life.keeps(20 * MINUTE, row(ONE, status="DISCONNECTED"), row(TWO), app=HERE)

    assert life.told() == [(OPENED, ONE, "DISCONNECTED"), (CLOSED, ONE, "moved")]


def test_a_number_that_is_at_the_new_place_before_it_leaves_the_old_one_is_no_news():
    life = Life()
    life.answers(row(ONE), row(TWO), app=HERE)
    life.answers(row("+8613800000003"), app=THERE)
    life.passes(5 * MINUTE)

    life.keeps(5 * MINUTE, row("+8613800000003"), row(ONE), app=THERE)
    life.keeps(HOUR, row(ONE, status="MIGRATED"), row(TWO), app=HERE)
    life.keeps(HOUR, row(TWO), app=HERE)

    assert life.told() == []


def test_an_ignore_ends_what_was_told():
    life = watching(row(ONE))
    life.keeps(10 * MINUTE, row(ONE, **RED))

    life.policy = IGNORING
    life.keeps(HOUR, row(ONE, **RED))

    assert life.told() == [(OPENED, ONE, "RED"), (CLOSED, ONE, "ignored")]


def test_what_happens_to_an_ignored_number_is_not_told():
    life = watching(row(ONE), policy=IGNORING)

    for words in (RED, {"status": "BANNED"}, {}):
        life.keeps(HOUR, row(ONE, **words))

    assert life.told() == []


def test_trouble_that_is_no_longer_ignored_is_told_for_what_it_is():
    life = watching(row(ONE), policy=IGNORING)
    life.keeps(10 * MINUTE, row(ONE, quality_rating="RED", status="BANNED"))

    life.policy = Policy()
    life.keeps(HOUR, row(ONE, quality_rating="RED", status="BANNED"))

    assert sorted(life.told()) == [(OPENED, ONE, "BANNED"), (OPENED, ONE, "RED")]


def test_what_an_ignored_entry_does_is_nothing_to_an_incident_that_another_keeps_open():
    life = shared()
    life.policy = Policy(ignore=(IgnoreRule(Match(appkey=(THERE,))),))
    both(life, {"quality_rating": "YELLOW"}, {}, minutes=40)

    both(life, {"quality_rating": "YELLOW"}, RED, minutes=30)

    assert life.told() == [(OPENED, ONE, "YELLOW")]


def test_an_app_that_leaves_takes_its_troubles_along():
    life = watching(row(ONE), row(TWO))
    life.keeps(10 * MINUTE, row(ONE, **RED), row(TWO))

    life.leaves()
    life.passes(HOUR)

    assert life.told() == [(OPENED, ONE, "RED"), (CLOSED, ONE, "left")]


def test_an_app_that_leaves_while_it_cannot_be_reached_ends_that_too():
    life = watching(row(ONE))
    for _ in range(3):
        life.fails()
        life.passes(MINUTE)

    life.leaves()
    life.passes(HOUR)

    assert life.told() == [(OPENED, HERE, "app.unreachable"), (CLOSED, HERE, "left")]


def test_a_number_in_two_apps_is_one_trouble():
    life = shared()

    both(life, RED, RED)

    assert life.told() == [(OPENED, ONE, "RED")]


def test_a_number_in_two_apps_is_well_when_it_is_well_in_both():
    life = shared()
    both(life, RED, RED)

    both(life, {}, RED, minutes=30)
    before = life.told()
    both(life, {}, {})

    assert (before, life.told()) == (
        [(OPENED, ONE, "RED")],
        [(OPENED, ONE, "RED"), (CLOSED, ONE, "recovered")],
    )


def test_trouble_that_goes_on_in_a_second_place_is_not_over_though_that_place_was_never_told():
    life = watching(row(ONE, **RED))
    life.answers(row(TWO), app=THERE)
    life.keeps(10 * MINUTE, row(TWO), row(ONE, **RED), app=THERE)

    life.keeps(30 * MINUTE, row(ONE), app=HERE)
    before = life.told()[1:]
    life.keeps(10 * MINUTE, row(TWO), row(ONE), app=THERE)

    assert (before, life.told()[1:]) == ([], [(CLOSED, ONE, "recovered")])


def test_a_number_that_is_bad_in_an_app_that_is_new_stays_bad_until_it_is_well_there():
    life = watching(row(ONE))
    life.keeps(10 * MINUTE, row(ONE, **RED), app=HERE)
    life.answers(row(ONE, **RED), app=THERE)
    life.passes(10 * MINUTE)

    both(life, {}, RED)

    heard = believed(digest for _at, digest in life.reader.heard)
    assert heard == {f"main/{ONE}/quality_rating": "RED"}


def test_an_end_that_another_place_keeps_from_being_one_is_none_for_those_who_hear_of_one_app():
    life = Life(Rules(match=Match(severity=("warning", "critical"), appkey=(HERE,))))
    for app in (HERE, THERE):
        life.answers(row(ONE), app=app)
    life.passes(15 * MINUTE)
    both(life, RED, RED)

    both(life, {}, RED)

    assert life.told() == [(OPENED, ONE, "RED"), (CLOSED, ONE, "recovered")]


def test_numbers_that_are_bad_and_well_in_many_apps_do_not_change_often():
    life = Life(Rules(settle={}))
    apps = [f"jh4{index}xxxd43{index}" for index in range(4)]
    for words in ({}, RED, {}):
        for app in apps:
            life.answers(row(ONE, **words), app=app)
        life.passes(15 * MINUTE)

    assert life.told() == [(OPENED, ONE, "RED"), (CLOSED, ONE, "recovered")]


def test_what_is_over_says_what_it_was_and_since_when():
    life = watching(row(ONE))
    life.keeps(10 * MINUTE, row(ONE, **RED))
    began = life.events[-1].time

    life.keeps(10 * MINUTE, row(ONE))

    (ended,) = life.reader.heard[-1][1].lines[0].troubles
    assert (ended.before, ended.word, ended.began, ended.severity) == ("RED", "GREEN", began, "info")


def test_what_is_kept_over_a_restart_reads_back_as_it_was():
    life = watching(row(ONE))
    life.keeps(10 * MINUTE, row(ONE, **RED))

    (known,) = life.reader.known.values()

    assert known.told is not None
    assert msgspec.structs.asdict(known.told)["word"] == "RED"

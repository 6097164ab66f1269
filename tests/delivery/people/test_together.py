"""What belongs together is told together: numbers of one WABA, and the first answers of an account's apps."""

import pytest

from monitor.delivery.people.notice import News
from monitor.delivery.people.rules import Rules
from monitor.fleet.match import Match
from tests.delivery.people.living import HOUR, MINUTE, SECOND, Life, believed, row, watching

OPENED, CHANGED, CLOSED, ONCE, REMINDER = News.OPENED, News.CHANGED, News.CLOSED, News.ONCE, News.REMINDER
NUMBERS = tuple(f"+86138000000{index:02d}" for index in range(1, 10))
NAME = "GLORY TEST"
HERE, THERE = "jh42xxxd434", "jh43xxxd435"


def some(red: int, word: str = "RED", of: int = 6):
    """The first of six numbers in trouble."""
    return [row(number, quality_rating=word if at < red else "GREEN") for at, number in enumerate(NUMBERS[:of])]


def test_three_numbers_are_told_each_by_itself():
    life = watching(*some(0))

    life.keeps(10 * MINUTE, *some(3))

    assert life.told() == [(OPENED, number, "RED") for number in NUMBERS[:3]]


def test_four_numbers_are_one_incident():
    life = watching(*some(0))

    life.keeps(10 * MINUTE, *some(4))

    assert life.told() == [(OPENED, f"4 of {NAME}", "4 open")]


def test_what_is_told_of_one_hears_of_the_rest_in_their_five_minutes():
    life = watching(*some(0))

    for red in (1, 2, 3, 4, 4, 4, 4, 4):
        life.keeps(MINUTE, *some(red))

    assert life.told_at() == [(10, OPENED, f"4 of {NAME}", "4 open")]


def test_stragglers_join_the_incident():
    life = watching(*some(0))
    life.keeps(3 * MINUTE, *some(4))

    life.keeps(15 * MINUTE, *some(6))

    assert life.told() == [(OPENED, f"6 of {NAME}", "6 open")]


def test_those_that_join_after_it_was_told_are_news_of_it():
    life = watching(*some(0), rules=Rules(settle={}))
    life.keeps(3 * MINUTE, *some(4))

    life.keeps(15 * MINUTE, *some(6))

    assert life.told() == [(OPENED, f"4 of {NAME}", "4 open"), (CHANGED, f"6 of {NAME}", "6 open")]


def test_what_turns_bad_an_hour_later_is_an_incident_of_its_own():
    life = watching(*some(0))
    life.keeps(HOUR, *some(4))

    life.keeps(10 * MINUTE, *some(5))

    assert life.told() == [(OPENED, f"4 of {NAME}", "4 open"), (OPENED, NUMBERS[4], "RED")]


def test_a_group_says_who_has_recovered_and_closes_with_the_last():
    life = watching(*some(0))

    for red in (5, 3, 1, 0):
        life.keeps(10 * MINUTE, *some(red))

    assert life.told() == [
        (OPENED, f"5 of {NAME}", "5 open"),
        (CHANGED, f"5 of {NAME}", "3 open"),
        (CHANGED, f"5 of {NAME}", "1 open"),
        (CLOSED, f"5 of {NAME}", "recovered 0 open"),
    ]


def test_a_group_keeps_count_of_those_that_joined_and_left_again():
    life = watching(*some(0), rules=Rules(settle={}))
    life.keeps(3 * MINUTE, *some(4))
    life.keeps(3 * MINUTE, *some(6))

    life.keeps(3 * MINUTE, *some(4))
    life.keeps(3 * MINUTE, *some(0))

    assert life.told()[2:] == [(CHANGED, f"6 of {NAME}", "4 open"), (CLOSED, f"6 of {NAME}", "recovered 0 open")]


def test_a_group_that_is_gone_did_not_recover():
    life = watching(*some(0), row("+8613900000001", waba_id="2"))
    life.keeps(10 * MINUTE, *some(5), row("+8613900000001", waba_id="2"))

    life.leaves()
    life.passes(5 * MINUTE)

    assert life.told()[-1] == (CLOSED, f"5 of {NAME}", "left 0 open")


def test_numbers_of_two_wabas_are_two_incidents():
    def rows(word: str):
        return [row(number + waba, waba_id=waba, quality_rating=word) for waba in "12" for number in NUMBERS[:4]]

    life = watching(*rows("GREEN"))

    life.keeps(10 * MINUTE, *rows("RED"))

    assert life.told() == [(OPENED, f"4 of {NAME}", "4 open"), (OPENED, f"4 of {NAME}", "4 open")]


def test_masked_numbers_of_a_waba_are_a_group_too():
    masked = [f"+86 xxx {index}" for index in range(4)]
    life = watching(*(row(number) for number in masked))

    life.keeps(10 * MINUTE, *(row(number, quality_rating="RED") for number in masked))

    assert life.told() == [(OPENED, f"4 of {NAME}", "4 open")]


def test_numbers_without_a_waba_are_told_each_by_itself():
    life = watching(*(row(number, waba_id="") for number in NUMBERS[:5]))

    life.keeps(10 * MINUTE, *(row(number, waba_id="", quality_rating="RED") for number in NUMBERS[:5]))

    assert len(life.told()) == 5


def test_what_turned_bad_over_an_hour_while_the_sink_was_down_is_no_group():
    life = watching(*some(0))
    life.reader.down = True
    for red in (1, 2, 3, 4):
        life.keeps(20 * MINUTE, *some(red))

    life.reader.down = False
    life.passes(5 * MINUTE)

    assert life.told() == [(OPENED, number, "RED") for number in NUMBERS[:4]]


def test_a_group_is_reminded_of_as_one():
    life = watching(*some(0), rules=Rules(remind_every=2 * HOUR))

    life.keeps(3 * HOUR, *some(5))

    assert life.told() == [(OPENED, f"5 of {NAME}", "5 open"), (REMINDER, f"5 of {NAME}", "5 open")]


def test_a_group_that_changes_often_is_said_so_once_and_then_it_is_quiet():
    life = watching(*some(0), rules=Rules(settle={}))

    for time in range(20):
        life.keeps(4 * MINUTE, *some(0 if time % 2 else 4))

    assert [line[0] for line in life.told()] == [OPENED, CLOSED, OPENED, CLOSED, OPENED, CHANGED]
    assert life.told()[-1] == (CHANGED, f"4 of {NAME}", "flapping 4 open")


def test_the_first_answers_of_all_apps_are_one_summary():
    life = Life()

    for index, app in enumerate((HERE, THERE, "jh44xxxd436")):
        life.answers(*(row(f"{number}{index}", quality_rating="RED") for number in NUMBERS[:2]), row("+1"), app=app)
        life.passes(50 * SECOND)
    life.passes(HOUR)

    assert life.told() == [(ONCE, "baseline of 3 apps", "6 of 9")]


def test_a_round_that_takes_long_is_summed_up_after_ten_minutes():
    life = Life()

    for index in range(20):
        life.answers(row(NUMBERS[0] + str(index), quality_rating="RED"), app=f"app{index}")
        life.passes(50 * SECOND)
    life.passes(HOUR)

    assert [about for _news, about, _state in life.told()] == ["baseline of 13 apps", "baseline of 7 apps"]


def test_a_healthy_account_is_no_news():
    life = Life()

    life.keeps(HOUR, *some(0))

    assert life.told() == []


def test_what_recovered_before_the_summary_is_not_in_it():
    life = Life()
    life.answers(*some(2))
    life.passes(30 * SECOND)

    life.keeps(5 * MINUTE, *some(1))

    baseline = life.reader.heard[0][1].baseline
    assert baseline is not None
    assert ([trouble.number for trouble in baseline.degraded], baseline.degraded_count) == ([NUMBERS[0]], 1)


def test_when_all_has_recovered_before_the_summary_there_is_none():
    life = Life()
    life.answers(*some(2))
    life.passes(30 * SECOND)

    life.keeps(HOUR, *some(0))

    assert life.told() == []


def test_trouble_that_a_summary_named_ends_like_any_other():
    life = watching(*some(1))

    life.keeps(5 * MINUTE, *some(0))

    assert life.told() == [(ONCE, "baseline of 1 apps", "1 of 6"), (CLOSED, NUMBERS[0], "recovered")]


def test_a_summary_without_what_a_sink_wants_is_none_and_what_gets_worse_is_told():
    life = watching(*some(2, "YELLOW"), rules=Rules(match=Match(severity=("critical",))))

    life.keeps(10 * MINUTE, *some(1, "RED"))

    assert life.told() == [(OPENED, NUMBERS[0], "RED")]


def test_an_app_that_comes_back_is_summed_up_anew():
    life = watching(*some(1))
    life.leaves()
    life.passes(HOUR)

    life.keeps(5 * MINUTE, *some(1))

    assert [line[0::2] for line in life.told()] == [(ONCE, "1 of 6"), (CLOSED, "left"), (ONCE, "1 of 6")]


def test_an_app_that_leaves_and_comes_back_in_a_moment_goes_on():
    life = watching(*some(1))
    life.leaves()

    life.keeps(30 * MINUTE, *some(1))

    assert believed(digest for _at, digest in life.reader.heard) == {f"main/{NUMBERS[0]}/quality_rating": "RED"}


@pytest.mark.parametrize("match", [Match(number=(NUMBERS[0],)), Match(attribute=("quality_rating",))])
def test_what_is_in_trouble_from_the_first_is_told_to_those_who_asked_for_a_part_of_it(match):
    life = watching(*some(2), rules=Rules(match=match))

    assert len(life.told()) == 1


def test_those_who_asked_for_other_numbers_get_no_summary():
    life = watching(*some(2), rules=Rules(match=Match(number=("+44*",), severity=("warning", "critical"))))

    assert life.told() == []

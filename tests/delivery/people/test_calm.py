"""Calm: reminders, what changes often, and maintenance."""

from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.cron import CronTrigger

from monitor.delivery.people.maintenance import RecurringWindow, SingleWindow
from monitor.delivery.people.notice import News
from monitor.delivery.people.rules import Rules
from monitor.fleet.match import Match
from tests.delivery.people.living import DAY, HOUR, MINUTE, START, Life, row, watching

OPENED, CHANGED, CLOSED, ONCE, REMINDER = News.OPENED, News.CHANGED, News.CLOSED, News.ONCE, News.REMINDER
ONE, TWO = "+8613800000001", "+8613800000002"
RED = {"quality_rating": "RED"}
DAILY = Rules(remind_every=DAY)


def maintained(start: int, duration: int, **more) -> Rules:
    """Rules with a window so long after the start."""
    return Rules(windows=(SingleWindow(more.pop("match", Match()), START + start, duration),), **more)


def flapping(life: Life, times: int, every: int = 4 * MINUTE, bad: str = "RED", good: str = "GREEN") -> None:
    for time in range(times):
        life.answers(row(ONE, quality_rating=good if time % 2 else bad))
        life.passes(every)


def test_what_is_critical_is_reminded_of_as_often_as_asked_for():
    life = watching(row(ONE), rules=DAILY)

    life.keeps(2 * DAY + HOUR, row(ONE, **RED), every=10 * MINUTE)

    assert life.told_at() == [
        (10, OPENED, ONE, "RED"),
        (10 + 24 * 60, REMINDER, ONE, "RED"),
        (10 + 48 * 60, REMINDER, ONE, "RED"),
    ]


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        pytest.param(DAILY, {"quality_rating": "YELLOW"}, id="a warning"),
        pytest.param(Rules(), RED, id="nobody asks"),
        pytest.param(DAILY, {"tier": "TIER_1K"}, id="a tier"),
    ],
)
def test_nobody_is_reminded_of(rules, words):
    life = watching(row(ONE), rules=rules)

    life.keeps(3 * DAY, row(ONE, **words), every=HOUR)

    assert [line[0] for line in life.told()] == [OPENED]


def test_what_would_be_reminded_of_within_the_hour_is_in_one_message():
    life = watching(row(ONE), row(TWO), rules=DAILY)

    life.keeps(30 * MINUTE, row(ONE, **RED), row(TWO))
    life.keeps(DAY, row(ONE, **RED), row(TWO, **RED), every=10 * MINUTE)

    assert [len(digest.lines) for _at, digest in life.reader.heard] == [1, 1, 2]


def test_what_is_over_by_what_the_fleet_knows_is_said_to_be_over():
    life = watching(row(ONE), rules=DAILY)
    life.keeps(10 * MINUTE, row(ONE, **RED))
    life.fleet.remove(("main", "jh42xxxd434"))

    life.passes(3 * DAY)

    assert life.told() == [(OPENED, ONE, "RED"), (CLOSED, ONE, "over")]


def test_a_reminder_waits_for_the_end_of_a_maintenance():
    life = watching(row(ONE), rules=maintained(DAY, 2 * HOUR, remind_every=DAY))

    life.keeps(DAY + 5 * HOUR, row(ONE, **RED), every=10 * MINUTE)

    assert life.told_at()[1:] == [(26 * 60, REMINDER, ONE, "RED")]


def test_the_sixth_change_within_an_hour_is_said_once_and_then_nothing():
    life = watching(row(ONE), rules=Rules(settle={}))

    flapping(life, 20)

    assert life.told() == [
        (OPENED, ONE, "RED"),
        (CLOSED, ONE, "recovered"),
        (OPENED, ONE, "RED"),
        (CLOSED, ONE, "recovered"),
        (OPENED, ONE, "RED"),
        (CHANGED, ONE, "flapping"),
    ]


def test_five_changes_within_an_hour_are_each_told():
    life = watching(row(ONE), rules=Rules(settle={}))

    flapping(life, 5)
    life.passes(3 * HOUR)

    assert [line[0] for line in life.told()] == [OPENED, CLOSED, OPENED, CLOSED, OPENED]


def test_what_never_lasts_long_enough_to_be_told_and_changes_often_is_said_once():
    life = watching(row(ONE))

    flapping(life, 20)

    assert life.told() == [(OPENED, ONE, "flapping")]


@pytest.mark.parametrize(
    ("word", "end"),
    [
        pytest.param("GREEN", (CLOSED, ONE, "recovered"), id="well"),
        pytest.param("RED", (CHANGED, ONE, "RED"), id="in trouble"),
    ],
)
def test_what_has_been_calm_for_an_hour_is_told_for_what_it_is(word, end):
    life = watching(row(ONE))
    flapping(life, 9)
    life.answers(row(ONE, quality_rating=word))
    calm_at = life.events[-1].time + HOUR

    life.keeps(3 * HOUR, row(ONE, quality_rating=word))

    assert (life.told()[1:], life.reader.heard[-1][0]) == ([end], calm_at)


def test_what_gets_worse_while_it_changes_often_is_told_and_then_it_is_quiet_again():
    life = watching(row(ONE))
    flapping(life, 9, bad="YELLOW")

    life.keeps(10 * MINUTE, row(ONE, **RED))
    flapping(life, 9, bad="YELLOW")

    assert life.told() == [(OPENED, ONE, "flapping"), (CHANGED, ONE, "RED")]


def test_a_number_that_goes_while_it_changes_often_is_told_at_once():
    life = watching(row(ONE), row(TWO))
    for time in range(8):
        life.answers(row(ONE, quality_rating="GREEN" if time % 2 else "RED"), row(TWO))
        life.passes(4 * MINUTE)

    life.answers(row(ONE, **RED), row(TWO))
    life.keeps(15 * MINUTE, row(TWO))

    assert life.told() == [(OPENED, ONE, "flapping"), (CLOSED, ONE, "removed")]


def test_what_changes_often_and_is_not_asked_for_is_not_said():
    life = watching(row(ONE), rules=Rules(match=Match(severity=("critical",))))

    flapping(life, 20, bad="YELLOW")

    assert life.told() == []


def test_an_app_that_is_up_and_down_is_said_so_once():
    life = watching(row(ONE))

    for _ in range(20):
        for _poll in range(3):
            life.fails()
            life.passes(MINUTE)
        life.answers(row(ONE))
        life.passes(MINUTE)

    assert [line[2] for line in life.told()].count("flapping") == 1
    assert len(life.told()) <= 6


def test_maintenance_in_which_nothing_is_left_at_the_end_is_not_mentioned():
    life = watching(row(ONE), rules=maintained(10 * MINUTE, HOUR))
    life.passes(10 * MINUTE)

    life.keeps(20 * MINUTE, row(ONE, status="BANNED"))
    life.keeps(2 * HOUR, row(ONE))

    assert life.told() == []


def test_what_is_left_of_a_maintenance_is_told_when_it_ends():
    life = watching(row(ONE), row(TWO), rules=maintained(10 * MINUTE, HOUR))
    life.passes(10 * MINUTE)

    life.keeps(10 * MINUTE, row(ONE, **RED), row(TWO, status="BANNED"))
    life.keeps(2 * HOUR, row(ONE), row(TWO, status="BANNED"))

    assert life.told_at() == [(70, OPENED, TWO, "BANNED")]


def test_what_people_knew_and_what_ended_in_a_maintenance_is_told_when_it_ends():
    life = watching(row(ONE), rules=maintained(20 * MINUTE, HOUR))
    life.keeps(20 * MINUTE, row(ONE, **RED))

    life.keeps(2 * HOUR, row(ONE))

    assert life.told_at() == [(10, OPENED, ONE, "RED"), (80, CLOSED, ONE, "recovered")]


def test_maintenance_of_some_holds_back_no_others():
    life = watching(row(ONE), row(TWO), rules=maintained(0, 3 * HOUR, match=Match(number=(ONE,))))

    life.keeps(HOUR, row(ONE, status="BANNED"), row(TWO, status="BANNED"))

    assert life.told() == [(OPENED, TWO, "BANNED")]


def test_what_is_told_once_waits_for_the_end_of_a_maintenance_too():
    life = watching(row(ONE), rules=maintained(0, HOUR))

    life.keeps(2 * HOUR, row(ONE, name_status="DECLINED"))

    assert life.told_at() == [(60, ONCE, ONE, "DECLINED")]


def test_a_first_look_in_a_maintenance_is_told_when_it_ends_with_what_is_left_of_it():
    life = watching(row(ONE, **RED), row(TWO, **RED), rules=maintained(0, HOUR))

    life.keeps(2 * HOUR, row(ONE), row(TWO, **RED))

    assert life.told_at() == [(60, ONCE, "baseline of 1 apps", "1 of 2")]


def test_a_window_that_comes_every_night_keeps_its_place_on_the_clock():
    zone = ZoneInfo("Europe/Berlin")
    window = RecurringWindow(Match(), CronTrigger(hour=2, minute=30, timezone=zone), 90 * MINUTE)
    midsummer = 1_816_300_800_000  # 22 July 2027, 00:00 UTC: 02:00 in Berlin

    opened = [minute for minute in range(0, 24 * 60, 5) if window.open_until(midsummer + minute * MINUTE)]

    assert (opened[0], opened[-1]) == (30, 115)


def test_windows_that_overlap_are_open_until_the_last_of_them_ends():
    window = RecurringWindow(Match(), CronTrigger(minute=0, timezone=ZoneInfo("UTC")), 90 * MINUTE)

    life = watching(row(ONE), rules=Rules(windows=(window,)))
    life.keeps(5 * HOUR, row(ONE, status="BANNED"))

    assert life.told() == []


def test_a_window_that_never_comes_is_never_open():
    window = RecurringWindow(Match(), CronTrigger.from_crontab("0 0 30 2 *", timezone=ZoneInfo("UTC")), HOUR)

    assert [window.open_until(START + hour * HOUR) for hour in range(3)] == [None, None, None]

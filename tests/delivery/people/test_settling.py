"""When people are told of trouble: once it has lasted, once, and no sooner."""

import pytest

from monitor.delivery.people.notice import News
from monitor.delivery.people.rules import Rules
from tests.delivery.people.living import DAY, HOUR, MINUTE, SECOND, row, watching

ONE, TWO = "+8613800000001", "+8613800000002"
OPENED, CHANGED, CLOSED, ONCE = News.OPENED, News.CHANGED, News.CLOSED, News.ONCE
AT_ONCE = Rules(settle={})


@pytest.mark.parametrize(
    ("words", "lasts"),
    [
        pytest.param({"quality_rating": "RED"}, 4, id="RED for four minutes"),
        pytest.param({"quality_rating": "YELLOW"}, 29, id="YELLOW for 29 minutes"),
        pytest.param({"status": "RATE_LIMITED"}, 29, id="RATE_LIMITED for 29 minutes"),
    ],
)
def test_what_heals_before_it_has_settled_is_not_told(words, lasts):
    life = watching(row(ONE))

    life.keeps(lasts * MINUTE, row(ONE, **words))
    life.keeps(HOUR, row(ONE))

    assert life.told() == []


@pytest.mark.parametrize(
    ("words", "state", "after"),
    [
        pytest.param({"quality_rating": "RED"}, "RED", 5, id="RED"),
        pytest.param({"quality_rating": "YELLOW"}, "YELLOW", 30, id="YELLOW"),
        pytest.param({"status": "RATE_LIMITED"}, "RATE_LIMITED", 30, id="RATE_LIMITED"),
        pytest.param({"status": "RESTRICTED"}, "RESTRICTED", 0, id="RESTRICTED"),
        pytest.param({"status": "BANNED"}, "BANNED", 0, id="BANNED"),
        pytest.param({"status": "DISCONNECTED"}, "DISCONNECTED", 0, id="DISCONNECTED"),
    ],
)
def test_what_lasts_is_told_once_when_it_has_settled(words, state, after):
    life = watching(row(ONE))

    life.keeps(2 * HOUR, row(ONE, **words))

    assert life.told_at() == [(5 + after, OPENED, ONE, state)]


def test_what_comes_is_waited_for_ten_seconds():
    life = watching(row(ONE))
    life.answers(row(ONE, status="BANNED"))

    life.passes(9 * SECOND)
    before = life.told()
    life.passes(SECOND)

    assert (before, life.told()) == ([], [(OPENED, ONE, "BANNED")])


def test_worse_need_not_wait_for_the_lesser_trouble_nor_longer_than_its_own_time():
    life = watching(row(ONE))

    life.keeps(10 * MINUTE, row(ONE, quality_rating="YELLOW"))
    life.keeps(10 * MINUTE, row(ONE, quality_rating="RED"))

    assert life.told_at() == [(20, OPENED, ONE, "RED")]


def test_worse_is_told_when_the_lesser_trouble_has_settled_if_that_is_sooner():
    life = watching(row(ONE))

    life.keeps(29 * MINUTE, row(ONE, quality_rating="YELLOW"))
    life.keeps(10 * MINUTE, row(ONE, quality_rating="RED"))

    assert life.told_at() == [(35, OPENED, ONE, "RED")]


def test_what_improves_before_it_has_settled_waits_as_long_as_the_lesser_trouble_does():
    life = watching(row(ONE))

    life.keeps(2 * MINUTE, row(ONE, quality_rating="RED"))
    life.keeps(HOUR, row(ONE, quality_rating="YELLOW"))

    assert life.told_at() == [(35, OPENED, ONE, "YELLOW")]


def test_what_is_told_and_gets_worse_for_a_moment_is_no_news():
    life = watching(row(ONE), rules=Rules(settle={("quality_rating", "RED"): 5 * MINUTE}))

    life.keeps(10 * MINUTE, row(ONE, quality_rating="YELLOW"))
    life.keeps(3 * MINUTE, row(ONE, quality_rating="RED"))
    life.keeps(HOUR, row(ONE, quality_rating="YELLOW"))

    assert life.told_at() == [(5, OPENED, ONE, "YELLOW")]


def test_each_step_of_what_people_know_is_told():
    life = watching(row(ONE), rules=AT_ONCE)

    for word in ("YELLOW", "RED", "YELLOW", "GREEN"):
        life.keeps(30 * MINUTE, row(ONE, quality_rating=word))

    assert life.told() == [
        (OPENED, ONE, "YELLOW"),
        (CHANGED, ONE, "RED"),
        (CHANGED, ONE, "YELLOW"),
        (CLOSED, ONE, "recovered"),
    ]


def test_what_the_vendor_does_not_know_for_a_while_is_neither_trouble_nor_its_end():
    life = watching(row(ONE))

    life.keeps(10 * MINUTE, row(ONE, quality_rating="RED"))
    life.keeps(30 * MINUTE, row(ONE, quality_rating="UNKNOWN"))
    life.keeps(30 * MINUTE, row(ONE, quality_rating="RED"))

    assert life.told_at() == [(10, OPENED, ONE, "RED")]


def test_a_re_authorisation_wakes_nobody():
    life = watching(row(ONE))

    life.keeps(4 * MINUTE, row(ONE, status="UNVERIFIED"))
    life.keeps(4 * MINUTE, row(ONE, status="PENDING"))
    life.keeps(2 * HOUR, row(ONE))

    assert life.told() == []


def test_a_number_that_fell_out_of_registration_is_told_after_its_dwell():
    life = watching(row(ONE))

    life.keeps(HOUR, row(ONE, status="PENDING"))

    assert life.told_at() == [(15, OPENED, ONE, "PENDING")]


def test_a_new_number_may_be_pending_for_a_day_and_is_told_of_when_it_is_longer():
    life = watching(row(ONE))

    life.keeps(DAY + HOUR, row(ONE), row(TWO, status="PENDING"), every=10 * MINUTE)
    life.keeps(HOUR, row(ONE), row(TWO))

    assert life.told() == [(OPENED, TWO, "PENDING"), (CLOSED, TWO, "recovered")]


def test_what_is_normal_for_a_while_is_critical_after_a_day():
    life = watching(row(ONE))

    life.keeps(DAY + HOUR, row(ONE, status="RESTRICTED"), every=10 * MINUTE)

    severities = [line.severity for _at, digest in life.reader.heard for line in digest.lines]
    assert (life.told(), severities) == (
        [(OPENED, ONE, "RESTRICTED"), (CHANGED, ONE, "RESTRICTED")],
        ["warning", "critical"],
    )


def test_troubles_of_a_minute_are_one_message_and_the_next_ones_wait_for_the_next_minute():
    life = watching(row(ONE), row(TWO))

    life.answers(row(ONE, status="BANNED", tier="TIER_1K"), row(TWO))
    life.passes(30 * SECOND)
    life.answers(row(ONE, status="BANNED", tier="TIER_1K"), row(TWO, status="DISCONNECTED"))
    life.passes(5 * MINUTE)

    assert [(at - life.reader.heard[0][0], len(digest.lines)) for at, digest in life.reader.heard] == [
        (0, 2),
        (MINUTE, 1),
    ]


def test_a_name_that_is_declined_is_told_once():
    life = watching(row(ONE))

    life.keeps(HOUR, row(ONE, name_status="DECLINED"))
    life.keeps(HOUR, row(ONE))

    assert life.told() == [(ONCE, ONE, "DECLINED")]


def test_what_is_info_by_itself_is_not_told():
    life = watching(row(ONE))

    life.keeps(HOUR, row(ONE, verified_name="GLORY JANE"), row(TWO))

    assert life.told() == []


def test_a_word_that_nobody_documented_is_told_once():
    life = watching(row(ONE))

    life.keeps(HOUR, row(ONE, status="ASLEEP"))

    assert [(news, state) for news, _about, state in life.told()] == [(ONCE, "vendor.unmapped")]

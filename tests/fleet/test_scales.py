"""The tables of words: which number each is, and what is made of a word that is in none of them."""

import math

import pytest

from monitor.fleet.scales import (
    QUALITY_RATING,
    STATUS,
    STATUS_ALIASES,
    Severity,
    can_send,
    canonical_status,
    quality_value,
    status_value,
    tier_limit,
)


@pytest.mark.parametrize(
    ("word", "value"), [("GREEN", 1), ("YELLOW", 2), ("RED", 3), ("UNKNOWN", 0), ("", 0), ("green", 0), ("PURPLE", 0)]
)
def test_a_rating_is_the_worse_the_higher(word, value):
    assert quality_value(word) == value


@pytest.mark.parametrize(
    ("word", "value"),
    [("CONNECTED", 1), ("RESTRICTED", 4), ("BANNED", 10), ("LINKED", 1), ("PAUSED", 4), ("SNOOZED", 0)],
)
def test_a_status_is_the_worse_the_higher_under_each_of_its_names(word, value):
    assert status_value(word) == value


@pytest.mark.parametrize(
    ("word", "documented"),
    [*STATUS_ALIASES.items(), *((word, word) for word in STATUS), ("SNOOZED", "SNOOZED"), ("", "")],
)
def test_a_status_has_one_documented_name(word, documented):
    assert canonical_status(word) == documented


@pytest.mark.parametrize(
    ("words", "can"),
    [
        (("CONNECTED", "FLAGGED", "RATE_LIMITED", "RESTRICTED", "LINKED", "VERIFIED", "PAUSED"), True),
        (("PENDING", "UNVERIFIED", "DISCONNECTED", "MIGRATED", "DELETED", "BANNED", "OFFLINE", "SNOOZED", ""), False),
    ],
)
def test_from_pending_on_and_where_nothing_is_known_a_number_cannot_send(words, can):
    assert {can_send(word) for word in words} == {can}


@pytest.mark.parametrize(
    ("word", "limit"),
    [
        ("TIER_50", 50.0),
        ("TIER_1K", 1_000.0),
        ("TIER_100K", 100_000.0),
        ("TIER_2M", 2_000_000.0),
        ("TIER_UNLIMITED", math.inf),
        ("TIER_NOT_SET", None),
        ("TIER_", None),
        ("TIER_1G", None),
        ("TIER_1234567890", None),
        ("XTIER_50", None),
        ("TIER_50 ", None),
        ("", None),
    ],
)
def test_a_tier_is_read_by_its_number(word, limit):
    assert tier_limit(word) == limit


def test_every_severity_is_spelled_as_the_api_spells_it():
    assert [severity.word for severity in Severity] == ["unknown", "ok", "warning", "critical"]


def test_no_documented_word_has_the_number_of_another():
    assert sorted(QUALITY_RATING.values()) == [1, 2, 3]
    assert sorted(STATUS.values()) == list(range(1, 11))

"""What the vendor's words mean."""

import pytest

from monitor.fleet.attributes import known, same, undocumented
from tests.fleet.making import row


@pytest.mark.parametrize(
    ("attribute", "text", "says_something"),
    [
        ("quality_rating", "GREEN", True),
        ("quality_rating", "UNKNOW", False),
        ("status", "LINKED", True),
        ("status", "linked", False),
        ("tier", "TIER_2K", True),
        ("tier", "TIER_5M", True),
        ("tier", "TIER_NOT_SET", False),
        ("tier", "BIG", False),
        ("name_status", "NON_EXISTS", True),
        ("register_status", "6", False),
        ("verified_name", "NA", True),
        ("verified_name", "", False),
    ],
)
def test_a_word_is_known_or_off_every_scale(attribute, text, says_something):
    assert known(attribute, text) is says_something


@pytest.mark.parametrize(
    ("attribute", "one", "other", "equal"),
    [
        ("status", "LINKED", "CONNECTED", True),
        ("status", "UNLINKED", "OFFLINE", True),
        ("status", "PAUSED", "CONNECTED", False),
        ("tier", "TIER_1K", "TIER_1000", True),
        ("tier", "TIER_1K", "TIER_1M", False),
        ("tier", "", "TIER_NOT_SET", False),
        ("name_status", "NONE", "NON_EXISTS", True),
    ],
)
def test_two_words_may_say_the_same(attribute, one, other, equal):
    assert same(attribute, one, other) is equal


def test_a_documented_row_has_nothing_to_report():
    assert undocumented(row(tier="TIER_2K", quality_rating="", status="UNKNOWN")) == []

"""Every event has its advice, in both languages."""

import pytest

from monitor.fleet.answer import FailureReason
from monitor.fleet.attributes import LIMITED_WORDS, PENDING_WORDS, STATE, TEXTS, canonical
from monitor.fleet.hints import HINTS, failure_hint, hint, level_hint, persisting_hint, text_hint
from monitor.fleet.scales import NAME_STATUS, QUALITY_RATING, STATUS

NEEDED = [
    *(level_hint("quality_rating", word) for word in QUALITY_RATING),
    *(level_hint("status", word) for word in STATUS),
    *(persisting_hint(canonical(STATE, word)) for word in sorted(LIMITED_WORDS | PENDING_WORDS)),
    *(failure_hint(reason) for reason in FailureReason),
    *(text_hint("name_status", word) for word in sorted(NAME_STATUS)),
    *(text_hint(attribute, "x") for attribute in TEXTS if attribute != "name_status"),
]


@pytest.mark.parametrize("hint_id", NEEDED)
def test_every_state_and_reason_has_a_hint(hint_id):
    assert hint(hint_id, "en")
    assert hint(hint_id, "zh-CN")


@pytest.mark.parametrize("hint_id", HINTS)
def test_a_hint_is_one_short_line_that_differs_between_the_languages(hint_id):
    english, chinese = HINTS[hint_id]

    assert english.isascii()
    assert len(english) <= 200
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
    assert "\n" not in english + chinese


def test_an_unknown_hint_is_an_error_not_an_empty_text():
    with pytest.raises(KeyError, match=r"no\.such"):
        hint("no.such", "en")

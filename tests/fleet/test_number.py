"""What is read as a number, and what is left as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.fleet.number import is_masked, normalise


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+8613800000001", "+8613800000001"),
        ("+86 138-0000-0001", "+8613800000001"),
        ("8613800000001", "+8613800000001"),
        ("0086 138 0000 0001", "+8613800000001"),
        ("+1 (415) 555-0100", "+14155550100"),
        ("\u202a+1.415.555.0100\u202c", "+14155550100"),
        ("\uff0b\uff18\uff16 138 0000 0001", "+8613800000001"),
        ("+86\u2011138\u00a00000\u00a00001", "+8613800000001"),
        (" +86 xxx 24 ", "+86 xxx 24"),
        ("+86****0001", "+86****0001"),
        ("12345", "12345"),
        ("+0123456789", "+0123456789"),
        ("+1234567890123456", "+1234567890123456"),
        ("GLORY", "GLORY"),
        ("", ""),
    ],
)
def test_a_number_is_read_through_its_spelling_or_left_as_given(text, number):
    assert normalise(text) == number


@pytest.mark.parametrize(
    ("number", "masked"), [("+8613800000001", False), ("+86 xxx 24", True), ("12345", True), ("", True)]
)
def test_what_is_not_in_full_international_form_counts_as_masked(number, masked):
    assert is_masked(number) is masked


@given(st.text())
def test_reading_a_number_twice_is_reading_it_once(text):
    assert normalise(normalise(text)) == normalise(text)

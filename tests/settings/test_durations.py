import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.settings.durations import LONGEST, UNITS, milliseconds, spelled


@pytest.mark.parametrize(
    ("text", "expected"),
    [("500ms", 500), ("30s", 30_000), ("5m", 300_000), ("24h", 86_400_000), ("90d", 7_776_000_000), ("0s", 0)],
)
def test_a_duration_is_a_number_and_a_unit(text, expected):
    assert milliseconds(text) == expected


@pytest.mark.parametrize(
    "text", ["", "s", "5", "5 s", "-5s", "1.5h", "1h30m", "5S", "\u0665s", "5s\n", "1e3s", "5min", "0"]
)
def test_anything_else_is_refused_with_what_would_be_right(text):
    with pytest.raises(ValueError, match="expected a duration such as 500ms, 30s, 5m, 24h or 90d, got"):
        milliseconds(text)


def test_a_number_alone_is_told_that_its_unit_is_missing():
    with pytest.raises(ValueError, match="got '60': the unit is missing"):
        milliseconds("60")


def test_more_than_a_century_is_refused():
    with pytest.raises(ValueError, match="expected at most 36500d, got '36501d'"):
        milliseconds("36501d")


@given(st.integers(0, LONGEST))
def test_what_is_spelled_reads_back_as_the_same(value):
    assert milliseconds(spelled(value)) == value


@given(st.integers(1, 1000), st.sampled_from(sorted(UNITS)))
def test_a_spelling_is_the_shortest_of_its_value(count, unit):
    assert len(spelled(milliseconds(f"{count}{unit}"))) <= len(f"{count}{unit}")

"""What lists of apps may say, in the configuration and in files and addresses: rooms that do not know each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from monitor.roster.fields import app_from, interval_ms
from monitor.settings.scalars import Appkey, Interval

CONFIGURED_INTERVAL: TypeAdapter[int] = TypeAdapter(Interval)
CONFIGURED_APPKEY: TypeAdapter[str] = TypeAdapter(Appkey)


def configured(text: str) -> int | None:
    """What the configuration reads; None where it refuses."""
    try:
        return CONFIGURED_INTERVAL.validate_python(text)
    except ValidationError:
        return None


def listed(text: str) -> int | None:
    try:
        return interval_ms(text)
    except ValueError:
        return None


def configuration_takes(appkey: str) -> bool:
    try:
        return CONFIGURED_APPKEY.validate_python(appkey) == appkey
    except ValidationError:
        return False


def list_takes(appkey: str) -> bool:
    return app_from("main", {"appkey": appkey}, lambda fault: None) is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5s", 5_000),
        ("5000ms", 5_000),
        ("25h", 90_000_000),
        ("36500d", 3_153_600_000_000),
        ("4999ms", None),
        ("0s", None),
        ("1.5h", None),
        ("1h30m", None),
        ("60", None),
        ("5S", None),
        ("\u0665s", None),
        ("36501d", None),
        ("1" * 16 + "ms", None),
    ],
)
def test_an_interval_is_the_same_wherever_it_is_written(text, expected):
    assert (configured(text), listed(text)) == (expected, expected)


@given(st.from_regex(r"\A[0-9.]{1,6} ?(ms|s|m|h|d|w|)\Z"))
def test_no_interval_is_read_in_two_ways(text):
    assert configured(text) == listed(text)


@pytest.mark.parametrize("appkey", ["jh42xxxd434", "012345", "nonsense", "A_b-c.d:e", "k", "k" * 128])
def test_an_appkey_is_taken_wherever_it_is_written(appkey):
    assert (configuration_takes(appkey), list_takes(appkey)) == (True, True)


@pytest.mark.parametrize(
    "appkey",
    [
        "<html>",
        "a b",
        "a/b",
        "k" * 129,
        "格洛里",
        "\u0665",
        "{}",
        "a\x00",
        "a\n",
        ".",
        "..",
        "-",
        "__",
        "k+1",
        "1.2E+11",
    ],
)
def test_what_no_appkey_can_be_is_refused_wherever_it_is_written(appkey):
    assert (configuration_takes(appkey), list_takes(appkey)) == (False, False)


@given(st.text(max_size=6) | st.text("aZ0_-.:/ ", max_size=4))
def test_no_appkey_is_taken_in_one_place_alone(appkey):
    assert configuration_takes(appkey) == list_takes(appkey)

"""When a message is tried again, and when it is given up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.delivery.schedule import DAY, RETRIES, pause_for, retry_in


@pytest.mark.parametrize(
    ("failed", "seconds"),
    [(1, 5), (2, 30), (3, 120), (4, 600), (5, 1800), (6, 3600), (7, 3600), (len(RETRIES), 3600)],
)
def test_the_waits_grow_and_become_hourly(failed, seconds):
    assert retry_in(failed, draw=0.5) == seconds


def test_a_message_is_given_up_when_a_day_is_spent_on_it():
    assert retry_in(len(RETRIES) + 1, draw=0.5) is None
    assert DAY - 3600 < sum(RETRIES) <= DAY


def test_what_the_receiver_asked_for_is_obeyed():
    assert retry_in(1, draw=0.5, after=90.0) == 90.0


def test_asking_for_more_than_a_day_is_not_obeyed():
    assert retry_in(1, draw=0.5, after=1e9) == DAY


@given(st.integers(1, len(RETRIES)), st.floats(0, 1), st.floats(0, 1e6))
def test_the_jitter_is_a_tenth_and_never_shortens_what_was_asked_for(failed, draw, after):
    wait = retry_in(failed, draw, after=after)

    assert wait is not None
    assert min(after, DAY) <= wait <= max(1.1001 * RETRIES[failed - 1], min(after, DAY))
    assert wait >= 0.8999 * RETRIES[failed - 1]


@pytest.mark.parametrize(("times", "seconds"), [(1, 5), (2, 10), (3, 20), (4, 30), (1_000, 30)])
def test_a_sink_that_is_down_is_asked_every_half_minute_at_least(times, seconds):
    assert pause_for(times) == seconds

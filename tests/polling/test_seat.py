"""When an app is due."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.polling.seat import Seat, milliseconds, moment, phase

MOMENTS = st.integers(min_value=0, max_value=4_000_000_000_000)
INTERVALS = st.integers(min_value=5_000, max_value=86_400_000)
PHASES = st.floats(min_value=0, max_value=1, exclude_max=True)


def test_the_phase_is_the_same_for_ever():
    assert phase("main", "jh42xxxd434") == 0.3124792856410873


def test_the_phases_of_a_thousand_apps_are_spread_evenly():
    tenths = [int(phase("main", f"app-{n}") * 10) for n in range(1000)]

    assert all(60 < tenths.count(tenth) < 140 for tenth in range(10))


@given(MOMENTS, INTERVALS, PHASES)
def test_the_next_moment_comes_within_one_interval(now, interval, where):
    seat = Seat(first=0, interval=interval, phase=where)

    assert 0 < seat.after(now) - now <= interval


@given(MOMENTS, INTERVALS, PHASES)
def test_the_second_poll_comes_half_an_interval_after_the_first_at_the_earliest(first, interval, where):
    seat = Seat(first=first, interval=interval, phase=where)

    second = milliseconds(seat.get_next_fire_time(moment(first), moment(first)))

    assert interval // 2 <= second - first <= interval + interval // 2 + 1


@given(MOMENTS, INTERVALS, PHASES)
def test_later_polls_are_one_interval_apart(first, interval, where):
    seat = Seat(first=first, interval=interval, phase=where)
    second = seat.get_next_fire_time(moment(first), moment(first))

    third = seat.get_next_fire_time(second, second)

    assert milliseconds(third) - milliseconds(second) == interval


def test_what_was_missed_while_stopped_is_one_poll_not_many():
    seat = Seat(first=0, interval=60_000, phase=0.5)
    second = seat.get_next_fire_time(moment(0), moment(0))

    next_poll = seat.get_next_fire_time(second, moment(10 * 3_600_000))

    assert milliseconds(next_poll) == 10 * 3_600_000 + 30_000


@given(MOMENTS, INTERVALS, PHASES, st.integers(min_value=-7_200_000, max_value=7_200_000))
def test_a_clock_that_is_set_changes_no_distance(now, interval, where, step):
    seat = Seat(first=now, interval=interval, phase=where)
    distance = seat.after(now) - now

    seat.shift(step)

    assert seat.after(now + step) - (now + step) == distance

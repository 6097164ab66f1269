"""Which lists are held back, and until when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.fleet.app import App
from monitor.roster.guard import Apps, Guarded, News, accept, judge


def listed(*numbers: int) -> Apps:
    return tuple(App("main", f"k{number}") for number in numbers)


def first(count: int) -> Apps:
    return listed(*range(count))


def believing(count: int) -> Guarded:
    return judge(Guarded(), first(count), 0.0).state


@pytest.mark.parametrize(
    ("before", "after", "news"),
    [
        pytest.param(10, 10, None, id="as long as before"),
        pytest.param(10, 11, None, id="longer"),
        pytest.param(10, 6, None, id="four fewer are fewer than five"),
        pytest.param(25, 20, None, id="20 % are not over 20 %"),
        pytest.param(24, 19, News.HELD, id="five of 24 are"),
        pytest.param(1, 0, News.HELD, id="an empty list, whatever was before"),
        pytest.param(0, 0, None, id="nothing after nothing"),
    ],
)
def test_a_list_that_comes_back_much_shorter_is_held(before, after, news):
    assert judge(believing(before), first(after), 30.0).news is news


def test_the_first_list_ever_is_believed_even_empty():
    verdict = judge(Guarded(), (), 0.0)

    assert (verdict.state.believed, verdict.news) == ((), None)


@pytest.mark.parametrize(
    ("times", "news"),
    [
        pytest.param([0, 30, 60], [News.HELD, None, None], id="three reads in a minute are too quick"),
        pytest.param([0, 700], [News.HELD, None], id="two reads are too few, however far apart"),
        pytest.param([0, 300, 600], [News.HELD, None, News.CONFIRMED], id="three reads over ten minutes"),
    ],
)
def test_a_held_list_is_believed_after_three_reads_over_ten_minutes(times, news):
    state, told = believing(10), []
    for at in times:
        verdict = judge(state, first(3), at)
        state = verdict.state
        told.append(verdict.news)

    assert told == news


def test_reads_that_leave_out_other_apps_do_not_agree():
    state = judge(believing(10), listed(0, 1), 0.0).state
    state = judge(state, listed(2, 3), 300.0).state
    verdict = judge(state, listed(2, 3), 600.0)

    assert (verdict.state.believed, verdict.news) == (first(10), None)


def test_reads_agree_on_what_is_missing_whatever_else_changes():
    state = judge(believing(10), listed(0), 0.0).state
    state = judge(state, listed(0, 20), 300.0).state
    verdict = judge(state, listed(0, 20, 21), 600.0)

    assert (verdict.state.believed, verdict.news) == (listed(0, 20, 21), News.CONFIRMED)


def test_a_list_that_is_back_ends_the_hold():
    state = judge(believing(10), (), 0.0).state
    verdict = judge(state, first(9), 30.0)

    assert (verdict.state, verdict.news) == (Guarded(first(9)), News.RESTORED)


def test_accepting_believes_the_latest_read_at_once():
    state = judge(believing(10), first(2), 0.0).state

    verdict = accept(judge(state, first(3), 30.0).state)

    assert (verdict.state, verdict.news) == (Guarded(first(3)), News.ACCEPTED)


def test_accepting_without_a_hold_changes_nothing():
    state = believing(10)

    assert accept(state).state is state


def test_after_a_restart_a_hold_counts_its_reads_anew_and_is_no_news():
    verdict = judge(Guarded(first(10), holding=True), first(2), 1_000.0)

    assert (verdict.state.believed, verdict.news) == (first(10), None)


reads = st.lists(
    st.tuples(st.sets(st.integers(0, 30)).map(sorted), st.floats(0, 400)), min_size=1, max_size=30
)  # (what is listed, seconds since the read before)


@given(reads)
def test_news_of_holding_and_of_believing_alternate(reads):
    state, at, told = Guarded(), 0.0, []
    for numbers, later in reads:
        at += later
        verdict = judge(state, listed(*numbers), at)
        state = verdict.state
        told += [verdict.news] if verdict.news else []

    assert [news is News.HELD for news in told] == [index % 2 == 0 for index in range(len(told))]


@given(reads)
def test_a_much_shorter_list_is_never_believed_before_ten_minutes_of_it(reads):
    state, at, shorter_since = Guarded(), 0.0, 0.0
    was_shorter = False
    for numbers, later in reads:
        at += later
        read = listed(*numbers)
        believed = state.believed or ()
        gone = len(believed) - len(read)
        shorter = bool(believed) and (not read or (gone >= 5 and gone > 0.2 * len(believed)))
        shorter_since = shorter_since if was_shorter else at
        was_shorter = shorter
        state = judge(state, read, at).state

        assert state.believed == believed or not shorter or at - shorter_since >= 600

"""The rules that disturbed replicas are judged by find what they are for."""

import json

import pytest

from tests.system.evidence import Answered, Recorded
from tests.system.replica_evidence import (
    ANY,
    LONG,
    Disturbed,
    Recovery,
    Sight,
    Undisturbed,
    longest_unasked,
    most_calls,
    nothing_else_told,
    overlaps,
    recoveries,
    within_budget,
)


def asked(at, life=1, account="main"):
    return Answered(account, "a", life, {}, at)


def disturbed(began, ended=None, *, what="kill -9", life=ANY, hit=("main",), lingers=0.0):
    return Disturbed(what, began, began if ended is None else ended, lingers, life, frozenset(hit))


@pytest.mark.parametrize(
    ("disturbances", "answers", "certain"),
    [
        pytest.param([], [asked(0), asked(5)], [True, False], id="asked again"),
        pytest.param([], [asked(0), asked(5, 2)], [False, False], id="asked again by another"),
        pytest.param([], [asked(0), asked(20)], [False, False], id="asked again after a while"),
        pytest.param([disturbed(3)], [asked(0), asked(5)], [False, False], id="disturbed in between"),
        pytest.param([disturbed(-4, lingers=5)], [asked(0), asked(5)], [False, False], id="disturbed shortly before"),
        pytest.param([disturbed(3, life=2)], [asked(0), asked(5)], [True, False], id="another one was disturbed"),
        pytest.param([disturbed(3)], [asked(0), asked(LONG)], [False, True], id="the same for long"),
    ],
)
def test_what_is_asked_again_in_peace_or_said_for_long_must_be_recorded(disturbances, answers, certain):
    assert Undisturbed(disturbances)(answers, ["RED"] * len(answers)) == certain


def test_what_is_said_for_long_is_one_word():
    assert Undisturbed([])([asked(0), asked(LONG)], ["RED", "GREEN"]) == [False, False]


@pytest.mark.parametrize(
    ("types", "wrong"),
    [
        pytest.param(["app.baseline", "number.degraded"], [], id="as it must be"),
        pytest.param(["app.baseline", "app.unreachable"], ["app.unreachable was told"], id="of the source"),
        pytest.param(["app.baseline"] * 2, ["2 baselines of 1 apps"], id="a baseline twice"),
    ],
)
def test_of_replicas_nothing_is_told(types, wrong):
    recorded = [Recorded(at, f"id-{at}", json.dumps({"type": type_}).encode()) for at, type_ in enumerate(types)]

    assert list(nothing_else_told(recorded, 1)) == wrong


@pytest.mark.parametrize(
    ("calls", "holds"),
    [
        pytest.param([asked(at) for at in range(10)], True, id="as many as allowed"),
        pytest.param([asked(at / 2) for at in range(24)], False, id="twice as many"),
        pytest.param([asked(at / 2, 1 + at % 2) for at in range(20)], True, id="two owners, each as many as allowed"),
        pytest.param([asked(at / 3, 1 + at % 3) for at in range(30)], False, id="three owners"),
        pytest.param([asked(at / 2, account=str(at % 2)) for at in range(24)], True, id="of two accounts"),
    ],
)
def test_no_owner_calls_more_than_its_budget(calls, holds):
    assert (list(within_budget(calls, 1.0)) == []) is holds


def test_calls_are_counted_in_every_window():
    assert most_calls([asked(0), asked(9), asked(12), asked(13), asked(30)]) == 3


def test_who_calls_while_another_owns_the_account_is_counted():
    assert overlaps([asked(0), asked(1, 2), asked(2), asked(2.5), asked(3, 2)]) == 2


@pytest.mark.parametrize(
    "calls",
    [
        pytest.param([asked(0), asked(1, 2), asked(2)], id="given back"),
        pytest.param([asked(0), asked(1, 2), asked(6), asked(16, 2)], id="given back, and taken after a while"),
    ],
)
def test_an_account_that_comes_back_is_no_overlap(calls):
    assert overlaps(calls) == 0


SEEN = [Sight(at, 1, fresh) for at, fresh in ((1, 0.5), (9, 0.5), (12, 4.0), (22, 20.0))]


@pytest.mark.parametrize(
    ("disturbances", "found"),
    [
        pytest.param([disturbed(2)], [Recovery("kill -9", "main", 10, 10)], id="until all is newer"),
        pytest.param([disturbed(2, hit=())], [], id="not hit"),
        pytest.param(
            [disturbed(2), disturbed(8, what="stopped", life=2)],
            [Recovery("stopped", "main", 14, 20)],
            id="the next owner too",
        ),
        pytest.param(
            [disturbed(2), disturbed(8, what="restarted")], [Recovery("kill -9", "main", 10, 10)], id="the store too"
        ),
        pytest.param(
            [disturbed(2), disturbed(13)],
            [Recovery("kill -9", "main", 10, 10), Recovery("kill -9", "main", 9, 9)],
            id="one after the other",
        ),
        pytest.param([disturbed(21)], [Recovery("kill -9", "main", float("inf"), float("inf"))], id="never"),
    ],
)
def test_an_account_is_back_when_everything_shown_is_newer(disturbances, found):
    assert list(recoveries(disturbances, {"main": SEEN})) == found


def test_how_long_an_app_was_not_asked():
    assert longest_unasked([asked(0), asked(5), asked(19, 2), asked(24), asked(90, account="other")]) == 14

"""What holds at any time of any life."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.simulator.lives import EVENTFUL, STEADY, Life, Place, Step, moment

LIVES = [life for life in (*EVENTFUL.numbers, EVENTFUL.waba, EVENTFUL.app) if life]
TIMES = st.integers(min_value=0, max_value=10**12)


@settings(deadline=None)
@given(st.sampled_from(LIVES), TIMES)
def test_a_life_returns_to_its_start(life, at):
    assert moment(life, at) == moment(life, at + life.period)


@settings(deadline=None)
@given(st.sampled_from(LIVES), TIMES)
def test_a_step_holds_until_the_moment_it_names_and_no_longer(life, at):
    now = moment(life, at)

    assert moment(life, at + now.left - 1).step is now.step
    assert moment(life, at + now.left).step is not now.step


@settings(deadline=None)
@given(TIMES)
def test_a_steady_life_never_changes(at):
    assert moment(STEADY, at).left is None


def test_steps_follow_each_other():
    life = Life("short", (Step(2), Step(1, {"status": "BANNED"})))

    assert [moment(life, at).step.changes for at in (0, 1_999, 2_000, 2_999, 3_000)] == [
        {},
        {},
        {"status": "BANNED"},
        {"status": "BANNED"},
        {},
    ]


def test_the_rating_falls_step_by_step_and_heals():
    ratings = [step.changes.get("quality_rating", "GREEN") for step in EVENTFUL.numbers[0].steps]

    assert ratings == ["GREEN", "YELLOW", "RED", "YELLOW"]


@pytest.mark.parametrize(
    "happens",
    [
        pytest.param(lambda step: step.changes.get("status") == "FLAGGED", id="a flag"),
        pytest.param(lambda step: step.changes.get("status") == "BANNED", id="a ban"),
        pytest.param(lambda step: "verified_name" in step.changes, id="a new name"),
        pytest.param(lambda step: step.place is Place.AWAY, id="a move between apps"),
        pytest.param(lambda step: "current_limit" in step.changes, id="another tier"),
        pytest.param(lambda step: step.code == 9001, id="an app that fails"),
    ],
)
def test_everything_that_a_monitor_must_notice_happens_to_somebody(happens):
    assert any(happens(step) for life in LIVES for step in life.steps)

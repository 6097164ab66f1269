"""The daemon is killed at random moments, and nothing is lost, doubled or invented; `make crash` does it 200 times."""

from random import Random

from tests.system.crashing import Crashes


async def test_a_daemon_killed_five_times_loses_doubles_and_invents_nothing(tmp_path):
    found = await Crashes(tmp_path, random=Random()).run(5)  # other moments each time

    assert list(found.problems()) == []
    assert {each.told["type"] for each in found.recorded} >= {"app.baseline", "number.changed"}
    assert {attempt.taken for attempt in found.attempts} == {True, False}

"""Long work in short turns of the event loop."""

import asyncio

import pytest

from monitor.polling.turns import A_TURN, Turns


@pytest.mark.parametrize(("took", "turns"), [(0.0, 0), (A_TURN / 4, 2), (A_TURN, 8)])
async def test_others_run_as_often_as_the_work_takes_long(took, turns):
    now, ran = 0.0, 0

    async def other() -> None:
        nonlocal ran
        while True:
            await asyncio.sleep(0)
            ran += 1

    beside = asyncio.create_task(other())
    await asyncio.sleep(0)
    work, before = Turns(lambda: now), ran
    for _ in range(8):
        now += took
        await work.give_way()
    beside.cancel()

    assert ran - before == turns

"""How many calls a second, how many at once, and when none."""

import asyncio
import contextlib

import pytest

from monitor.polling.budget import Budget, BudgetClosedError, BudgetPausedError


class Gauge:
    def __init__(self) -> None:
        self.value = 0.0

    def set(self, value: float) -> None:
        self.value = value


def budget(*, rate: float = 1000, concurrency: int = 16) -> Budget:
    loop = asyncio.get_running_loop()
    return Budget(rate=rate, concurrency=concurrency, monotonic=loop.time, waiting=Gauge())


async def settled(condition) -> None:
    """Give way to the other tasks until the condition holds."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0)


async def test_no_more_calls_are_in_flight_than_the_account_may_have():
    turns = budget(concurrency=2)
    await turns.take()
    await turns.take()
    third = asyncio.create_task(turns.take())
    await settled(lambda: not turns.idle)
    assert not third.done()

    turns.give()

    await asyncio.wait_for(third, 5)


async def test_calls_are_paced_one_by_one_without_a_first_burst():
    loop = asyncio.get_running_loop()
    turns = budget(rate=100)
    begin = loop.time()
    for _ in range(11):
        await turns.take()
        turns.give()

    assert loop.time() - begin >= 10 / 100 * 0.99


async def test_no_call_starts_while_the_account_is_paused():
    loop = asyncio.get_running_loop()
    turns = budget()
    begin = loop.time()
    turns.pause(0.05)

    await turns.take()

    assert loop.time() - begin >= 0.05


async def test_a_shorter_pause_does_not_end_a_longer_one():
    turns = budget()
    turns.pause(60)
    turns.pause(1)

    assert turns.pause_left > 59


async def test_a_spare_turn_stands_back_while_a_regular_poll_waits():
    turns = budget(concurrency=1)
    await turns.take()
    order: list[str] = []

    async def regular() -> None:
        await turns.take()
        order.append("regular")
        turns.give()

    async def spare() -> None:
        assert await turns.take_spare(asyncio.get_running_loop().time() + 5)
        order.append("spare")
        turns.give()

    tasks = [asyncio.create_task(spare()), asyncio.create_task(regular())]
    await settled(lambda: turns._regular == 1)
    turns.give()
    await asyncio.wait_for(asyncio.gather(*tasks), 5)

    assert order == ["regular", "spare"]


async def test_a_spare_turn_that_does_not_come_in_time_is_not_taken():
    turns = budget(concurrency=1)
    await turns.take()

    assert not await turns.take_spare(asyncio.get_running_loop().time() + 0.01)


async def test_a_spare_turn_is_not_begun_when_its_earliest_start_is_too_late():
    now = asyncio.get_running_loop().time()

    assert not await budget().take_spare(now + 1, not_before=now + 2)


@pytest.mark.parametrize("paused", [True, False])
async def test_closing_ends_every_wait_at_once(paused):
    turns = budget(concurrency=1)
    await turns.take()
    if paused:
        turns.pause(3600)
    loop = asyncio.get_running_loop()
    waits = [asyncio.create_task(turns.take()), asyncio.create_task(turns.take_spare(loop.time() + 3600))]
    await settled(lambda: turns._regular == 1)

    turns.close()

    outcomes = await asyncio.wait_for(asyncio.gather(*waits, return_exceptions=True), 5)
    assert [type(outcome) for outcome in outcomes] == [BudgetClosedError, BudgetClosedError]


async def test_a_closed_budget_gives_no_turn():
    turns = budget()
    turns.close()

    with pytest.raises(BudgetClosedError):
        await turns.take()


async def test_a_waiter_that_is_cancelled_leaves_its_slot_to_the_next():
    turns = budget(concurrency=1)
    await turns.take()
    waiting = asyncio.create_task(turns.take())
    await settled(lambda: turns._regular == 1)
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting
    turns.give()

    await asyncio.wait_for(turns.take(), 5)


async def test_how_many_wait_is_shown():
    gauge = Gauge()
    turns = Budget(rate=1000, concurrency=1, monotonic=asyncio.get_running_loop().time, waiting=gauge)
    await turns.take()
    waiting = asyncio.create_task(turns.take())
    await settled(lambda: gauge.value == 1)
    turns.give()
    await asyncio.wait_for(waiting, 5)

    assert gauge.value == 0


@pytest.mark.parametrize("paused_first", [True, False])
async def test_a_pause_longer_than_ones_patience_is_not_waited_for(paused_first):
    turns = budget(concurrency=1)
    if paused_first:
        turns.pause(3600)
    else:
        await turns.take()
    waiting = asyncio.create_task(turns.take(patience=10))
    await settled(lambda: turns._regular == 1 or waiting.done())
    turns.pause(3600)
    turns.give() if not paused_first else None

    with pytest.raises(BudgetPausedError, match=r"^calls are paused for another 3600 s$"):
        await asyncio.wait_for(waiting, 5)


async def test_a_spare_turn_is_not_waited_for_through_a_pause_that_is_too_long():
    turns = budget()
    turns.pause(3600)

    assert not await asyncio.wait_for(turns.take_spare(asyncio.get_running_loop().time() + 60), 5)

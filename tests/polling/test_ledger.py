"""Where decisions become facts."""

import asyncio

from monitor.fleet.answer import Answer
from monitor.fleet.decide import decide
from monitor.fleet.decision import Decision
from monitor.fleet.fleet import Watched
from monitor.fleet.policy import Policy
from tests.polling.watching import Watch, row


async def test_decisions_that_are_ready_together_are_made_one_a_turn_of_the_loop():
    watch = Watch("a", "b", "c")
    turn, made = 0, []

    async def count_turns() -> None:
        nonlocal turn
        while True:
            turn += 1
            await asyncio.sleep(0)

    def judged(watched: Watched) -> Decision:
        made.append(turn)
        answer = Answer(watch.now(), b"digest", (row(),))
        return decide(
            watched.app, watched.snapshot, answer, watch.fleet.siblings(watched.app), Policy(), answer.started
        )

    counting = asyncio.create_task(count_turns())
    await asyncio.gather(*(watch.ledger.apply(("main", appkey), judged, stale_after=60_000) for appkey in "abc"))
    counting.cancel()

    assert len(set(made)) == 3

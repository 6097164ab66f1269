"""Where decisions become facts."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from monitor.fleet.answer import Answer
from monitor.fleet.app import App
from monitor.fleet.decide import decide
from monitor.fleet.decision import Decision
from monitor.fleet.fleet import Watched
from monitor.fleet.policy import Policy
from monitor.fleet.snapshot import AccountState
from monitor.polling.ledger import A_TURN
from monitor.store.errors import LeaseLost, StoreConflict, StoreError, StoreUnavailable
from monitor.store.recorder import Recorded
from monitor.store.store import Store
from tests.polling.watching import Watch, row


async def test_of_decisions_that_are_ready_together_a_few_are_made_in_one_turn_of_the_loop():
    apps = [f"app-{place}" for place in range(3 * A_TURN)]
    watch = Watch(*apps)
    turn, made = 0, Counter[int]()

    async def count_turns() -> None:
        nonlocal turn
        while True:
            turn += 1
            await asyncio.sleep(0)

    def judged(watched: Watched) -> Decision:
        made[turn] += 1
        answer = Answer(watch.now(), b"digest", (row(),))
        return decide(
            watched.app, watched.snapshot, answer, watch.fleet.siblings(watched.app), Policy(), answer.started
        )

    counting = asyncio.create_task(count_turns())
    await asyncio.gather(*(watch.ledger.apply(("main", appkey), judged, stale_after=60_000) for appkey in apps))
    counting.cancel()

    assert max(made.values()) == A_TURN


async def test_a_decision_about_an_account_that_is_another_process_s_is_dropped():
    watch = Watch("a")
    watch.store.refusal = LeaseLost("account main is another process's now")

    assert await watch.poll("a") is None
    assert (watch.woken, "nxcloud_number_status{" in watch.text()) == (0, False)
    assert [entry["event"] for entry in watch.log.entries] == ["decision dropped"]


async def test_of_an_account_that_is_forgotten_nothing_is_shown():
    watch = Watch("a")
    await watch.poll("a")

    watch.ledger.forget("main")

    assert 'account="main"' not in watch.text()
    assert (watch.fleet.get(("main", "a")), watch.events()) == (None, ["app.baseline"])


def is_recorded(watch: Watch) -> bool:
    """Whether the store has what is known of the app."""
    known = watch.fleet.get(("main", "a"))
    return known is not None and known.recorded


@pytest.mark.parametrize("refusal", [None, StoreError("the store is down"), StoreConflict("another came first")])
async def test_what_was_being_recorded_when_its_account_was_forgotten_changes_nothing_of_what_is_known_since(refusal):
    watch = Watch("a")
    await watch.poll("a")
    watch.store.hold, watch.store.refusal = asyncio.Event(), refusal
    watch.vendor.says["a"] = [row(quality_rating="RED")]
    poll = asyncio.create_task(watch.poll("a"))
    while is_recorded(watch):
        await asyncio.sleep(0)

    watch.ledger.forget("main")
    watch.fleet.add(App("main", "b"))
    watch.store.hold.set()

    assert await poll is None
    assert [app.appkey for app in watch.fleet.apps()] == ["b"]
    assert watch.fleet.account("main") == AccountState()


async def test_an_account_that_was_forgotten_is_not_known_again_by_what_was_being_recorded():
    watch = Watch("a")
    watch.store.hold, watch.store.refusal = asyncio.Event(), StoreError("the store is down")
    poll = asyncio.create_task(watch.poll("a"))
    while is_recorded(watch) or not watch.vendor.asked:
        await asyncio.sleep(0)

    watch.ledger.forget("main")
    watch.store.hold.set()
    await poll

    assert not watch.fleet.knows("main")


class Unheard:
    """The real store; the answer to the next commit is lost."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.is_losing = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    async def record(self, *decided: Any, **more: Any) -> tuple[Recorded, ...]:
        recorded = await self.store.record(*decided, **more)
        if self.is_losing:
            self.is_losing = False
            raise StoreUnavailable("the store was lost during a commit")
        return recorded


async def test_a_commit_that_nobody_heard_the_end_of_is_not_done_again_and_holds_up_nothing(tmp_path):
    watch = Watch("a")
    store = await Store.open(f"sqlite:///{tmp_path}/number-monitor.db", now=watch.now, wait=0.0)
    unheard: Any = Unheard(store)
    watch.ledger._store = unheard
    unheard.is_losing = False
    await watch.poll("a")
    watch.vendor.says["a"] = [row(quality_rating="PURPLE")]
    unheard.is_losing = True
    await watch.poll("a")

    for word in ("PURPLE", "MAUVE"):
        watch.vendor.says["a"] = [row(quality_rating=word)]
        await watch.poll("a")
    told = [event.type for event in await store.events()]
    await store.close()

    assert told == ["app.baseline", "vendor.unmapped", "vendor.unmapped"]
    assert [watched.recorded for watched in watch.fleet.watched()] == [True]

"""All polling: the accounts' apps on one schedule."""

import asyncio
import itertools
import math
from typing import Self

import pytest

from monitor.fleet.app import App
from monitor.fleet.snapshot import Snapshot
from monitor.polling.budget import BudgetClosedError
from monitor.polling.polling import Polling, TooSoonError, UnknownAppError
from monitor.polling.rules import Rules
from tests.polling.watching import Watch, row


class Watched:
    """A watch whose account is polled by the real schedule."""

    def __init__(self, *appkeys: str, rules: Rules = Rules(rate=10_000)) -> None:  # noqa: B008
        self.watch = Watch(rules=rules)
        self.apps = [App("main", appkey) for appkey in appkeys]
        for app in self.apps:
            self.watch.vendor.says[app.appkey] = [row()]
        self.polling = Polling(
            fleet=self.watch.fleet,
            instruments=self.watch.instruments,
            now=self.watch.now,
            monotonic=self.watch.monotonic,
            log=self.watch.account._log,
        )
        self.polling.add_account(self.watch.account)

    async def __aenter__(self) -> Self:
        self.polling.start()
        await self.polling.set_apps("main", self.apps)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.polling.stop()

    async def all_tried(self) -> None:
        async with asyncio.timeout(10):
            while self.polling.untried():
                await asyncio.sleep(0)

    def asked(self) -> set[str]:
        return {appkey for appkey, _ in self.watch.vendor.asked}


async def test_the_first_round_asks_every_app_at_once():
    async with Watched("a", "b", "c") as watched:
        await watched.all_tried()

    assert watched.asked() == {"a", "b", "c"}


async def test_a_new_app_of_the_list_is_asked_at_once_and_the_others_keep_their_seats():
    async with Watched("a") as watched:
        await watched.all_tried()
        seat = watched.polling.next_poll(("main", "a"))
        watched.watch.vendor.says["b"] = [row("+8613800000002")]

        await watched.polling.set_apps("main", [*watched.apps, App("main", "b")])
        await watched.all_tried()

        assert watched.asked() == {"a", "b"}
        assert watched.polling.next_poll(("main", "a")) == seat


async def test_an_app_that_left_the_list_has_no_seat_and_is_told():
    async with Watched("a", "b") as watched:
        await watched.all_tried()

        await watched.polling.set_apps("main", watched.apps[:1])

        assert watched.polling.next_poll(("main", "b")) is None
        assert watched.watch.events()[-1] == "app.removed"


async def test_poll_now_asks_at_once_whatever_the_schedule_says():
    async with Watched("a") as watched:
        await watched.all_tried()
        watched.watch.vendor.says["a"] = [row(quality_rating="RED")]

        decision = await watched.polling.poll_now("main", "a")

        assert decision is not None
        assert [event.type for event in decision.events] == ["number.degraded"]


async def test_poll_now_is_refused_within_5_s_of_the_last():
    async with Watched("a") as watched:
        await watched.all_tried()
        await watched.polling.poll_now("main", "a")

        with pytest.raises(TooSoonError, match=r"^asked for less than 5 s ago: try again in \d\.\d s$"):
            await watched.polling.poll_now("main", "a")


@pytest.mark.parametrize(
    ("account", "appkey", "message"),
    [("main", "x", "no app 'x' in account 'main'"), ("other", "a", "no app 'a' in account 'other'")],
)
async def test_poll_now_of_an_unknown_app_says_so(account, appkey, message):
    async with Watched("a") as watched:
        with pytest.raises(UnknownAppError) as refused:
            await watched.polling.poll_now(account, appkey)

    assert str(refused.value) == message


async def test_a_stop_waits_for_open_calls_and_records_their_answers():
    async with Watched("a") as watched:
        await watched.all_tried()
        watched.watch.vendor.says["a"] = [row(quality_rating="RED")]
        watched.watch.vendor.hold = asyncio.Event()
        poll = asyncio.create_task(watched.polling.poll_now("main", "a"))
        while len(watched.watch.vendor.asked) < 2:
            await asyncio.sleep(0)
        stop = asyncio.create_task(watched.polling.stop())
        await asyncio.sleep(0)
        watched.watch.vendor.hold.set()
        await asyncio.gather(stop, poll)

    assert watched.watch.events()[-1] == "number.degraded"


async def test_after_a_stop_no_call_starts():
    async with Watched("a") as watched:
        await watched.all_tried()
    asked = len(watched.watch.vendor.asked)

    with pytest.raises(BudgetClosedError):
        await watched.polling.poll_now("main", "a")

    assert len(watched.watch.vendor.asked) == asked


async def test_a_degraded_app_is_due_more_often():
    rules = Rules(rate=10_000, interval=60_000, degraded_interval=20_000)
    async with Watched("a", rules=rules) as watched:
        await watched.all_tried()
        watched.watch.vendor.says["a"] = [row(quality_rating="RED")]
        await watched.polling.poll_now("main", "a")

        watched.polling.shown(("main", "a"))

        due = watched.polling.next_poll(("main", "a"))
        assert due is not None
        assert due - watched.watch.now() <= 20_000


async def test_apps_that_are_hastened_are_asked_at_once():
    async with Watched("a", "b", rules=Rules(rate=10_000, interval=3_600_000)) as watched:
        await watched.all_tried()
        watched.watch.account._asked["b"] = -math.inf  # or it would be too soon
        asked = len(watched.watch.vendor.asked)

        watched.polling.hasten("main", ["b"])

        async with asyncio.timeout(10):
            while len(watched.watch.vendor.asked) == asked:
                await asyncio.sleep(0.01)
    assert watched.watch.vendor.asked[asked][0] == "b"


async def test_polls_that_wait_while_no_call_begins_or_ends_are_stuck():
    async with Watched("a", "b", rules=Rules(rate=10_000, concurrency=1)) as watched:
        await watched.all_tried()
        await watched.watch.budget.take()  # and never given back
        waiting = asyncio.create_task(watched.polling.poll_now("main", "a"))
        await asyncio.sleep(0)
        watched.watch.moved += 60
        soon = watched.polling.stuck()
        watched.watch.moved += 20
        stuck = watched.polling.stuck()
        watched.watch.budget.give()
        await waiting

        assert (soon, watched.polling.stuck()) == (None, None)
    assert stuck == "polls of account main are stuck: they wait for a turn, and no call begins or ends"


async def test_polls_that_a_pause_holds_are_not_stuck():
    async with Watched("a", rules=Rules(rate=10_000, concurrency=1)) as watched:
        await watched.all_tried()
        watched.watch.budget.pause(20)
        waiting = asyncio.create_task(watched.polling.poll_now("main", "a"))
        await asyncio.sleep(0)
        watched.watch.moved += 85

        assert watched.polling.stuck() is None
        waiting.cancel()


async def test_accepting_an_unknown_account_says_so():
    async with Watched("a") as watched:
        with pytest.raises(UnknownAppError, match=r"^no account 'other'$"):
            await watched.polling.accept("other")


async def test_a_suspect_answer_is_believed_once_it_is_accepted():
    async with Watched("a") as watched:
        watched.watch.vendor.says["a"] = [row(f"+861380000000{n}") for n in range(6)]
        await watched.polling.poll_now("main", "a")
        watched.watch.moved += 10
        watched.watch.vendor.says["a"] = []
        await watched.polling.poll_now("main", "a")
        assert watched.watch.numbers("a") == 6

        accepted = await watched.polling.accept("main")

        assert (accepted, watched.watch.numbers("a")) == (1, 0)


async def test_changed_rules_stretch_the_interval_and_say_so():
    async with Watched("a", "b", "c") as watched:
        await watched.all_tried()
        watched.watch.account.rules = Rules(rate=0.01)

        await watched.polling.follow_rules("main")

        sample = watched.watch.sample
        assert sample("number_monitor_rate_limit_calls_per_second") == 0.01
        assert sample("number_monitor_poll_interval_seconds") == pytest.approx(333.3, abs=0.1)


async def test_calls_that_a_stop_drops_end_without_a_word():
    async with Watched("a") as watched:
        await watched.all_tried()
        watched.watch.vendor.hold = asyncio.Event()
        watched.watch.moved += 60
        due = asyncio.create_task(watched.polling._due(("main", "a"), watched.watch.now()))
        while len(watched.watch.vendor.asked) < 2:
            await asyncio.sleep(0)
        watched.polling._stopping = True
        due.cancel()
        await due

    assert [entry for entry in watched.watch.log.entries if entry["log_level"] == "error"] == []


async def test_an_account_that_is_let_go_is_asked_no_more_and_nothing_of_it_is_recorded():
    async with Watched("a", "b") as watched:
        await watched.all_tried()

        watched.polling.let_go("main")

        assert [watched.polling.next_poll(app.key) for app in watched.apps] == [None, None]
        assert watched.polling.account("main") is None
        assert "app.removed" not in watched.watch.events()


async def test_a_list_of_apps_of_an_account_that_was_let_go_changes_nothing():
    async with Watched("a") as watched:
        await watched.all_tried()
        watched.polling.let_go("main")

        await watched.polling.set_apps("main", [App("main", "b")])

        assert [app.appkey for app in watched.watch.fleet.apps()] == ["a"]


async def test_a_list_of_apps_that_is_being_taken_when_its_account_is_let_go_is_taken_no_further():
    watched = Watched("a", "b")
    polling, letting_go = watched.polling, asyncio.Event()
    polling._monotonic = map(float, itertools.count()).__next__  # each look at it ends a turn

    async def let_go() -> None:
        await letting_go.wait()
        polling.let_go("main")

    task = asyncio.create_task(let_go())
    await asyncio.sleep(0)
    letting_go.set()
    await polling.set_apps("main", watched.apps)
    await task

    assert [app.appkey for app in watched.watch.fleet.apps()] == ["a"]
    assert [polling.next_poll(app.key) for app in watched.apps] == [None, None]


async def test_a_call_under_way_when_its_account_is_let_go_changes_nothing():
    async with Watched("a") as watched:
        await watched.all_tried()
        recorded, vendor = len(watched.watch.store.recorded), watched.watch.vendor
        vendor.says["a"], vendor.hold = [row(quality_rating="RED")], asyncio.Event()
        poll = asyncio.create_task(watched.polling.poll_now("main", "a"))
        while len(vendor.asked) < 2:
            await asyncio.sleep(0)

        watched.polling.let_go("main")
        vendor.hold.set()

        assert (await poll, len(watched.watch.store.recorded)) == (None, recorded)


async def test_of_apps_that_are_known_already_who_has_waited_longest_is_asked_first():
    watched = Watched("a", "b", "c", rules=Rules(rate=100))
    for app, moment in zip(watched.apps, (3_000, 1_000, 2_000), strict=True):
        watched.watch.fleet.add(app, Snapshot(last_success=moment))
    async with watched:
        await watched.all_tried()

    assert [appkey for appkey, _ in watched.watch.vendor.asked] == ["b", "c", "a"]

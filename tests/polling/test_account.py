"""One account's polls: ask, decide, record, show."""

import asyncio

import pytest

from monitor.fleet.app import App
from monitor.phonelist.errors import Throttled, TimedOut
from monitor.polling.budget import BudgetClosedError
from monitor.polling.rules import Rules
from tests.polling.watching import Watch, row

TIMED_OUT = TimedOut("no answer within 10 s")


async def test_a_first_answer_is_recorded_and_shown():
    watch = Watch("a")

    await watch.poll("a")

    assert watch.events() == ["app.baseline"]
    assert 'nxcloud_number_quality_rating{account="main",appkey="a"' in watch.text()


async def test_an_unchanged_answer_of_a_settled_app_writes_nothing_and_decodes_nothing():
    watch = Watch("a")
    await watch.poll("a")
    text = watch.exposition._shown["main", "a"].numbers

    decided = await watch.poll("a")

    assert (decided, len(watch.store.recorded)) == (None, 1)
    assert watch.vendor.asked[1][1] != b""
    assert watch.exposition._shown["main", "a"].numbers is text
    assert watch.store.noted["main", "a"] > 0


async def test_a_degraded_number_is_recorded_before_it_is_shown():
    watch = Watch("a")
    await watch.poll("a")
    watch.vendor.says["a"] = [row(quality_rating="RED")]

    await watch.poll("a")

    assert watch.events() == ["app.baseline", "number.degraded"]
    assert watch.sample("number_monitor_events_total", type="number.degraded", severity="critical") == 1
    assert watch.woken == 2


async def test_while_the_store_is_down_what_is_seen_is_shown_and_nothing_is_told():
    watch = Watch("a")
    await watch.poll("a")
    watch.store.down = True
    watch.vendor.says["a"] = [row(quality_rating="RED")]

    await watch.poll("a")

    assert watch.events() == ["app.baseline"]
    assert 'nxcloud_number_quality_rating{account="main",appkey="a",waba_id="1169",number="+8613800000001"} 3' in (
        watch.text()
    )
    assert not watch.fleet.settled(("main", "a"), watch.now())


async def test_when_the_store_is_back_the_difference_is_one_event():
    watch = Watch("a")
    await watch.poll("a")
    watch.store.down = True
    for rating in ("YELLOW", "RED"):
        watch.vendor.says["a"] = [row(quality_rating=rating)]
        await watch.poll("a")
    watch.store.down = False

    await watch.poll("a")
    await watch.poll("a")

    (event,) = watch.store.recorded[-1].events
    assert (event.data["before"], event.data["after"]) == ("GREEN", "RED")
    assert watch.events() == ["app.baseline", "number.degraded"]
    assert watch.store.everything[-1]


async def test_a_failed_poll_changes_no_number_and_is_counted_with_its_reason():
    watch = Watch("a", rules=Rules(rate=10_000, retries=0))
    await watch.poll("a")
    watch.vendor.says["a"] = TIMED_OUT

    await watch.poll("a")

    assert watch.sample("number_monitor_poll_failures_total", reason="timeout") == 1
    assert "nxcloud_app_up" in watch.text()
    assert watch.numbers("a") == 1


async def test_that_an_app_fails_is_written_once_and_that_it_is_over_once():
    watch = Watch("a", "b", "c", rules=Rules(rate=10_000, retries=0))
    for appkey in "abc":
        await watch.poll(appkey)
    watch.vendor.says["a"] = TIMED_OUT
    written = len(watch.store.recorded)

    await watch.poll("a")
    await watch.poll("a")
    watch.vendor.says["a"] = [row()]
    await watch.poll("a")
    await watch.poll("a")

    kept = [decision.after for decision in watch.store.recorded[written:]]
    assert [snapshot is not None and snapshot.failures for snapshot in kept] == [1, 0]


async def test_one_poll_at_a_time_per_app():
    watch = Watch("a")
    watch.vendor.hold = asyncio.Event()
    first = asyncio.create_task(watch.account.poll(App("main", "a"), watch.now()))
    second = asyncio.create_task(watch.account.poll(App("main", "a")))
    for _ in range(10):
        await asyncio.sleep(0)
    asked = len(watch.vendor.asked)
    watch.vendor.hold.set()
    await asyncio.gather(first, second)

    assert (asked, len(watch.vendor.asked)) == (1, 2)


async def test_an_answer_for_an_app_that_has_left_is_dropped():
    watch = Watch("a")
    watch.vendor.hold = asyncio.Event()
    poll = asyncio.create_task(watch.account.poll(App("main", "a"), watch.now()))
    for _ in range(10):
        await asyncio.sleep(0)
    watch.fleet.remove(("main", "a"))
    watch.vendor.hold.set()

    assert await poll is None
    assert watch.store.recorded == []


async def test_no_app_is_asked_again_before_half_an_interval():
    watch = Watch("a")
    await watch.poll("a")
    watch.moved += 29

    assert await watch.account.poll(App("main", "a"), watch.now()) is None
    assert len(watch.vendor.asked) == 1


async def test_a_vendor_that_throttles_for_long_holds_polls_off_without_a_call():
    watch = Watch("a", "b", rules=Rules(rate=10_000, retries=0))
    watch.vendor.says["a"] = Throttled("slow down", code="429", retry_after=120.0)
    await watch.poll("a")

    await watch.account.poll(App("main", "b"), watch.now())

    assert [appkey for appkey, _ in watch.vendor.asked] == ["a"]
    assert watch.sample("number_monitor_poll_failures_total", reason="throttled") == 2


async def test_a_vendor_that_throttles_and_does_not_say_how_long_is_asked_again_within_half_an_interval():
    watch = Watch("a", rules=Rules(rate=10_000, retries=0))
    watch.vendor.says["a"] = Throttled("slow down", code="429")
    pauses = []
    for _ in range(8):
        await watch.poll("a")
        pauses.append(round(watch.budget.pause_left))

    assert pauses == [5, 10, 20, 30, 30, 30, 30, 30]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        pytest.param([], "it lists no number of an app that had some", id="an empty list"),
        pytest.param([0, 1], "many numbers are missing from it", id="half a list"),
    ],
)
async def test_why_answers_are_held_back_is_logged_once_and_once_that_it_is_over(answers, said):
    listed = [row(f"+861380000000{index}") for index in range(8)]
    watch = Watch("a", rules=Rules(rate=10_000, retries=0))
    watch.vendor.says["a"] = listed
    await watch.poll("a")
    watch.vendor.says["a"] = [listed[index] for index in answers]
    await watch.poll("a")
    await watch.poll("a")
    watch.vendor.says["a"] = listed
    await watch.poll("a")

    lines = [entry["event"] for entry in watch.log.entries]
    assert lines == [f"answer held back: {said}", "answers are believed again"]


async def test_an_app_that_leaves_ends_its_series_and_is_told():
    watch = Watch("a")
    await watch.poll("a")

    assert await watch.account.remove(App("main", "a"))

    assert watch.events() == ["app.baseline", "app.removed"]
    assert 'appkey="a"' not in watch.text()


async def test_an_app_that_leaves_while_the_store_is_down_is_told_later():
    watch = Watch("a")
    await watch.poll("a")
    watch.store.down = True
    assert not await watch.account.remove(App("main", "a"))
    assert 'appkey="a"' not in watch.text()
    watch.store.down = False

    assert await watch.account.remove(App("main", "a"))

    assert watch.events() == ["app.baseline", "app.removed"]


async def test_what_was_wrong_is_logged_once_and_once_that_it_is_over():
    watch = Watch("a", rules=Rules(rate=10_000, retries=0))
    watch.vendor.says["a"] = TIMED_OUT
    for _ in range(3):
        await watch.poll("a")
    watch.vendor.says["a"] = [row()]
    await watch.poll("a")

    said = [entry["event"] for entry in watch.log.entries]
    assert said == ["poll failed", "poll succeeded again"]


async def test_a_series_older_than_stale_after_is_withdrawn():
    watch = Watch("a", rules=Rules(rate=10_000, retries=0, stale_after=3_600_000))
    await watch.poll("a")
    watch.vendor.says["a"] = TIMED_OUT
    watch.moved += 3600

    await watch.poll("a")

    assert "nxcloud_number_quality_rating{" not in watch.text()


@pytest.mark.parametrize("retries", [0, 2])
async def test_a_call_that_failed_is_tried_again_within_the_poll(retries):
    watch = Watch("a", rules=Rules(rate=10_000, retries=retries))
    watch.vendor.says["a"] = TIMED_OUT

    await watch.poll("a")

    assert len(watch.vendor.asked) == 1 + retries
    assert watch.sample("number_monitor_calls_total") == 1 + retries
    assert watch.sample("number_monitor_polls_total") == 1


async def test_a_store_that_is_known_to_be_down_is_not_waited_for():
    watch = Watch("a")
    await watch.poll("a")
    watch.store.up = False
    watch.vendor.says["a"] = [row(quality_rating="RED")]
    tried = len(watch.store.recorded)

    await watch.poll("a")

    assert len(watch.store.recorded) == tried
    assert 'nxcloud_number_quality_rating{account="main",appkey="a",waba_id="1169",number="+8613800000001"} 3' in (
        watch.text()
    )


def red_in_two_apps() -> Watch:
    watch = Watch("a", "b", rules=Rules(rate=10_000))
    watch.store.hold = asyncio.Event()
    for appkey in "ab":
        watch.vendor.says[appkey] = [row(quality_rating="RED")]
    return watch


async def in_flight(watch: Watch) -> list["asyncio.Task[object]"]:
    polls: list[asyncio.Task[object]] = []
    for appkey in "ab":
        polls.append(asyncio.create_task(watch.account.poll(App("main", appkey), watch.now())))
        for _ in range(10):
            await asyncio.sleep(0)
    return polls


async def test_a_decision_sees_the_one_before_although_the_store_does_not_have_it_yet():
    watch = red_in_two_apps()
    polls = await in_flight(watch)
    assert watch.store.hold is not None
    watch.store.hold.set()
    await asyncio.gather(*polls)

    actions = [event.data["incidents"][0]["action"] for told in watch.store.recorded for event in told.events]
    assert actions == ["open", "update"]


async def test_nothing_is_told_or_shown_as_told_before_the_store_has_it():
    watch = red_in_two_apps()
    polls = await in_flight(watch)
    text, woken = watch.text(), watch.woken
    assert watch.store.hold is not None
    watch.store.hold.set()
    await asyncio.gather(*polls)

    assert ("nxcloud_number_severity{" in text, woken) == (False, 0)


async def test_decisions_that_the_store_did_not_take_are_made_again():
    watch = red_in_two_apps()
    polls = await in_flight(watch)
    watch.store.down = True
    assert watch.store.hold is not None
    watch.store.hold.set()
    await asyncio.gather(*polls)
    watch.store.down = False

    await watch.poll("a")
    await watch.poll("b")

    actions = [event.data["incidents"][0]["action"] for told in watch.store.recorded for event in told.events]
    assert actions == ["open", "update"]


async def test_of_an_app_the_last_polls_are_kept_until_it_leaves():
    watch = Watch("a", rules=Rules(rate=10_000, retries=0))
    await watch.poll("a")
    await watch.poll("a")
    watch.vendor.says["a"] = TIMED_OUT
    await watch.poll("a")

    assert [(poll.outcome, poll.size > 0) for poll in watch.account.recent("a")] == [
        ("timeout", False),
        ("unchanged", True),
        ("answered", True),
    ]

    await watch.account.remove(App("main", "a"))
    assert watch.account.recent("a") == []


async def test_nobody_is_asked_for_an_account_that_is_not_ours_at_this_moment():
    watch = Watch("a", rules=Rules(rate=10_000, concurrency=1))
    watch.may_ask = False
    with pytest.raises(BudgetClosedError):
        await watch.poll("a")
    asked = list(watch.vendor.asked)

    watch.may_ask = True
    await watch.poll("a")

    assert (asked, [appkey for appkey, _ in watch.vendor.asked]) == ([], ["a"])


async def test_first_tries_are_counted_once_an_app():
    watch = Watch("a", "b")
    for appkey in ("a", "a", "b", "a"):
        await watch.poll(appkey)

    assert watch.account.first_tries == 2

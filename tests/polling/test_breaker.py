"""When a call is not worth making."""

import pytest

from monitor.fleet.answer import Failure, FailureReason
from monitor.polling.breaker import Breaker

INTERVAL = 60.0


def failure(reason: FailureReason) -> Failure:
    return Failure(started=0, reason=reason, code="", text="so it was")


AUTH = failure(FailureReason.AUTH)
TIMEOUT = failure(FailureReason.TIMEOUT)
REJECTED = failure(FailureReason.APP_REJECTED)


def failed(breaker: Breaker, appkey: str, why: Failure, *, now: float = 0.0, apps: int = 10) -> None:
    breaker.failed(appkey, why, interval=INTERVAL, now=now, apps=apps)


def calls_made(breaker: Breaker, *, begin: float, seconds: int, apps: int = 10) -> int:
    """How many of the polls that are due, one a second, become calls."""
    return sum(breaker.holds_off(f"app-{n % apps}", INTERVAL, begin + n) is None for n in range(seconds))


def test_a_closed_breaker_holds_nothing_off():
    assert calls_made(Breaker(), begin=0, seconds=100) == 100


def test_one_refusal_of_one_app_among_many_holds_nothing_off():
    breaker = Breaker()
    failed(breaker, "a", AUTH)
    failed(breaker, "a", AUTH, now=60)

    assert breaker.reason is None


def test_credentials_refused_for_two_apps_in_a_row_leave_one_probe_an_interval():
    breaker = Breaker()
    failed(breaker, "a", AUTH)
    failed(breaker, "b", AUTH)

    assert calls_made(breaker, begin=0, seconds=300) == 5


def test_the_app_that_probed_may_probe_again_at_its_next_regular_poll_though_that_is_a_hair_early():
    breaker = Breaker()
    failed(breaker, "a", AUTH, apps=1)

    held = [breaker.holds_off("a", INTERVAL, now) is not None for now in (60.0, 119.99, 180.0, 239.98)]

    assert held == [False] * 4


def test_another_app_a_hair_early_is_held_off():
    breaker = Breaker()
    failed(breaker, "a", AUTH, apps=1)
    breaker.holds_off("a", INTERVAL, 60.0)

    assert breaker.holds_off("b", INTERVAL, 119.99) is AUTH


def test_a_success_between_two_refusals_keeps_the_breaker_closed():
    breaker = Breaker()
    failed(breaker, "a", AUTH)
    breaker.succeeded("c")
    failed(breaker, "b", AUTH)

    assert breaker.reason is None


def test_the_only_app_of_an_account_needs_no_second():
    breaker = Breaker()
    failed(breaker, "a", AUTH, apps=1)

    assert breaker.reason is FailureReason.AUTH


def test_what_is_held_off_counts_under_the_reason_that_opened_the_breaker():
    breaker = Breaker()
    failed(breaker, "a", AUTH)
    failed(breaker, "b", AUTH)
    breaker.holds_off("a", INTERVAL, 0)

    held = breaker.holds_off("c", INTERVAL, 1)

    assert held is AUTH


def test_an_unreachable_account_leaves_four_probes_an_interval():
    breaker = Breaker()
    for app in "abcd":
        failed(breaker, app, TIMEOUT)
    breaker.account_unreachable(TIMEOUT)

    assert calls_made(breaker, begin=0, seconds=300) == 20


def test_one_success_closes_the_breaker_of_an_unreachable_account():
    breaker = Breaker()
    for app in "abcd":
        failed(breaker, app, TIMEOUT)
    breaker.account_unreachable(TIMEOUT)

    breaker.succeeded("b")

    assert calls_made(breaker, begin=0, seconds=50) == 50


def test_a_single_failure_after_a_success_does_not_open_it_again():
    breaker = Breaker()
    for app in "abcd":
        failed(breaker, app, TIMEOUT)
    breaker.succeeded("b")
    failed(breaker, "c", TIMEOUT)

    breaker.account_unreachable(TIMEOUT)

    assert breaker.reason is None


def test_an_app_refused_for_itself_is_asked_at_growing_intervals_up_to_an_hour():
    breaker, asked, now = Breaker(), [], 0.0
    for _ in range(600):
        if breaker.holds_off("a", INTERVAL, now) is None:
            asked.append(now / INTERVAL)
            failed(breaker, "a", REJECTED, now=now)
        now += INTERVAL

    assert asked[:7] == [0, 2, 6, 14, 30, 62, 122]


def test_a_refused_app_concerns_no_other():
    breaker = Breaker()
    failed(breaker, "a", REJECTED)

    assert breaker.holds_off("b", INTERVAL, 1) is None


@pytest.mark.parametrize("end", ["forget", "succeeded"])
def test_a_refused_app_is_asked_again_once_that_is_over(end):
    breaker = Breaker()
    failed(breaker, "a", REJECTED)

    getattr(breaker, end)("a")

    assert breaker.holds_off("a", INTERVAL, 1) is None


def test_a_breaker_that_closes_names_the_apps_that_it_held_off():
    breaker = Breaker()
    failed(breaker, "a", AUTH)
    failed(breaker, "b", AUTH)
    asked = [breaker.holds_off(appkey, INTERVAL, 0) is None for appkey in ("a", "b", "c", "b")]

    assert (asked, breaker.succeeded("a")) == ([True, False, False, False], ["b", "c"])
    assert breaker.succeeded("a") == []


def test_an_app_that_probed_or_was_asked_for_since_it_was_held_off_is_not_named():
    breaker = Breaker()
    failed(breaker, "a", AUTH)
    failed(breaker, "b", AUTH)
    for appkey in ("a", "b", "c", "d"):
        breaker.holds_off(appkey, INTERVAL, 0)
    breaker.holds_off("b", INTERVAL, INTERVAL)
    breaker.forget("c")

    assert breaker.succeeded("b") == ["d"]

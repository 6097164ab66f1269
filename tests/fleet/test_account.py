"""Apps and accounts that cannot be reached, refused credentials, and words nobody documented."""

import pytest

from monitor.fleet.account import MOST_WORDS
from monitor.fleet.answer import FailureReason
from monitor.fleet.policy import HOUR, MINUTE
from tests.fleet.making import Watch, row, types

AUTH = FailureReason.AUTH
REJECTED = FailureReason.APP_REJECTED


def watch_of(count: int) -> Watch:
    """So many healthy apps: a, b, c, …"""
    watch = Watch(*"abcdefgh"[:count])
    for app in "abcdefgh"[:count]:
        watch.answers(app=app)
    return watch


def test_the_third_failure_in_a_row_is_told_once_and_the_first_success_after():
    watch = watch_of(3)

    told = [types(watch.fails()) for _ in range(4)] + [types(watch.answers())]

    assert told == [[], [], ["app.unreachable"], [], ["app.recovered"]]


def test_the_event_says_why_and_since_when():
    watch = watch_of(3)
    watch.fails()
    watch.fails()

    (told,) = watch.fails(FailureReason.DNS)

    assert (told.severity, told.subject) == ("warning", "a")
    assert (told.data["reason"], told.data["text"], told.data["failures"]) == ("dns", "dns happened", 3)
    assert told.data["since"] == "2023-11-14T22:16:20.000Z"
    assert told.data["last_success"] == "2023-11-14T22:13:20.000Z"


def test_a_success_between_starts_the_count_anew():
    watch = watch_of(3)
    watch.fails()
    watch.fails()
    watch.answers()

    assert [event for _ in range(2) for event in watch.fails()] == []


def test_held_off_polls_count_as_failed():
    watch = watch_of(3)

    assert types([event for _ in range(3) for event in watch.fails(held_off=True)]) == ["app.unreachable"]


def test_an_account_is_told_instead_of_its_apps_when_most_of_them_fail():
    watch = watch_of(3)

    told = [event for _ in range(5) for app in "abc" for event in watch.fails(app=app)]

    (unreachable,) = told
    assert (unreachable.type, unreachable.severity, unreachable.subject) == ("account.unreachable", "warning", "main")
    assert (unreachable.data["apps"], unreachable.data["reasons"]) == (3, {"timeout": 3})


def test_it_is_told_again_as_critical_after_fifteen_minutes_and_then_no_more():
    watch = watch_of(3)

    told = [event for _ in range(20) for app in "abc" for event in watch.fails(app=app)]

    assert [(event.type, event.severity) for event in told] == [
        ("account.unreachable", "warning"),
        ("account.unreachable", "critical"),
    ]
    assert told[1].time - told[0].time == 15 * MINUTE


def test_half_of_the_apps_is_not_the_account():
    watch = watch_of(4)

    told = [event for _ in range(3) for app in "ab" for event in watch.fails(app=app)]

    assert types(told) == ["app.unreachable", "app.unreachable"]


def test_the_only_app_is_told_for_itself():
    watch = watch_of(1)

    assert types([event for _ in range(3) for event in watch.fails()]) == ["app.unreachable"]


def test_it_is_over_when_under_a_quarter_fail_and_the_rest_are_told_then():
    watch = watch_of(8)
    for _ in range(3):
        for app in "abcdefgh":
            watch.fails(app=app)

    told = [types(watch.answers(app=app)) for app in "bcdefgh"]
    rest = watch.fails(app="a")

    assert told == [[], [], [], [], [], [], ["account.recovered"]]
    assert types(rest) == ["app.unreachable"]


def test_apps_that_are_refused_for_themselves_are_left_aside():
    watch = watch_of(5)
    for app in "abc":
        for _ in range(3):
            watch.fails(REJECTED, app=app)

    told = [event for _ in range(3) for app in "de" for event in watch.fails(app=app)]

    assert types(told) == ["account.unreachable"]


def test_many_rejected_apps_are_not_the_account():
    watch = watch_of(3)

    told = [event for _ in range(3) for app in "abc" for event in watch.fails(REJECTED, app=app)]

    assert types(told) == ["app.unreachable"] * 3


def test_credentials_are_refused_when_two_apps_in_a_row_are():
    watch = watch_of(3)

    told = [watch.fails(AUTH, app=app) for app in "ab"]

    assert [types(events) for events in told] == [[], ["account.unreachable"]]
    assert (told[1][0].severity, told[1][0].data["hint_id"]) == ("critical", "account.refused")


def test_a_success_between_two_refusals_says_it_is_not_the_account():
    watch = watch_of(3)

    assert watch.fails(AUTH, app="a") + watch.answers(app="c") + watch.fails(AUTH, app="b") == []


def test_a_success_that_was_not_decided_counts_too():
    watch = watch_of(3)
    watch.fails(AUTH, app="a")
    watch.fleet.seen(("main", "c"), watch.at)
    watch.passes(MINUTE)

    assert watch.fails(AUTH, app="b") == []


def test_one_app_refused_again_and_again_is_told_for_itself():
    watch = watch_of(3)

    assert types([event for _ in range(3) for event in watch.fails(AUTH)]) == ["app.unreachable"]


def test_the_only_app_refused_is_the_account():
    watch = watch_of(1)

    (told,) = watch.fails(AUTH)

    assert (told.type, told.severity) == ("account.unreachable", "critical")


def test_what_a_breaker_holds_off_is_no_refusal():
    watch = watch_of(3)

    assert watch.fails(AUTH, app="a") + watch.fails(AUTH, app="b", held_off=True) == []


def test_refused_credentials_are_over_after_an_interval_without_a_refusal():
    watch = watch_of(2)
    watch.fails(AUTH, app="a")
    watch.fails(AUTH, app="b")
    watch.passes(-30_000)

    told = [types(watch.answers(app=app)) for app in "ab"]

    assert told == [[], ["account.recovered"]]


def test_refused_credentials_are_over_when_a_clock_that_was_ahead_is_set_right():
    watch = watch_of(2)
    watch.fails(AUTH, app="a")
    watch.fails(AUTH, app="b")
    watch.passes(-3_600_000)

    assert types(watch.answers(app="a")) == ["account.recovered"]


def test_refused_credentials_are_told_over_an_unreachable_account():
    watch = watch_of(2)
    for _ in range(3):
        watch.fails(app="a")
        watch.fails(app="b")

    told = watch.fails(AUTH, app="a") + watch.fails(AUTH, app="b")

    assert [(event.type, event.data["reason"]) for event in told] == [("account.unreachable", "auth")]


def test_an_app_that_leaves_may_end_the_trouble_of_its_account():
    watch = watch_of(8)
    for _ in range(3):
        for app in "abcdefgh":
            watch.fails(app=app)
    for app in "cdefgh":
        watch.answers(app=app)

    told = watch.loses("b")

    assert types(told) == ["app.removed", "account.recovered"]


def test_a_word_nobody_documented_is_told_once_an_account():
    watch = Watch("a", "b")

    first = watch.answers(row(status="SLEEPING"), app="a")
    again = watch.answers(row(status="SLEEPING"), app="a") + watch.answers(row(status="SLEEPING"), app="b")

    told = first[0]
    assert (told.type, told.severity, told.subject, told.attribute) == ("vendor.unmapped", "warning", "main", "status")
    assert (told.data["word"], told.data["seen_in"]["appkey"]) == ("SLEEPING", "a")
    assert types(again) == ["app.baseline"]


def test_every_attribute_has_its_words():
    watch = Watch()

    told = watch.answers(
        row(
            quality_rating="PINK",
            status="ODD",
            tier="TIER_HUGE",
            name_status="MAYBE",
            code_verification_status="SORT_OF",
            register_status="9",
        )
    )

    assert [(event.data["attribute"], event.data["word"]) for event in told[:-1]] == [
        ("code_verification_status", "SORT_OF"),
        ("name_status", "MAYBE"),
        ("quality_rating", "PINK"),
        ("register_status", "9"),
        ("status", "ODD"),
        ("tier", "TIER_HUGE"),
    ]


def test_ways_of_saying_nothing_are_no_news():
    watch = Watch()

    told = watch.answers(
        row(quality_rating="UNKNOW", status="", tier="TIER_NOT_SET", name_status="NON_EXISTS", register_status="")
    )

    assert types(told) == ["app.baseline"]


def test_a_vendor_that_invents_words_without_end_is_not_followed_without_end():
    watch = Watch()
    listed = [row(f"+861{index:010d}", status=f"WORD{index}") for index in range(MOST_WORDS + 50)]

    told = watch.answers(*listed)

    assert len(told) == MOST_WORDS + 1
    assert len(watch.fleet.account("main").unmapped) == MOST_WORDS


def test_a_blip_of_one_app_beside_one_told_long_ago_is_not_the_account():
    watch = watch_of(2)
    long_ago = [event for _ in range(10) for event in watch.fails(app="a")]

    told = watch.fails(app="b") + watch.fails(app="a") + watch.answers(app="b") + watch.fails(app="a")

    assert types(long_ago) == ["app.unreachable"]
    assert told == []


def test_the_account_is_told_at_the_third_failure_of_the_app_that_makes_it_most_of_them():
    watch = watch_of(2)
    for _ in range(5):
        watch.fails(app="a")

    told = [types(watch.fails(app=app)) for _ in range(3) for app in "ba"]

    assert told == [[], [], [], [], ["account.unreachable"], []]


def test_a_suspect_answer_between_two_refusals_says_it_is_not_the_account():
    watch = watch_of(3)
    watch.answers(row(), app="c")
    watch.fails(AUTH, app="a")
    watch.answers(app="c")

    assert watch.snapshot("c").suspect
    assert watch.fails(AUTH, app="b") == []


def test_refused_credentials_are_over_when_the_last_refused_app_leaves():
    watch = watch_of(2)
    watch.fails(AUTH, app="a")
    watch.fails(AUTH, app="b")

    told = [types(watch.loses(app)) for app in "ab"]

    assert told == [["app.removed"], ["app.removed", "account.recovered"]]
    assert watch.fleet.account("main").unreachable is None


def test_refused_credentials_are_not_over_when_another_app_leaves():
    watch = watch_of(3)
    watch.fails(AUTH, app="a")
    watch.fails(AUTH, app="b")

    assert types(watch.loses("c")) == ["app.removed"]


def test_an_account_out_of_reach_says_what_the_last_app_failed_for():
    watch = watch_of(1)
    (told,) = watch.fails(FailureReason.AUTH)

    assert (told.type, told.data["code"], told.data["text"]) == ("account.unreachable", "", "auth happened")


@pytest.mark.parametrize(
    ("share", "kinds"),
    [
        pytest.param(1.0, ["account.recovered"], id="an interval"),
        pytest.param(0.95, [], id="clearly less than an interval"),
        pytest.param(0.0, [], id="the same millisecond"),
    ],
)
def test_an_interval_without_a_refusal_ends_it_and_less_does_not(share, kinds):
    watch = watch_of(1)
    watch.fails(FailureReason.AUTH)

    watch.passes(round(watch.policy.interval * share) - MINUTE)

    assert [event.type for event in watch.answers(row()) if event.type.startswith("account.")] == kinds


def test_a_failure_of_another_kind_does_not_end_refused_credentials():
    watch = watch_of(1)
    watch.fails(AUTH)
    watch.passes(HOUR)

    assert types(watch.fails()) == []

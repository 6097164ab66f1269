"""The ten sharpest scenarios of the domain, each with the outcome that the contract gives it."""

from monitor.fleet.answer import FailureReason
from monitor.fleet.policy import DAY, HOUR, MINUTE
from monitor.fleet.scales import Severity
from tests.fleet.making import NUMBER, START, WABA, Watch, action, brief, incidents, row, rows, types

OTHER = "+8613800000002"


def sweep(watch: Watch, apps: str, *listed):
    """Every app answers once."""
    return [event for app in apps for event in watch.answers(*listed, app=app)]


def test_1_a_blast_turns_forty_numbers_red_and_none_of_them_is_held_back():
    watch = Watch()
    watch.answers(*rows(40))

    first = watch.answers(*rows(25, quality_rating="RED"), *rows(40)[25:])
    shown = [entry.now.quality_rating for entry in watch.snapshot().entries.values()].count("RED")
    second = watch.answers(*rows(40, quality_rating="RED"))

    assert shown == 25
    assert (len(first), len(second)) == (25, 15)
    assert {(event.type, event.severity, action(event)) for event in first + second} == {
        ("number.degraded", "critical", "open")
    }
    assert {event.waba_id for event in first + second} == {WABA}  # what delivery groups them by


def test_2_a_vendor_in_maintenance_empties_no_app():
    watch = Watch("a", "b", "c")
    for app in "abc":
        watch.answers(row(f"+861380000000{ord(app) - 96}"), app=app)

    told = [event for _ in range(90) for event in sweep(watch, "abc")]
    frozen = [(len(watch.snapshot(app).entries), watch.snapshot(app).last_success) for app in "abc"]
    back = watch.answers(row("+8613800000001", quality_rating="RED"), app="a")
    back += watch.answers(row("+8613800000002"), app="b")

    assert types(told) == ["account.suspect"]
    assert frozen == [(1, START), (1, START + MINUTE), (1, START + 2 * MINUTE)]
    assert types(back) == ["number.degraded", "account.trusted"]


def test_2_an_app_that_was_really_emptied_is_believed_after_an_hour_while_its_siblings_answer():
    watch = Watch("a", "b", "c")
    sweep(watch, "abc", row())

    told = [event for _ in range(40) for event in [*watch.answers(app="a"), *watch.answers(row(), app="b")]]

    assert types(told) == ["app.suspect", "app.trusted", "number.moved"]


def test_3_a_partial_answer_applies_where_it_says_something():
    watch = Watch()
    listed = rows(9)
    watch.answers(*listed)

    told = watch.answers(
        row("+8613800000001", status="", quality_rating="YELLOW"),
        row("+8613800000002", quality_rating="RED"),
        *listed[2:7],
    )

    assert brief(told) == [
        ("number.degraded", "quality_rating", "GREEN", "YELLOW"),
        ("number.degraded", "quality_rating", "GREEN", "RED"),
    ]
    assert len(watch.snapshot().entries) == 9
    assert watch.entry("+8613800000001").told.status == "CONNECTED"
    assert watch.snapshot().suspicion is None


def test_4_a_migration_between_apps_is_one_event_with_both_places():
    watch = Watch("a", "b")
    watch.answers(row(), row(OTHER), app="a")
    watch.answers(app="b")

    told = watch.answers(row(status="PENDING"), app="b")  # the target registers, the source still works
    told += watch.answers(row(), row(OTHER), app="a")
    told += watch.answers(row(), app="b")
    told += [event for _ in range(12) for event in watch.answers(row(status="MIGRATED"), row(OTHER), app="a")]
    told += [event for _ in range(12) for event in watch.answers(row(OTHER), app="a")]

    assert types(told) == ["number.changed", "number.moved", "number.moved"]
    assert [(event.appkey, event.data["moved_to"]["appkey"]) for event in told[1:]] == [("a", "b"), ("a", "b")]


def test_4_a_number_lost_in_migration_is_critical():
    watch = Watch("a", "b")
    watch.answers(row(), app="a")
    watch.answers(app="b")
    watch.answers(row(status="PENDING"), app="b")

    told = [event for _ in range(12) for event in watch.answers(row(status="MIGRATED"), app="a")]

    assert [(event.type, event.severity) for event in told] == [("number.degraded", "critical")]


def test_5_two_apps_disagree_about_a_number_in_two_series_and_one_incident():
    watch = Watch("a", "b")
    sweep(watch, "ab", row())

    told = watch.answers(row(quality_rating="RED"), app="a") + watch.answers(row(quality_rating="YELLOW"), app="b")
    shown = [watch.entry(app=app).now.quality_rating for app in "ab"]
    told += watch.answers(row(), app="a") + watch.answers(row(), app="b")

    assert shown == ["RED", "YELLOW"]
    assert [action(event) for event in told] == ["open", "update", "update", "close"]
    assert {event.data["incident"]["id"] for event in told} == {f"main/{NUMBER}/quality_rating"}


def test_6_a_new_rung_for_a_whole_waba_is_one_event_and_no_unmapped_word():
    watch = Watch()
    watch.answers(*rows(20, tier="TIER_1K"))

    told = watch.answers(*rows(20, tier="TIER_2K"))
    nothing = watch.answers(*rows(20, tier=""))

    assert brief(told) == [("waba.tier_raised", "tier", "TIER_1K", "TIER_2K")]
    assert len(told[0].data["numbers"]) == 20
    assert nothing == []
    assert watch.snapshot().suspicion is None


def test_7_a_revoked_appkey_is_told_for_itself_and_its_numbers_stay():
    watch = Watch("a", "b", "c")
    sweep(watch, "abc", row())

    told = [event for _ in range(5) for event in watch.fails(FailureReason.APP_REJECTED)]

    assert types(told) == ["app.unreachable"]
    assert told[0].data["hint_id"] == "unreachable.app_rejected"
    assert watch.entry().now.quality_rating == "GREEN"


def test_7_a_rotated_secret_is_one_critical_event_and_one_recovery():
    watch = Watch("a", "b", "c")
    sweep(watch, "abc", row())

    told = [event for _ in range(10) for app in "abc" for event in watch.fails(FailureReason.AUTH, app=app)]
    watch.passes(HOUR)
    told += sweep(watch, "abc", row())

    assert [(event.type, event.severity) for event in told] == [
        ("account.unreachable", "critical"),
        ("account.recovered", "info"),
    ]


def test_8_deleted_and_registered_again_is_a_new_incarnation():
    watch = Watch()
    watch.answers(row(quality_rating="RED"), row(OTHER))

    gone = [event for _ in range(12) for event in watch.answers(row(OTHER))]
    back = watch.answers(row(quality_rating="RED"), row(OTHER))

    assert types(gone + back) == ["number.removed", "number.added", "number.degraded"]
    assert [one["action"] for event in gone + back for one in incidents(event)] == ["close", "open"]


def test_8_a_shorter_absence_and_a_pass_through_pending_are_nothing():
    watch = Watch()
    watch.answers(row(), row(OTHER))

    told = [event for _ in range(5) for event in watch.answers(row(OTHER))]
    told += watch.answers(row(status="PENDING"), row(OTHER)) + watch.answers(row(), row(OTHER))

    assert told == []


def test_8_the_first_start_tells_what_is_bad_once_and_recovers_only_at_green():
    watch = Watch()
    (start,) = watch.answers(row(quality_rating="RED"))
    shown = watch.entry().severity

    unknown = watch.answers(row(quality_rating="UNKNOWN"))
    (green,) = watch.answers(row())

    assert (start.type, start.severity, shown) == ("app.baseline", "warning", Severity.CRITICAL)
    assert unknown == []
    assert (green.type, action(green)) == ("number.recovered", "close")


def test_9_masked_numbers_that_collide_are_shown_at_their_worst_and_matched_nowhere():
    masked = "+86 xxx 24"
    watch = Watch("a", "b")
    watch.answers(row(masked), row(masked, quality_rating="RED"), app="a")
    watch.answers(row(masked), app="b")

    told = watch.answers(row(masked, status="BANNED"), row(masked, quality_rating="YELLOW"), app="a")
    told += watch.answers(row(masked, status="DISCONNECTED"), app="b")

    assert types(told) == ["number.degraded"]
    assert told[0].appkey == "b"
    assert watch.entry(masked).severity is Severity.CRITICAL


def test_10_a_clock_that_is_off_is_one_account_event():
    watch = Watch("a", "b", "c")
    sweep(watch, "abc", row())

    told = [event for _ in range(3) for app in "abc" for event in watch.fails(FailureReason.AUTH, app=app)]

    assert types(told) == ["account.unreachable"]


def test_10_a_pause_or_a_restart_makes_no_recovery():
    watch = Watch(remembers=False)
    watch.answers(row(quality_rating="RED"))
    watch.passes(30 * DAY)

    assert watch.answers(row(quality_rating="RED")) == []


def test_10_event_times_are_bounded_on_both_sides():
    watch = Watch()
    watch.answers(row())
    watch.answers(row())

    (told,) = watch.answers(row(quality_rating="RED"))

    assert told.data["last_seen_before"] == "2023-11-14T22:14:20.000Z"
    assert told.time == START + 2 * MINUTE

"""The one aggregate: its index, its counts, and when an app is settled."""

import msgspec
import pytest

from monitor.fleet.answer import Answer, FailureReason
from monitor.fleet.app import App
from monitor.fleet.fleet import Fleet
from monitor.fleet.policy import MINUTE
from monitor.fleet.snapshot import AccountState, Snapshot
from tests.fleet.making import NUMBER, START, Watch, restored, row, rows

A = ("main", "a")


def settled_watch() -> Watch:
    watch = Watch("a", "b")
    watch.answers(row(), app="a")
    watch.answers(row(), app="a")
    return watch


def test_an_app_is_settled_once_its_answer_was_decided():
    watch = Watch()
    fresh = watch.fleet.settled(A, watch.at)

    watch.answers(row())

    assert (fresh, watch.fleet.settled(A, watch.at)) == (False, True)


def test_an_app_that_fails_is_not():
    watch = settled_watch()
    watch.fails()

    assert not watch.fleet.settled(A, watch.at)


def test_nor_one_with_a_missing_number():
    watch = settled_watch()
    watch.answers(row("+8613800000002"), row())
    watch.answers(row())

    assert not watch.fleet.settled(A, watch.at)


def test_nor_one_that_is_suspect_or_accepted():
    watch = settled_watch()
    watch.answers()
    suspect = watch.fleet.settled(A, watch.at)
    watch.answers(row())
    watch.accepts()

    assert (suspect, watch.fleet.settled(A, watch.at)) == (False, False)


def test_nor_one_whose_moment_has_come():
    watch = settled_watch()
    watch.answers(row(status="PENDING"))

    due = watch.snapshot().due_at
    assert due is not None
    assert (watch.fleet.settled(A, due - 1), watch.fleet.settled(A, due)) == (True, False)


def test_nor_one_after_the_clock_was_set_back():
    watch = settled_watch()

    assert not watch.fleet.settled(A, START - MINUTE)


def test_nor_one_of_an_account_in_trouble():
    watch = settled_watch()
    watch.fleet.replace_account("main", AccountState(suspect_since=START))

    assert not watch.fleet.settled(A, watch.at)


def test_a_changed_policy_or_app_unsettles():
    watch = settled_watch()
    watch.fleet.unsettle()
    by_policy = watch.fleet.settled(A, watch.at)
    watch.answers(row())
    watch.fleet.update(App("main", "a", "another name"))

    assert (by_policy, watch.fleet.settled(A, watch.at)) == (False, False)


def test_a_change_unsettles_the_other_apps_that_hold_the_number():
    watch = Watch("a", "b", "c")
    watch.answers(row(), app="a")
    watch.answers(row(), app="b")
    watch.answers(row("+8613800000002"), app="c")
    for app in "abc":
        watch.answers(row("+8613800000002") if app == "c" else row(), app=app)

    watch.answers(row(quality_rating="RED"), app="a")

    assert [watch.fleet.settled(("main", app), watch.at) for app in "abc"] == [True, False, True]


def test_an_app_that_leaves_unsettles_them_too():
    watch = settled_watch()
    watch.answers(row(), app="b")
    watch.answers(row(), app="a")

    watch.loses("b")

    assert not watch.fleet.settled(A, watch.at)


def test_a_number_that_shows_up_unsettles_the_app_that_remembers_it():
    watch = Watch("a", "b")
    watch.answers(row(), row("+8613800000002"), app="a")
    watch.answers(app="b")
    for _ in range(12):
        watch.answers(row("+8613800000002"), app="a")

    watch.answers(row(), app="b")

    assert not watch.fleet.settled(A, watch.at)


def test_an_answer_that_was_seen_moves_the_success_alone():
    watch = settled_watch()
    before = watch.snapshot()

    watch.fleet.seen(A, START + 9 * MINUTE)

    after = watch.snapshot()
    assert after.last_success == START + 9 * MINUTE
    assert after.entries is before.entries
    assert watch.fleet.settled(A, START + 9 * MINUTE)


def test_a_number_is_found_wherever_it_is():
    watch = Watch("a", "b")
    watch.answers(row(), row(waba="w2"), app="a")
    watch.answers(row(), app="b")

    found = [(app.appkey, entry.now.waba_id) for app, entry in watch.fleet.find(NUMBER)]

    assert sorted(found) == [("a", "116960000086404"), ("a", "w2"), ("b", "116960000086404")]
    assert list(watch.fleet.find("+999")) == []
    assert list(watch.fleet.find(NUMBER, "elsewhere")) == []


def test_a_number_that_is_gone_is_not_found():
    watch = Watch()
    watch.answers(row(), row("+8613800000002"))
    for _ in range(12):
        watch.answers(row("+8613800000002"))

    assert list(watch.fleet.find(NUMBER)) == []


def test_siblings_are_the_others_of_the_account():
    watch = Watch("a", "b", "c")
    watch.fleet.add(App("other", "z"))
    for app in "abc":
        watch.answers(*rows(6), app=app)
    watch.fails(app="a")
    watch.fails(FailureReason.AUTH, app="b")
    watch.answers(app="c")

    others = watch.fleet.siblings(App("main", "a")).others

    assert (others.apps, dict(others.failing), others.suspect) == (2, {FailureReason.AUTH: 1}, 1)


def test_counts_follow_what_comes_and_goes():
    watch = Watch("a", "b")
    watch.fails(app="b")
    watch.answers(app="b")
    watch.fails(app="b")
    watch.loses("b")

    others = watch.fleet.siblings(App("main", "a")).others

    assert (others.apps, dict(others.failing), watch.fleet.count("main"), watch.fleet.count()) == (0, {}, 1, 1)


def test_the_entries_of_a_waba_elsewhere_are_found():
    watch = Watch("a", "b")
    watch.answers(row(), app="a")
    watch.answers(row("+8613800000002"), row("+8613800000003", waba="w2"), app="b")

    places = watch.fleet.siblings(App("main", "a")).of_waba("116960000086404")

    assert [place.entry.now.number for place in places] == ["+8613800000002"]


def test_an_app_nobody_watches_is_an_error_where_it_must_be_watched():
    with pytest.raises(LookupError, match="app 'x' of account 'main' is not watched"):
        Fleet().settled(("main", "x"), START)


def test_forgetting_an_app_twice_is_no_error():
    fleet = Fleet()
    fleet.add(App("main", "a"))

    fleet.remove(A)
    fleet.remove(A)
    fleet.remove(("other", "a"))

    assert (fleet.get(A), fleet.apps(), fleet.accounts) == (None, [], ("main",))


def test_the_header_of_a_snapshot_and_the_account_survive_as_json():
    watch = Watch("a", "b")
    watch.answers(row(status="ODD"))
    watch.fails(FailureReason.AUTH)
    state = watch.fleet.account("main")

    assert restored(watch.snapshot()) == watch.snapshot()
    assert msgspec.json.decode(msgspec.json.encode(state), type=AccountState) == state


def test_what_the_store_has_at_last_is_settled():
    watch = settled_watch()
    watch.polled(Answer(watch.at, b"red", (row(quality_rating="RED"),)), recorded=False)
    waiting = watch.fleet.settled(A, watch.at)
    held = watch.snapshot()
    watch.fleet.replace(App("main", "a"), held, recorded=False)

    watch.fleet.record(A, held)

    found = watch.fleet.get(A)
    assert found is not None
    assert (waiting, found.recorded, found.snapshot) == (False, True, held)


def test_what_the_store_has_of_an_older_snapshot_says_nothing_of_a_newer_one():
    watch = settled_watch()
    old = watch.snapshot()
    watch.fleet.replace(App("main", "a"), Snapshot(failures=1), recorded=False)

    watch.fleet.record(A, old)

    found = watch.fleet.get(A)
    assert found is not None
    assert (found.recorded, found.snapshot.failures) == (False, 1)


def test_what_the_store_has_of_an_app_that_left_says_nothing():
    watch = settled_watch()
    held = watch.snapshot()
    watch.fleet.remove(A)

    watch.fleet.record(A, held)

    assert watch.fleet.get(A) is None


def test_an_app_with_another_name_is_to_be_recorded_anew():
    watch = settled_watch()

    watch.fleet.update(App("main", "a", "another name"))

    found = watch.fleet.get(A)
    assert found is not None
    assert (found.recorded, found.app.name) == (False, "another name")


@pytest.mark.parametrize("key", [("main", "z"), ("elsewhere", "a")])
def test_an_app_that_nobody_watches_cannot_be_unsettled(key):
    watch = settled_watch()

    watch.fleet.unsettle([key])

    assert watch.fleet.get(key) is None
    assert watch.fleet.settled(A, watch.at)


def test_the_numbers_of_a_fleet_are_those_of_all_its_apps_the_gone_included():
    watch = Watch("a", "b")
    watch.answers(row(), row("+8613800000002"), app="a")
    watch.answers(row("+8613800000003"), app="b")
    for _ in range(12):
        watch.answers(row(), app="a")
    watch.fleet.add(App("other", "a"))
    watch.fleet.replace(App("other", "a"), watch.snapshot("b"))

    assert sorted(watch.fleet.numbers()) == [NUMBER, "+8613800000002", "+8613800000003", "+8613800000003"]


def test_an_app_that_is_not_watched_has_all_others_for_siblings():
    watch = Watch("a", "b")
    watch.answers(row(), app="a")
    watch.fails(app="b")

    others = watch.fleet.siblings(App("main", "c")).others

    assert (others.apps, others.failing, others.suspect) == (2, {FailureReason.TIMEOUT: 1}, 0)


def test_an_account_that_is_forgotten_is_known_no_more():
    watch = settled_watch()

    watch.fleet.forget("main")
    watch.fleet.forget("nobody's")

    assert (watch.fleet.count(), watch.fleet.accounts, list(watch.fleet.find(NUMBER))) == (0, (), [])


def test_an_account_that_is_forgotten_leaves_nothing_behind():
    watch = settled_watch()
    before = watch.fleet.knows("main")

    watch.fleet.forget("main")
    watch.fleet.forget("another")

    assert (before, watch.fleet.knows("main")) == (True, False)
    assert (watch.fleet.count(), list(watch.fleet.find(NUMBER))) == (0, [])

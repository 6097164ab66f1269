"""What is believed of an answer: disappearances, lost values, and how long they are held back."""

import pytest

from monitor.fleet.policy import HOUR, MINUTE, Policy
from monitor.fleet.snapshot import SuspicionReason
from tests.fleet.making import NUMBER, START, WABA, Watch, brief, incidents, row, rows, types


def polls(watch: Watch, times: int, *listed, app: str = "a"):
    return [event for _ in range(times) for event in watch.answers(*listed, app=app)]


def test_a_missing_number_is_gone_when_enough_polls_over_enough_time_agree():
    watch = Watch()
    watch.answers(row(), row("+8613800000002"))

    waiting = polls(watch, 10, row("+8613800000002"))
    still_shown = watch.entry().now.number
    (told,) = watch.answers(row("+8613800000002"))

    assert waiting == []
    assert still_shown == NUMBER
    assert (told.type, told.severity) == ("number.removed", "warning")
    assert told.data["last_seen_before"] == "2023-11-14T22:13:20.000Z"
    assert incidents(told) == []
    assert watch.snapshot().gone[WABA, NUMBER].gone_at == START + 11 * MINUTE


def test_time_alone_confirms_no_removal():
    watch = Watch(policy=Policy(confirm_removal=3, confirm_removal_for=0))
    watch.answers(row(), row("+8613800000002"))

    watch.passes(HOUR)

    assert [types(watch.answers(row("+8613800000002"))) for _ in range(3)] == [[], [], ["number.removed"]]


def test_a_number_that_shows_up_again_starts_anew():
    watch = Watch()
    watch.answers(row(), row("+8613800000002"))

    told = polls(watch, 8, row("+8613800000002")) + watch.answers(row(), row("+8613800000002"))
    told += polls(watch, 8, row("+8613800000002"))

    assert told == []
    assert (WABA, NUMBER) in watch.snapshot().entries


def test_failed_polls_neither_confirm_a_removal_nor_forget_it():
    watch = Watch(policy=Policy(confirm_removal=3, confirm_removal_for=0))
    watch.answers(row(), row("+8613800000002"))
    polls(watch, 2, row("+8613800000002"))
    watch.fails()

    assert types(watch.answers(row("+8613800000002"))) == ["number.removed"]


@pytest.mark.parametrize(
    ("entries", "missing", "unknown", "reason"),
    [
        (3, 3, 0, SuspicionReason.EMPTY),
        (1, 1, 0, SuspicionReason.EMPTY),
        (10, 4, 0, None),  # too few
        (20, 6, 0, None),  # 30 % is not over 30 %
        (20, 7, 0, SuspicionReason.MANY_MISSING),
        (10, 5, 0, SuspicionReason.MANY_MISSING),
        (10, 0, 5, SuspicionReason.MANY_UNKNOWN),
        (10, 3, 2, SuspicionReason.MANY_LOST),
        (4, 0, 4, None),
    ],
)
def test_an_answer_that_loses_much_at_once_is_suspect(entries, missing, unknown, reason):
    watch = Watch()
    listed = rows(entries)
    watch.answers(*listed)

    lost = [row(one.number, status="") for one in listed[missing : missing + unknown]]
    watch.answers(*lost, *listed[missing + unknown :])

    held = watch.snapshot().suspicion
    assert (held.reason if held is not None else None) is reason


def test_while_suspect_lost_values_stay_and_known_ones_apply():
    watch = Watch()
    listed = rows(10)
    watch.answers(*listed)

    told = watch.answers(*[row(one.number, status="", quality_rating="RED") for one in listed])

    entry = watch.entry("+8613800000001")
    assert (entry.now.status, entry.now.quality_rating) == ("CONNECTED", "RED")
    assert types(told) == ["number.degraded"] * 10
    assert watch.snapshot().last_success == START


def test_few_lost_values_are_shown_as_lost():
    watch = Watch()
    listed = rows(10)
    watch.answers(*listed)

    watch.answers(row("+8613800000001", status=""), *listed[1:])

    assert watch.entry("+8613800000001").now.status == ""
    assert watch.snapshot().last_success == START + MINUTE


def test_suspicion_is_told_at_the_second_answer_and_its_end_once():
    watch = Watch()
    watch.answers(*rows(6))

    told = [types(watch.answers(*listed)) for listed in ([], [], [], rows(6), rows(6))]

    assert told == [[], ["app.suspect"], [], ["app.trusted"], []]


def test_a_short_suspicion_is_never_told():
    watch = Watch()
    watch.answers(*rows(6))

    assert watch.answers() + watch.answers(*rows(6)) == []


def test_a_suspect_loss_is_believed_after_three_answers_and_an_hour():
    watch = Watch()
    watch.answers(*rows(6))

    waiting = polls(watch, 60)
    told = watch.answers()

    assert types(waiting) == ["app.suspect"]
    assert types(told) == ["app.trusted", *["number.removed"] * 6]
    assert watch.snapshot().entries == {}
    assert watch.snapshot().suspicion is None


def test_an_hour_alone_is_not_enough():
    watch = Watch()
    watch.answers(*rows(6))
    watch.answers()
    watch.passes(2 * HOUR)

    assert types(watch.answers()) == ["app.suspect"]
    assert types(watch.answers())[0] == "app.trusted"


def test_lost_values_are_believed_after_the_same_time():
    watch = Watch()
    watch.answers(*rows(6))
    blank = rows(6, quality_rating="")

    polls(watch, 60, *blank)
    told = watch.answers(*blank)

    assert types(told) == ["app.trusted"]
    assert watch.entry("+8613800000001").now.quality_rating == ""
    assert watch.entry("+8613800000001").told.quality_rating == "GREEN"


def test_what_comes_back_after_held_back_losses_is_compared_with_what_was_told():
    watch = Watch()
    watch.answers(*rows(6))
    watch.answers(*rows(6, quality_rating=""))
    watch.answers(*rows(6, quality_rating=""))

    told = watch.answers(*rows(6, quality_rating="RED"))

    assert types(told) == ["app.trusted", *["number.degraded"] * 6]
    assert told[1].data["last_seen_before"] == "2023-11-14T22:13:20.000Z"


def test_acceptance_believes_the_next_answer_as_it_is_and_no_other():
    watch = Watch()
    watch.answers(*rows(6))
    polls(watch, 2)

    assert watch.accepts() == []
    told = watch.answers()
    watch.answers(*rows(6))

    assert types(told) == ["app.trusted", *["number.removed"] * 6]
    assert told[1].data["reason"] == "accepted"
    assert watch.answers() == []


def test_an_account_of_suspects_is_told_instead_of_its_apps_and_believes_nothing():
    watch = Watch("a", "b", "c")
    for app in "abc":
        watch.answers(row(f"+861380000000{ord(app) - 96}"), app=app)

    told = [event for _ in range(120) for app in "abc" for event in watch.answers(app=app)]

    assert types(told) == ["account.suspect"]
    assert told[0].data["suspect"] == 3
    assert all(len(watch.snapshot(app).entries) == 1 for app in "abc")


def test_an_account_of_suspects_is_over_when_half_of_its_apps_are_trusted():
    watch = Watch("a", "b")
    for app in "ab":
        watch.answers(row(f"+861380000000{ord(app) - 96}"), app=app)
    for _ in range(3):
        watch.answers(app="a")
        watch.answers(app="b")

    told = watch.answers(row("+8613800000001"), app="a")
    after = watch.answers(app="b")

    assert types(told) == ["account.trusted"]
    assert types(after) == ["app.suspect"]


def test_an_accepted_app_is_believed_while_its_account_is_suspect():
    watch = Watch("a", "b")
    for app in "ab":
        watch.answers(row(f"+861380000000{ord(app) - 96}"), app=app)
    for _ in range(3):
        watch.answers(app="a")
        watch.answers(app="b")
    watch.accepts(app="a")

    assert types(watch.answers(app="a")) == ["account.trusted", "number.removed"]


def test_an_unchanged_answer_is_decided_as_what_it_repeats():
    watch = Watch(policy=Policy(confirm_removal=3, confirm_removal_for=0))
    watch.answers(row(), row("+8613800000002"))
    watch.answers(row("+8613800000002"))

    assert brief(watch.repeats() + watch.repeats()) == [("number.removed", None, None, None)]


def test_an_unchanged_answer_repeats_lost_values_too():
    watch = Watch()
    watch.answers(*rows(6))
    watch.answers(*rows(6, quality_rating="", verified_name=""))

    told = watch.repeats()

    assert types(told) == ["app.suspect"]
    assert watch.snapshot().suspicion is not None
    assert watch.entry("+8613800000001").now.verified_name == "GLORY JACK"


def maintenance(*appkeys: str) -> Watch:
    """Apps of six numbers each, all of them empty for 70 minutes."""
    watch = Watch(*appkeys)
    for app in appkeys:
        watch.answers(*numbers_of(app), app=app)
    for _ in range(70 // len(appkeys)):
        for app in appkeys:
            watch.answers(app=app)
    return watch


def numbers_of(app: str):
    return [row(f"+8613800{ord(app):04d}{index:02d}") for index in range(6)]


def test_what_was_lost_while_the_account_was_suspect_is_not_believed_right_after():
    watch = maintenance("a", "b")

    thaw = watch.answers(*numbers_of("a"), app="a")
    told = polls(watch, 60, app="b")
    believed = watch.answers(app="b")

    assert types(thaw) == ["account.trusted"]
    assert types(told) == ["app.suspect"]
    assert types(believed) == ["app.trusted", *["number.removed"] * 6]


def test_a_number_that_is_missing_while_the_account_is_suspect_is_counted_from_its_end():
    watch = Watch("a", "b", "c")
    for app in "abc":
        watch.answers(*numbers_of(app), app=app)
    for _ in range(10):
        watch.answers(app="a")
        watch.answers(app="b")
        watch.answers(*numbers_of("c")[1:], app="c")
    watch.answers(*numbers_of("a"), app="a")

    waiting = polls(watch, 10, *numbers_of("c")[1:], app="c")
    (told,) = watch.answers(*numbers_of("c")[1:], app="c")

    assert waiting == []
    assert told.type == "number.removed"
    assert told.data["last_seen_before"] == "2023-11-14T22:15:20.000Z"


def test_values_lost_while_the_account_was_suspect_are_not_believed_right_after():
    watch = Watch("a", "b")
    for app in "ab":
        watch.answers(*numbers_of(app), app=app)
    blank = {app: [row(one.number, status="") for one in numbers_of(app)] for app in "ab"}
    for _ in range(40):
        for app in "ab":
            watch.answers(*blank[app], app=app)
    watch.answers(*numbers_of("a"), app="a")

    polls(watch, 60, *blank["b"], app="b")
    before = watch.entry(blank["b"][0].number, app="b").now.status
    watch.answers(*blank["b"], app="b")

    assert (before, watch.entry(blank["b"][0].number, app="b").now.status) == ("CONNECTED", "")


def test_acceptance_believes_no_loss_that_came_after_it():
    watch = Watch()
    watch.answers(*rows(10))
    polls(watch, 2, *rows(5))
    watch.accepts()

    told = watch.answers()

    assert types(told) == ["number.removed"] * 5
    assert len(watch.snapshot().entries) == 5
    assert watch.snapshot().suspicion is not None
    assert types(watch.answers(*rows(5))) == ["app.trusted"]


def test_acceptance_believes_lost_values_but_none_that_came_after_it():
    watch = Watch()
    watch.answers(*rows(6))
    watch.answers(*rows(6, status=""))
    watch.accepts()

    watch.answers(*rows(6, status="", quality_rating=""))

    entry = watch.entry("+8613800000001")
    assert (entry.now.status, entry.now.quality_rating) == ("", "GREEN")
    assert entry.marks.shown_at is not None
    assert entry.marks.shown_at["status"] == START
    assert watch.snapshot().suspicion is not None


def test_accepted_lost_values_leave_nothing_held_back():
    watch = Watch()
    watch.answers(*rows(6))
    watch.answers(*rows(6, status=""))
    watch.accepts()

    told = watch.answers(*rows(6, status=""))

    assert told == []
    assert watch.entry("+8613800000001").now.status == ""
    assert watch.snapshot().suspicion is None


def test_what_comes_back_after_an_acceptance_was_not_lost():
    watch = Watch()
    watch.answers(*rows(6))
    watch.answers()
    watch.accepts()

    assert watch.answers(*rows(6)) == []


def test_another_apps_list_in_the_place_of_ours_leaves_no_trace():
    watch = Watch("a", "b")
    ours, theirs = rows(12)[:6], rows(12)[6:]
    watch.answers(*ours, app="a")
    watch.answers(*theirs, app="b")

    told = [types(watch.answers(*listed, app="a")) for listed in (theirs, theirs, theirs, ours, *[ours] * 20)]

    assert told == [[], ["app.suspect"], [], ["app.trusted"], *[[]] * 20]
    assert {number for _, number in watch.snapshot("a").entries} == {each.number for each in ours}
    assert not watch.snapshot("a").gone


def test_a_number_that_came_in_doubt_and_that_nobody_else_has_is_removed_as_any_other():
    watch = Watch()
    watch.answers(*rows(6))
    stranger = row("+8613899999999")
    told = [types(watch.answers(stranger)), types(watch.answers(stranger))]
    told += [types(watch.answers(*rows(6)))]
    later = [kind for _ in range(12) for kind in types(watch.answers(*rows(6)))]

    assert told == [["number.added"], ["app.suspect"], ["app.trusted"]]
    assert later == ["number.removed"]


def test_a_number_that_came_in_doubt_and_in_trouble_is_told_when_it_is_gone():
    watch = Watch("a", "b")
    watch.answers(*rows(6), app="a")
    theirs = row("+8613899999999")
    watch.answers(theirs, app="b")
    bad = row("+8613899999999", quality_rating="RED")
    told = [types(watch.answers(bad, app="a")), types(watch.answers(bad, app="a"))]
    later = [kind for _ in range(12) for kind in types(watch.answers(*rows(6), app="a"))]

    assert told == [["number.degraded"], ["app.suspect"]]
    assert later == ["app.trusted", "number.moved"]

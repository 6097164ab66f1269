"""A store that is down: *now* is shown, nothing is told, and nothing of it is lost."""

from monitor.fleet.answer import Answer, Failure, FailureReason
from monitor.fleet.moment import iso
from monitor.fleet.policy import MINUTE, Policy
from tests.fleet.making import NUMBER, START, Watch, action, brief, row, rows, types

OTHER = "+8613800000002"


def answers_unrecorded(watch: Watch, *listed, app: str = "a") -> None:
    watch.polled(Answer(watch.at, b"x", listed), app=app, recorded=False)


def test_what_changed_meanwhile_is_one_event_an_attribute_when_it_is_back():
    watch = Watch()
    watch.answers(row())
    answers_unrecorded(watch, row(quality_rating="YELLOW"))
    answers_unrecorded(watch, row(quality_rating="RED", status="BANNED"))
    shown = watch.entry().now.quality_rating

    told = watch.answers(row(quality_rating="RED", status="BANNED"))

    assert shown == "RED"
    assert brief(told) == [
        ("number.degraded", "status", "CONNECTED", "BANNED"),
        ("number.degraded", "quality_rating", "GREEN", "RED"),
    ]
    assert told[1].data["last_seen_before"] == "2023-11-14T22:13:20.000Z"
    assert action(told[1]) == "open"


def test_the_severity_stays_as_told():
    watch = Watch()
    watch.answers(row())
    before = watch.entry().severity

    answers_unrecorded(watch, row(quality_rating="RED"))

    assert watch.entry().severity is before


def test_an_unrecorded_app_is_not_settled():
    watch = Watch()
    watch.answers(row())
    watch.answers(row())
    answers_unrecorded(watch, row())

    assert not watch.fleet.settled(("main", "a"), watch.at)


def test_a_number_that_arrived_meanwhile_is_added_later():
    watch = Watch()
    watch.answers(row())
    answers_unrecorded(watch, row(), row(OTHER, quality_rating="RED"))
    shown = watch.entry(OTHER).now.quality_rating

    told = watch.answers(row(), row(OTHER, quality_rating="RED"))

    assert shown == "RED"
    assert types(told) == ["number.added", "number.degraded"]


def test_a_removal_that_was_due_meanwhile_is_told_later():
    watch = Watch(policy=Policy(confirm_removal=1, confirm_removal_for=0))
    watch.answers(row(), row(OTHER))
    answers_unrecorded(watch, row(OTHER))
    shown = watch.entry().now.number

    assert shown == NUMBER
    assert types(watch.answers(row(OTHER))) == ["number.removed"]


def test_a_first_answer_is_shown_and_its_baseline_told_later():
    watch = Watch()
    answers_unrecorded(watch, row(quality_rating="RED"))
    shown = watch.entry().now.quality_rating

    told = watch.answers(row(quality_rating="RED"))

    assert shown == "RED"
    assert types(told) == ["app.baseline"]
    assert watch.entry().marks.announced


def test_a_streak_goes_on_and_is_told_later():
    watch = Watch("a", "b", "c")
    for app in "abc":
        watch.answers(app=app)
    for _ in range(5):
        watch.polled(Failure(watch.at, FailureReason.TIMEOUT, "", "it"), recorded=False)

    (told,) = watch.fails()

    assert (told.type, told.data["failures"]) == ("app.unreachable", 6)


def test_a_recovery_that_could_not_be_recorded_is_told_later():
    watch = Watch("a", "b", "c")
    for app in "abc":
        watch.answers(app=app)
    for _ in range(3):
        watch.fails()
    answers_unrecorded(watch)

    (told,) = watch.answers()

    assert (told.type, told.data["failures"], told.data["since"]) == ("app.recovered", 3, iso(START + 3 * MINUTE))


def test_a_streak_after_a_recovery_that_could_not_be_recorded_is_counted_anew():
    watch = Watch("a", "b", "c")
    for app in "abc":
        watch.answers(app=app)
    for _ in range(3):
        watch.fails()
    answers_unrecorded(watch)
    began = watch.at
    watch.fails()

    (told,) = watch.answers()

    assert (told.type, told.data["failures"], told.data["since"]) == ("app.recovered", 1, iso(began))


def test_the_end_of_a_suspicion_that_could_not_be_recorded_is_told_later():
    watch = Watch()
    watch.answers(*rows(6))
    watch.answers()
    watch.answers()
    answers_unrecorded(watch, *rows(6))

    assert types(watch.answers(*rows(6))) == ["app.trusted"]


def test_the_start_of_a_suspicion_is_told_later():
    watch = Watch()
    watch.answers(*rows(6))
    answers_unrecorded(watch)
    answers_unrecorded(watch)

    assert types(watch.answers()) == ["app.suspect"]


def test_an_acceptance_holds_until_an_answer_is_recorded():
    watch = Watch()
    watch.answers(*rows(6))
    watch.answers()
    watch.accepts()
    answers_unrecorded(watch)

    assert types(watch.answers())[0] == "number.removed"


def test_since_is_when_it_began_not_when_it_could_be_told():
    watch = Watch()
    watch.answers(row())
    answers_unrecorded(watch, row(quality_rating="RED"))

    watch.answers(row(quality_rating="RED"))

    assert watch.entry().since.quality_rating == START + 60_000


def test_an_acceptance_that_was_not_recorded_believes_nothing_that_was_lost_meanwhile():
    watch = Watch()
    watch.answers(*rows(10))
    watch.answers(*rows(5))
    watch.accepts()
    watch.polled(Answer(watch.at, b"empty", ()), recorded=False)

    told = watch.answers()

    assert types(told) == ["app.suspect", *["number.removed"] * 5]
    assert len(watch.snapshot().entries) == 5

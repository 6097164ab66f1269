"""What holds for any sequence of answers and failures of two apps that share numbers."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.fleet.answer import Answer, FailureReason, Row
from monitor.fleet.attributes import LEVELS, known, same
from monitor.fleet.event import Event
from monitor.fleet.match import Match
from monitor.fleet.policy import DAY, HOUR, MINUTE, IgnoreRule, Policy
from tests.fleet.making import Watch, incidents, row

Step = Callable[[Watch], Any]

NUMBERS = ("+8613800000001", "+86 xxx 24")
PLACES = [(waba, number) for number in NUMBERS for waba in ("w1", "w2")]
APPS = ("a", "b")
POLICIES = [
    Policy(),
    Policy(ignore=(IgnoreRule(Match(number=(NUMBERS[0],))),)),
    Policy(recovery_dwell=3 * MINUTE, confirm_removal=2, confirm_removal_for=MINUTE),
]

ratings = st.sampled_from(["GREEN", "YELLOW", "RED", "UNKNOWN", ""])
statuses = st.sampled_from(
    ["CONNECTED", "FLAGGED", "RESTRICTED", "PENDING", "DISCONNECTED", "MIGRATED", "BANNED", "", "LINKED", "ODD"]
)
tiers = st.sampled_from(["TIER_250", "TIER_1K", "TIER_10K", "TIER_UNLIMITED", "", "TIER_HUGE"])
apps = st.sampled_from(APPS)


words = st.one_of(
    st.tuples(st.just("quality_rating"), ratings),
    st.tuples(st.just("status"), statuses),
    st.tuples(st.just("tier"), tiers),
    st.tuples(st.just("verified_name"), st.sampled_from(["GLORY", "JACK", ""])),
)
places = st.sampled_from(PLACES)


def stepped(*, twice: bool = False, store: bool = True, rules: bool = True) -> st.SearchStrategy[list[Step]]:
    """Sequences of what may happen; with `twice` an identity may be in an answer more than once."""
    change = st.builds(_changing, apps, places, words)
    steps = [
        change,
        change,
        change,
        change,
        change,
        st.builds(_filling, apps),
        st.builds(_dropping, apps, places),
        st.builds(_emptying, apps),
        st.builds(_again, apps),
        st.builds(_again, apps),
        st.builds(_failing, apps, st.sampled_from([FailureReason.TIMEOUT, FailureReason.AUTH])),
        st.builds(_waiting, st.sampled_from([5 * MINUTE, HOUR, DAY, 7 * DAY])),
        st.builds(_accepting, apps),
    ]
    if twice:
        steps.append(st.builds(_doubling, apps, places, words))
    if store:
        steps.append(st.builds(_unrecorded, apps, places, words))
    if rules:
        steps.append(st.builds(_ruling, st.sampled_from(POLICIES)))
    return st.lists(st.one_of(steps), min_size=8, max_size=40)


def _changing(app: str, place: tuple[str, str], change: tuple[str, str]) -> Step:
    def step(watch: Watch) -> None:
        watch.answers(*_changed(watch, app, place, change), app=app)

    return step


def _doubling(app: str, place: tuple[str, str], change: tuple[str, str]) -> Step:
    def step(watch: Watch) -> None:
        before = list(watch.last.get(app, []))
        watch.last[app] = before + [listed for listed in _changed(watch, app, place, change) if listed not in before]
        watch.answers(*watch.last[app], app=app)

    return step


def _unrecorded(app: str, place: tuple[str, str], change: tuple[str, str]) -> Step:
    def step(watch: Watch) -> None:
        listed = _changed(watch, app, place, change)
        watch.polled(Answer(watch.at, b"", tuple(listed)), app=app, recorded=False)

    return step


def _filling(app: str) -> Step:
    def step(watch: Watch) -> None:
        watch.last[app] = [row(number, waba=waba) for waba, number in PLACES]
        watch.answers(*watch.last[app], app=app)

    return step


def _dropping(app: str, place: tuple[str, str]) -> Step:
    def step(watch: Watch) -> None:
        watch.last[app] = [one for one in watch.last.get(app, []) if (one.waba_id, one.number) != place]
        watch.answers(*watch.last[app], app=app)

    return step


def _emptying(app: str) -> Step:
    return lambda watch: watch.answers(app=app)


def _changed(watch: Watch, app: str, place: tuple[str, str], change: tuple[str, str]) -> list[Row]:
    """The app's list with one word of one number changed; the number joins it if it was not there."""
    listed = watch.last.get(app, [])
    known = next((one for one in listed if (one.waba_id, one.number) == place), row(place[1], waba=place[0]))
    others = [one for one in listed if (one.waba_id, one.number) != place]
    watch.last[app] = [*others, msgspec.structs.replace(known, **{change[0]: change[1]})]
    return watch.last[app]


def _again(app: str) -> Step:
    return lambda watch: watch.answers(*watch.last.get(app, []), app=app)


def _failing(app: str, reason: FailureReason) -> Step:
    return lambda watch: watch.fails(reason, app=app)


def _waiting(milliseconds: int) -> Step:
    return lambda watch: watch.passes(milliseconds)


def _accepting(app: str) -> Step:
    return lambda watch: watch.accepts(app=app)


def _ruling(policy: Policy) -> Step:
    return lambda watch: watch.rule(policy)


def run(steps: Sequence[Step], **how: Any) -> Watch:
    watch = Watch(*APPS, **how)
    for step in steps:
        step(watch)
    return watch


def entry_of(event: Event) -> tuple[str, str, str]:
    return (event.appkey, event.waba_id, event.subject)


@given(stepped(twice=True))
def test_nothing_is_ever_told_of_an_unknown_level(steps):
    watch = run(steps)

    for event in watch.told:
        if event.attribute in LEVELS and event.type.startswith("number."):
            assert known(event.attribute, event.data["after"]), event
            assert event.data["before"] is None or known(event.attribute, event.data["before"]), event


@given(stepped())
def test_each_event_begins_where_the_last_one_of_its_attribute_ended(steps):
    last: dict[tuple[str, ...], str] = {}
    for event in run(steps).told:
        entry = entry_of(event)
        if event.type in {"number.removed", "number.added"} or (event.type == "number.moved" and not event.attribute):
            last = {key: word for key, word in last.items() if key[:3] != entry}
        elif event.type.startswith("number."):
            before, key = event.data["before"], (*entry, event.attribute)
            assert before is None or key not in last or last[key] == before, event
            assert before is not None or key not in last, event
            last[key] = event.data["after"]


@given(stepped())
def test_a_change_is_a_change(steps):
    still = {"number.persisting", "number.moved", "number.degraded"}  # a move that ends is degraded without a change
    for event in run(steps).told:
        if event.attribute in LEVELS and event.type.startswith("number.") and event.type not in still:
            assert event.data["before"] is not None
            assert not same(event.attribute, event.data["before"], event.data["after"]), event


@given(stepped(twice=True))
def test_an_incident_is_open_once_at_a_time_and_closes_when_all_is_well(steps):
    watch = run(steps)
    heal(watch)

    open_ids: set[str] = set()
    for event in watch.told:
        for told in incidents(event):
            if told["action"] == "open":
                assert told["id"] not in open_ids, event
                open_ids.add(told["id"])
            else:
                assert told["id"] in open_ids, event
                if told["action"] == "close":
                    open_ids.remove(told["id"])
    assert open_ids == set()


@given(stepped())
def test_an_incident_closes_when_its_apps_leave(steps):
    watch = run(steps)
    for app in APPS:
        watch.loses(app)

    balance: dict[str, int] = {}
    for event in watch.told:
        for told in incidents(event):
            balance[told["id"]] = balance.get(told["id"], 0) + {"open": 1, "update": 0, "close": -1}[told["action"]]
    assert set(balance.values()) <= {0}


def heal(watch: Watch) -> None:
    """Every app lists all its numbers in the best of health for long enough."""
    watch.rule(Policy())
    healthy = [row(number, waba=waba, tier="TIER_UNLIMITED") for waba, number in PLACES]
    for _ in range(3):
        for app in APPS:
            watch.accepts(app=app)
            watch.answers(*healthy, app=app)
        watch.passes(HOUR)


@given(stepped(store=False))
def test_short_cuts_for_settled_apps_change_no_event(steps):
    assert run(steps, takes_short_cuts=True).told == run(steps).told


@given(stepped(twice=True))
def test_a_restart_between_any_two_polls_changes_no_event(steps):
    assert run(steps, remembers=False).told == run(steps).told


@given(stepped(twice=True))
def test_what_is_shown_is_what_was_answered(steps):
    watch = run(steps)
    for app in APPS:
        shown = watch.snapshot(app)
        for listed in watch.last.get(app, []):
            entry = shown.entries.get((listed.waba_id, listed.number))
            if entry is not None and not entry.ambiguous and entry.marks.missing is None:
                for attribute in LEVELS:
                    word = getattr(listed, attribute)
                    assert not known(attribute, word) or getattr(entry.now, attribute) == word


@given(stepped())
@settings(max_examples=50)
def test_counts_kept_as_things_change_are_the_counts_of_what_is_there(steps):
    watch = run(steps)
    for app in APPS:
        watched = watch.fleet.get(("main", app))
        assert watched is not None
        others = [other.snapshot for other in watch.fleet.watched("main") if other.app != watched.app]
        counts = watch.fleet.siblings(watched.app).others

        assert counts.apps == len(others)
        assert counts.suspect == sum(other.suspect for other in others)
        assert sum(counts.failing.values()) == sum(other.failure is not None for other in others)


@given(stepped())
@settings(max_examples=50)
def test_nothing_that_is_due_was_forgotten(steps):
    watch = run(steps)
    for watched in watch.fleet.watched("main"):
        snapshot = watched.snapshot
        if watched.recorded and snapshot.due_at is not None and snapshot.last_success is not None:
            assert snapshot.due_at > snapshot.last_success

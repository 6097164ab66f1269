"""
Sample events, for trying where events go: one of each type, as it would really be told.

Pure.  Each comes from the very rules that tell real ones: a short life of an account that never was is polled, and
ends at the moment asked for.  Only what is told of lists of apps is written here by hand, since others tell it.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from monitor.fleet.answer import Answer, Failure, FailureReason, Outcome, Row
from monitor.fleet.app import App
from monitor.fleet.decide import decide, decide_removal
from monitor.fleet.decision import Decision
from monitor.fleet.event import Event
from monitor.fleet.fleet import Fleet
from monitor.fleet.hints import hint
from monitor.fleet.policy import DAY, MINUTE, Language, Policy
from monitor.fleet.snapshot import Snapshot

ACCOUNT = "main"
NUMBER = "+8613800000001"
TYPE = "number.degraded"
MANY = 6  # numbers of an app that loses enough of them to be suspect

FIRST = App(ACCOUNT, "jh42xxxd434", "shop-one", labels=(("team", "emea"),))
SECOND = App(ACCOUNT, "jh43xxxd435", "shop-two")
_OTHERS = tuple(f"+86138000001{place:02d}" for place in range(MANY))


def sample(kind: str, *, number: str, at: int, language: Language) -> Event:
    """
    An event as it could be told at this moment, marked `test` in its data.

    Args:
        kind: Its type.  KeyError for one that there is not.
        number: The number that it is about, where it is about one.
        at: Milliseconds since 1970.
        language: Of its hint.
    """
    if kind in _LISTS:
        told = _list_event(kind, at, language)
    else:
        policy = Policy(language=language)
        lasts = _told(kind, _Life(number, policy, start=at)).time - at
        told = _told(kind, _Life(number, policy, start=at - lasts))
    return msgspec.structs.replace(told, data={**told.data, "test": True})


def _told(kind: str, life: "_Life") -> Event:
    LIVES[kind](life)
    return next(event for event in reversed(life.told) if event.type == kind)


class _Life:
    """Two apps of an account, polled by hand; each step takes a minute."""

    def __init__(self, number: str, policy: Policy, start: int) -> None:
        self.number = number
        self.told: list[Event] = []
        self._policy = policy
        self._at = start
        self._fleet = Fleet()

    def answers(self, *rows: Row, app: App = FIRST) -> None:
        """The app lists these."""
        self._polled(app, Answer(self._at, b"", rows))

    def fails(self, app: App = FIRST) -> None:
        """The app's poll fails."""
        self._polled(app, Failure(self._at, FailureReason.TIMEOUT, "", "no answer within 10 s"))

    def leaves(self) -> None:
        """The first app is not watched any more."""
        watched = self._fleet.get(FIRST.key)
        snapshot = watched.snapshot if watched is not None else Snapshot()
        self._take(decide_removal(FIRST, snapshot, self._fleet.siblings(FIRST), self._policy, self._at))

    def passes(self, milliseconds: int) -> None:
        """Time goes on."""
        self._at += milliseconds

    def row(self, **words: str) -> Row:
        """The number, healthy but for these words."""
        return _row(self.number, **words)

    def _polled(self, app: App, outcome: Outcome) -> None:
        watched = self._fleet.get(app.key)
        if watched is None:
            self._fleet.add(app)
        before = watched.snapshot if watched is not None else Snapshot()
        self._take(decide(app, before, outcome, self._fleet.siblings(app), self._policy, self._at))
        self._at += MINUTE

    def _take(self, decision: Decision) -> None:
        self.told += decision.events
        self._fleet.replace_account(ACCOUNT, decision.account_after)
        if decision.after is not None:
            self._fleet.replace(decision.app, decision.after)


def _row(number: str, **words: str) -> Row:
    healthy = {
        "waba_name": "GLORY TEST",
        "verified_name": "GLORY JACK",
        "quality_rating": "GREEN",
        "status": "CONNECTED",
        "tier": "TIER_10K",
        "name_status": "APPROVED",
        "code_verification_status": "VERIFIED",
        "register_status": "5",
    }
    return Row(number=number, waba_id="116960000086404", **{**healthy, **words})


def _changes(*states: Mapping[str, str]) -> Callable[[_Life], None]:
    """The number is healthy, and then so."""

    def live(life: _Life) -> None:
        life.answers(life.row())
        for state in states:
            life.answers(life.row(**state))

    return live


def _persists(life: _Life) -> None:
    _changes({"status": "RESTRICTED"})(life)
    life.passes(DAY)
    life.answers(life.row(status="RESTRICTED"))


def _appears(life: _Life) -> None:
    life.answers(_row(_OTHERS[0]))
    life.answers(_row(_OTHERS[0]), life.row())


def _goes(life: _Life) -> None:
    life.answers(_row(_OTHERS[0]), life.row())
    for _ in range(3):
        life.answers(_row(_OTHERS[0]))
        life.passes(10 * MINUTE)


def _moves(life: _Life) -> None:
    life.answers(_row(_OTHERS[0]), app=SECOND)
    life.answers(life.row())
    life.answers(_row(_OTHERS[0]), life.row(), app=SECOND)
    life.answers(life.row(status="MIGRATED"))
    life.passes(10 * MINUTE)
    life.answers(life.row(status="MIGRATED"))


def _is_unreachable(life: _Life) -> None:
    life.answers(_row(_OTHERS[0]), app=SECOND)
    life.answers(life.row())
    for _ in range(3):
        life.fails()


def _is_reached_again(life: _Life) -> None:
    _is_unreachable(life)
    life.answers(life.row())


def _loses_many(life: _Life, *apps: App) -> None:
    for app in (FIRST, SECOND, *(App(ACCOUNT, f"jh44xxxd{place}") for place in range(2))):
        life.answers(*(_row(number) for number in _OTHERS), app=app)
    for _ in range(2):
        for app in apps:
            life.answers(app=app)


def _is_suspect(life: _Life) -> None:
    _loses_many(life, FIRST)


def _is_trusted(life: _Life) -> None:
    _is_suspect(life)
    life.answers(*(_row(number) for number in _OTHERS))


def _account_is_suspect(life: _Life) -> None:
    _loses_many(life, FIRST, SECOND, App(ACCOUNT, "jh44xxxd0"))


def _account_is_trusted(life: _Life) -> None:
    _account_is_suspect(life)
    for app in (FIRST, SECOND):
        life.answers(*(_row(number) for number in _OTHERS), app=app)


def _account_is_unreachable(life: _Life) -> None:
    apps = (FIRST, SECOND)
    for app in apps:
        life.answers(life.row(), app=app)
    for _ in range(3):
        for app in apps:
            life.fails(app)


def _account_is_reached_again(life: _Life) -> None:
    _account_is_unreachable(life)
    for app in (FIRST, SECOND):
        life.answers(life.row(), app=app)


def _leaves(life: _Life) -> None:
    life.answers(life.row())
    life.leaves()


#: A life in which an event of the type is told.
LIVES: Mapping[str, Callable[[_Life], None]] = {
    "number.degraded": _changes({"quality_rating": "RED"}),
    "number.improved": _changes({"quality_rating": "RED"}, {"quality_rating": "YELLOW"}),
    "number.recovered": _changes({"quality_rating": "RED"}, {}),
    "number.persisting": _persists,
    "number.changed": _changes({"verified_name": "GLORY JOHN"}),
    "number.added": _appears,
    "number.removed": _goes,
    "number.moved": _moves,
    "waba.tier_lowered": _changes({"tier": "TIER_1K"}),
    "waba.tier_raised": _changes({"tier": "TIER_100K"}),
    "app.baseline": _changes(),
    "app.unreachable": _is_unreachable,
    "app.recovered": _is_reached_again,
    "app.suspect": _is_suspect,
    "app.trusted": _is_trusted,
    "app.removed": _leaves,
    "account.unreachable": _account_is_unreachable,
    "account.recovered": _account_is_reached_again,
    "account.suspect": _account_is_suspect,
    "account.trusted": _account_is_trusted,
    "vendor.unmapped": _changes({"quality_rating": "PURPLE"}),
}

#: What is told of a list of apps: apps after it, and why.
_LISTS: Mapping[str, Mapping[str, Any]] = {
    "app_list.held": {"severity": "warning", "why": "held", "after": 0, "missing": 2},
    "app_list.accepted": {"severity": "info", "why": "confirmed", "after": 0, "missing": 2},
}


def _list_event(kind: str, at: int, language: Language) -> Event:
    data = {
        "account": ACCOUNT,
        "source": "file",
        **_LISTS[kind],
        "before": 2,
        "appkeys": [FIRST.appkey, SECOND.appkey],
        "hint_id": kind,
        "hint": hint(kind, language),
    }
    return Event(kind, at, data["severity"], ACCOUNT, ACCOUNT, data=data)

"""
The course of one incident: what a sink knows of it, and what has happened since.

Pure.  Events are added in the order of their recording; what follows from them is read off at the end, so that trouble
that came and went between two messages is nothing to tell.
"""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from monitor.delivery.people.digest import TIER, Trouble
from monitor.delivery.people.fact import Fact
from monitor.delivery.people.notice import RANK
from monitor.delivery.people.rules import Rules
from monitor.delivery.people.said import said
from monitor.fleet.attributes import LEVELS, canonical, value
from monitor.fleet.event import EventSeverity
from monitor.fleet.hints import level_hint
from monitor.fleet.ignoring import IGNORED
from monitor.fleet.scales import QUALITY_SEVERITY, STATUS_SEVERITY, Severity

HOUR = 3_600_000
FLAPS = 5  #: changes within an hour: more than that is said once, and then nothing until it is calm

#: Events that begin and end something without an incident of the contract, and what to call it.
BEGINS: Mapping[str, str] = {
    "app.unreachable": "unreachable",
    "app.suspect": "suspect",
    "account.unreachable": "unreachable",
    "account.suspect": "suspect",
    "app_list.held": "held",
}
ENDS: Mapping[str, str] = {
    "app.recovered": "unreachable",
    "app.trusted": "suspect",
    "account.recovered": "unreachable",
    "account.trusted": "suspect",
    "app_list.accepted": "held",
}

#: How an incident ends, by the type of the event that closes it; any other: it is well again.
_WHY = {"number.removed": "removed", "number.moved": "moved", "app.removed": "left"}
_LEAVES = frozenset({"number.recovered", *_WHY})
#: Tell of a state in itself no better than the one before, or no worse: how bad it is, its word says.
_SAY_LITTLE = frozenset({"number.improved", "number.changed"})
#: These ends are for good: no number that is gone changes often.
_FOR_GOOD = frozenset({"removed", "moved", "left", "ignored"})

_ELSEWHERE = ""  #: the place of what is bad somewhere that was never told: the incident is open, and nobody said where

#: Types whose `data` says nothing beside what every number's does.
_PLAIN = frozenset({"number.degraded", "number.improved", "number.recovered", "number.persisting"})


class Known(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a sink knows of one incident, as the store keeps it between two messages."""

    told: Trouble | None = None  #: as it was told last; None: nothing, or that it is over
    bad: Mapping[str, Trouble] = {}  #: the entries that are bad now, by place
    at: int = 0  #: when something was last said of it, milliseconds since 1970
    changes: tuple[int, ...] = ()  #: when it changed, of the last hour
    flapping: bool = False  #: it was said that it changes often
    group: str = ""  #: the group that it was told in
    group_size: int = 0  #: how many have ever been in that
    sequence: int = 0  #: of the last event that is in this: one that waits for another's sake is not taken in twice
    rests_until: int = 0  #: until then it is not looked at for a reminder, milliseconds since 1970


class _Rung(NamedTuple):
    """Since when something has been at least how bad."""

    badness: tuple[int, int]
    since: int
    settle: int


class Course:
    """What has become of one incident since the sink last heard of it."""

    def __init__(self, incident: str, known: Known, rules: Rules, now: int) -> None:
        self.incident = incident
        self.known = known
        self.sequences: list[int] = []
        self.last: Trouble | None = known.told  #: of the last event, for the words of its end
        self.worst: Trouble | None = None  #: of what these events told
        self.is_first = False  #: an app's baseline has part in it, whose summary tells it
        self.why = ""  #: how it ended
        self.wanted = False  #: an event since it began is one to be told
        self.was_wanted = False  #: an event of these is
        self.may_tell = True  #: news of it may come by the type of the last event
        self.held_until: int | None = None  #: by maintenance
        self._rules = rules
        self._now = now
        self._bad: dict[str, Trouble] = dict(known.bad)
        self._changes: list[int] = list(known.changes)
        self._rungs: list[_Rung] = []  # of the present stretch

    @property
    def now(self) -> Trouble | None:
        """What it is now, the worst of its entries; None when it is over."""
        return max(self._bad.values(), key=badness, default=None)

    @property
    def is_over_for_good(self) -> bool:
        """Whether it ended with the number, not with its trouble."""
        return not self._bad and self.why in _FOR_GOOD

    @property
    def is_asked_for(self) -> bool:
        """Whether the present trouble is to be told."""
        return self.wanted and self.now is not None and self._rules.wants_severity(self.now)

    def add(self, fact: Fact, action: str) -> None:
        """One more event, and what it does to the incident: open, update, close."""
        self.sequences.append(fact.sequence)
        if fact.sequence <= self.known.sequence:
            return
        self.last = trouble_of(fact, self.incident)
        self.may_tell = self._rules.wants_type(fact)
        self.hold(self._rules.closed_until(fact, self._now))
        before = self._word
        if action == "close":
            self._bad.clear()
            self._ends(fact)
        elif _leaves(fact, self.last):
            self._leave(fact, action)
        else:
            self._join(fact, self.last, opens=action == "open")
        if self._word != before:
            self._changes.append(fact.time)
        self._climb()

    def begin(self, trouble: Trouble, fact: Fact, held: int | None) -> None:
        """An app's first answer shows it; `held`: until when maintenance holds that."""
        self.hold(held)
        if fact.sequence > self.known.sequence:
            self.is_first = held is None
            self._bad[_place(fact, trouble)] = trouble
            self.last = trouble

    def hold(self, until: int | None) -> None:
        """Nothing is said of it before that moment."""
        self.held_until = max(filter(None, (self.held_until, until)), default=None)

    def settled_at(self) -> int:
        """When the present trouble has held for as long as it must to be told, milliseconds since 1970."""
        return min((rung.since + rung.settle for rung in self._rungs), default=0)

    def calm_at(self) -> int:
        """When it will have held for an hour."""
        return max(self._changes, default=0) + HOUR

    def recent(self) -> tuple[int, ...]:
        """Its changes within the last hour."""
        recent = {moment for moment in self._changes if moment > self._now - HOUR}
        return tuple(sorted(recent))[-FLAPS - 1 :]

    def knows(self, told: Trouble | None, *, said: bool = True, flapping: bool = False) -> Known:
        """What is known from now on; `said`: something is said of it now."""
        return Known(
            told=told,
            bad=self._bad,
            at=self._now if said else self.known.at,
            changes=self.recent(),
            flapping=flapping,
            group=self.known.group,
            group_size=self.known.group_size,
            sequence=max(self.known.sequence, *self.sequences, 0),
        )

    def forgets(self, *, said: bool = False) -> Known | None:
        """What stays known of what is over: for an hour, how often it changed."""
        known = self.knows(None, said=said)
        return msgspec.structs.replace(known, bad={}, group="", group_size=0) if known.changes else None

    @property
    def _word(self) -> str | None:
        return self.now.word if self.now is not None else None

    def _join(self, fact: Fact, trouble: Trouble, *, opens: bool) -> None:
        """One of its entries is bad; what begins as an improvement, or by no longer being ignored, is trouble too."""
        place = _place(fact, trouble)
        is_new = place not in self._bad
        begins = opens or _is_reopened(fact)
        says_little = fact.type in _SAY_LITTLE and not begins
        if trouble.severity == "info" or (is_new and says_little and _ELSEWHERE not in self._bad):
            return  # the entry keeps nothing open: it is ignored, or has moved, or a rule says that it is no trouble
        if is_new:
            self._bad.pop(_ELSEWHERE, None)
        self._bad[place] = trouble
        self.worst = max(filter(None, (self.worst, trouble)), key=badness)
        wants = self._rules.wants(fact) or (begins and self._rules.wants_trouble(trouble))
        self.wanted = self.wanted or wants
        self.was_wanted = self.was_wanted or wants
        self.why = ""

    def _leave(self, fact: Fact, action: str) -> None:
        """One of its entries is bad no more; others, perhaps some that were never told, keep it open."""
        if self.incident.endswith(f"/{TIER}"):
            return  # it closes when the event says so: one place stands for all numbers
        places = [place for place in self._bad if place.startswith(_prefix(fact))]
        left = [self._bad.pop(place) for place in places]
        if left and not self._bad:
            if action == "update" and not self._rules.is_of_apps:
                self._bad[_ELSEWHERE] = max(left, key=badness)
            else:
                self._ends(fact)

    def _ends(self, fact: Fact) -> None:
        self.why = "ignored" if fact.data.attribute == IGNORED else _WHY.get(fact.type, "recovered")
        self.wanted = False

    def _climb(self) -> None:
        """Keep since when it has been at least how bad: a worse state need not wait longer than the lesser one."""
        now = self.now
        if now is None:
            self._rungs.clear()
            return
        reached, since = badness(now), now.since
        while self._rungs and self._rungs[-1].badness > reached:
            since = min(since, self._rungs.pop().since)
        if not self._rungs or self._rungs[-1].badness < reached:
            settle = self._rules.settle.get((now.attribute, canonical(now.attribute, now.word)), 0)
            self._rungs.append(_Rung(reached, since, settle))


def badness(trouble: Trouble) -> tuple[int, int]:
    """How bad it is: by severity, then by the scale of its attribute."""
    scale = value(trouble.attribute, trouble.word) if trouble.attribute in LEVELS else 0
    return RANK[trouble.severity], scale


def incident_of(fact: Fact) -> str:
    """What an event begins or ends that has no incident of its own."""
    name = BEGINS.get(fact.type) or ENDS[fact.type]
    of = f"/{fact.more().get('source', '')}" if fact.type.startswith("app_list.") else ""
    return f"{fact.data.account}/{fact.data.appkey or '-'}/{name}{of}"


def trouble_of(fact: Fact, incident: str) -> Trouble:
    """The trouble that an event tells of, or the end of which it tells."""
    data = fact.data
    more = fact.more() if fact.type not in _PLAIN else {}
    numbers = more.get("numbers")
    trouble = Trouble(
        incident=incident,
        type=fact.type,
        source=fact.source,
        account=data.account,
        severity=data.severity,
        since=fact.time,
        seen=fact.time,
        appkey=data.appkey,
        app_name=data.app_name,
        labels=data.labels,
        number=data.number,
        waba_id=data.waba_id,
        waba_name=data.waba_name,
        verified_name=data.verified_name,
        attribute=data.attribute or "",
        word=data.after if isinstance(data.after, str) else "",
        before=data.before if isinstance(data.before, str) else "",
        hint_id=data.hint_id,
        hint=data.hint,
        text=str(more.get("text", "")),
        numbers=tuple(numbers) if isinstance(numbers, list) else (),
        said=said(more),
    )
    if _is_reopened(fact):
        trouble = _reopened(trouble, incident.rpartition("/")[2], data.state)
    if fact.type == "waba.tier_raised":
        return msgspec.structs.replace(trouble, severity="warning")  # partly back: still below what it was
    if fact.type in _SAY_LITTLE and trouble.attribute in LEVELS:
        return msgspec.structs.replace(trouble, severity=_severity(trouble.attribute, trouble.word))
    return trouble


def _is_reopened(fact: Fact) -> bool:
    """Whether it is the end of an `ignore`."""
    return fact.data.attribute == IGNORED and fact.data.after == "false" and bool(fact.incidents)


def _reopened(trouble: Trouble, attribute: str, state: Mapping[str, str]) -> Trouble:
    """What was ignored so far, as the trouble it is."""
    if attribute == TIER:
        return msgspec.structs.replace(
            trouble,
            type="waba.tier_lowered",
            severity="warning",
            attribute=TIER,
            word=state.get(TIER, ""),
            before="",
            number="",
            numbers=(trouble.number,),
            hint_id="tier.lowered",
        )
    word = state.get(attribute, "")
    return msgspec.structs.replace(
        trouble,
        type="number.degraded",
        attribute=attribute,
        word=word,
        before="",
        hint_id=level_hint(attribute, canonical(attribute, word)),
    )


def _severity(attribute: str, word: str) -> EventSeverity:
    """Of a state by itself: the event that leads to it is info all the same."""
    scale = QUALITY_SEVERITY if attribute == "quality_rating" else STATUS_SEVERITY
    severity = scale.get(canonical(attribute, word), Severity.UNKNOWN)
    if severity is Severity.CRITICAL:
        return "critical"
    return "warning" if severity is Severity.WARNING else "info"


def _leaves(fact: Fact, trouble: Trouble) -> bool:
    """Whether the entry that an event is about keeps nothing open from now on."""
    if fact.type in _LEAVES or (fact.data.attribute == IGNORED and fact.data.after == "true"):
        return True
    return trouble.attribute in LEVELS and trouble.severity == "info"


def _place(fact: Fact, trouble: Trouble) -> str:
    return TIER if trouble.attribute == TIER else f"{fact.source}/{trouble.waba_id}/"


def _prefix(fact: Fact) -> str:
    """What the places begin with that an event is about: an app that leaves takes all of its own along."""
    return f"{fact.source}/" if fact.type == "app.removed" else f"{fact.source}/{fact.data.waba_id}/"

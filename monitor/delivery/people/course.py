"""
The course of one incident: what a sink knows of it, and what has happened since.

Pure.  Events are added in the order of their recording; what follows from them is read off at the end, so that trouble
that came and went between two messages is nothing to tell.
"""

from collections.abc import Mapping

import msgspec

from monitor.delivery.people.digest import TIER, Trouble
from monitor.delivery.people.fact import Fact
from monitor.delivery.people.notice import RANK
from monitor.delivery.people.rules import Rules
from monitor.delivery.people.said import said
from monitor.fleet.attributes import canonical, value
from monitor.fleet.event import EventSeverity
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


class Course:
    """What has become of one incident since the sink last heard of it."""

    def __init__(self, incident: str, known: Known, *, is_known: bool) -> None:
        self.incident = incident
        self.known = known
        self.is_known = is_known  #: the store has a row of it
        self.sequences: list[int] = []
        self.bad: dict[str, Trouble] = dict(known.bad)
        self.last: Trouble | None = known.told  #: of the last event, for the words of its end
        self.worst: Trouble | None = None  #: of what these events told
        self.is_first = False  #: an app's baseline begins it, whose summary tells it
        self.why = ""  #: how it ended
        self.wanted = False  #: an event since it began is one to be told
        self.may_tell = True  #: news of it may come by the type of the last event
        self.held_until: int | None = None  #: by maintenance
        self.changes: list[int] = list(known.changes)
        self.began: int | None = None  #: the time of the first event of this stretch of trouble
        self._rungs: list[tuple[tuple[int, int], int, int]] = []  # (how bad, since, settle), of the present stretch

    @property
    def now(self) -> Trouble | None:
        """What it is now, the worst of its entries; None when it is over."""
        return max(self.bad.values(), key=badness, default=None)

    def add(self, fact: Fact, action: str, rules: Rules, at: int) -> None:
        """One more event, and what it does to the incident: open, update, close."""
        self.sequences.append(fact.sequence)
        trouble = trouble_of(fact, self.incident)
        self.last = trouble
        self.may_tell = rules.wants_type(fact)
        held = rules.closed_until(fact, at)
        self.held_until = max(filter(None, (self.held_until, held)), default=None)
        if fact.type != "app.baseline":
            self.changes.append(fact.time)
        place = "" if trouble.attribute == TIER else f"{fact.source}/{fact.data.waba_id}"
        if action == "close":
            self.bad.clear()
            self.why = "ignored" if fact.data.attribute == "ignored" else _WHY.get(fact.type, "recovered")
            self._rungs.clear()
            self.wanted = False
            self.began = None
            return
        if fact.type in _LEAVES:
            self.bad.pop(place, None)
        else:
            self.bad[place] = trouble
            self.worst = max(filter(None, (self.worst, trouble)), key=badness)
            self.wanted = self.wanted or rules.wants(fact)
        if self.began is None:
            self.began = fact.time
        self._climb(rules)

    def begin(self, trouble: Trouble) -> None:
        """An app's first answer shows it."""
        self.is_first = True
        self.bad[f"{trouble.source}/{trouble.waba_id}"] = trouble
        self.last = trouble

    def settled_at(self) -> int:
        """When the present trouble has held for as long as it must to be told, milliseconds since 1970."""
        return min((since + settle for _badness, since, settle in self._rungs), default=0)

    def calm_at(self) -> int:
        """When it will have held for an hour."""
        return max(self.changes, default=0) + HOUR

    def recent(self, at: int) -> tuple[int, ...]:
        """Its changes within the last hour."""
        recent = {moment for moment in self.changes if moment > at - HOUR}  # a row that is held comes again
        return tuple(sorted(recent))[-FLAPS - 1 :]

    def _climb(self, rules: Rules) -> None:
        """Keep since when it has been at least how bad: a worse state need not wait longer than the lesser one."""
        now = self.now
        if now is None:
            self._rungs.clear()
            return
        reached = badness(now)
        self._rungs = [rung for rung in self._rungs if rung[0] <= reached]
        if not self._rungs or self._rungs[-1][0] < reached:
            settle = rules.settle.get((now.attribute, canonical(now.attribute, now.word)), 0)
            self._rungs.append((reached, now.since, settle))


def badness(trouble: Trouble) -> tuple[int, int]:
    """How bad it is: by severity, then by the scale of its attribute."""
    scale = value(trouble.attribute, trouble.word) if trouble.attribute in {"quality_rating", "status"} else 0
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
    word = data.after if isinstance(data.after, str) else ""
    return Trouble(
        incident=incident,
        type=fact.type,
        source=fact.source,
        account=data.account,
        severity=_severity(fact, word),
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
        word=word,
        before=data.before if isinstance(data.before, str) else "",
        hint_id=data.hint_id,
        hint=data.hint,
        text=str(more.get("text", "")),
        numbers=tuple(numbers) if isinstance(numbers, list) else (),
        said=said(more),
    )


def _severity(fact: Fact, word: str) -> EventSeverity:
    """Of the state that an event leads to: an improvement is info, what it leads to may be trouble all the same."""
    data = fact.data
    if fact.type == "waba.tier_raised":
        return "warning"  # partly back: still below what it was
    if data.severity != "info" or data.attribute not in {"quality_rating", "status"}:
        return data.severity
    scale = QUALITY_SEVERITY if data.attribute == "quality_rating" else STATUS_SEVERITY
    severity = scale.get(canonical(data.attribute, word), Severity.UNKNOWN)
    if severity is Severity.CRITICAL:
        return "critical"
    return "warning" if severity is Severity.WARNING else "info"

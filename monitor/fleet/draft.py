"""
A decision in the making: the entries as far as they are decided, and the events told so far.

The parts of `decide` (arrivals, levels, moves, tiers, …) work on one draft, one after the other, so that each sees
what the ones before it decided; incidents above all, which all entries of a number share.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from monitor.fleet.answer import Row
from monitor.fleet.app import App
from monitor.fleet.attributes import TIER
from monitor.fleet.event import Event, EventSeverity
from monitor.fleet.hints import hint
from monitor.fleet.moment import iso
from monitor.fleet.number import is_masked
from monitor.fleet.policy import Policy
from monitor.fleet.severity import Severities
from monitor.fleet.siblings import Place, Siblings
from monitor.fleet.snapshot import Entry, EntryKey
from monitor.fleet.words import key_of

NO_WABA = "-"  #: what stands for an empty waba_id where something must be named
Incident = dict[str, str]  #: {"id": …, "action": open | update | close}


class News(msgspec.Struct, frozen=True):
    """What an event says of one attribute of one number."""

    attribute: str | None = None
    before: str | None = None
    after: str | None = None
    before_since: int | None = None
    last_seen_before: int | None = None


NO_NEWS = News()


class Draft:
    """The workspace of one decision about one app."""

    def __init__(self, app: App, siblings: Siblings, policy: Policy, at: int) -> None:
        """
        Args:
            app: Which.
            siblings: The rest of its account.
            policy: The rules.
            at: The moment of all that is told: the start of the answering call, ms since 1970.
        """
        self.app = app
        self.siblings = siblings
        self.policy = policy
        self.at = at
        self.severities = Severities(app, policy, at)
        self.entries: dict[EntryKey, Entry] = {}
        self.leaving: frozenset[EntryKey] = frozenset()  # believed gone: told last, and no place to have moved to
        self.events: list[Event] = []
        self._by_number: dict[str, list[EntryKey]] | None = None
        self._app_facts = {
            "account": app.account,
            "appkey": app.appkey,
            "app_name": app.name,
            "labels": dict(app.labels),
        }

    def begin(self, entries: dict[EntryKey, Entry], leaving: Iterable[EntryKey] = ()) -> None:
        """Take the observed entries as the state to tell from; some of them are believed gone."""
        self.entries = entries
        self.leaving = frozenset(leaving)
        self._by_number = None

    def others(self, key: EntryKey) -> Iterator[Place]:
        """Every other entry of the number in the account, those leaving too.  None for a masked one: whose is it?"""
        if is_masked(key[1]):
            return
        for own in self._keys_of(key[1]):
            if own != key:
                yield Place(self.app, self.entries[own])
        yield from self.siblings.elsewhere(key[1])

    def places(self, key: EntryKey) -> Iterator[Place]:
        """The same without the app's entries that are leaving."""
        for place in self.others(key):
            if place.app is not self.app or key_of(place.entry.now) not in self.leaving:
                yield place

    def is_open(self, number: str, attribute: str) -> bool:
        """Whether any entry of the number keeps its incident open; the id is the text, so a masked one's too."""
        for key in self._keys_of(number):
            if attribute in self.entries[key].marks.bad:
                return True
        return any(attribute in place.entry.marks.bad for place in self.siblings.elsewhere(number))

    def is_tier_open(self, waba_id: str) -> bool:
        """Whether any number of the WABA keeps its tier incident open."""
        own = (entry for key, entry in self.entries.items() if key[0] == waba_id)
        return _any_bad(own, TIER) or _any_bad((place.entry for place in self.siblings.of_waba(waba_id)), TIER)

    def take(self, key: EntryKey, *, bad: Mapping[str, bool], entry: Entry | None = None) -> list[Incident]:
        """
        Let an entry be, or be no longer, bad for some of its incidents.

        Args:
            key: Which entry.
            bad: By attribute.
            entry: What the entry becomes otherwise; None: it stays.

        Returns:
            What that does to each incident, in the order of `bad`; those that were not open and do not open are
            left out.
        """
        was_open = {attribute: self._incident_open(key, attribute) for attribute in bad}
        entry = entry if entry is not None else self.entries[key]
        now_bad = [attribute for attribute in entry.marks.bad if attribute not in bad]
        now_bad += [attribute for attribute, is_bad in bad.items() if is_bad]
        self.entries[key] = entry.marked(bad=tuple(sorted(now_bad)))
        return self._actions(key, was_open)

    def drop(self, key: EntryKey) -> list[Incident]:
        """Let an entry go; what that does to the incidents it kept open."""
        was_open = dict.fromkeys(self.entries[key].marks.bad, True)
        del self.entries[key]
        if self._by_number is not None:
            self._by_number[key[1]].remove(key)
        return self._actions(key, was_open)

    def tell_number(
        self,
        kind: str,
        entry: Entry,
        severity: EventSeverity,
        hint_id: str,
        tail: Mapping[str, object],
        news: News = NO_NEWS,
    ) -> None:
        """
        Tell an event about a number.

        Args:
            kind: Its type.
            entry: Whose.
            severity: Of the event; an ignored entry's is info, and a moved one's.
            hint_id: What to say to people.
            tail: What follows in the data: `incident` or `incidents`, and what the type has beside.
            news: The attribute it is about.
        """
        severity = "info" if entry.marks.quiet else severity
        row = entry.now
        data = {
            **self.app_facts(),
            "number": row.number,
            "waba_id": row.waba_id,
            "waba_name": row.waba_name,
            "verified_name": row.verified_name,
            **news_facts(news, severity, self.at),
            "state": state_facts(row),
            **self.hint_facts(hint_id),
            **tail,
        }
        self.tell(kind, severity, row.number, data, waba_id=row.waba_id, attribute=news.attribute or "")

    def tell_app(self, kind: str, severity: EventSeverity, hint_id: str, facts: Mapping[str, Any]) -> None:
        """Tell an event about the app itself."""
        data = {**self.app_facts(), "severity": severity, **facts, **self.hint_facts(hint_id)}
        self.tell(kind, severity, self.app.appkey, data)

    def tell_account(
        self, kind: str, severity: EventSeverity, hint_id: str, facts: Mapping[str, Any], attribute: str = ""
    ) -> None:
        """Tell an event about the whole account."""
        account = self.app.account
        data = {"account": account, "severity": severity, **facts, **self.hint_facts(hint_id)}
        self.events.append(Event(kind, self.at, severity, account, account, attribute=attribute, data=data))

    def tell(
        self,
        kind: str,
        severity: EventSeverity,
        subject: str,
        data: Mapping[str, Any],
        *,
        waba_id: str = "",
        attribute: str = "",
    ) -> None:
        """Tell an event of this app, its data complete."""
        app = self.app
        self.events.append(
            Event(
                type=kind,
                time=self.at,
                severity=severity,
                account=app.account,
                subject=subject,
                appkey=app.appkey,
                waba_id=waba_id,
                attribute=attribute,
                labels=app.labels,
                data=data,
            )
        )

    def app_facts(self) -> Mapping[str, Any]:
        """What every event of the app begins with."""
        return self._app_facts

    def hint_facts(self, hint_id: str) -> dict[str, str]:
        """What to do about it, for programs and for people."""
        return {"hint_id": hint_id, "hint": hint(hint_id, self.policy.language)}

    def _incident_open(self, key: EntryKey, attribute: str) -> bool:
        entry = self.entries.get(key)
        if entry is not None and attribute in entry.marks.bad:
            return True
        return self.is_tier_open(key[0]) if attribute == TIER else self.is_open(key[1], attribute)

    def _actions(self, key: EntryKey, was_open: Mapping[str, bool]) -> list[Incident]:
        actions = []
        for attribute, before in was_open.items():
            after = self._incident_open(key, attribute)
            if before or after:
                of = key[0] if attribute == TIER else key[1]
                actions.append(incident(self.app.account, of, attribute, before=before, after=after))
        return actions

    def _keys_of(self, number: str) -> Iterable[EntryKey]:
        if self._by_number is None:
            self._by_number = {}
            for key in self.entries:
                self._by_number.setdefault(key[1], []).append(key)
        return self._by_number.get(number, ())


def incident(account: str, subject: str, attribute: str, *, before: bool, after: bool) -> Incident:
    """An incident as an event carries it: open before the event, open after it."""
    action = ("update" if before else "open") if after else "close"
    return {"id": f"{account}/{subject or NO_WABA}/{attribute}", "action": action}


def first(incidents: list[Incident]) -> Incident | None:
    """The one incident of an event about one attribute."""
    return incidents[0] if incidents else None


def news_facts(news: News, severity: EventSeverity, at: int) -> dict[str, Any]:
    """The part of an event's data that says what changed; nothing was before later than `at`, the event's moment."""
    return {
        "attribute": news.attribute,
        "before": news.before,
        "after": news.after,
        "severity": severity,
        "before_since": _iso_until(news.before_since, at),
        "last_seen_before": _iso_until(news.last_seen_before, at),
    }


def state_facts(row: Row) -> dict[str, str]:
    """The number's present state, in the vendor's words."""
    return {"quality_rating": row.quality_rating, "status": row.status, "tier": row.tier}


def _iso_until(moment: int | None, at: int) -> str | None:
    return None if moment is None else iso(min(moment, at))  # the clock may have been set back


def _any_bad(entries: Iterable[Entry], attribute: str) -> bool:
    return any(attribute in entry.marks.bad for entry in entries)

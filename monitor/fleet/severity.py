"""
How bad a state is: the tables of `scales`, after the configuration's overrides, ignore rules, moves and time.

Pure.  Overrides are about states; a new number's PENDING is ok whatever they say, until it persists.
"""

import msgspec

from monitor.fleet.answer import Row
from monitor.fleet.app import App
from monitor.fleet.attributes import LEVELS, LIMITED_WORDS, PENDING_WORDS, QUALITY, STATE, canonical, known, word
from monitor.fleet.event import EventSeverity
from monitor.fleet.policy import IgnoreRule, Policy
from monitor.fleet.scales import QUALITY_SEVERITY, STATUS_ALIASES, STATUS_SEVERITY, Severity, can_send
from monitor.fleet.snapshot import Entry, Marks

EVENT_SEVERITY: dict[Severity, EventSeverity] = {
    Severity.UNKNOWN: "info",
    Severity.OK: "info",
    Severity.WARNING: "warning",
    Severity.CRITICAL: "critical",
}

_STATUS_SEVERITY = {
    **STATUS_SEVERITY,
    **{alias: STATUS_SEVERITY[status] for alias, status in STATUS_ALIASES.items()},
}


class Severities:
    """The severities of one app's states under one policy."""

    def __init__(self, app: App, policy: Policy, at: int) -> None:
        self._app = app
        self._policy = policy
        self._labels = dict(app.labels)
        self._ignore = tuple(rule for rule in policy.ignore if rule.until is None or at < rule.until)

    def ignored_by(self, row: Row) -> IgnoreRule | None:
        """The rule that says this entry's trouble is known; None: nobody does."""
        if not self._ignore:
            return None
        facts = self._facts(row)
        return next((rule for rule in self._ignore if rule.match.fits(facts, self._labels)), None)

    def of_state(self, row: Row, attribute: str, text: str, marks: Marks) -> Severity:
        """
        How bad a level's word is for this entry, time, moves and ignore rules aside.

        Args:
            row: Whose state it is.
            attribute: quality_rating or status.
            text: The word.
            marks: `fresh` and `came_from` say what PENDING and UNVERIFIED mean here.
        """
        pending = attribute == STATE and text in PENDING_WORDS
        if pending and marks.fresh:
            return Severity.OK
        overridden = self.override(row, attribute, text) if self._policy.severity else None
        if overridden is not None:
            return overridden
        if attribute == QUALITY:
            return QUALITY_SEVERITY.get(text, Severity.UNKNOWN)
        if pending and marks.came_from and not can_send(marks.came_from):
            return self.of_state(row, STATE, marks.came_from, marks)  # no worse than where it came from
        return _STATUS_SEVERITY.get(text, Severity.UNKNOWN)

    def override(self, row: Row, attribute: str, text: str) -> Severity | None:
        """The severity that the configuration gives this state: the first rule that fits and names it."""
        if not self._policy.severity:
            return None
        facts = {**self._facts(row), "attribute": attribute}
        state = (attribute, canonical(attribute, text))
        for rule in self._policy.severity:
            if state in rule.severities and rule.match.fits(facts, self._labels):
                return rule.severities[state]
        return None

    def of_persisting(self, row: Row, text: str) -> Severity:
        """How bad a status is that has lasted: limits critical, a new number's PENDING a warning; or as overridden."""
        overridden = self.override(row, STATE, text)
        if overridden is not None:
            return overridden
        return Severity.CRITICAL if text in LIMITED_WORDS else Severity.WARNING

    def of_told(self, entry: Entry, attribute: str) -> Severity:
        """How bad the *told* level is, time included."""
        text = word(entry.told, attribute)
        if attribute == STATE and entry.marks.persisted:
            return self.of_persisting(entry.told, text)
        return self.of_state(entry.told, attribute, text, entry.marks)

    def of_entry(self, entry: Entry) -> Severity:
        """What is exported and alerted on."""
        # that nothing is told of an ambiguous entry says nothing of the rule
        ignored = self.ignored_by(entry.now) is not None if entry.ambiguous else entry.marks.ignored
        if ignored or entry.marks.moved:
            return Severity.OK
        if entry.ambiguous:
            fresh = entry.marks.fresh or not known(STATE, entry.told.status)
            marks = msgspec.structs.replace(entry.marks, fresh=fresh)
            return max(self.of_state(entry.now, name, word(entry.now, name), marks) for name in LEVELS)
        if not self._policy.severity and not entry.marks.means_more:
            return self._of_plain(entry.told.quality_rating, entry.told.status)
        return max(self.of_told(entry, QUALITY), self.of_told(entry, STATE))

    def is_bad(self, entry: Entry, attribute: str) -> bool:
        """Whether the *told* level is trouble that an incident is about."""
        if entry.marks.quiet:
            return False
        return self.of_told(entry, attribute) >= Severity.WARNING

    def _of_plain(self, rating: str, status: str) -> Severity:
        rated = QUALITY_SEVERITY.get(rating, Severity.UNKNOWN)
        return max(rated, _STATUS_SEVERITY.get(status, Severity.UNKNOWN))

    def _facts(self, row: Row) -> dict[str, str]:
        return {
            "account": self._app.account,
            "appkey": self._app.appkey,
            "number": row.number,
            "waba_id": row.waba_id,
        }


def settled_severity(entry: Entry, severities: Severities) -> Entry:
    """The entry with the severity it has now; the same object where that did not change."""
    severity = severities.of_entry(entry)
    return entry if severity is entry.severity else msgspec.structs.replace(entry, severity=severity)

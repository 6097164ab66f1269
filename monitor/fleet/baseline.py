"""
An app's first answer ever: everything is told at once with one event, and nothing of it as news.

It opens the incidents of entries already in trouble; dwell does not apply.
"""

from collections import Counter
from typing import Any

import msgspec

from monitor.fleet.attributes import LEVELS, PENDING_WORDS, TIER, canonical, known, word
from monitor.fleet.draft import Draft, Incident
from monitor.fleet.moves import has_left, place_of
from monitor.fleet.scales import NO_TIER_WORDS, UNKNOWN_WORDS, Severity
from monitor.fleet.severity import settled_severity
from monitor.fleet.snapshot import NO_MARKS, Entry, EntryKey, Marks

MOST_NAMED = 100  #: entries in trouble that the event names


def tell_baseline(draft: Draft) -> None:
    """Take over all entries of the draft as told."""
    incidents: dict[str, Incident] = {}
    for key in draft.entries:
        _begin(draft, key)
    for key in draft.entries:
        _settle(draft, key, incidents)
    degraded = [entry for entry in draft.entries.values() if entry.severity >= Severity.WARNING]
    facts = {
        "numbers": len(draft.entries),
        "counts": {name: _counts(draft, name) for name in (*LEVELS, TIER)},
        "degraded": [_degraded(entry) for entry in degraded[:MOST_NAMED]],
        "degraded_count": len(degraded),
        "incidents": list(incidents.values()),
    }
    draft.tell_app("app.baseline", "warning" if degraded else "info", "app.baseline", facts)


def _begin(draft: Draft, key: EntryKey) -> None:
    entry = draft.entries[key]
    ignored = draft.severities.ignored_by(entry.now) is not None
    fresh = not entry.ambiguous and entry.now.status in PENDING_WORDS
    marks = Marks(fresh=fresh, ignored=ignored) if fresh or ignored else NO_MARKS
    told = entry.told if entry.ambiguous else entry.now
    draft.entries[key] = msgspec.structs.replace(entry, told=told, told_since=entry.since, marks=marks)


def _settle(draft: Draft, key: EntryKey, incidents: dict[str, Incident]) -> None:
    """With all entries begun: which have moved, how bad each is, and the incidents that opens."""
    entry = draft.entries[key]
    if not entry.ambiguous and has_left(entry.now.status) and place_of(draft, key) is not None:
        entry = entry.marked(moved=True)
    entry = settled_severity(entry, draft.severities)
    draft.entries[key] = entry
    bad = {name: True for name in LEVELS if not entry.ambiguous and draft.severities.is_bad(entry, name)}
    if bad:
        for told in draft.take(key, bad=bad):
            incidents.setdefault(told["id"], told)


def _degraded(entry: Entry) -> dict[str, Any]:
    row = entry.now
    return {
        "number": row.number,
        "waba_id": row.waba_id,
        "quality_rating": row.quality_rating,
        "status": row.status,
        "severity": entry.severity.word,
    }


def _counts(draft: Draft, attribute: str) -> dict[str, int]:
    words = (_counted_as(attribute, word(entry.now, attribute)) for entry in draft.entries.values())
    return dict(sorted(Counter(words).items()))


def _counted_as(attribute: str, text: str) -> str:
    """Words nobody documented are counted together: there is no end to them."""
    if known(attribute, text):
        return canonical(attribute, text)
    if attribute == TIER and text in NO_TIER_WORDS:
        return "NONE"
    return "UNKNOWN" if text in UNKNOWN_WORDS else "OTHER"

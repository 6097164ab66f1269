"""Entries that are confirmed gone, and tombstones whose number turns out to live elsewhere."""

from collections.abc import Mapping

import msgspec

from monitor.fleet.draft import Draft, News
from monitor.fleet.moves import place_facts, place_of
from monitor.fleet.siblings import Place
from monitor.fleet.snapshot import Entry, EntryKey, Gone

Graves = dict[EntryKey, Gone]


def bury(draft: Draft, key: EntryKey, *, reason: str) -> Gone:
    """
    Tell that an entry is gone, or that it has moved; it keeps no incident open any more.

    Args:
        draft: The entry leaves it.
        key: Which.
        reason: `missing`; or `accepted`, when somebody believed what was held back.
    """
    entry = draft.entries[key]
    place = place_of(draft, key)
    incidents = draft.drop(key)
    missing = entry.marks.missing
    news = News(last_seen_before=missing.seen if missing is not None else None)
    if place is not None:
        facts = {"incidents": incidents, **place_facts(place)}
        draft.tell_number("number.moved", entry, "info", "number.moved", facts, news)
    else:
        entry = entry.marked(moved=False)  # a move that was told holds no longer
        facts = {"incidents": incidents, "reason": reason}
        draft.tell_number("number.removed", entry, "warning", "number.removed", facts, news)
    return Gone(_at_rest(entry), gone_at=draft.at, moved=place is not None)


def tend(draft: Draft, graves: Mapping[EntryKey, Gone], now: int) -> Graves:
    """
    The tombstones that stay.

    Args:
        draft: A number that is back in it has no tombstone; one that lives elsewhere by now is told as moved.
        graves: From before.
        now: The moment of the decision, ms since 1970: what is older than the retention is forgotten.
    """
    kept: Graves = {}
    for key, gone in graves.items():
        if key in draft.entries or gone.gone_at + draft.policy.retention <= now:
            continue
        place = place_of(draft, key) if not gone.moved else None
        kept[key] = gone if place is None else _tell_moved(draft, gone, place)
    return kept


def forgotten_at(graves: Mapping[EntryKey, Gone], retention: int) -> int | None:
    """When the first tombstone is to be forgotten; None: there is none."""
    return min((gone.gone_at + retention for gone in graves.values()), default=None)


def _tell_moved(draft: Draft, gone: Gone, place: Place) -> Gone:
    facts = {"incidents": [], **place_facts(place)}  # its incidents closed when it was told gone
    draft.tell_number("number.moved", gone.entry, "info", "number.moved", facts)
    return msgspec.structs.replace(gone, moved=True)


def _at_rest(entry: Entry) -> Entry:
    """What a tombstone keeps: nothing waits of it and no incident counts it."""
    return entry.marked(missing=None, blank=None, bad=())

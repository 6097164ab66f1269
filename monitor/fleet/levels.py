"""
Tell what is due of an entry's rating and status: changes, moves, and what is normal for a while but lasts.

Each function takes the draft on by one step and returns nothing; the order of the steps is `decide`'s.
"""

import msgspec

from monitor.fleet.attributes import LIMITED_WORDS, QUALITY, STATE, canonical, same, word
from monitor.fleet.diff import Change, Kind, change_of
from monitor.fleet.draft import Draft, News, first
from monitor.fleet.hints import level_hint, persisting_hint
from monitor.fleet.moves import has_left, place_facts, place_of
from monitor.fleet.policy import DAY
from monitor.fleet.severity import EVENT_SEVERITY
from monitor.fleet.siblings import Place
from monitor.fleet.snapshot import NO_MARKS, Entry, EntryKey, Marks

PERSISTS_AFTER = DAY


def tell_levels(draft: Draft, key: EntryKey) -> None:
    """Tell what is due of the entry's rating and status."""
    was_moved = draft.entries[key].marks.moved
    _tell_level(draft, key, STATE)
    _end_borrowing(draft, key)
    _tell_move(draft, key)
    _tell_level(draft, key, QUALITY)
    if was_moved and not draft.entries[key].marks.moved:
        _tell_bad_again(draft, key)
    _tell_persisting(draft, key)


def take_over(entry: Entry, attribute: str, marks: Marks | None = None) -> Entry:
    """
    The entry with what it is *now* as told.

    Args:
        entry: Whose level or tier is taken over.
        attribute: Which.
        marks: What the entry's marks become with it; None: they stay.
    """
    marks = marks if marks is not None else entry.marks
    since = msgspec.structs.replace(entry.told_since, **{attribute: getattr(entry.since, attribute)})
    told = msgspec.structs.replace(entry.told, **{attribute: word(entry.now, attribute)})
    if marks.shown_at is not None:
        shown_at = {name: at for name, at in marks.shown_at.items() if name != attribute}
        marks = msgspec.structs.replace(marks, shown_at=shown_at or None)
    return msgspec.structs.replace(
        entry,
        told=entry.now if told == entry.now else told,
        told_since=entry.since if since == entry.since else since,
        marks=NO_MARKS if marks == NO_MARKS else marks,
    )


def is_held(entry: Entry, attribute: str) -> bool:
    """Whether a level is *now* what has been told of it."""
    return same(attribute, word(entry.now, attribute), word(entry.told, attribute))


def persisting_at(entry: Entry) -> int | None:
    """From when on `number.persisting` is due; None: nothing lasts that should not."""
    if entry.marks.persisted or not is_held(entry, STATE):
        return None
    since = entry.marks.kin_since or entry.told_since.status
    if entry.marks.fresh:
        return max(entry.first_seen, since) + PERSISTS_AFTER
    return since + PERSISTS_AFTER if entry.told.status in LIMITED_WORDS else None


def news_of(draft: Draft, entry: Entry, attribute: str, before: str, after: str) -> News:
    """What is told of a level, by the entry as it was before the telling."""
    if not before:
        return News(attribute, None, after)
    shown = (entry.marks.shown_at or {}).get(attribute, draft.at)
    since: int = getattr(entry.told_since, attribute)
    return News(attribute, before, after, since, shown)


def _tell_level(draft: Draft, key: EntryKey, attribute: str) -> None:
    change = change_of(draft.entries[key], attribute, draft.severities, draft.policy)
    if change is not None and change.due_at <= draft.at:
        _tell_change(draft, key, change)


def _tell_change(draft: Draft, key: EntryKey, change: Change) -> None:
    entry = draft.entries[key]
    place = place_of(draft, key) if change.attribute == STATE and has_left(change.after) else None
    told = take_over(entry, change.attribute, change.marks)
    news = news_of(draft, entry, change.attribute, change.before, change.after)
    if place is not None:
        draft.entries[key] = told
        _tell_moved(draft, key, news, place)
        return
    incidents = draft.take(key, bad={change.attribute: draft.severities.is_bad(told, change.attribute)}, entry=told)
    if change.kind is Kind.SILENT:
        return
    if told.marks.moved:
        incidents = []  # the number's incidents are about where it lives
    severity = EVENT_SEVERITY[change.severity] if change.kind is Kind.DEGRADED else "info"
    hint_id = level_hint(change.attribute, canonical(change.attribute, change.after))
    draft.tell_number(change.kind.value, told, severity, hint_id, {"incident": first(incidents)}, news)


def _end_borrowing(draft: Draft, key: EntryKey) -> None:
    """Once the place has shown what it began with, that is its own."""
    entry = draft.entries[key]
    if entry.marks.borrowed and is_held(entry, STATE):
        draft.entries[key] = entry.marked(borrowed=False)


def _tell_move(draft: Draft, key: EntryKey) -> None:
    """Where nothing changed here, the other place may have: the number can send there now, or no longer."""
    entry = draft.entries[key]
    status = entry.told.status
    if not (has_left(status) or entry.marks.moved) or not is_held(entry, STATE):
        return
    place = place_of(draft, key)
    if place is not None and not entry.marks.moved:
        _tell_moved(draft, key, news_of(draft, entry, STATE, status, status), place)
    elif place is None and entry.marks.moved:
        draft.entries[key] = entry.marked(moved=False)
        _tell_again(draft, key, STATE)


def _tell_moved(draft: Draft, key: EntryKey, news: News, place: Place) -> None:
    entry = draft.entries[key]
    moved = entry.marked(moved=True, tier_before_drop="", tier_dropped_at=0)
    incidents = draft.take(key, bad=dict.fromkeys(entry.marks.bad, False), entry=moved)
    facts = {"incidents": incidents, **place_facts(place)}
    draft.tell_number("number.moved", moved, "info", "number.moved", facts, news)


def _tell_bad_again(draft: Draft, key: EntryKey) -> None:
    """The entry counts again: a rating that was in trouble all the while is told as the status was."""
    entry = draft.entries[key]
    if QUALITY not in entry.marks.bad and draft.severities.is_bad(entry, QUALITY):
        _tell_again(draft, key, QUALITY)


def _tell_again(draft: Draft, key: EntryKey, attribute: str) -> None:
    entry = draft.entries[key]
    text = word(entry.told, attribute)
    incidents = draft.take(key, bad={attribute: draft.severities.is_bad(entry, attribute)})
    severity = EVENT_SEVERITY[draft.severities.of_told(entry, attribute)]
    news = news_of(draft, entry, attribute, text, text)
    hint_id = level_hint(attribute, canonical(attribute, text))
    draft.tell_number("number.degraded", entry, severity, hint_id, {"incident": first(incidents)}, news)


def _tell_persisting(draft: Draft, key: EntryKey) -> None:
    entry = draft.entries[key]
    due_at = persisting_at(entry)
    if due_at is None or due_at > draft.at:
        return
    text = entry.told.status
    persisted = entry.marked(persisted=True)
    incidents = draft.take(key, bad={STATE: draft.severities.is_bad(persisted, STATE)}, entry=persisted)
    severity = EVENT_SEVERITY[draft.severities.of_told(persisted, STATE)]
    news = news_of(draft, entry, STATE, text, text)
    hint_id = persisting_hint(canonical(STATE, text))
    draft.tell_number("number.persisting", persisted, severity, hint_id, {"incident": first(incidents)}, news)

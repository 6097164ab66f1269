"""
Tell what an answer, or time, or another place makes due of an app's entries.

The order for each entry is fixed: arrival, the end of an ambiguity, ignore rules, levels, texts; then tiers, which
are told for a whole WABA; then removals, so that a number that went to another WABA in the same answer is met there.
"""

from collections.abc import Collection, Iterable, Iterator

import msgspec

from monitor.fleet.arrivals import announce
from monitor.fleet.attributes import (
    ATTRIBUTES,
    LEFT_WORDS,
    LEVELS,
    LIMITED_WORDS,
    PENDING_WORDS,
    TIER,
    known,
    same,
    value,
    word,
)
from monitor.fleet.diff import HEALTHY, change_of
from monitor.fleet.draft import Draft
from monitor.fleet.ignoring import tell_ignoring
from monitor.fleet.levels import persisting_at, take_over, tell_levels
from monitor.fleet.removals import bury
from monitor.fleet.severity import settled_severity
from monitor.fleet.snapshot import Entry, EntryKey, Gone
from monitor.fleet.texts import take_text_over, tell_texts
from monitor.fleet.tiers import becomes_rule_at, is_dropped, tell_tiers, without_drop

_WATCHED = LEFT_WORDS | LIMITED_WORDS | PENDING_WORDS  #: time, or another place, may tell something of these


def tell_entries(draft: Draft, was_ambiguous: Collection[EntryKey], *, accepted: bool) -> dict[EntryKey, Gone]:
    """
    Tell all that is due.

    Args:
        draft: The entries as observed, and which of them leave.
        was_ambiguous: Those that were ambiguous in the last answer.
        accepted: Somebody, rather than the answers, says that they leave.

    Returns:
        The tombstones of those that left.
    """
    present = [key for key, entry in draft.entries.items() if entry.marks.missing is None and not _rests(draft, entry)]
    for key in present:
        _tell_entry(draft, key, ended=key in was_ambiguous)
    tell_tiers(draft, [key for key in present if not draft.entries[key].ambiguous])
    for key in present:
        draft.entries[key] = _finished(draft, draft.entries[key])
    reason = "accepted" if accepted else "missing"
    return {key: bury(draft, key, reason=reason) for key in list(draft.entries) if key in draft.leaving}


def due_at(draft: Draft, entries: Iterable[Entry]) -> int | None:
    """The next moment at which time alone would tell something of these entries; None: it never would."""
    return min((at for entry in entries for at in _dues(draft, entry)), default=None)


def _rests(draft: Draft, entry: Entry) -> bool:
    """Whether nothing can be due of the entry: it is as told, ordinary, and as bad as it was."""
    return (
        entry.told is entry.now
        and entry.marks.at_rest
        and not entry.ambiguous
        and entry.now.status not in _WATCHED
        and draft.severities.ignored_by(entry.now) is None
        and draft.severities.of_entry(entry) is entry.severity
    )


def _tell_entry(draft: Draft, key: EntryKey, *, ended: bool) -> None:
    if not draft.entries[key].marks.announced:
        announce(draft, key)
    if draft.entries[key].ambiguous:
        return
    if ended:
        _end_ambiguity(draft, key)
    tell_ignoring(draft, key)
    tell_levels(draft, key)
    tell_texts(draft, key)


def _end_ambiguity(draft: Draft, key: EntryKey) -> None:
    """*Told* becomes *now* silently, but for what heals an open incident: somebody waits for that."""
    for attribute in ATTRIBUTES:
        entry = draft.entries[key]
        text = word(entry.now, attribute)
        is_news = known(attribute, text) and not same(attribute, text, word(entry.told, attribute))
        if not is_news or _heals(entry, attribute):
            continue
        if attribute in LEVELS:
            change = change_of(entry, attribute, draft.severities, draft.policy)
            entry = take_over(entry, attribute, change.marks if change is not None else None)
        elif attribute == TIER:
            entry = without_drop(take_over(entry, attribute))
        else:
            entry = take_text_over(entry, attribute, draft.at)
        draft.entries[key] = entry


def _heals(entry: Entry, attribute: str) -> bool:
    if attribute not in entry.marks.bad:
        return False
    return attribute == TIER or value(attribute, word(entry.now, attribute)) == HEALTHY


def _finished(draft: Draft, entry: Entry) -> Entry:
    """The entry with its severity; where nothing waits, now and told are one object again."""
    if entry.told is not entry.now and entry.told == entry.now:
        entry = msgspec.structs.replace(entry, told=entry.now)
    if entry.told_since is not entry.since and entry.told_since == entry.since:
        entry = msgspec.structs.replace(entry, told_since=entry.since)
    return settled_severity(entry, draft.severities)


def _dues(draft: Draft, entry: Entry) -> Iterator[int]:
    if entry.told is entry.now and entry.marks.at_rest and entry.now.status not in _WATCHED:
        return
    if entry.ambiguous or entry.marks.missing is not None:
        return  # decided at every answer
    for attribute in LEVELS:
        change = change_of(entry, attribute, draft.severities, draft.policy)
        if change is not None:
            yield change.due_at
    persisting = persisting_at(entry)
    if persisting is not None:
        yield persisting
    if is_dropped(entry):
        yield becomes_rule_at(entry, draft.at)
    rule = draft.severities.ignored_by(entry.now)
    if rule is not None and rule.until is not None:
        yield rule.until

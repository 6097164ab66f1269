"""
Entries that an answer lists for the first time: a number that is new, or that is seen in a second place.

A new number is told with `number.added`.  In a second place nothing is told: the entry begins with the worst of what
the others have told, and whatever differs from that is due like any change.
"""

from collections.abc import Iterable, Sequence

import msgspec

from monitor.fleet.attributes import LEVELS, PENDING_WORDS, STATE, TEXTS, known, value, word
from monitor.fleet.draft import Draft
from monitor.fleet.levels import is_held
from monitor.fleet.siblings import Place
from monitor.fleet.snapshot import Entry, EntryKey


def announce(draft: Draft, key: EntryKey) -> None:
    """Tell the entry's arrival, or let it begin where the number's other entries are."""
    ignored = draft.severities.ignored_by(draft.entries[key].now) is not None
    entry = _with_texts(draft.entries[key]).marked(announced=True, ignored=ignored)
    draft.entries[key] = entry
    others = [place for place in draft.others(key) if place.entry.marks.announced and not place.entry.ambiguous]
    if not others:
        draft.tell_number("number.added", entry, "info", "number.added", {"incident": None})
    elif not entry.ambiguous:
        for attribute in LEVELS:
            _begin_with(draft, key, attribute, others)


def let_strays_go(draft: Draft, strays: Iterable[EntryKey]) -> None:
    """
    Forget entries that came with answers that were held back, and are gone with them, where nothing was told of them.

    The list of another app in this one's place leaves no trace: its numbers were only seen in a second place.
    """
    for key in list(strays):
        entry = draft.entries.get(key)
        if entry is None or entry.marks.missing is None or entry.marks.bad:
            continue
        if any(True for _ in draft.others(key)):
            draft.drop(key)


def _with_texts(entry: Entry) -> Entry:
    """The entry with its names as told: they are new with it, and so no news of their own."""
    told = msgspec.structs.replace(entry.told, **{attribute: word(entry.now, attribute) for attribute in TEXTS})
    return msgspec.structs.replace(entry, told=told)


def _begin_with(draft: Draft, key: EntryKey, attribute: str, others: Sequence[Place]) -> None:
    entry = draft.entries[key]
    worst = _worst_told(attribute, others)
    if worst is None or (attribute == STATE and entry.now.status in PENDING_WORDS):
        return  # told as of a new number
    text = word(worst.told, attribute)
    told = msgspec.structs.replace(entry.told, **{attribute: text})
    since = msgspec.structs.replace(entry.told_since, **{attribute: getattr(worst.told_since, attribute)})
    begun = msgspec.structs.replace(entry, told=told, told_since=since)
    if not is_held(begun, attribute):  # it never was so here: as late as is certain of the other place
        shown_at = {**(entry.marks.shown_at or {}), attribute: getattr(since, attribute)}
        begun = begun.marked(shown_at=shown_at)
    if attribute == STATE:
        is_fresh = text in PENDING_WORDS
        begun = begun.marked(fresh=is_fresh, borrowed=not known(STATE, entry.now.status))
    is_bad = draft.severities.is_bad(begun, attribute)
    if is_bad and not draft.is_open(key[1], attribute):
        return  # trouble that nobody was told of: this entry's is told
    draft.take(key, bad={attribute: is_bad}, entry=begun)


def _worst_told(attribute: str, others: Sequence[Place]) -> Entry | None:
    """The other entry that has told the worst, the earliest of those; entries whose trouble counts nowhere aside."""

    def order(place: Place) -> tuple[int, int, tuple[str, str]]:
        told_since: int = getattr(place.entry.told_since, attribute)
        return -value(attribute, word(place.entry.told, attribute)), told_since, place.identity

    told = (place for place in others if known(attribute, word(place.entry.told, attribute)))
    worst = min((place for place in told if not place.entry.marks.quiet), key=order, default=None)
    return worst.entry if worst is not None else None

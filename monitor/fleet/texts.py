"""Tell what changed of a number's names and registration: known words only, each at once."""

import msgspec

from monitor.fleet.attributes import NAME_STATE, TEXTS, canonical, known, same, word
from monitor.fleet.draft import Draft, News
from monitor.fleet.event import EventSeverity
from monitor.fleet.hints import text_hint
from monitor.fleet.snapshot import Entry, EntryKey

LOST_NAMES = frozenset({"DECLINED", "EXPIRED", "NONE"})  #: a name that was approved is not any more


def tell_texts(draft: Draft, key: EntryKey) -> None:
    """Tell each text of the entry that is known and differs from what was told; the first ones silently."""
    if draft.entries[key].told is draft.entries[key].now:
        return
    for attribute in TEXTS:
        entry = draft.entries[key]
        after, before = word(entry.now, attribute), word(entry.told, attribute)
        if after == before or not known(attribute, after) or same(attribute, before, after):
            continue
        draft.entries[key] = take_text_over(entry, attribute, draft.at)
        if known(attribute, before):
            shown = (entry.marks.shown_at or {}).get(attribute, draft.at)
            news = News(attribute, before, after, _since(entry, attribute), shown)
            hint_id = text_hint(attribute, canonical(attribute, after))
            severity = _severity(attribute, before, after)
            draft.tell_number("number.changed", draft.entries[key], severity, hint_id, {"incident": None}, news)


def take_text_over(entry: Entry, attribute: str, at: int) -> Entry:
    """The entry with what the text is *now* as told since `at`."""
    told = msgspec.structs.replace(entry.told, **{attribute: word(entry.now, attribute)})
    shown_at = {name: shown for name, shown in (entry.marks.shown_at or {}).items() if name != attribute}
    changed_at = {**(entry.marks.changed_at or {}), attribute: at} if at != entry.first_seen else entry.marks.changed_at
    return msgspec.structs.replace(entry, told=told).marked(shown_at=shown_at or None, changed_at=changed_at)


def _since(entry: Entry, attribute: str) -> int:
    return (entry.marks.changed_at or {}).get(attribute, entry.first_seen)


def _severity(attribute: str, before: str, after: str) -> EventSeverity:
    lost = attribute == NAME_STATE and before == "APPROVED" and canonical(NAME_STATE, after) in LOST_NAMES
    return "warning" if lost else "info"

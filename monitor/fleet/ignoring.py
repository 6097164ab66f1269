"""Known trouble: what an `ignore` rule does to an entry when it starts, and when it ends."""

from monitor.fleet.attributes import LEVELS, TIER
from monitor.fleet.draft import Draft, News, first
from monitor.fleet.snapshot import Entry, EntryKey
from monitor.fleet.tiers import is_dropped

IGNORED = "ignored"  #: the attribute of the event


def tell_ignoring(draft: Draft, key: EntryKey) -> None:
    """
    Tell that an entry's trouble is known from now on, or is not any more.

    The start closes the incidents the entry kept open, the end opens them again where it is still bad.  The event is
    about all of them: `incident` is the first, `incidents` the list.
    """
    entry = draft.entries[key]
    rule = draft.severities.ignored_by(entry.now)
    if (rule is not None) is entry.marks.ignored:
        return
    now = entry.marked(ignored=rule is not None)
    incidents = draft.take(key, bad=_bad(draft, now), entry=now)
    words = ("false", "true") if rule is not None else ("true", "false")
    hint_id = "ignored.started" if rule is not None else "ignored.ended"
    comment = {"comment": rule.comment} if rule is not None else {}
    news = News(IGNORED, *words)
    told = {"incident": first(incidents), "incidents": incidents, **comment}
    draft.tell_number("number.changed", now, "info", hint_id, told, news)


def _bad(draft: Draft, entry: Entry) -> dict[str, bool]:
    if entry.marks.ignored:
        return dict.fromkeys(entry.marks.bad, False)
    bad = {attribute: draft.severities.is_bad(entry, attribute) for attribute in LEVELS}
    bad[TIER] = is_dropped(entry) and not entry.marks.moved
    return {attribute: is_bad for attribute, is_bad in bad.items() if is_bad}

"""
Tell changes of the messaging tier, once for all numbers of a WABA that took the same step in one answer.

An entry below its tier of before the first drop keeps the WABA's incident open; after seven days the lower tier is
taken as the rule.
"""

from collections import defaultdict
from collections.abc import Collection

from monitor.fleet.attributes import TIER, known, same
from monitor.fleet.draft import NO_WABA, Draft, Incident, News, incident, news_facts
from monitor.fleet.event import EventSeverity
from monitor.fleet.levels import news_of, take_over
from monitor.fleet.policy import DAY
from monitor.fleet.scales import tier_limit
from monitor.fleet.snapshot import Entry, EntryKey

RULE_AFTER = 7 * DAY

Step = tuple[str, str, str]  #: (waba_id, before, after)


def tell_tiers(draft: Draft, keys: Collection[EntryKey]) -> None:
    """Tell every step of the tiers of these entries, then what has become the rule."""
    for step, stepped in _steps(draft, keys).items():
        _tell_step(draft, step, stepped)
    expired: dict[str, list[EntryKey]] = defaultdict(list)
    for key in keys:
        if becomes_rule_at(draft.entries[key], draft.at) <= draft.at:
            expired[key[0]].append(key)
    for waba_id, taken in expired.items():
        _tell_rule(draft, waba_id, taken)


def is_dropped(entry: Entry) -> bool:
    """Whether the entry is below its tier of before the first drop."""
    return entry.marks.tier_before_drop != ""


def without_drop(entry: Entry) -> Entry:
    """The entry after it took a tier over silently: where that is its tier of before the drop, there is none now."""
    if not is_dropped(entry) or _limit(entry.told.tier) < _limit(entry.marks.tier_before_drop):
        return entry
    return entry.marked(tier_before_drop="", tier_dropped_at=0)


def becomes_rule_at(entry: Entry, at: int) -> int:
    """From when on a lower tier is the rule; a moment after `at` where none is."""
    return entry.marks.tier_dropped_at + RULE_AFTER if is_dropped(entry) else at + 1


def _steps(draft: Draft, keys: Collection[EntryKey]) -> dict[Step, list[EntryKey]]:
    """Who took which step; a first tier is taken over silently."""
    steps: dict[Step, list[EntryKey]] = defaultdict(list)
    for key in keys:
        entry = draft.entries[key]
        told, now = entry.told.tier, entry.now.tier
        if told == now or not known(TIER, now) or same(TIER, told, now):
            continue
        if known(TIER, told):
            steps[key[0], told, now].append(key)
        else:
            draft.entries[key] = take_over(entry, TIER)
    return steps


def _limit(text: str) -> float:
    return tier_limit(text) or 0.0


def _tell_step(draft: Draft, step: Step, keys: list[EntryKey]) -> None:
    waba_id, before, after = step
    lowered = _limit(after) < _limit(before)
    news = _news(draft, keys, before, after)
    was_open = draft.is_tier_open(waba_id)
    for key in keys:
        draft.entries[key] = _stepped(take_over(draft.entries[key], TIER), before, draft.at)
    quiet = all(draft.entries[key].marks.quiet for key in keys)
    severity: EventSeverity = "warning" if lowered and not quiet else "info"
    told = _incident(draft, waba_id, was_open=was_open)
    kind, hint_id = ("waba.tier_lowered", "tier.lowered") if lowered else ("waba.tier_raised", "tier.raised")
    _tell(draft, kind, severity, hint_id, news, keys, told)


def _stepped(entry: Entry, before: str, at: int) -> Entry:
    """The entry after its tier changed: dropped, partly or wholly back, or risen."""
    marks = entry.marks
    top = marks.tier_before_drop or before
    dropped = _limit(entry.told.tier) < _limit(top) and not marks.moved
    bad = {*marks.bad, TIER} if dropped and not marks.ignored else {*marks.bad} - {TIER}
    return entry.marked(
        tier_before_drop=top if dropped else "",
        tier_dropped_at=(marks.tier_dropped_at or at) if dropped else 0,
        bad=tuple(sorted(bad)),
    )


def _tell_rule(draft: Draft, waba_id: str, keys: list[EntryKey]) -> None:
    """The lower tier is the rule now: told only where that closes the incident."""
    was_open = draft.is_tier_open(waba_id)
    for key in keys:
        entry = draft.entries[key]
        bad = tuple(name for name in entry.marks.bad if name != TIER)
        draft.entries[key] = entry.marked(tier_before_drop="", tier_dropped_at=0, bad=bad)
    told = _incident(draft, waba_id, was_open=was_open)
    if told is not None and told["action"] == "close":
        tier = min((draft.entries[key].told.tier for key in keys), key=_limit)
        news = _news(draft, keys, tier, tier)
        _tell(draft, "waba.tier_lowered", "info", "tier.rule", news, keys, told)


def _incident(draft: Draft, waba_id: str, *, was_open: bool) -> Incident | None:
    is_open = draft.is_tier_open(waba_id)
    if not was_open and not is_open:
        return None
    return incident(draft.app.account, waba_id, TIER, before=was_open, after=is_open)


def _news(draft: Draft, keys: list[EntryKey], before: str, after: str) -> News:
    each = [news_of(draft, draft.entries[key], TIER, before, after) for key in keys]
    since = min(news.before_since for news in each if news.before_since is not None)
    shown = max(news.last_seen_before for news in each if news.last_seen_before is not None)
    return News(TIER, before, after, since, shown)


def _tell(
    draft: Draft,
    kind: str,
    severity: EventSeverity,
    hint_id: str,
    news: News,
    keys: list[EntryKey],
    told: Incident | None,
) -> None:
    row = draft.entries[keys[0]].now
    data = {
        **draft.app_facts(),
        "waba_id": row.waba_id,
        "waba_name": row.waba_name,
        **news_facts(news, severity, draft.at),
        "numbers": sorted(key[1] for key in keys),
        **draft.hint_facts(hint_id),
        "incident": told,
    }
    draft.tell(kind, severity, row.waba_id or NO_WABA, data, waba_id=row.waba_id, attribute=TIER)

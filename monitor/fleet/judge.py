"""
Judge what to believe of an answer, given what is known of the app.

Pure.  Only disappearance and loss of value are ever held back; a row that is present with known values always
applies.  An answer that loses much at once is evidence, not proof: it is believed when three answers over an hour
agree, or when somebody accepts it; and while most of an account's apps lose much, only the latter: such answers do
not even count.
"""

from collections.abc import Iterable, Mapping
from functools import partial

import msgspec

from monitor.fleet.answer import Answer, Row, Unchanged
from monitor.fleet.attributes import LEVELS, QUALITY, STATE, known, value, word
from monitor.fleet.policy import HOUR, Policy
from monitor.fleet.scales import tier_limit
from monitor.fleet.siblings import Counts
from monitor.fleet.snapshot import Entry, EntryKey, Loss, Since, Snapshot, Suspicion, SuspicionReason
from monitor.fleet.words import key_of, shared

SUSPECT_SHARE = 0.30  # of an app's entries lost at once,
SUSPECT_COUNT = 5  # and this many at least: one number of three may simply have been deleted
SUSPECT_POLLS = 3  # suspect losses are believed after so many answers that agree
SUSPECT_FOR = HOUR  # over this long
ACCOUNT_SUSPECTS = 2  # and over half of the apps: then the vendor is in trouble, not a customer


class Reading(msgspec.Struct, frozen=True):
    """What an answer lists, one row an identity."""

    started: int
    digest: bytes
    rows: Mapping[EntryKey, Row]
    ambiguous: frozenset[EntryKey] = frozenset()  #: listed more than once: the row is the worst of them
    twins: tuple[Row, ...] = ()  #: the very rows of those: the worst may leave out a word nobody documented


class Losses(msgspec.Struct, frozen=True):
    """What an answer no longer shows."""

    missing: frozenset[EntryKey]
    unknown: frozenset[EntryKey]  #: listed, but a rating or status that was known is not any more


class Belief(msgspec.Struct, frozen=True):
    """When a loss is believed."""

    suspicion: SuspicionReason | None  #: None: the answer as a whole is believed, losses of values at once
    polls: int
    span: int
    frozen: bool = False  #: the account is suspect: nothing, and this answer does not count

    def in_loss(self, loss: Loss, started: int) -> bool:
        """Whether this loss is believed at this answer, which is counted in it."""
        return not self.frozen and loss.polls >= self.polls and started - loss.since >= self.span


def read(outcome: Answer | Unchanged, before: Snapshot) -> Reading:
    """One row an identity; an unchanged answer is read back from what its last reading left."""
    if isinstance(outcome, Unchanged):
        return _read_back(outcome, before)
    rows: dict[EntryKey, Row] = {}
    ambiguous: set[EntryKey] = set()
    twins: list[Row] = []
    for row in outcome.rows:
        key = key_of(row)
        if key in rows:
            ambiguous.add(key)
            twins += (rows[key], row)
            rows[key] = worst_row(rows[key], row)
        else:
            rows[key] = row
    return Reading(outcome.started, outcome.digest, rows, frozenset(ambiguous), tuple(twins))


def worst_row(one: Row, other: Row) -> Row:
    """Of two rows of one identity the worst of each level and the lowest tier; the rest is the first's."""
    worst = {name: max(word(one, name), word(other, name), key=partial(value, name)) for name in LEVELS}
    limits = [(limit, text) for text in (one.tier, other.tier) if (limit := tier_limit(text)) is not None]
    return msgspec.structs.replace(one, **worst, tier=min(limits)[1] if limits else one.tier)


def accepted(before: Snapshot, reading: Reading) -> frozenset[EntryKey]:
    """The entries that somebody believed gone while they were held back, and that are still not listed."""
    if not before.accept:
        return frozenset()
    held = (key for key, entry in before.entries.items() if entry.marks.missing is not None)
    return frozenset(key for key in held if key not in reading.rows)


def lost_anew(before: Snapshot, observed: Mapping[EntryKey, Entry]) -> frozenset[EntryKey]:
    """The entries that lost something after somebody believed what was held back: that is not believed with it."""
    if not before.accept:
        return frozenset()
    known = ((key, entry) for key, entry in observed.items() if key in before.entries)
    return frozenset(key for key, entry in known if _is_losing(entry) and not _is_losing(before.entries[key]))


def with_accepted_values(before: Snapshot) -> Snapshot:
    """The app with the values lost that somebody believed lost while they were held back."""
    if not before.accept:
        return before
    entries = {key: _without_blank(entry) for key, entry in before.entries.items()}
    return msgspec.structs.replace(before, entries=entries)


def came_in_doubt(before: Snapshot) -> frozenset[EntryKey]:
    """The entries first listed by answers that were held back: that they are missing again is no loss."""
    if before.suspicion is None:
        return frozenset()
    since = before.suspicion.since
    return frozenset(key for key, entry in before.entries.items() if entry.first_seen >= since)


def losses(entries: Mapping[EntryKey, Entry], reading: Reading) -> Losses:
    """What was known and is not shown by this answer."""
    missing = entries.keys() - reading.rows.keys()
    unknown = {
        key
        for key, row in reading.rows.items()
        if (entry := entries.get(key)) is not None and row is not entry.now and turned_unknown(entry.now, row)
    }
    return Losses(frozenset(missing), frozenset(unknown))


def turned_unknown(now: Row, row: Row) -> bool:
    """Whether a rating or status that was known is not any more; tiers and names come and go."""
    return _lost(QUALITY, now.quality_rating, row.quality_rating) or _lost(STATE, now.status, row.status)


def why_suspect(entries: Mapping[EntryKey, Entry], reading: Reading, lost: Losses) -> SuspicionReason | None:
    """None means: believe the answer."""
    if entries and not reading.rows:
        return SuspicionReason.EMPTY
    missing, unknown = len(lost.missing), len(lost.unknown)
    if missing + unknown < SUSPECT_COUNT or missing + unknown <= SUSPECT_SHARE * len(entries):
        return None
    if not unknown:
        return SuspicionReason.MANY_MISSING
    return SuspicionReason.MANY_LOST if missing else SuspicionReason.MANY_UNKNOWN


def account_suspect(suspects: int, apps: int) -> bool:
    """Whether so many of an account's apps are suspect that it is the account."""
    return suspects >= ACCOUNT_SUSPECTS and 2 * suspects > apps


def belief(reason: SuspicionReason | None, others: Counts, policy: Policy) -> Belief:
    """When losses of this answer are believed, those that somebody accepted aside."""
    polls, span = policy.confirm_removal, policy.confirm_removal_for
    if reason is not None:
        polls, span = max(polls, SUSPECT_POLLS), max(span, SUSPECT_FOR)
    frozen = account_suspect(others.suspect + (reason is not None), others.apps + 1)
    return Belief(reason, polls, span, frozen=frozen)


def suspicion(
    before: Suspicion | None, reason: SuspicionReason | None, held: Iterable[Entry], lost: Losses, started: int
) -> Suspicion | None:
    """
    What is held back after this answer.

    Args:
        before: After the last one.
        reason: Why this one is suspect; None when it is not.
        held: The entries after it, less those whose removal was believed.
        lost: What it did not show.
        started: When it was asked for.

    Returns:
        None when nothing is held back.
    """
    if reason is None or not any(entry.marks.missing or entry.marks.blank for entry in held):
        return None
    return Suspicion(
        reason,
        since=min(before.since, started) if before is not None else started,
        polls=before.polls + 1 if before is not None else 1,
        missing=len(lost.missing),
        unknown=len(lost.unknown),
        told=before.told if before is not None else False,
    )


def _lost(level: str, before: str, after: str) -> bool:
    return before != after and known(level, before) and not known(level, after)


def _read_back(outcome: Unchanged, before: Snapshot) -> Reading:
    listed = {key: entry for key, entry in before.entries.items() if entry.marks.missing is None}
    return Reading(
        outcome.started,
        before.digest,
        {key: _as_listed(entry) for key, entry in listed.items()},
        frozenset(key for key, entry in listed.items() if entry.ambiguous),
    )


def _as_listed(entry: Entry) -> Row:
    if entry.marks.blank is None:
        return entry.now
    return shared(msgspec.structs.replace(entry.now, **dict.fromkeys(entry.marks.blank.attributes, "")))


def _is_losing(entry: Entry) -> bool:
    return entry.marks.missing is not None or entry.marks.blank is not None


def _without_blank(entry: Entry) -> Entry:
    blank = entry.marks.blank
    if blank is None:
        return entry
    since = msgspec.structs.replace(
        entry.since, **{name: blank.since for name in blank.attributes if name in Since.__struct_fields__}
    )
    return msgspec.structs.replace(entry, now=_as_listed(entry), since=since).marked(blank=None)

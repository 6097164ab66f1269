"""
Keep the rows of a fleet small: the few words that most rows share are one object each.

A hundred thousand rows with words of their own would take twice the memory of the same rows with shared ones.
"""

from sys import intern

import msgspec

from monitor.fleet.answer import Row
from monitor.fleet.snapshot import Entry, EntryKey, Snapshot


def shared(row: Row) -> Row:
    """The same row with its words shared; the number stays its own text, for it is used once."""
    return Row(
        row.number,
        intern(row.waba_id),
        intern(row.waba_name),
        intern(row.verified_name),
        intern(row.quality_rating),
        intern(row.status),
        intern(row.tier),
        intern(row.name_status),
        intern(row.code_verification_status),
        intern(row.register_status),
    )


def key_of(row: Row) -> EntryKey:
    """The identity of a row within its app, made of the row's own texts."""
    return (row.waba_id, row.number)


def compact(snapshot: Snapshot) -> Snapshot:
    """The snapshot as it is kept in memory: words shared, and what is equal within an entry is one object again."""
    entries = [_compact_entry(entry) for entry in snapshot.entries.values()]
    graves = [msgspec.structs.replace(gone, entry=_compact_entry(gone.entry)) for gone in snapshot.gone.values()]
    return msgspec.structs.replace(
        snapshot,
        entries={key_of(entry.now): entry for entry in entries},
        gone={key_of(gone.entry.now): gone for gone in graves},
    )


def _compact_entry(entry: Entry) -> Entry:
    now = shared(entry.now)
    told = now if entry.told == now else shared(entry.told)
    told_since = entry.since if entry.told_since == entry.since else entry.told_since
    return msgspec.structs.replace(entry, now=now, told=told, told_since=told_since)

"""
Keep the rows of a fleet small: the few words that most rows share are one object each.

A hundred thousand rows with words of their own would take twice the memory of the same rows with shared ones.
"""

from sys import intern

import msgspec

from monitor.fleet.answer import Row
from monitor.fleet.snapshot import Entry, EntryKey, Since


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


def compact(entry: Entry, moments: dict[Since, Since]) -> Entry:
    """
    The entry as it is kept in memory: what is equal to something that is kept already is the same object.

    Args:
        entry: As it was read.
        moments: What entries before it shared; grows with it.
    """
    now = shared(entry.now)
    told = now if entry.told == now else shared(entry.told)
    since = moments.setdefault(entry.since, entry.since)
    told_since = moments.setdefault(entry.told_since, entry.told_since)
    first_seen = since.status if entry.first_seen == since.status else entry.first_seen
    return msgspec.structs.replace(entry, now=now, told=told, since=since, told_since=told_since, first_seen=first_seen)

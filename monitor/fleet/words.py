"""
Keep the rows of a fleet small: the few words that most rows share are one object each.

A hundred thousand rows with words of their own would take twice the memory of the same rows with shared ones.
"""

from sys import intern

from monitor.fleet.answer import Row
from monitor.fleet.snapshot import EntryKey


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

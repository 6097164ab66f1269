"""
Forgetting what is older than the retention, a slice at a time, so that a commit never waits for long.

An event goes with its deliveries, dead letters among them, but never while one is still to be made.  The sequence and
the counts of events per identity stay for ever.
"""

from sqlalchemy import Connection, delete, exists, select, tuple_

from monitor.store.tables import DeliveryState, delivery, entry, event, literal

SLICE = 500  # rows in one transaction

_STILL_TO_BE_MADE = exists().where(
    delivery.c.sequence == event.c.sequence, delivery.c.state == literal(DeliveryState.OPEN)
)
_ENTRY_KEY = (entry.c.account, entry.c.appkey, entry.c.waba_id, entry.c.number)


def prune_events(connection: Connection, before: int) -> int:
    """Delete a slice of the events from before this moment, milliseconds since 1970; returns how many."""
    old = select(event.c.sequence).where(event.c.time < before, ~_STILL_TO_BE_MADE).limit(SLICE)
    return connection.execute(delete(event).where(event.c.sequence.in_(old))).rowcount


def prune_tombstones(connection: Connection, before: int) -> int:
    """Delete a slice of the entries that have been gone since before this moment; returns how many."""
    old = select(*_ENTRY_KEY).where(entry.c.gone_at < before).limit(SLICE)
    return connection.execute(delete(entry).where(tuple_(*_ENTRY_KEY).in_(old))).rowcount

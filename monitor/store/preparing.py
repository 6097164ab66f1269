"""
Before a store can be used: its tables made or brought up to date, its identity, and whoever is in the way waited for.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy import Connection, Update, select, update

from monitor.store import leases, schema, tables
from monitor.store.database import Database
from monitor.store.errors import StoreInUse
from monitor.store.ownership import LOOK_EVERY

T = TypeVar("T")

#: Events that a store may have recorded after its backup was made: the copy's sequence goes on above them.
COPY_LEAP = 10**9


def prepare(connection: Connection, database: Database, new_id: Callable[[], uuid.UUID]) -> tuple[str, bool]:
    """
    Make or migrate the tables, in the transaction that is open; a copy becomes a store of its own.

    Returns:
        The store's identity, and whether it was a copy.

    Raises:
        StoreInUse: An older version is at work on what would be migrated.
    """
    database.prepare(connection)
    if database.shared and schema.is_older(connection, str(database)):
        leases.check_unowned(connection, database.clock, str(database))
    schema.bring_up_to_date(connection, str(database), new_id)
    was_copy = database.claim_copy(connection)
    if was_copy:
        connection.execute(of_its_own(new_id))
    return str(connection.execute(select(tables.meta.c.store_id)).scalar_one()), was_copy


def of_its_own(new_id: Callable[[], uuid.UUID]) -> Update:
    """What makes a copy another store, whose ids and sequence are nobody else's."""
    return update(tables.meta).values(store_id=str(new_id()), sequence=tables.meta.c.sequence + COPY_LEAP)


async def when_free(prepare: Callable[[], Awaitable[T]], monotonic: Callable[[], float], wait: float) -> T:
    """Again and again, for so many seconds, while another process is in the way; raises what `prepare` does."""
    until = monotonic() + wait
    while True:
        try:
            return await prepare()
        except StoreInUse:
            if monotonic() >= until:
                raise
        await asyncio.sleep(LOOK_EVERY)

"""
Opening the store at the start: what is damaged is set aside, and a new one begun.

A daemon that watches without its memory is better than none.  Nothing is deleted: the damaged files keep what they
have, under another name beside the new ones, and whoever starts the daemon is told which.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeVar

from monitor.store.address import database_at
from monitor.store.database import Database
from monitor.store.errors import StoreCorrupt, StoreForeign
from monitor.store.snapshots import Restored
from monitor.store.store import Store

T = TypeVar("T")


class Opened(NamedTuple):
    """A store that works, and what it knows."""

    store: Store
    restored: Restored
    aside: str | None  #: one line: what was damaged, and where it is now


async def open_or_begin_anew(
    url: str, opened: Callable[[str], Awaitable[Store]], *, now: Callable[[], int], wait: float = 30.0
) -> Opened:
    """
    Open a store to write and read all that it knows; where either finds it damaged, begin anew.

    The sequence of a store begun anew goes on above every one that the lost store can have given, since a consumer
    drops what is not higher than its last: it starts with the milliseconds since 1970, and no store counts so quickly.

    Args:
        url: As `Store.open`'s.
        opened: `Store.open`, with its further arguments.
        now: Milliseconds since 1970.
        wait: Seconds to wait while another process has the store.

    Raises:
        StoreInUse, StoreUnavailable, StoreTooNew, StoreMoved: As `Store.open`.
        StoreForeign: It is another program's, which is left alone.
        StoreCorrupt: It is damaged, and cannot be set aside.
    """
    database = database_at(url, time.monotonic)
    try:
        stray = await _holding(database, wait, lambda: _looked_at(database))
        store, restored = await _restored(url, opened)
    except StoreForeign:
        raise
    except StoreCorrupt as damage:
        place = await _holding(database, 0.0, database.set_aside)
        found = str(damage).partition(":")[0]
    else:
        return Opened(store, restored, stray)
    store, restored = await _restored(url, opened)
    await store.begin_after(now())
    return Opened(store, restored, f"{found}: it is set aside as {place}, and a new store is begun")


def _looked_at(database: Database) -> str | None:
    """Refuse damage before anything is written; what is said of another store's remains, which make way."""
    stray = database.set_stray_aside()
    database.check_sound()
    return None if stray is None else f"the log beside store {database} was another file's: it is set aside as {stray}"


async def _holding(database: Database, wait: float, act: Callable[[], T]) -> T:
    await database.acquire(wait)
    try:
        return await asyncio.to_thread(act)
    finally:
        database.release()


async def _restored(url: str, opened: Callable[[str], Awaitable[Store]]) -> tuple[Store, Restored]:
    store = await opened(url)
    try:
        # Of a store that others share, what its leases will bring is restored when they do.
        ours = None if store.ownership is None else store.ownership.accounts()
        return store, await store.restore(ours)
    except BaseException:
        await store.close()
        raise

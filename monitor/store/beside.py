"""
What an operator's command changes in a store that the daemon may be writing at this moment.

The daemon's lock is left alone: these are small transactions, which the database itself puts one after the other with
the daemon's, and of rows that the daemon looks at again by itself.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from monitor.store import deliveries, pauses, schema
from monitor.store.database import Database
from monitor.store.deliveries import Chosen, Slice
from monitor.store.writer import Work, Writer

T = TypeVar("T")

GIVE_WAY = 0.12  # seconds between two slices: SQLite has a writer that waits look again every 0.1 s


class StoreBeside:
    """A store that another process may hold; made by `Store.open_beside`.  All raise StoreError."""

    def __init__(self, database: Database, writer: Writer, now: Callable[[], int]) -> None:
        """
        Args:
            database: Which; it is there, and of this version.
            writer: Has been started.
            now: Milliseconds since 1970.
        """
        self._database = database
        self._writer = writer
        self._now = now

    async def replay(self, chosen: Chosen) -> int:
        """
        Send again, under the same ids, what `deliveries.replay` says.

        Returns:
            How many deliveries.

        Raises:
            UnknownEvent: One of the ids is no event's; nothing was changed.
        """
        return await self._in_slices(chosen, partial(deliveries.replay, chosen=chosen, now=self._now()))

    async def discard(self, chosen: Chosen) -> int:
        """Give up what is chosen and waits or is dead; returns and raises as `replay`."""
        return await self._in_slices(chosen, partial(deliveries.discard, chosen=chosen))

    async def resume(self, sink: str) -> bool:
        """Let a paused sink go on; False when it was not paused."""
        return await self._write(lambda connection: pauses.resume(connection, sink, self._now()))

    async def close(self) -> None:
        """Finish what is queued and close the connection."""
        await asyncio.to_thread(self._writer.stop)

    async def _in_slices(self, chosen: Chosen, change: Callable[..., Slice]) -> int:
        until = await self._write(lambda connection: deliveries.bound(connection, chosen))
        done = await self._write(partial(change, until=until, after=None))
        changed = done.changed
        while done.last is not None:
            await asyncio.sleep(GIVE_WAY)
            done = await self._write(partial(change, until=until, after=done.last))
            changed += done.changed
        return changed

    async def _write(self, work: Work[T]) -> T:
        def checked(connection: Connection) -> T:
            schema.check_readable(connection, str(self._database))  # a newer daemon may have begun meanwhile
            return work(connection)

        return await asyncio.wrap_future(self._writer.submit(checked))

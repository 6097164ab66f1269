"""What the store must know of a database; `sqlite` is one."""

from typing import Protocol

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from monitor.store.errors import StoreError


class Database(Protocol):
    """A place where a store can be.  Its text names it in messages, without a secret."""

    readers: int  #: how many connections `reading` gives at once

    async def acquire(self, wait: float) -> None:
        """
        Become the one process that writes, waiting up to so many seconds for it.

        Raises:
            StoreInUse: another process has it.
            StoreUnavailable: a store cannot be there.
        """

    def release(self) -> None:
        """Let another process write."""

    def check_present(self) -> None:
        """Raise StoreUnavailable when the database is no longer the one that was opened first."""

    def opened(self) -> None:
        """The first connection stands: from now on the database may not be made anew."""

    def writing(self) -> Engine:
        """Make the engine of the one writer."""

    def reading(self) -> Engine:
        """Make the engine of the readers."""

    def explain(self, error: DBAPIError) -> StoreError:
        """Give the error of our own that says in one line what happened and what to do."""

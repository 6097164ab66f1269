"""What the store must know of a database; `sqlite` is one."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Engine, Table
from sqlalchemy.exc import DBAPIError

from monitor.store.errors import StoreError


class Database(Protocol):
    """A place where a store can be.  Its text names it in messages, without a secret."""

    shared: bool  #: several processes may have it open to write: who may write what is told by leases
    readers: int  #: how many connections `reading` gives at once
    heals: bool  #: `reading` replaces lost connections by itself
    files: tuple[Path, ...]  #: the files that it lives in, made or not; nothing else may take their places

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

    @property
    def clock(self) -> ColumnElement[int]:
        """What a statement says for the database's own clock: milliseconds since 1970."""

    def prepare(self, connection: Connection) -> None:
        """
        Before tables are made or migrated: from now until the end of the transaction nobody else does.

        Raises:
            StoreUnavailable: A store cannot be there.
        """

    def hold(self, connection: Connection, tables: Collection[str]) -> None:
        """Let the open transaction last for as long as it takes; until its end nobody else writes these tables."""

    def load(self, connection: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        """Put rows into a table that are not there, many at once; their values are in the order of its columns."""

    def unmake(self) -> None:
        """Take away what `writing` has made where there was nothing, as long as it is empty and closed."""

    def mark(self, connection: Connection) -> str | None:
        """What tells the open transaction from all others; None: there is no doubt about how a commit has ended."""

    def was_committed(self, connection: Connection, mark: str) -> bool | None:
        """Whether the transaction of that mark was committed; None while it is not decided."""

    def check_sound(self) -> None:
        """Raise StoreCorrupt when what is stored is damaged, as far as a quick look tells; changes nothing."""

    def claim_copy(self, connection: Connection) -> bool:
        """Whether this is a backup that has never been written before; it says so once, if that is committed."""

    def set_aside(self) -> str:
        """
        Move everything out of the way, whole, so that a new store can be made here; by whoever has acquired it.

        Returns:
            Where it is now, for a message.

        Raises:
            StoreCorrupt: It cannot be moved.
        """

    def set_stray_aside(self) -> str | None:
        """
        Move out of the way what another store has left here, and would be lost or harmful; likewise.

        Returns:
            Where it is now, for a message; None when there is nothing.

        Raises:
            StoreUnavailable: It cannot be moved.
        """

    def copy_into(self, target: Path) -> None:
        """
        Write what is stored at this moment into an empty file, marked as a copy, while another process may write.

        Raises:
            StoreUnavailable, StoreCorrupt: The store cannot be read.
            BackupRefused: The file cannot be written.
        """

    def explain(self, error: DBAPIError) -> StoreError:
        """Give the error of our own that says in one line what happened and what to do."""

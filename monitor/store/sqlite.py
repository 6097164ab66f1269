"""
A store in one SQLite file: how it is opened, and what its errors mean.

Write-ahead log, so that readers and the writer never wait for each other; `synchronous=FULL`, so that what was
committed outlives a loss of power.  Transactions are begun by us, since the driver would begin them too late.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, QueuePool

from monitor.store.errors import StoreCorrupt, StoreError, StoreUnavailable
from monitor.store.lock import StoreLock
from monitor.store.mounts import NETWORK_FILE_SYSTEMS, filesystem_of

BUSY_WAIT = 2.0  # seconds for another program's lock; a clean stop has 8 s for everything
READERS = 2  # a long listing and a short question side by side
_LOG_LIMIT = 64 * 1024 * 1024  # bytes that the log's file keeps after a storm

_PROBLEMS: dict[int, tuple[type[StoreError], str]] = {
    sqlite3.SQLITE_BUSY: (StoreUnavailable, "is locked by another program: close it (a shell, a backup)"),
    sqlite3.SQLITE_LOCKED: (StoreUnavailable, "is locked by another program: close it (a shell, a backup)"),
    sqlite3.SQLITE_PERM: (StoreUnavailable, "may not be accessed by this user: change its owner or mode"),
    sqlite3.SQLITE_READONLY: (StoreUnavailable, "is read-only: make the file and its directory writable"),
    sqlite3.SQLITE_IOERR: (StoreUnavailable, "could not be read or written: the disk reports an error, look at it"),
    sqlite3.SQLITE_FULL: (StoreUnavailable, "cannot grow, the disk is full: make room"),
    sqlite3.SQLITE_CANTOPEN: (StoreUnavailable, "cannot be opened: look at the path and its permissions"),
    sqlite3.SQLITE_CORRUPT: (StoreCorrupt, "is damaged: put a backup in its place, or move it away to begin anew"),
    sqlite3.SQLITE_NOTADB: (StoreCorrupt, "is no SQLite database: change store.url, or move it away to begin anew"),
}


class SqliteDatabase:
    """The file, as `Store` uses it."""

    readers = READERS

    def __init__(
        self, path: Path, monotonic: Callable[[], float], mountinfo: Path = Path("/proc/self/mountinfo")
    ) -> None:
        self.path = path
        self._lock = StoreLock(path, monotonic)
        self._mountinfo = mountinfo
        self._identity: tuple[int, int] | None = None

    def __str__(self) -> str:
        return str(self.path)

    async def acquire(self, wait: float) -> None:
        """Refuse places where a store cannot be, then take the lock beside the file."""
        self.check_place()
        await self._lock.acquire(wait)

    def release(self) -> None:
        """Let go of the lock."""
        self._lock.release()

    def check_place(self) -> None:
        """
        Refuse places where a store cannot be.

        Raises:
            StoreUnavailable: a directory is in the file's place, or the file system is one over a network.
        """
        if self.path.is_dir():
            raise StoreUnavailable(f"store {self} is a directory: name a file in it in store.url")
        try:
            mounts = self._mountinfo.read_text(errors="surrogateescape")
        except OSError:
            return  # not Linux, or a container without /proc: nothing is known
        kind = filesystem_of(self.path.resolve(), mounts)
        if kind in NETWORK_FILE_SYSTEMS:
            raise StoreUnavailable(
                f"store {self} is on a network file system ({kind}), where SQLite loses data: use a local disk"
            )

    def check_present(self) -> None:
        """
        Refuse a file that is not the one opened first: what is written to a deleted file is lost.

        Raises:
            StoreUnavailable: it was deleted, moved or replaced.
        """
        if self._identity is None:
            return
        try:
            found = self.path.stat()
        except OSError as error:
            raise StoreUnavailable(f"store {self} is gone ({error.strerror}): put it back, or restart") from error
        if (found.st_dev, found.st_ino) != self._identity:
            raise StoreUnavailable(f"store {self} was replaced by another file while in use: put it back, or restart")

    def opened(self) -> None:
        """The first connection stands: from now on this very file is the store."""
        if self._identity is None:
            found = self.path.stat()
            self._identity = (found.st_dev, found.st_ino)

    def writing(self) -> Engine:
        """For the one writer: makes the file when there is none yet, but never a second time."""
        engine = create_engine(
            "sqlite+pysqlite://", creator=self._connect_to_write, poolclass=NullPool, hide_parameters=True
        )
        event.listen(engine, "begin", _begin_to_write)
        return engine

    def reading(self) -> Engine:
        """For listings: connections that cannot write."""
        engine = create_engine(
            "sqlite+pysqlite://",
            creator=self._connect_to_read,
            poolclass=QueuePool,
            pool_size=READERS,
            max_overflow=0,
            hide_parameters=True,
        )
        event.listen(engine, "begin", _begin_to_read)
        return engine

    def explain(self, error: DBAPIError) -> StoreError:
        """What a driver's error means, in one line."""
        code = getattr(error.orig, "sqlite_errorcode", None)
        kind, text = _PROBLEMS.get((code or 0) & 0xFF, (StoreUnavailable, f"failed: {error.orig}"))
        return kind(f"store {self} {text}")

    def _connect_to_write(self) -> sqlite3.Connection:
        mode = "rwc" if self._identity is None else "rw"
        connection = self._connect(mode)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA journal_size_limit = {_LOG_LIMIT}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _connect_to_read(self) -> sqlite3.Connection:
        if not self.path.exists():
            raise StoreUnavailable(f"store {self} does not exist: `number-monitor run` makes it")
        return self._connect("ro")

    def _connect(self, mode: str) -> sqlite3.Connection:
        uri = f"file:{quote(str(self.path.absolute()))}?mode={mode}"
        # Engines hand a connection to one thread at a time; SQLite itself is compiled to bear several.
        return sqlite3.connect(uri, uri=True, timeout=BUSY_WAIT, isolation_level=None, check_same_thread=False)


def _begin_to_write(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_to_read(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")

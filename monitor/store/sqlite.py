"""
A store in one SQLite file: how it is opened, and what its errors mean.

Write-ahead log, so that readers and the writer never wait for each other; `synchronous=FULL`, so that what was
committed outlives a loss of power.  Transactions are begun by us, since the driver would begin them too late.
A backup is a file that says so in its header, by the number that SQLite leaves to its users there (`user_version`):
every version of the tables can say so, and the first process to write takes the mark away.
"""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import BigInteger, ColumnElement, Connection, Engine, Table, create_engine, event, literal_column
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, QueuePool

from monitor.store import aside
from monitor.store.errors import BackupRefused, StoreCorrupt, StoreError, StoreUnavailable
from monitor.store.lock import StoreLock
from monitor.store.mounts import NETWORK_FILE_SYSTEMS, filesystem_of

BUSY_WAIT = 2.0  # seconds for another program's lock; a clean stop has 8 s for everything
FILE_MODE = 0o640  # of a new store, as customers' numbers are in it; its log takes after it
READERS = 2  # a long listing and a short question side by side
_NOT_UTF8 = "Could not decode to UTF-8"  # the driver's own words for text that is none, without a code
_LOG_LIMIT = 64 * 1024 * 1024  # bytes that the log's file keeps after a storm

_COPY = 1  # `user_version` of a backup that nobody has written yet
_ABORT_CHECK = 10_000  # steps of SQLite's between two looks whether somebody has pressed Ctrl-C

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

#: What is the fault of the file that a backup is written to; all else is the store's.
_TARGET_PROBLEMS: dict[int, str] = {
    sqlite3.SQLITE_FULL: "there is no room for it on the disk: make some, or name another place",
    sqlite3.SQLITE_READONLY: "it cannot be written: look at its permissions",
    sqlite3.SQLITE_CANTOPEN: "it cannot be written: look at the path and its permissions",
    sqlite3.SQLITE_IOERR: "the disk reports an error, its own or the store's: look at both",
}


class SqliteDatabase:
    """The file, as `Store` uses it."""

    readers = READERS
    shared = False
    heals = False

    def __init__(
        self, path: Path, monotonic: Callable[[], float], mountinfo: Path = Path("/proc/self/mountinfo")
    ) -> None:
        self.path = path
        self.files = (path, *(path.with_name(path.name + suffix) for suffix in (*aside.BESIDE, ".lock")))
        self._lock = StoreLock(path, monotonic)
        self._mountinfo = mountinfo
        self._identity: tuple[int, int] | None = None
        self._made = False

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

    def check_sound(self) -> None:
        """
        Raise StoreCorrupt when the file's pages do not fit together; takes a second for each gigabyte.

        On a connection that cannot write: the last one that can would take the log over into the damaged file.
        """
        try:
            with closing(self._connect("ro")) as connection:
                (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.Error as error:
            meaning = self._meaning(error)
            if isinstance(meaning, StoreCorrupt):
                raise meaning from error
            return  # it is not there, or cannot be opened: whoever opens it to write makes it, or says so
        if found != "ok":
            raise self._damaged()

    def claim_copy(self, connection: Connection) -> bool:
        """Whether the file is marked as a backup; takes the mark away, in the transaction that is open."""
        if connection.exec_driver_sql("PRAGMA user_version").scalar_one() != _COPY:
            return False
        connection.exec_driver_sql("PRAGMA user_version = 0")
        return True

    def set_aside(self) -> str:
        """Rename the file and its log; StoreCorrupt when the directory does not let us."""
        try:
            moved = aside.set_aside(self.path)
        except OSError as error:
            raise StoreCorrupt(f"{self._damaged()}; it cannot be set aside: {error.strerror}") from error
        self._identity = None
        return str(moved)

    def set_stray_aside(self) -> str | None:
        """Rename a log that is not the file's own; StoreUnavailable when the directory does not let us."""
        try:
            moved = aside.set_stray_log_aside(self.path)
        except OSError as error:
            raise StoreUnavailable(
                f"store {self} has another file's {aside.LOG} beside it, which cannot be set aside: {error.strerror}"
            ) from error
        return None if moved is None else str(moved)

    def copy_into(self, target: Path) -> None:
        """Write the file anew and without gaps into an empty one; as `Database` says."""
        with closing(self._connect_to_read()) as source:
            try:
                source.set_progress_handler(_go_on, _ABORT_CHECK)
                source.execute("VACUUM INTO ?", (str(target),))
                with closing(sqlite3.connect(target, isolation_level=None)) as copy:
                    copy.execute(f"PRAGMA user_version = {_COPY}")
            except sqlite3.Error as error:
                if _code(error) == sqlite3.SQLITE_INTERRUPT:
                    raise KeyboardInterrupt from error  # which the driver has made this of
                text = _TARGET_PROBLEMS.get(_code(error))
                raise self._meaning(error) if text is None else BackupRefused(text) from error

    @property
    def clock(self) -> ColumnElement[int]:
        """The machine's clock."""
        return literal_column("CAST(unixepoch('subsec') * 1000 AS INTEGER)", BigInteger)

    def prepare(self, connection: Connection) -> None:
        """Nothing: whoever writes has the lock."""

    def hold(self, connection: Connection, tables: Collection[str]) -> None:
        """Nothing: whoever writes is alone, for as long as it takes."""

    def load(self, connection: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        """The driver runs one statement for each row."""
        columns = ", ".join(f'"{column.name}"' for column in table.c)
        statement = f'INSERT INTO "{table.name}" ({columns}) VALUES ({", ".join("?" * len(table.c))})'  # noqa: S608  # names of ours
        connection.exec_driver_sql(statement, list(map(tuple, rows)))

    def unmake(self) -> None:
        """Delete the file, if it was made here, and what SQLite has put beside it."""
        if self._made:
            for suffix in (*aside.BESIDE, ""):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    def mark(self, connection: Connection) -> str | None:  # noqa: ARG002 - as `Database` has it
        """Nothing: a commit that failed is no commit."""
        return None

    def was_committed(self, connection: Connection, mark: str) -> bool | None:  # noqa: ARG002 - likewise
        """No: likewise."""
        return False

    def explain(self, error: DBAPIError) -> StoreError:
        """What a driver's error means, in one line."""
        return self._meaning(error.orig)

    def _meaning(self, error: BaseException | None) -> StoreError:
        if str(error).startswith(_NOT_UTF8):
            return self._damaged()
        kind, text = _PROBLEMS.get(_code(error), (StoreUnavailable, f"failed: {error}"))
        return kind(f"store {self} {text}")

    def _damaged(self) -> StoreError:
        kind, text = _PROBLEMS[sqlite3.SQLITE_CORRUPT]
        return kind(f"store {self} {text}")

    def _connect_to_write(self) -> sqlite3.Connection:
        mode = "rw"
        if self._identity is None:
            mode = "rwc"
            self._make()
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

    def _make(self) -> None:
        """Make the file where there is none, for our user and group alone: SQLite would ask the umask only."""
        with contextlib.suppress(OSError):  # there is one; or SQLite cannot make it either, and says why
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, FILE_MODE))
            self._made = True

    def _connect(self, mode: str) -> sqlite3.Connection:
        uri = f"file:{quote(str(self.path.absolute()))}?mode={mode}"
        # Engines hand a connection to one thread at a time; SQLite itself is compiled to bear several.
        return sqlite3.connect(uri, uri=True, timeout=BUSY_WAIT, isolation_level=None, check_same_thread=False)


def _go_on() -> int:
    """What SQLite calls between its steps: the interpreter then looks for signals, and a Ctrl-C is raised here."""
    return 0


def _code(error: BaseException | None) -> int:
    """SQLite's primary code; 0 for what does not come from SQLite."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def _begin_to_write(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_to_read(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")

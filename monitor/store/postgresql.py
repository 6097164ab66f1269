"""
A store in a PostgreSQL database: how it is opened, and what its errors mean.

Nothing is kept in a session, so that PgBouncer may hand every transaction to another one: no prepared statement, no
setting and no advisory lock outlives its transaction, and nothing is given at the start of a session that PgBouncer
would refuse.  Every wait has an end: the server's for locks, statements and idle transactions, begun together with the
transaction, and our own for a server that says nothing at all.

The URL is libpq's, with all its parameters; its text never holds the password.
"""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL
from sqlalchemy import BigInteger, ColumnElement, Connection, Engine, Table, create_engine, event, literal_column, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, QueuePool

from monitor.store.errors import BackupRefused, StoreCorrupt, StoreError, StoreUnavailable

T = TypeVar("T")

READERS = 2  # a long listing and a short question side by side
CONNECT = 3  # seconds for each address
GRACE = 2.0  # seconds beyond the server's limit until we stop waiting for a server that says nothing
PREPARING = 600  # seconds that making or migrating the tables may take, and that another starter waits for it

_WRITING = (
    "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = '2s'; "
    "SET LOCAL statement_timeout = '4s'; SET LOCAL idle_in_transaction_session_timeout = '5s'"
)
# One moment for all statements of a question, as SQLite has it.
_READING = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL lock_timeout = '2s'; "
    "SET LOCAL statement_timeout = '30s'; SET LOCAL idle_in_transaction_session_timeout = '60s'"
)
_ALONE = (
    f"SET LOCAL lock_timeout = '{PREPARING}s'; SET LOCAL statement_timeout = '{PREPARING}s'; "
    "SELECT pg_advisory_xact_lock(7309453)"  # any number, the same for every version
)
# Many rows are moved: between two statements, the other database is waited for.
_PATIENT = (
    f"SET LOCAL lock_timeout = '{PREPARING}s'; SET LOCAL statement_timeout = '{PREPARING}s'; "
    f"SET LOCAL idle_in_transaction_session_timeout = '{PREPARING}s'"
)
_WRITE_LIMIT, _READ_LIMIT = 4 + GRACE, 30 + GRACE  # seconds for one answer

#: What libpq is told where the URL does not: a dead peer is noticed within 15 s, also in the middle of a wait.
_DEFAULTS: dict[str, Any] = {
    "connect_timeout": CONNECT,
    "application_name": "number-monitor",
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}

#: By SQLSTATE, or its class of two characters.
_PROBLEMS: Final[dict[str, tuple[type[StoreError], str]]] = {
    "08": (StoreUnavailable, "cut the connection: it is opened again by itself"),
    "25006": (StoreUnavailable, "is read-only at this moment (a fail-over, a standby): wait for the primary"),
    "25P03": (StoreUnavailable, "ended a transaction that stood still: this machine was paused"),
    "28": (StoreUnavailable, "refuses this user: look at user and password in store.url"),
    "3D000": (StoreUnavailable, "does not exist: create the database, or change store.url"),
    "40": (StoreUnavailable, "gave another transaction precedence: the next call tries again"),
    "42501": (StoreUnavailable, "does not let this user do that: make it the owner of the database"),
    "53100": (StoreUnavailable, "cannot grow, the server's disk is full: make room"),
    "53300": (StoreUnavailable, "has no connection left: raise max_connections, or put PgBouncer in front"),
    "55P03": (StoreUnavailable, "is locked by another program: close it (a shell, a backup)"),
    "57014": (StoreUnavailable, "took too long to answer: look at the server's load"),
    "57P": (StoreUnavailable, "is stopping or starting: wait for it"),
    "XX001": (StoreCorrupt, "is damaged: restore a backup"),
    "XX002": (StoreCorrupt, "has a damaged index: REINDEX the database"),
}


class _Connection(psycopg.Connection[Any]):
    """A connection that waits for no answer longer than its limit."""

    limit = _READ_LIMIT  #: seconds

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Wait for one answer."""
        try:
            return super().wait(gen, interval, self.limit if timeout is None else timeout)
        except psycopg.OperationalError as error:
            if error.sqlstate is None and not self.closed:  # not the server's word: in what state it is nobody knows
                self.pgconn.finish()
            raise


class _ServerCursor(psycopg.ServerCursor[Any]):
    """A cursor that ends with its connection without a word: that it was lost is told already."""

    def close(self) -> None:
        try:
            super().close()
        except psycopg.Error:
            psycopg.Cursor.close(self)

    def __del__(self, *_: object) -> None:
        """Not a warning: SQLAlchemy leaves a cursor open when its connection is lost."""


class PostgresqlDatabase:
    """The database, as `Store` uses it."""

    readers = READERS
    files: tuple[Path, ...] = ()
    shared = True
    heals = True

    def __init__(self, url: str) -> None:
        """
        Args:
            url: As libpq reads it.

        Raises:
            StoreUnavailable: It cannot be read.  The message does not repeat it.
        """
        try:
            given = conninfo_to_dict(url)
        except psycopg.Error:
            # Not chained: libpq's own message repeats the URL.
            raise StoreUnavailable(
                "store.url cannot be read: write postgresql://USER@HOST/DATABASE, with the parameters that libpq knows"
            ) from None
        if "@" in str(given.get("host")):  # of a password that should have been written as %40
            raise StoreUnavailable("store.url cannot be read: write the special characters of a password as %XX")
        several = "," in str(given.get("host") or given.get("hostaddr") or "")
        # Of several servers one is the primary.  A single one may be read also while it cannot be written.
        wanted = {"target_session_attrs": "read-write"} if several else {}
        self._parameters: dict[str, Any] = {**_DEFAULTS, **wanted, **given, "client_encoding": "utf8"}
        self._secrets = [str(given[name]) for name in ("password", "sslpassword") if given.get(name)]
        self._name = _named(given)

    def __str__(self) -> str:
        return self._name

    async def acquire(self, wait: float) -> None:
        """Nothing: who may write is told by the leases in the database itself."""

    def release(self) -> None:
        """Nothing, likewise."""

    def check_present(self) -> None:
        """Nothing: a database that is gone says so itself."""

    def opened(self) -> None:
        """Nothing: it cannot be made by connecting to it."""

    def writing(self) -> Engine:
        """For the one writer."""
        return self._engine(_WRITING, _WRITE_LIMIT, {"poolclass": NullPool})

    def reading(self) -> Engine:
        """For listings: transactions that cannot write."""
        # A connection that was lost while nothing was asked is replaced unnoticed.
        pool = {"poolclass": QueuePool, "pool_size": READERS, "max_overflow": 0, "pool_pre_ping": True}
        return self._engine(_READING, _READ_LIMIT, pool)

    @property
    def clock(self) -> ColumnElement[int]:
        """The server's clock: milliseconds since 1970, at this very moment and not the transaction's begin."""
        return literal_column("(extract(epoch FROM clock_timestamp()) * 1000)::bigint", BigInteger)

    def prepare(self, connection: Connection) -> None:
        """
        Wait until no other starter is making or migrating the tables; until the end of the transaction none does.

        Raises:
            StoreUnavailable: The database cannot hold every text.
        """
        _driver(connection).limit = PREPARING + GRACE
        connection.exec_driver_sql(_ALONE)
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
        if encoding != "UTF8":
            raise StoreUnavailable(f"store {self} has the encoding {encoding}: create it with ENCODING 'UTF8'")

    def hold(self, connection: Connection, tables: Collection[str]) -> None:
        """Lock the tables against writers, who are told that they are locked; readers read on."""
        _driver(connection).limit = PREPARING + GRACE
        connection.exec_driver_sql(_PATIENT)
        if tables:
            connection.exec_driver_sql(f"LOCK TABLE {', '.join(sorted(tables))} IN SHARE MODE")

    def load(self, connection: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        """By COPY, several times as fast as statements."""
        columns = ", ".join(f'"{column.name}"' for column in table.c)
        statement = SQL(f'COPY "{table.name}" ({columns}) FROM STDIN')
        try:
            with _driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
        except psycopg.Error as error:
            raise DBAPIError("COPY", None, error) from error

    def unmake(self) -> None:
        """Nothing: the database was there."""

    def mark(self, connection: Connection) -> str | None:
        """What the open transaction can be known by after its end; None when it has written nothing."""
        return connection.execute(text("SELECT pg_current_xact_id_if_assigned()::text")).scalar_one()  # type: ignore[no-any-return]  # a text or NULL

    def was_committed(self, connection: Connection, mark: str) -> bool | None:
        """Whether a transaction was; None while it is not decided."""
        asked = text("SELECT pg_xact_status(CAST(:mark AS xid8))")
        try:
            status = connection.execute(asked, {"mark": mark}).scalar_one()
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) == "22023":  # another server took over, and never heard of it
                return False
            raise
        return None if status == "in progress" else status == "committed"

    def check_sound(self) -> None:
        """Nothing: the server looks after that itself."""

    def claim_copy(self, connection: Connection) -> bool:  # noqa: ARG002 - as `Database` has it
        """Never: copies are the server's business."""
        return False

    def set_aside(self) -> str:
        """Raise StoreCorrupt: only its owner can do that."""
        raise StoreCorrupt(f"store {self} cannot be set aside: restore a backup, or name another database in store.url")

    def set_stray_aside(self) -> str | None:
        """Nothing: there are no files."""
        return None

    def copy_into(self, target: Path) -> None:  # noqa: ARG002 - likewise
        """Raise BackupRefused: the server has tools of its own."""
        raise BackupRefused(f"store {self} is in PostgreSQL, which brings its own backup: use pg_dump")

    def explain(self, error: DBAPIError) -> StoreError:
        """What a driver's error means, in one line."""
        origin = error.orig
        state = (origin.sqlstate if isinstance(origin, psycopg.Error) else None) or ""
        for known in (state, state[:3], state[:2]):
            if known in _PROBLEMS:
                kind, said = _PROBLEMS[known]
                return kind(f"store {self} {said}")
        return StoreUnavailable(f"store {self} failed: {self._words_of(origin)}")

    def _words_of(self, origin: BaseException | None) -> str:
        """The driver's words in one line: without the values that the server adds, or a password."""
        words = str(origin)
        if isinstance(origin, psycopg.Error) and origin.diag.message_primary:
            words = origin.diag.message_primary
        for secret in self._secrets:
            words = words.replace(secret, "**********")
        return " ".join(words.split())

    def _engine(self, begin: str, limit: float, pool: dict[str, Any]) -> Engine:
        engine = create_engine(
            "postgresql+psycopg://",
            creator=self._connect,
            use_native_hstore=False,  # else every first connection asks for it
            hide_parameters=True,
            **pool,
        )
        event.listen(engine, "begin", _beginning(begin, limit))
        return engine

    def _connect(self) -> psycopg.Connection[Any]:
        # Transactions are begun by us, in one message with their limits.
        connection = _Connection.connect(autocommit=True, prepare_threshold=None, **self._parameters)
        connection.server_cursor_factory = _ServerCursor
        return connection


def _beginning(statements: str, limit: float) -> Callable[[Connection], None]:
    def begin(connection: Connection) -> None:
        _driver(connection).limit = limit
        connection.exec_driver_sql(statements)

    return begin


def _driver(connection: Connection) -> _Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, _Connection)
    return driver


def _named(parameters: dict[str, Any]) -> str:
    """The database for messages: as a URL without its password and parameters."""
    hosts = str(parameters.get("host") or parameters.get("hostaddr") or "").split(",")
    ports = str(parameters.get("port") or "").split(",")
    ports = ports * len(hosts) if len(ports) == 1 else ports
    places = ",".join(
        "" if host.startswith("/") else f"{host}:{port}" if port else host
        for host, port in zip(hosts, ports, strict=False)
    )
    user = f"{parameters['user']}@" if parameters.get("user") else ""
    return f"postgresql://{user}{places}/{parameters.get('dbname') or ''}"

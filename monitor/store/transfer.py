"""
Moving a store into another database, whole: from SQLite to PostgreSQL, back, or from one to another of its kind.

The copy is the store from then on: it has its identity, its sequence, all that it knew and all that it had still to
send, so that nothing is told again or under a second id.  So the one that was copied may not go on beside it: it is
marked as moved, and nobody opens it any more (`moved`).  A backup that nobody has written yet is a store of its own as
soon as it is copied, as it would be with its first `run`.

One transaction in each database.  The mark is committed first: cut off in the moment between the two, a store is left
that counts as moved, and `keep` lets it go on.  The other way round two could go on.
"""

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Table, Update, func, inspect, select, update
from sqlalchemy.exc import DBAPIError

from monitor.store import schema, tables
from monitor.store.address import database_at
from monitor.store.database import Database
from monitor.store.errors import CopyRefused, NotMoved, StoreError, StoreForeign, StoreInUse, StoreUnavailable
from monitor.store.leases import NOBODY
from monitor.store.moved import mark_moved, moved_to, refuse_moved, unmark_moved
from monitor.store.preparing import of_its_own

CHUNK = 2_000  #: rows at a time, so that a large store takes no more memory than a small one
_MADE_ANEW = {tables.schema_version, tables.replica, tables.request}  # with the tables, by the processes of the copy
_COPIED = [table for table in tables.metadata.sorted_tables if table not in _MADE_ANEW]  # what is referred to first

Advance = Callable[[int, int], None]  #: is given how many rows are copied, and of how many


def _nothing(*_: int) -> None:
    """Nobody wants to know."""


class Transferred(msgspec.Struct, frozen=True):
    """What was copied."""

    source: str  #: as messages name it
    target: str
    rows: Mapping[str, int]  #: by table
    waiting: int  #: deliveries that are still to be made
    was_backup: bool  #: the copy is a store of its own


def transfer(
    source_url: str,
    target_url: str,
    *,
    now: Callable[[], int],
    new_id: Callable[[], uuid.UUID] = uuid.uuid4,
    advance: Advance = _nothing,
) -> Transferred:
    """
    Copy a store that nobody uses into an empty database, and mark it as moved.

    Args:
        source_url: As `Store.open`'s; a store of an older version is brought to the present form on the way.
        target_url: Likewise; what it names is empty, or a file that is not there.
        now: Milliseconds since 1970.
        new_id: The identity of a copy of a backup.
        advance: Called after each chunk.

    Raises:
        CopyRefused: The target is not empty, or what was read is not what was written.
        StoreInUse: A process has one of the two open.
        StoreMoved: The source is elsewhere already.  Nobody can tell what the copy has recorded since, also where it
            is lost: a second copy might give ids again.
        StoreUnavailable, StoreCorrupt, StoreTooNew: One of the two cannot be read or written.  Whatever is raised, the
            target is as empty as it was, and the source in use as before.
    """
    source, target = database_at(source_url, time.monotonic), database_at(target_url, time.monotonic)
    _check(source, target)
    with ExitStack() as held:
        for database in (source, target):
            asyncio.run(database.acquire(0.0))
            held.callback(database.release)
        source.set_stray_aside()
        source.check_sound()
        source.opened()
        marked = False
        try:
            with _begun(source) as reading:
                was_backup = _taken(source, reading, target, now())
                with _begun(target) as writing:
                    copied = _Copy(source, target, reading, writing, advance)
                    rows = copied.rows()
                    if was_backup:
                        copied.write(of_its_own(new_id))
                    waiting = copied.waiting()
                    marked = True
                    with _explained(source):
                        reading.commit()
                    with _explained(target):
                        writing.commit()
        except BaseException:
            _undo(source, target, marked=marked)
            raise
    return Transferred(str(source), str(target), rows, waiting, was_backup)


def keep(url: str, *, new_id: Callable[[], uuid.UUID] = uuid.uuid4) -> str:
    """
    Let a store go on that was moved, though its copy may have gone on too: with an identity and a sequence of its own.

    Args:
        url: As `Store.open`'s.
        new_id: The identity.

    Returns:
        The store, for messages.

    Raises:
        NotMoved: It is in use.
        StoreError: As `transfer`.
    """
    database = database_at(url, time.monotonic)
    if schema.version_at(database) is None:
        raise StoreUnavailable(f"store {database} is empty: `number-monitor run` fills it")
    with ExitStack() as held:
        asyncio.run(database.acquire(0.0))
        held.callback(database.release)
        database.opened()
        with _begun(database) as connection, _explained(database):
            database.prepare(connection)
            if moved_to(connection) is None:
                raise NotMoved(f"store {database} was not moved: it goes on as it is")
            unmark_moved(connection)
            connection.execute(of_its_own(new_id))
            connection.commit()
    return str(database)


def _check(source: Database, target: Database) -> None:
    """Refuse what cannot be, before anything is made, or waited for."""
    if schema.version_at(source) is None:
        raise StoreUnavailable(f"store {source} is empty: there is nothing to copy")
    with _reading(source) as connection:
        refuse_moved(connection, str(source))
    if not _is_empty(target):
        raise _not_empty(target)


def _is_empty(database: Database) -> bool:
    if database.files and not database.files[0].exists():
        return True
    try:
        return schema.version_at(database) is None
    except StoreForeign:
        return False


def _not_empty(target: Database) -> CopyRefused:
    return CopyRefused(f"store {target} is not empty: name an empty database, or a file that is not there")


@contextmanager
def _reading(database: Database) -> Iterator[Connection]:
    engine = database.reading()
    try:
        with _explained(database), engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def _begun(database: Database) -> Iterator[Connection]:
    """A transaction that writes; what is not committed at the end of the block is rolled back."""
    engine = database.writing()
    try:
        with _explained(database):
            connection = engine.connect()
        try:
            with _explained(database):
                connection.begin()
            yield connection
        finally:
            with contextlib.suppress(DBAPIError):  # a connection that was lost: its transaction went with it
                connection.close()
    finally:
        engine.dispose()


@contextmanager
def _explained(database: Database) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise database.explain(error) from error


def _taken(source: Database, connection: Connection, target: Database, at: int) -> bool:
    """Make sure that nobody uses the source, bring it to the present form, mark it; whether it is a new backup."""
    with _explained(source):
        source.prepare(connection)
        version = schema.version_of(connection, str(source))
        if version is None:
            raise StoreUnavailable(f"store {source} is empty: there is nothing to copy")
        refuse_moved(connection, str(source))
        _check_unused(source, connection)
        source.hold(connection, inspect(connection).get_table_names())
        schema.migrate_older(connection, version, str(source))
        was_backup = source.claim_copy(connection)
        mark_moved(connection, str(target), at)
        return was_backup


def _check_unused(source: Database, connection: Connection) -> None:
    """Where a store can be shared, whoever shares it says so in it."""
    if not source.shared or not inspect(connection).has_table(tables.replica.name):
        return
    living = select(tables.replica.c.name).where(tables.replica.c.until > source.clock).limit(1)
    name = connection.scalar(living)
    if name is not None:
        raise StoreInUse(f"store {source} is in use by {name}: stop it first")


class _Copy:
    """The rows, from one open transaction into another."""

    def __init__(
        self, source: Database, target: Database, reading: Connection, writing: Connection, advance: Advance
    ) -> None:
        self._source = source
        self._target = target
        self._reading = reading
        self._writing = writing
        self._advance = advance

    def rows(self) -> Mapping[str, int]:
        """Copy all of them into tables that are made; how many there are now, by table."""
        with _explained(self._target):
            self._target.prepare(self._writing)
            self._target.hold(self._writing, ())
            if schema.version_of(self._writing, str(self._target)) is not None:
                raise _not_empty(self._target)
            schema.make(self._writing)
        with _explained(self._source):
            expected = _counts(self._reading)
        done, of = 0, sum(expected.values())
        for table in _COPIED:
            for chunk in self._chunks(table):
                with _explained(self._target):
                    self._target.load(self._writing, table, chunk)
                done += len(chunk)
                self._advance(done, of)
        self.write(update(tables.lease).values(holder=NOBODY, until=0))
        with _explained(self._target):
            found = _counts(self._writing)
        if found != expected:
            raise CopyRefused(f"of {of} rows of store {self._source} {sum(found.values())} arrived: it stays as it was")
        return found

    def write(self, statement: Update) -> None:
        """Say something to the copy."""
        with _explained(self._target):
            self._writing.execute(statement)

    def waiting(self) -> int:
        """Deliveries that the copy has still to make."""
        is_open = tables.delivery.c.state == tables.literal(tables.DeliveryState.OPEN)
        with _explained(self._target):
            counted = self._writing.execute(select(func.count()).select_from(tables.delivery).where(is_open))
            return int(counted.scalar_one())

    def _chunks(self, table: Table) -> Iterator[Sequence[Row[Any]]]:
        with _explained(self._source):
            found = self._reading.execute(select(table).execution_options(yield_per=CHUNK))
            yield from found.partitions()


def _counts(connection: Connection) -> dict[str, int]:
    return {table.name: connection.execute(select(func.count()).select_from(table)).scalar_one() for table in _COPIED}


def _undo(source: Database, target: Database, *, marked: bool) -> None:
    """Where the target is empty still, nothing has happened; where nobody can tell, the next `run` says what to do."""
    with contextlib.suppress(StoreError):
        if not _is_empty(target):
            return
        target.unmake()
        if marked:
            with _begun(source) as connection, _explained(source):
                unmark_moved(connection)
                connection.commit()

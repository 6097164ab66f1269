"""
Many rows by one statement, without looking at each of their values.

SQLAlchemy prepares every parameter of every row for its column's type, which for a storm of changes takes as long as
SQLite itself.  Here the statement is compiled once and the driver gets the rows as they are: so they must hold what
the driver takes (text, numbers, bytes, None), which is all that these tables hold.

PostgreSQL plans every statement anew when none may be prepared, which takes longer than to insert a row: it gets all
rows as one JSON text, so they hold text, numbers and None alone.  No key may come twice.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Protocol

import msgspec
from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Table,
    bindparam,
    cast,
    column,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import TableValuedAlias

from monitor.store.upsert import upsert

Rows = Sequence[Mapping[str, Any]]
NEW = "new_"  # before a column's name: the parameter with its new value, as SQLAlchemy keeps the names for itself


class Bulk(Protocol):
    """A statement that puts many rows into a table and returns none."""

    def execute(self, connection: Connection, rows: Rows) -> None:
        """Run it for these rows; keys are the names of columns."""


def bulk_insert(dialect: Dialect, table: Table) -> Bulk:
    """Rows whose primary keys are not there."""
    if dialect.name == "postgresql":
        return _AsJson(dialect, table.c, lambda given: insert(table).from_select(list(table.c), select(given)))
    return _RowByRow(dialect, insert(table))


def bulk_upsert(dialect: Dialect, table: Table) -> Bulk:
    """Rows that are added, or take the place of those that have their primary keys."""
    if dialect.name == "postgresql":
        return _AsJson(dialect, table.c, lambda given: upsert(dialect.name, table, rows=select(given)))
    return _RowByRow(dialect, upsert(dialect.name, table))


def bulk_raise(dialect: Dialect, table: Table, raised: Column[int]) -> Bulk:
    """One column of rows that are there, found by their primary keys; it never gets a lower value than it has."""

    def statement(new: Callable[[str], ColumnElement[Any]]) -> UpdateBase:
        which = [key == new(key.name) for key in table.primary_key]
        value = new(raised.name)
        return update(table).values({raised: value}).where(*which, or_(raised.is_(None), raised < value))

    if dialect.name == "postgresql":
        return _AsJson(dialect, [*table.primary_key, raised], lambda given: statement(given.c.__getitem__))
    return _RowByRow(dialect, statement(lambda name: bindparam(NEW + name)))


class _RowByRow:
    """The driver runs it for each row."""

    def __init__(self, dialect: Dialect, statement: UpdateBase) -> None:
        compiled = statement.compile(dialect=dialect)
        self._text = str(compiled)
        self._values = itemgetter(*(name.removeprefix(NEW) for name in compiled.positiontup or ()))

    def execute(self, connection: Connection, rows: Rows) -> None:
        if rows:
            connection.exec_driver_sql(self._text, [self._values(row) for row in rows])


class _AsJson:
    """The database takes the rows out of one text."""

    def __init__(
        self, dialect: Dialect, columns: Iterable[Column[Any]], statement: Callable[[TableValuedAlias], UpdateBase]
    ) -> None:
        given = func.json_to_recordset(cast(bindparam("rows"), JSON)).table_valued(
            *(column(one.name, one.type) for one in columns)
        )
        self._text = str(statement(given.render_derived(with_types=True)).compile(dialect=dialect))

    def execute(self, connection: Connection, rows: Rows) -> None:
        if rows:
            connection.exec_driver_sql(self._text, {"rows": msgspec.json.encode(rows).decode()})

"""INSERT … ON CONFLICT: both databases have it, SQLAlchemy offers it by dialect only."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.base import ReadOnlyColumnCollection

#: Given the columns of the row that could not be inserted, what the row that is there becomes.
Change = Callable[[ReadOnlyColumnCollection[str, Any]], Mapping[str, Any]]


def _insert(dialect: str, table: Table) -> sqlite.Insert:
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - loaded by those alone who use it

        return cast("sqlite.Insert", postgresql.insert(table))  # it has the same methods
    return sqlite.insert(table)


def insert_if_absent(dialect: str, table: Table) -> sqlite.Insert:
    """Insert a row; where its primary key is taken, do nothing: the row count is 0 then."""
    return _insert(dialect, table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


def upsert(
    dialect: str,
    table: Table,
    change: Change | None = None,
    *,
    rows: Select[*tuple[Any, ...]] | None = None,
    only: ColumnElement[bool] | None = None,
) -> sqlite.Insert:
    """
    Insert a row; where its primary key is taken, overwrite every other column, or make the `change`.

    Args:
        rows: Instead of one: as many as this finds, with all columns of the table.
        only: Which rows that are there may be changed; the others stay as they are.
    """
    statement = _insert(dialect, table)
    if rows is not None:
        statement = statement.from_select(list(table.c), rows)
    values: dict[str, Any]
    if change is None:
        values = {column.name: statement.excluded[column.name] for column in table.c if not column.primary_key}
    else:
        values = dict(change(statement.excluded))
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=values, where=only)

"""From a `store.url` to the database that it means."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from monitor.store.database import Database
from monitor.store.errors import StoreUnavailable
from monitor.store.sqlite import SqliteDatabase

_EXAMPLE = (
    "write sqlite:////data/number-monitor.db (four slashes before an absolute path), or postgresql://USER@HOST/DATABASE"
)
_POSTGRESQL = ("postgresql://", "postgres://")  #: both are libpq's


def database_at(url: str, monotonic: Callable[[], float]) -> Database:
    """
    The database that a URL names; nothing is opened yet.

    Raises:
        StoreUnavailable: it cannot be read, names no file, another kind of database, or one whose driver is not
            installed.  The message does not repeat the URL, which may hold a password.
    """
    if url.startswith(_POSTGRESQL):
        return _postgresql_at(url)
    try:
        parts = make_url(url)
    except ArgumentError as error:
        raise StoreUnavailable(f"store.url cannot be read: {_EXAMPLE}") from error
    if parts.get_backend_name() != "sqlite":
        raise StoreUnavailable(f"store.url: {parts.get_backend_name()} is no database for a store: {_EXAMPLE}")
    if not parts.database or parts.database == ":memory:":
        raise StoreUnavailable(f"store.url names no file: {_EXAMPLE}")
    return SqliteDatabase(Path(parts.database), monotonic)


def _postgresql_at(url: str) -> Database:
    try:
        from monitor.store.postgresql import PostgresqlDatabase  # noqa: PLC0415 - its driver is an extra
    except ImportError as error:
        raise StoreUnavailable(
            "store.url: a store in PostgreSQL needs psycopg: install requirements/postgresql.txt"
        ) from error
    return PostgresqlDatabase(url)

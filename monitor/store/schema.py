"""
The schema: made, brought up to date, or refused.

A new store is made from `tables` at once and an up-to-date one needs one look; Alembic is imported only for what lies
between, since that alone costs 0.2 s.
"""

import secrets
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, insert, inspect, select
from sqlalchemy.exc import DBAPIError

from monitor.fleet.masking import KEY_BYTES
from monitor.store.database import Database
from monitor.store.errors import StoreForeign, StoreTooNew, StoreUnavailable
from monitor.store.moved import refuse_moved
from monitor.store.tables import masking, meta, metadata, schema_version

SCHEMA = "0003"  #: the newest revision in `migrations/versions`; revisions are numbered, so that they can be compared
_LEASES = "0003"  # the revision that brought them


def version_of(connection: Connection, store: str) -> str | None:
    """
    The schema's revision; None for an empty database.

    Raises:
        StoreForeign: there are tables, but not ours.
    """
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return None
    found = connection.scalar(select(schema_version.c.version_num)) if schema_version.name in tables else None
    if found is None or meta.name not in tables:
        raise StoreForeign(f"store {store} is the database of another program: change store.url")
    return str(found)


def is_older(connection: Connection, store: str) -> bool:
    """Whether there are tables of an older version, leases among them; raises as `version_of`."""
    version = version_of(connection, store)
    return version is not None and _LEASES <= version < SCHEMA


def version_at(database: Database) -> str | None:
    """
    The same of a database that nobody has opened here.

    Raises:
        StoreForeign: as `version_of`.
        StoreUnavailable, StoreCorrupt: it cannot be read.
    """
    engine = database.reading()
    try:
        with engine.connect() as connection:
            return version_of(connection, str(database))
    except DBAPIError as error:
        raise database.explain(error) from error
    finally:
        engine.dispose()


def bring_up_to_date(connection: Connection, store: str, new_id: Callable[[], UUID]) -> None:
    """
    Make or migrate the tables, in the transaction that is open; `new_id` gives the identity of a new store.

    Raises:
        StoreForeign: there are tables, but not ours.
        StoreTooNew: a newer version of the program made them.
        StoreMoved: the store is elsewhere now.
    """
    version = version_of(connection, store)
    if version is None:
        make(connection)
        connection.execute(insert(meta).values(store_id=str(new_id()), sequence=0))
        connection.execute(insert(masking).values(key=secrets.token_bytes(KEY_BYTES)))
        return
    refuse_moved(connection, store)
    migrate_older(connection, version, store)


def make(connection: Connection) -> None:
    """Make the tables in an empty database, in the transaction that is open; the rows of a new store are missing."""
    metadata.create_all(connection, checkfirst=False)  # it is empty
    connection.execute(insert(schema_version).values(version_num=SCHEMA))


def migrate_older(connection: Connection, version: str, store: str) -> None:
    """Bring tables of this version to the present form, likewise; raises StoreTooNew."""
    _refuse_newer(version, store)
    if version < SCHEMA:
        migrate(connection)


def check_readable(connection: Connection, store: str) -> None:
    """
    Refuse a store that this version cannot read as it is.

    Raises:
        StoreForeign, StoreTooNew, StoreMoved: as `bring_up_to_date`.
        StoreUnavailable: it is empty, or of an older version, and reading must not change it.
    """
    version = version_of(connection, store)
    if version is None:
        raise StoreUnavailable(f"store {store} is empty: `number-monitor run` fills it")
    _refuse_newer(version, store)
    refuse_moved(connection, store)
    if version < SCHEMA:
        raise StoreUnavailable(f"store {store} was made by an older number-monitor: `number-monitor run` migrates it")


def migrate(connection: Connection) -> None:
    """Run every revision that the database has not seen, in the transaction that is open."""
    from alembic import command  # noqa: PLC0415 - costs 0.2 s, and is hardly ever needed
    from alembic.config import Config  # noqa: PLC0415 - likewise

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    command.upgrade(config, "head")


def _refuse_newer(version: str, store: str) -> None:
    if version > SCHEMA:
        raise StoreTooNew(
            f"store {store} was made by a newer number-monitor (schema {version}, this one knows {SCHEMA}): "
            f"run that version, or put back a backup of before the upgrade"
        )

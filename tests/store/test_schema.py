"""The tables: made at once or step by step they are the same, and what this version does not know it leaves alone."""

import sqlite3
import subprocess
import sys
import uuid
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from monitor.store import schema
from monitor.store.errors import StoreCorrupt, StoreTooNew, StoreUnavailable
from monitor.store.store import Store
from monitor.store.tables import schema_version
from tests.store.making import telling, to

ROOT = Path(__file__).parents[2]


def definitions(connection) -> dict[str, str]:
    """Every table and index but Alembic's own, as SQLite keeps it."""
    found = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: " ".join(text.split()) for name, text in found if name != schema_version.name}


def test_migrations_make_the_tables_that_the_code_has():
    by_migration, at_once = create_engine("sqlite://"), create_engine("sqlite://")

    with by_migration.begin() as migrated, at_once.begin() as made:
        schema.migrate(migrated)
        schema.bring_up_to_date(made, "new.db", uuid.uuid4)

        assert definitions(migrated) == definitions(made)
        assert schema.version_of(migrated, "old.db") == schema.version_of(made, "new.db") == schema.SCHEMA


def test_a_migration_that_fails_leaves_the_store_as_it_was(path, monkeypatch):
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE alembic_version (version_num TEXT); CREATE TABLE meta (store_id TEXT);")
    connection.execute("INSERT INTO alembic_version VALUES ('0000')")
    connection.commit()
    monkeypatch.setattr(schema, "migrate", lambda _: 1 / 0)
    engine = create_engine(f"sqlite:///{path}")

    with pytest.raises(ZeroDivisionError), engine.begin() as opened:
        schema.bring_up_to_date(opened, "old.db", uuid.uuid4)

    assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0000",)]
    connection.close()
    engine.dispose()


def test_alembic_is_left_alone_when_the_tables_are_right(path):
    program = f"""
import asyncio, sys
from monitor.store.store import Store
async def main():
    for _ in range(2):
        store = await Store.open("sqlite:///{path}", now=lambda: 0)
        await store.close()
    assert "alembic" not in sys.modules
asyncio.run(main())
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


def test_an_installed_wheel_can_migrate(tmp_path):
    pytest.importorskip("hatchling", reason="the build back end is not installed")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        check=True,
        cwd=ROOT,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    program = """
from sqlalchemy import create_engine
from monitor.store import schema
with create_engine("sqlite://").begin() as connection:
    schema.migrate(connection)
    print(schema.__file__, schema.version_of(connection, "wheel"))
"""

    made = subprocess.run(
        [sys.executable, "-P", "-c", program],
        check=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
    )

    assert made.stdout.split() == [str(tmp_path / "installed/monitor/store/schema.py"), schema.SCHEMA]


async def test_a_newer_store_is_refused_to_writers_and_readers(open_store, path):
    store = await open_store()
    await store.record(telling(), to())
    await store.close()
    newer = sqlite3.connect(path)
    newer.execute("UPDATE alembic_version SET version_num = '0999'")
    newer.commit()
    newer.close()
    message = f"store {path} was made by a newer number-monitor \\(schema 0999, this one knows {schema.SCHEMA}\\)"

    with pytest.raises(StoreTooNew, match=message):
        await open_store()
    with pytest.raises(StoreTooNew, match=message):
        await Store.open_readonly(f"sqlite:///{path}")


async def test_a_reader_does_not_migrate(store, path, monkeypatch):
    monkeypatch.setattr(schema, "SCHEMA", "0999")

    with pytest.raises(StoreUnavailable, match="made by an older number-monitor: `number-monitor run` migrates it"):
        await Store.open_readonly(f"sqlite:///{path}")


async def test_an_empty_file_becomes_a_store_for_writers_only(open_store, path):
    path.touch()

    with pytest.raises(StoreUnavailable, match="is empty: `number-monitor run` fills it"):
        await Store.open_readonly(f"sqlite:///{path}")
    assert await (await open_store()).last_sequence() == 0


@pytest.mark.parametrize("made", ["CREATE TABLE songs (title)", "CREATE TABLE alembic_version (version_num)"])
async def test_the_database_of_another_program_is_not_touched(open_store, path, made):
    other = sqlite3.connect(path)
    other.execute(made)

    with pytest.raises(StoreCorrupt, match=r"is the database of another program: change store\.url"):
        await open_store()

    assert len(other.execute("SELECT * FROM sqlite_master").fetchall()) == 1
    other.close()

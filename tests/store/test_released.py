"""
A store of every form that was ever released is brought to the present one, with nothing lost.

`released/` holds one store of each form with data in it, made by the version of the time: two apps, one out of reach,
a number in trouble, one gone, a word nobody documented, and deliveries in every state.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from monitor.store import schema
from monitor.store.store import Store
from tests.store.making import NOW, event, sequences, to
from tests.store.test_schema import definitions

RELEASED = Path(__file__).parent / "released"
FORMS = sorted(file.stem for file in RELEASED.glob("*.sql"))
TROUBLED, GONE = ("116960000086404", "+8613800000001"), ("116960000086404", "+8613800000003")


@pytest.fixture(params=FORMS)
def old(request, path: Path) -> Path:
    """A store of an older form, or of the present one as it was released."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((RELEASED / f"{request.param}.sql").read_text(encoding="utf-8"))
    return path


def contents(path: Path, like: dict[str, list[str]] | None = None) -> Iterator[tuple[str, list[str], list[object]]]:
    """Every table's name, columns and rows; `like`: these tables and columns alone."""
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in sorted(like if like is not None else set(names) - {"alembic_version"}):
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
            columns = like[name] if like is not None else columns
            yield name, columns, sorted(connection.execute(f"SELECT {', '.join(columns)} FROM {name}"), key=repr)


def test_every_form_before_the_present_one_has_its_store_here():
    versions = Path(schema.__file__).parent / "migrations" / "versions"
    made = {file.name[1:5] for file in versions.glob("s*.py")}

    assert {form for form in made if form < schema.SCHEMA} <= set(FORMS) <= made


async def test_no_row_of_an_old_store_is_lost_or_changed(old, open_store):
    before = list(contents(old))

    await (await open_store()).close()

    assert list(contents(old, {name: columns for name, columns, _ in before})) == before


async def test_an_old_store_has_the_tables_of_a_new_one_afterwards(old, open_store):
    await (await open_store()).close()

    brought, new = create_engine(f"sqlite:///{old}"), create_engine("sqlite://")
    with brought.begin() as opened, new.begin() as made:
        schema.migrate(made)
        assert definitions(opened) == definitions(made)
    brought.dispose()


async def test_what_an_old_store_knew_is_known(old, open_store):
    store = await open_store()

    restored = await store.restore()
    shop, far = restored.snapshots["main", "jh42xxxd434"], restored.snapshots["main", "jh43xxxd435"]
    assert (shop.entries[TROUBLED].now.quality_rating, shop.entries[TROUBLED].told.quality_rating) == ("RED", "RED")
    assert GONE in shop.gone
    assert far.failures == 7
    assert restored.accounts["main"].unmapped == {("status", "SNOOZED")}
    assert await store.roster("main", "apps_url") == b'["jh42xxxd434"]'
    assert set(await store.paused_sinks()) == {"chat"}


async def test_what_an_old_store_had_still_to_send_is_sent(old, open_store):
    store = await open_store()

    assert sequences(await store.events()) == list(range(1, 10))
    assert sequences(await store.claim("ops", 100, NOW)) == [2, 3, 4, 6, 8, 9]
    assert (await store.backlog())["ops"].dead == 1


async def test_the_sequence_of_an_old_store_goes_on(old, open_store):
    store = await open_store()
    known = {found.id for found in await store.events()}

    (recorded,) = await store.tell([event()], to())

    assert recorded.sequence == 10
    assert recorded.id not in known


async def test_an_old_store_is_for_readers_only_once_it_was_brought_up(old, open_store):
    await (await open_store()).close()

    reader = await Store.open_readonly(f"sqlite:///{old}")
    assert await reader.last_sequence() == 9
    await reader.close()

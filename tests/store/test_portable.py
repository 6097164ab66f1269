"""What is said to SQLite can be said to PostgreSQL too."""

from typing import Any

import pytest
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from monitor.store import deliveries, outbox, prune, recorder, tables
from monitor.store.bulk import bulk_upsert
from monitor.store.deliveries import Chosen
from monitor.store.recorder import Recorder
from monitor.store.upsert import insert_if_absent, upsert

POSTGRESQL: Dialect = postgresql.psycopg.dialect()


@pytest.mark.parametrize("table", tables.metadata.sorted_tables, ids=lambda table: table.name)
def test_every_table_can_be_made(table):
    made: list[ExecutableDDLElement] = [CreateTable(table), *(CreateIndex(index) for index in table.indexes)]

    assert all(str(statement.compile(dialect=POSTGRESQL)) for statement in made)


@pytest.mark.parametrize(
    "statement",
    [
        upsert("postgresql", tables.entry),
        insert_if_absent("postgresql", tables.app),
        outbox._DUE,
        recorder._UPDATE_APP,
        recorder._DELETE_ENTRY,
        prune._STILL_TO_BE_MADE.select(),
        deliveries._FAILED.select(),
        deliveries._meant(Chosen(ids=("6f0c2a4e",), since=0, sink="ops")),
    ],
    ids=lambda statement: type(statement).__name__,
)
def test_every_kind_of_statement_can_be_said(statement):
    assert str(statement.compile(dialect=POSTGRESQL))


def test_claims_pass_over_what_another_worker_has_locked():
    assert str(outbox._DUE.compile(dialect=POSTGRESQL)).endswith("FOR UPDATE OF delivery SKIP LOCKED")
    assert "FOR UPDATE" not in str(outbox._DUE.compile(dialect=sqlite.dialect()))


def test_a_recorder_speaks_it():
    Recorder("6f0c2a4e", POSTGRESQL, lambda: 0)


class Listening:
    """A connection that keeps what it is given."""

    def __init__(self) -> None:
        self.given: list[Any] = []

    def exec_driver_sql(self, *given):
        self.given.append(given)


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        pytest.param(sqlite.dialect(), [("main", 3, "{}")], id="by position"),
        pytest.param(POSTGRESQL, {"rows": '[{"state":"{}","account":"main","version":3}]'}, id="as one text"),
    ],
)
def test_many_rows_are_given_as_the_driver_takes_them(dialect, expected):
    connection: Any = Listening()
    row = {"state": "{}", "account": "main", "version": 3}

    bulk_upsert(dialect, tables.account).execute(connection, [row])

    assert [rows for _, rows in connection.given] == [expected]

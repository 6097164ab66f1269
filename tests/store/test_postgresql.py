"""PostgreSQL restarts, forgets its clients, refuses to write or says nothing: nothing is lost, nothing doubled."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import psycopg
import pytest
from sqlalchemy import Connection

from monitor.fleet.app import App
from monitor.fleet.snapshot import Snapshot
from monitor.store import postgresql as module
from monitor.store import schema, writer
from monitor.store.address import database_at
from monitor.store.errors import StoreConflict, StoreCorrupt, StoreError, StoreUnavailable
from monitor.store.postgresql import PostgresqlDatabase
from monitor.store.store import Store
from tests.pgbouncer import pgbouncer
from tests.postgresql import PostgresqlServer
from tests.store.making import NOW, SHOP, decision, entries, entry, event, sequences, telling, to

T = TypeVar("T")
Opener = Callable[..., Awaitable[Store]]


@pytest.fixture
def database(postgresql: PostgresqlServer) -> str:
    """An empty one."""
    return postgresql.empty_database()


@pytest.fixture
async def opener(postgresql: PostgresqlServer, database: str) -> AsyncIterator[Opener]:
    """Opens stores in it."""
    async with AsyncExitStack() as opened:

        async def opener(url: str | None = None, *, wait: float = 0.0, **options: Any) -> Store:
            store = await Store.open(url or postgresql.url(database), now=lambda: NOW, wait=wait, **options)
            opened.push_async_callback(store.close)
            return store

        yield opener


@pytest.fixture
async def store(opener: Opener) -> Store:
    """A new store."""
    return await opener()


@pytest.fixture
async def undisturbed(opener: Opener) -> Store:
    """One that does nothing by itself, and never thinks that its lease has ended."""
    store = await opener(alone=False, monotonic=lambda: 0.0)
    assert store.ownership is not None
    await store.ownership.take(["main"])
    return store


async def changes(store: Store, app: App, until: asyncio.Event) -> int:
    """Record one decision after the other, as polls do: what is refused is read and decided anew.  How many failed."""
    before, failed = Snapshot(), 0
    while not until.is_set():
        try:
            await store.record(decision(before, Snapshot(entries(entry())), event(), app=app), to("ops"))
            before = Snapshot(version=before.version + 1)
        except StoreConflict:  # it was recorded, though nobody said so
            before = await store.restore_app(app.key)
        except StoreError:
            failed += 1
            await asyncio.sleep(0.01)
            with contextlib.suppress(StoreError):
                before = await store.restore_app(app.key)
    return failed


async def troubled(store: Store, trouble: Callable[[], object], times: int) -> None:
    """Apps that change all the while, and the trouble, over and over."""
    until = asyncio.Event()
    apps = [App("main", f"app{index}", "") for index in range(4)]
    tasks = [asyncio.create_task(changes(store, app, until)) for app in apps]
    for _ in range(times):
        last = await settled(store.last_sequence)
        await asyncio.to_thread(trouble)
        while await settled(store.last_sequence) <= last:
            await asyncio.sleep(0.01)
    until.set()
    await asyncio.gather(*tasks)


async def settled(question: Callable[[], Awaitable[T]]) -> T:
    """The answer, as soon as there is one."""
    while True:
        with contextlib.suppress(StoreError):
            return await question()
        await asyncio.sleep(0.01)


async def recorded_once(store: Store) -> bool:
    """Whether every change of an app is one event, without gaps, and has one delivery."""
    versions = sum(snapshot.version for snapshot in (await store.restore()).snapshots.values())
    found = await store.events(limit=100_000)
    waiting = (await store.backlog())["ops"].waiting
    return versions == len(found) == waiting and sequences(found) == list(range(1, versions + 1))


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_a_server_that_restarts_costs_nothing_but_time(store, postgresql, mode):
    await troubled(store, lambda: postgresql.restart(mode), times=2)

    assert await recorded_once(store)


async def test_connections_that_are_ended_are_opened_again(store, postgresql, database):
    await troubled(store, lambda: postgresql.terminate(database), times=10)

    assert await recorded_once(store)


async def test_pgbouncer_may_hand_every_transaction_to_another_session(opener, postgresql, database):
    with pgbouncer(postgresql) as host:
        store = await opener(postgresql.url(database, host=str(host), port="6432"))
        await troubled(store, postgresql.restart, times=2)

        assert await recorded_once(store)
        await store.close()


async def test_a_restart_while_nothing_is_asked_goes_unnoticed(store, postgresql):
    await store.record(telling(event()), to())
    await store.events()

    postgresql.restart()

    assert sequences(await store.events()) == [1]
    assert sequences(await store.record(telling(event(), before=Snapshot(version=1)), to())) == [2]


async def test_a_database_that_is_read_only_for_a_moment_can_be_read(store, postgresql, database):
    def read_only(word: str) -> None:
        postgresql.execute(f"ALTER DATABASE {database} SET default_transaction_read_only = {word}")
        postgresql.terminate(database)

    await store.record(telling(event()), to())
    read_only("on")
    try:
        with pytest.raises(StoreUnavailable, match=r"is read-only at this moment \(a fail-over, a standby\)"):
            await store.record(telling(event(), before=Snapshot(version=1)), to())
        meanwhile = await store.events()
    finally:
        read_only("off")
    await store.record(telling(event(), before=Snapshot(version=1)), to())

    assert (sequences(meanwhile), sequences(await store.events())) == ([1], [1, 2])


async def test_a_server_that_says_nothing_is_not_waited_for_long(opener, postgresql, monkeypatch):
    monkeypatch.setattr(module, "_WRITE_LIMIT", 0.2)
    store = await opener()
    stopped: list[int] = []

    def stop_and_ask(connection: Connection) -> None:
        stopped.append(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
        os.kill(stopped[0], signal.SIGSTOP)
        connection.exec_driver_sql("SELECT 1")

    try:
        with pytest.raises(StoreUnavailable, match=r"^store postgresql://postgres@/monitor_1 failed: .*timeout"):
            await store._write(stop_and_ask)
        recorded = await store.record(telling(event()), to())
    finally:
        os.kill(stopped[0], signal.SIGCONT)

    assert sequences(recorded) == [1]


def lost_in_commit(monkeypatch: pytest.MonkeyPatch, *, committed: bool) -> None:
    """The next commit's answer never comes."""
    commit, done = module._Connection.commit, list[Any]()

    def lost(connection: Any) -> None:
        if done or connection.pgconn.transaction_status != psycopg.pq.TransactionStatus.INTRANS:
            return commit(connection)
        done.append(connection)
        if committed:
            commit(connection)
        connection.pgconn.finish()
        raise psycopg.OperationalError("lost")

    monkeypatch.setattr(module._Connection, "commit", lost)


@pytest.mark.parametrize("together", [1, 3])
async def test_what_was_committed_is_not_done_again_though_nobody_said_so(undisturbed, monkeypatch, together):
    lost_in_commit(monkeypatch, committed=True)

    told = await asyncio.gather(*(undisturbed.tell([event()], to("ops")) for _ in range(together)))

    assert [sequences(each) for each in told] == [[sequence] for sequence in range(1, together + 1)]
    assert sequences(await undisturbed.events()) == list(range(1, together + 1))


async def test_what_was_lost_before_its_commit_is_not_there(undisturbed, monkeypatch):
    lost_in_commit(monkeypatch, committed=False)

    with pytest.raises(StoreUnavailable):
        await undisturbed.tell([event()], to())

    assert await undisturbed.events() == []


async def test_of_several_that_were_lost_before_their_commit_each_is_done(undisturbed, monkeypatch):
    lost_in_commit(monkeypatch, committed=False)

    await asyncio.gather(*(undisturbed.tell([event()], to()) for _ in range(3)), return_exceptions=True)

    found = sequences(await undisturbed.events())
    assert found == list(range(1, len(found) + 1))


async def test_a_commit_that_nobody_can_tell_about_is_not_done_again(undisturbed, monkeypatch):
    monkeypatch.setattr(writer, "ASK_FOR", 0.0)
    monkeypatch.setattr(PostgresqlDatabase, "was_committed", lambda *_: None)
    lost_in_commit(monkeypatch, committed=True)

    with pytest.raises(
        StoreUnavailable, match="was lost during a commit: what it has recorded is seen when it is back"
    ):
        await undisturbed.tell([event()], to())

    assert sequences(await undisturbed.events()) == [1]


async def test_two_that_start_at_once_make_one_store(opener):
    first, second = await asyncio.gather(opener(alone=False), opener(alone=False))

    assert first.store_id == second.store_id


async def test_two_that_start_at_once_migrate_once(opener, postgresql, database):
    old = await opener()
    await old.close()
    postgresql.execute("DROP TABLE lease, replica, request, masking", database)
    postgresql.execute("UPDATE alembic_version SET version_num = '0002'", database)

    first, second = await asyncio.gather(opener(alone=False), opener(alone=False))

    assert old.store_id == first.store_id == second.store_id
    assert postgresql.execute("SELECT version_num FROM alembic_version", database) == [(schema.SCHEMA,)]


def columns(server: PostgresqlServer, database: str) -> list[Any]:
    """Every column and index, but of Alembic's own table."""
    return server.execute(
        "SELECT table_name, column_name, data_type, collation_name, is_nullable FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name <> 'alembic_version' ORDER BY 1, ordinal_position",
        database,
    ) + server.execute(
        "SELECT tablename, indexname, indexdef FROM pg_indexes "
        "WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 1, 2",
        database,
    )


async def test_migrations_make_the_tables_that_the_code_has(opener, postgresql, database):
    await (await opener()).close()
    at_once = columns(postgresql, database)
    postgresql.empty_database()
    engine = PostgresqlDatabase(postgresql.url(database)).writing()

    with engine.begin() as connection:
        schema.migrate(connection)

    assert columns(postgresql, database) == at_once


async def test_the_database_of_another_program_is_not_touched(opener, postgresql, database):
    postgresql.execute("CREATE TABLE songs (title text)", database)

    with pytest.raises(StoreCorrupt, match=r"is the database of another program: change store\.url"):
        await opener()

    assert len(columns(postgresql, database)) == 1


async def test_a_database_that_cannot_hold_every_text_is_refused(opener, postgresql):
    postgresql.execute("DROP DATABASE IF EXISTS latin")
    postgresql.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")

    with pytest.raises(StoreUnavailable, match="has the encoding LATIN1: create it with ENCODING 'UTF8'"):
        await opener(postgresql.url("latin"))


@pytest.mark.parametrize(
    ("state", "kind", "said"),
    [
        ("53100", StoreUnavailable, "cannot grow, the server's disk is full: make room"),
        ("53300", StoreUnavailable, "has no connection left"),
        ("42501", StoreUnavailable, "does not let this user do that"),
        ("40P01", StoreUnavailable, "gave another transaction precedence"),
        ("57014", StoreUnavailable, "took too long to answer"),
        ("55P03", StoreUnavailable, "is locked by another program"),
        ("XX001", StoreCorrupt, "is damaged: restore a backup"),
        ("P0001", StoreUnavailable, "failed: said the server"),
    ],
)
async def test_an_error_is_explained_in_one_line(store, state, kind, said):
    raised = (
        f"DO $$ BEGIN RAISE EXCEPTION 'said the server' USING ERRCODE = '{state}', DETAIL = '+8613800000042'; END $$"
    )

    with pytest.raises(kind, match=f"^store postgresql://postgres@/monitor_1 {said}") as failed:
        await store._write(lambda connection: connection.exec_driver_sql(raised))

    assert "\n" not in str(failed.value)
    assert "+8613800000042" not in str(failed.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://me:hunter2@/monitor?host=/nowhere", "store postgresql://me@/monitor failed: .*No such file"),
        ("postgresql://me:hunter2@127.0.0.1:1/monitor", "store postgresql://me@127.0.0.1:1/monitor failed: .*refused"),
        ("postgresql://me:hunter2@a,b/monitor?port=1,2", "store postgresql://me@a:1,b:2/monitor failed"),
        ("postgresql://me:hunter2@db/monitor?hunter2=1", "store.url cannot be read: write postgresql://USER@HOST"),
        ("postgresql://me:hun@ter2@db/monitor", "store.url cannot be read: write the special characters"),
    ],
)
async def test_a_server_that_cannot_be_reached_is_named_without_a_password(url, said):
    with pytest.raises(StoreUnavailable, match=said) as failed:
        await Store.open(url, now=lambda: NOW)

    assert "ter2" not in f"{failed.value} {failed.value.__cause__}"


async def test_a_database_that_is_not_there_is_named(opener, postgresql):
    with pytest.raises(StoreUnavailable, match='database "nowhere" does not exist'):
        await opener(postgresql.url("nowhere", user="postgres", password="hunter2"))


def test_of_several_servers_the_one_that_can_be_written_is_asked():
    one, several = (PostgresqlDatabase(f"postgresql://{hosts}/monitor") for hosts in ("a", "a,b"))
    told = PostgresqlDatabase("postgresql://a,b/monitor?target_session_attrs=any&connect_timeout=9")

    assert "target_session_attrs" not in one._parameters
    assert several._parameters["target_session_attrs"] == "read-write"
    assert (told._parameters["target_session_attrs"], told._parameters["connect_timeout"]) == ("any", "9")


def test_without_its_driver_the_remedy_is_told(monkeypatch):
    monkeypatch.delitem(sys.modules, "monitor.store.postgresql")
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(StoreUnavailable, match=r"needs psycopg: install requirements/postgresql\.txt"):
        database_at("postgresql://db/monitor", time.monotonic)


async def test_no_cursor_skips_an_event_that_is_committed_late(opener):
    first, second = await opener(alone=False), await opener(alone=False)
    for store, account in ((first, "a"), (second, "b")):
        assert store.ownership is not None
        await store.ownership.take([account])
    until, seen, cursor = asyncio.Event(), [], 0

    async def tell(store: Store, account: str) -> int:
        for _ in range(30):
            await store.tell([event(app=App(account, "x", ""))] * 3, to())
        return 90

    async def follow() -> None:
        nonlocal cursor
        while not until.is_set() or await first.last_sequence() > cursor:
            for found in await first.events(after=cursor, limit=10):
                seen.append(found.sequence)
                cursor = found.sequence

    following = asyncio.create_task(follow())
    told = await asyncio.gather(tell(first, "a"), tell(second, "b"))
    until.set()
    await following

    assert seen == list(range(1, sum(told) + 1))


async def test_two_that_claim_at_once_never_claim_the_same(opener):
    first, second = await opener(alone=False), await opener(alone=False)
    assert first.ownership is not None
    await first.ownership.take(["main"])
    await first.record(telling(*(event(f"+{number}") for number in range(40))), to("ops"))

    claimed = await asyncio.gather(*(store.claim("ops", 5, NOW) for store in (first, second) * 5))

    found = [due.sequence for each in claimed for due in each]
    assert sorted(found) == sorted(set(found))
    assert SHOP.key in (await second.restore()).snapshots

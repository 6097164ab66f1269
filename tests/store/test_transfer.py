"""A store that is copied into another database is the store from then on; what is left behind is used no more."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, closing
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError

from monitor.fleet.snapshot import Snapshot
from monitor.store import tables, transfer
from monitor.store.address import database_at
from monitor.store.backup import back_up
from monitor.store.errors import (
    CopyRefused,
    LeaseLost,
    NotMoved,
    StoreCorrupt,
    StoreInUse,
    StoreMoved,
    StoreTooNew,
    StoreUnavailable,
)
from monitor.store.opening import open_or_begin_anew
from monitor.store.preparing import COPY_LEAP
from monitor.store.sqlite import SqliteDatabase
from monitor.store.store import Store
from monitor.store.transfer import Transferred
from tests.pgbouncer import pgbouncer
from tests.postgresql import PostgresqlServer
from tests.store.making import NOW, SHOP, decision, entries, entry, event, sequences, telling, to
from tests.store.test_released import FORMS, GONE, RELEASED, TROUBLED

ID = UUID(int=42)
Opener = Callable[..., Awaitable[Store]]


@pytest.fixture
def there(tmp_path: Path) -> str:
    """A file that is not there."""
    return f"sqlite:///{tmp_path}/there.db"


@pytest.fixture
def server(postgresql: PostgresqlServer) -> str:
    """An empty database of PostgreSQL's."""
    return postgresql.url(postgresql.empty_database())


@pytest.fixture
async def opener() -> AsyncIterator[Opener]:
    """Opens stores, and closes them in the end."""
    async with AsyncExitStack() as opened:

        async def opener(url: str, **options: Any) -> Store:
            store = await Store.open(url, now=lambda: NOW, wait=0.0, **options)
            opened.push_async_callback(store.close)
            return store

        yield opener


@pytest.fixture
def left(tmp_path: Path) -> str:
    """A store of an older form, with something in every table that it has."""
    return old(tmp_path, FORMS[-1])


@pytest.fixture
async def filled(tmp_path: Path) -> str:
    """A store of the present form, as its daemon left it: an entry, two events, one delivery that is open."""
    url = f"sqlite:///{tmp_path}/here.db"
    store = await Store.open(url, now=lambda: NOW)
    await store.record(decision(Snapshot(), Snapshot(entries(entry())), event(), event()), to("ops"))
    await store.delivered("ops", [1])
    await store.close()
    return url


def old(directory: Path, form: str) -> str:
    with closing(sqlite3.connect(directory / "here.db")) as connection:
        connection.executescript((RELEASED / f"{form}.sql").read_text(encoding="utf-8"))
    return f"sqlite:///{directory}/here.db"


async def copied(source: str, target: str) -> Transferred:
    """As the command does it, which has no event loop."""
    return await asyncio.to_thread(transfer.transfer, source, target, now=lambda: NOW, new_id=lambda: ID)


async def kept(url: str) -> str:
    return await asyncio.to_thread(transfer.keep, url, new_id=lambda: ID)


def contents(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, but of who shares it and what they ask of each other."""
    engine = database_at(url, lambda: 0.0).reading()
    with engine.connect() as connection:
        found = {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in tables.metadata.sorted_tables
            if table.name not in {"replica", "request"}
        }
    engine.dispose()
    return found


async def test_every_row_arrives_in_the_other_database_and_comes_back(left, server, there, tmp_path):
    await copied(left, server)
    await copied(server, f"sqlite:///{tmp_path}/between.db")
    await copied(f"sqlite:///{tmp_path}/between.db", there)

    before, after = contents(left), contents(there)
    assert {name for name, rows in before.items() if not rows} == {"lease"}
    assert after == before


async def test_it_is_told_what_arrived(filled, server):
    done = await copied(filled, server)

    assert (done.rows["entry"], done.rows["event"], done.waiting, done.was_backup) == (1, 2, 1, False)
    assert str(ID) not in str(contents(server)["meta"])


@pytest.mark.parametrize("form", FORMS)
async def test_a_store_of_every_released_form_is_brought_to_the_present_one(form, tmp_path, server, opener):
    await copied(old(tmp_path, form), server)

    store = await opener(server)
    restored = await store.restore()
    assert TROUBLED in restored.snapshots["main", "jh42xxxd434"].entries
    assert GONE in restored.snapshots["main", "jh42xxxd434"].gone
    assert sequences(await store.claim("ops", 100, NOW)) == [2, 3, 4, 6, 8, 9]


async def test_the_copy_goes_on_with_the_ids_and_the_sequence(filled, server, opener, tmp_path):
    back_up(filled, tmp_path / "twin.db")
    with closing(sqlite3.connect(tmp_path / "twin.db")) as twin:
        twin.execute("PRAGMA user_version = 0")  # as if it were the store itself
    await copied(filled, server)
    ours, twins = await opener(server), await opener(f"sqlite:///{tmp_path}/twin.db")

    (next_one,) = await ours.record(telling(event(), before=Snapshot(version=1)), to("ops"))
    (as_it_would_have_been,) = await twins.record(telling(event(), before=Snapshot(version=1)), to("ops"))

    assert (next_one.sequence, next_one.id) == (3, as_it_would_have_been.id)
    assert [due.sequence for due in await ours.claim("ops", 100, NOW)] == [2]


async def test_it_goes_through_pgbouncer(filled, postgresql, there):
    database = postgresql.empty_database()
    with pgbouncer(postgresql) as host:
        url = postgresql.url(database, host=str(host), port="6432")
        await copied(filled, url)
        await copied(url, there)

    assert contents(there) == contents(filled)


async def test_nothing_in_postgresql_counts_by_itself(filled, server, postgresql):
    await copied(filled, server)

    assert postgresql.execute("SELECT * FROM pg_sequences", postgresql._shared) == []


async def test_many_rows_are_copied_a_few_at_a_time(opener, there, tmp_path, monkeypatch):
    here = f"sqlite:///{tmp_path}/here.db"
    store = await opener(here)
    await store.record(decision(Snapshot(), Snapshot(entries(*(entry(f"+86{n:011d}") for n in range(5))))), to())
    await store.close()
    monkeypatch.setattr(transfer, "CHUNK", 2)
    steps = []

    await asyncio.to_thread(
        transfer.transfer, here, there, now=lambda: NOW, advance=lambda done, of: steps.append((done, of))
    )

    assert [done for done, _ in steps] == [1, 2, 3, 5, 7, 8]
    assert {of for _, of in steps} == {8}
    assert contents(there) == contents(here)


@pytest.mark.parametrize(
    "use",
    [
        pytest.param(partial(Store.open, now=lambda: NOW), id="to write"),
        pytest.param(Store.open_readonly, id="to read"),
        pytest.param(partial(Store.open_beside, now=lambda: NOW), id="to change"),
        pytest.param(
            partial(open_or_begin_anew, opened=partial(Store.open, now=lambda: NOW), now=lambda: NOW), id="at the start"
        ),
        pytest.param(lambda url: copied(url, f"{url}.second"), id="to copy it again"),
    ],
)
async def test_what_is_left_behind_is_used_no_more(filled, there, use, tmp_path):
    await copied(filled, there)

    with pytest.raises(
        StoreMoved,
        match=f"^store {tmp_path}/here.db was moved to {tmp_path}/there.db on 2027-01-15: name that one in store.url; "
        "if it is lost, `number-monitor store keep` lets this one go on$",
    ):
        await use(filled)

    assert not (tmp_path / "here.db.second").exists()
    assert not (tmp_path / "here.db.aside-1").exists()


async def test_a_store_in_postgresql_is_used_no_more_either(filled, server, there, opener):
    await copied(filled, server)
    await copied(server, there)

    with pytest.raises(StoreMoved, match=r"^store postgresql://postgres@/monitor_\w+ was moved to /.*/there\.db on"):
        await opener(server)


async def test_a_process_that_was_stopped_meanwhile_writes_nothing_when_it_wakes_up(filled, server, there, opener):
    await copied(filled, server)
    asleep = await opener(server, alone=False, monotonic=lambda: 0.0)
    await asleep.ownership.take(["main"])
    await copied(server, there)

    with pytest.raises(LeaseLost):
        await asleep.record(telling(event(), before=Snapshot(version=1)), to())
    assert await asleep.ownership.take(["main"]) == {}


async def test_a_backup_of_what_is_left_behind_was_moved_too(filled, there, tmp_path, opener):
    await copied(filled, there)
    back_up(filled, tmp_path / "backup.db")

    with pytest.raises(StoreMoved):
        await opener(f"sqlite:///{tmp_path}/backup.db")


async def test_what_is_left_behind_can_be_kept_with_ids_of_its_own(filled, there, opener):
    await copied(filled, there)
    await kept(filled)
    ours, copy = await opener(filled), await opener(there)

    (one,) = await ours.record(telling(event(), before=Snapshot(version=1)), to())
    (other,) = await copy.record(telling(event(), before=Snapshot(version=1)), to())

    assert ours.store_id == str(ID)
    assert (one.sequence, other.sequence) == (COPY_LEAP + 3, 3)
    assert one.id != other.id


async def test_what_is_left_behind_in_postgresql_can_be_kept_too(filled, server, there, opener):
    await copied(filled, server)
    store = await opener(server)
    await store.close()
    await copied(server, there)
    await kept(server)

    store = await opener(server)
    assert sequences(await store.record(telling(event(), before=Snapshot(version=1)), to())) == [COPY_LEAP + 3]


async def test_a_store_in_use_is_not_to_be_kept(filled, tmp_path):
    with pytest.raises(NotMoved, match=f"store {tmp_path}/here.db was not moved: it goes on as it is"):
        await kept(filled)


async def test_nothing_is_nothing_to_keep(tmp_path):
    (tmp_path / "here.db").touch()

    with pytest.raises(StoreUnavailable, match=r"here\.db is empty: `number-monitor run` fills it"):
        await kept(f"sqlite:///{tmp_path}/here.db")


async def test_a_copied_backup_is_a_store_of_its_own(filled, server, opener, tmp_path):
    back_up(filled, tmp_path / "backup.db")

    done = await copied(f"sqlite:///{tmp_path}/backup.db", server)

    store = await opener(server)
    assert done.was_backup
    assert store.store_id == str(ID)
    assert sequences(await store.record(telling(event(), before=Snapshot(version=1)), to())) == [COPY_LEAP + 3]


async def test_a_target_with_something_in_it_stays_as_it_is(filled, server, opener):
    store = await opener(server)

    with pytest.raises(
        CopyRefused, match=r"^store postgresql://.* is not empty: name an empty database, or a file that is not there$"
    ):
        await copied(filled, server)

    assert await store.last_sequence() == 0
    await opener(filled)


async def test_a_store_is_no_target_for_itself(filled):
    with pytest.raises(CopyRefused, match="is not empty"):
        await copied(filled, filled)


async def test_the_database_of_another_program_is_no_target(filled, tmp_path, there):
    with closing(sqlite3.connect(tmp_path / "there.db")) as other:
        other.execute("CREATE TABLE songs (title)")

    with pytest.raises(CopyRefused, match="is not empty"):
        await copied(filled, there)


@pytest.mark.parametrize("where", ["here", "server"])
async def test_a_store_in_use_is_not_copied(filled, server, there, opener, where):
    if where == "server":
        await copied(filled, server)
    url = server if where == "server" else filled
    await opener(url)

    with pytest.raises(StoreInUse, match=r"is in use by process \d+.*: stop it first"):
        await copied(url, there)


async def test_a_target_that_is_in_use_by_then_is_refused(filled, there, tmp_path):
    held = SqliteDatabase(tmp_path / "there.db", lambda: 0.0)
    await held.acquire(0.0)

    with pytest.raises(StoreInUse):
        await copied(filled, there)
    held.release()


async def test_nothing_is_nothing_to_copy(there, tmp_path):
    with pytest.raises(StoreUnavailable, match=r"here\.db does not exist"):
        await copied(f"sqlite:///{tmp_path}/here.db", there)
    (tmp_path / "here.db").touch()
    with pytest.raises(StoreUnavailable, match=r"here\.db is empty: there is nothing to copy"):
        await copied(f"sqlite:///{tmp_path}/here.db", there)

    assert [file.name for file in tmp_path.iterdir()] == ["here.db"]


async def test_a_newer_store_is_left_alone(filled, there, tmp_path):
    with closing(sqlite3.connect(tmp_path / "here.db")) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '0999'")
        newer.commit()

    with pytest.raises(StoreTooNew):
        await copied(filled, there)


async def test_a_damaged_store_is_not_copied(filled, there, tmp_path):
    whole = (tmp_path / "here.db").read_bytes()
    (tmp_path / "here.db").write_bytes(whole[: len(whole) - 4096])

    with pytest.raises(StoreCorrupt):
        await copied(filled, there)


async def test_a_copy_that_misses_rows_is_none(filled, there, tmp_path, opener, monkeypatch):
    load = SqliteDatabase.load
    monkeypatch.setattr(
        SqliteDatabase, "load", lambda this, connection, table, rows: load(this, connection, table, rows[1:])
    )
    monkeypatch.setattr(transfer, "_COPIED", [tables.event])

    with pytest.raises(CopyRefused, match=r"^of 2 rows of store /.*/here.db 1 arrived: it stays as it was$"):
        await copied(filled, there)

    assert not (tmp_path / "there.db").exists()
    await opener(filled)


@pytest.mark.parametrize("failing", [1, 2], ids=["marking the one", "filling the other"])
@pytest.mark.parametrize("error", [OperationalError("COMMIT", None, sqlite3.OperationalError()), KeyboardInterrupt()])
async def test_a_copy_that_breaks_off_has_never_been(
    left, there, server, tmp_path, opener, monkeypatch, failing, error
):
    commit, commits = Connection.commit, []

    def failing_once(connection: Connection) -> None:
        commits.append(connection)
        if len(commits) == failing:
            raise error
        commit(connection)

    monkeypatch.setattr(Connection, "commit", failing_once)
    for target in (there, server):
        commits.clear()
        with pytest.raises((StoreUnavailable, KeyboardInterrupt)):
            transfer_here(left, target)

    assert sorted(file.name for file in tmp_path.iterdir()) == ["here.db", "here.db.lock", "there.db.lock"]
    assert sequences(await (await opener(left)).claim("ops", 100, NOW)) == [2, 3, 4, 6, 8, 9]
    assert await (await opener(server)).last_sequence() == 0


def transfer_here(source: str, target: str) -> None:
    """In a thread whose interruption does not end the tests."""
    caught: list[BaseException] = []

    def work() -> None:
        try:
            transfer.transfer(source, target, now=lambda: NOW)
        except BaseException as error:  # noqa: BLE001 - an interruption too
            caught.append(error)

    thread = Thread(target=work)
    thread.start()
    thread.join()
    for error in caught:
        raise error


@pytest.mark.parametrize("at_last", [False, True], ids=["between two tables", "before it is committed"])
async def test_a_server_that_ends_the_connection_leaves_everything_as_it_was(
    filled, server, postgresql, opener, at_last
):
    def cut(done: int, of: int) -> None:
        if done == (of if at_last else 1):
            postgresql.terminate(postgresql._shared)

    with pytest.raises(StoreUnavailable, match=r"cut the connection|is stopping or starting"):
        await asyncio.to_thread(transfer.transfer, filled, server, now=lambda: NOW, advance=cut)

    assert (await (await opener(filled)).restore_app(SHOP.key)).entries
    assert await (await opener(server)).last_sequence() == 0


async def test_whoever_starts_meanwhile_waits_and_is_told(filled, server, there, opener):
    await copied(filled, server)
    starting: list[asyncio.Task[Store]] = []
    loop = asyncio.get_running_loop()

    def start(done: int, of: int) -> None:
        if done == of:
            begun = asyncio.run_coroutine_threadsafe(begin(), loop)
            begun.result()

    async def begin() -> None:
        starting.append(asyncio.create_task(opener(server)))

    await asyncio.to_thread(transfer.transfer, server, there, now=lambda: NOW, advance=start)

    with pytest.raises(StoreMoved):
        await starting[0]

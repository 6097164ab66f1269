"""A store that fails says why in one line, changes nothing, and comes back by itself."""

import asyncio
import sqlite3
import threading

import pytest

from monitor.fleet.snapshot import Snapshot
from monitor.store import reader as reader_module
from monitor.store import sqlite
from monitor.store import store as store_module
from monitor.store.errors import StoreCorrupt, StoreError, StoreInUse, StoreUnavailable
from monitor.store.sqlite import SqliteDatabase
from monitor.store.store import Store
from tests.store.making import NOW, SHOP, decision, entries, entry, event, telling, to

HUGE = Snapshot(entries(*(entry(f"+86138{digits:08d}") for digits in range(1_000))))


@pytest.fixture
def small_disk(in_sqlite, monkeypatch):
    """A switch: while it is on, databases cannot grow."""
    connect, switch = SqliteDatabase._connect_to_write, {"on": False}

    def connect_to_write(database):
        connection = connect(database)
        if switch["on"]:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages + 4}")
        return connection

    monkeypatch.setattr(SqliteDatabase, "_connect_to_write", connect_to_write)
    return switch


async def reconnect(store: Store) -> None:
    """Have the writer open another connection."""
    with pytest.raises(StoreError):
        await store._write(lambda connection: connection.exec_driver_sql("no statement"))


async def test_a_full_disk_refuses_what_does_not_fit_and_nothing_is_half_written(small_disk, store, path):
    await store.record(telling(event()), to("ops"))
    small_disk["on"] = True
    await reconnect(store)

    with pytest.raises(StoreUnavailable, match=f"store {path} cannot grow, the disk is full: make room"):
        await store.record(decision(Snapshot(version=1), HUGE, event(), event()), to("ops"))

    assert await store.restore_app(SHOP.key) == Snapshot(version=1)
    assert [found.sequence for found in await store.events()] == [1]
    assert (await store.backlog())["ops"].waiting == 1


async def test_a_store_whose_disk_was_full_goes_on_by_itself(small_disk, store):
    small_disk["on"] = True
    await reconnect(store)
    with pytest.raises(StoreUnavailable):
        await store.record(decision(Snapshot(), HUGE), to())

    small_disk["on"] = False
    await reconnect(store)
    await store.record(decision(Snapshot(), HUGE), to())

    assert await store.restore_app(SHOP.key) == Snapshot(HUGE.entries, version=1)


async def test_a_store_locked_by_another_program_is_unavailable_until_it_lets_go(store, path, monkeypatch):
    monkeypatch.setattr(sqlite, "BUSY_WAIT", 0.01)
    await reconnect(store)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreUnavailable, match=f"store {path} is locked by another program: close it"):
        await store.record(telling(event()), to())
    as_locked = await store.events()
    other.close()
    await store.record(telling(event()), to())

    assert as_locked == []
    assert [found.sequence for found in await store.events()] == [1]


async def test_a_store_that_became_read_only_is_unavailable(store, path):
    await store._write(lambda connection: connection.exec_driver_sql("PRAGMA query_only = ON"))

    with pytest.raises(StoreUnavailable, match=f"store {path} is read-only: make the file and its directory writable"):
        await store.record(telling(event()), to())


async def test_a_deleted_file_is_noticed_and_welcome_back(store, path):
    aside = path.with_name("aside.db")
    path.rename(aside)

    with pytest.raises(StoreUnavailable, match=f"store {path} is gone .*: put it back, or restart"):
        await store.record(telling(event()), to())
    assert not path.exists()
    aside.rename(path)
    await store.record(telling(event()), to())

    assert await store.last_sequence() == 1


async def test_a_file_that_took_its_place_is_not_written(store, path):
    path.rename(path.with_name("aside.db"))
    path.write_bytes(b"")

    with pytest.raises(StoreUnavailable, match="was replaced by another file while in use: put it back, or restart"):
        await store.record(telling(event()), to())

    assert path.read_bytes() == b""


@pytest.mark.parametrize("reading", [False, True])
async def test_a_file_that_is_no_database_is_explained(open_store, path, reading):
    path.write_bytes(b"number,status\n" * 1_000)

    with pytest.raises(StoreCorrupt, match=f"store {path} is no SQLite database: change store.url, or move it away"):
        await (Store.open_readonly(f"sqlite:///{path}") if reading else open_store())


async def test_a_damaged_database_is_explained(store, open_store, path):
    await store.record(decision(Snapshot(), HUGE), to())
    await store.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:40_000] + b"\xff" * (len(whole) - 40_000))

    with pytest.raises(StoreCorrupt, match=f"store {path} is damaged: put a backup in its place, or move it away"):
        await open_store()


async def test_a_row_that_cannot_be_read_is_explained(store, path):
    await store.record(decision(Snapshot(), Snapshot(entries(entry()))), to())
    await store._write(lambda connection: connection.exec_driver_sql("UPDATE entry SET state = '{'"))

    for restore in (store.restore(), store.restore_app(SHOP.key)):
        with pytest.raises(StoreCorrupt, match=f"store {path} holds a row that cannot be read .*: put a backup"):
            await restore


async def test_a_directory_in_the_files_place_is_explained(open_store, tmp_path):
    with pytest.raises(StoreUnavailable, match=f"store {tmp_path} is a directory: name a file in it in store.url"):
        await open_store(tmp_path)


async def test_a_store_that_is_not_there_cannot_be_read(path):
    with pytest.raises(StoreUnavailable, match=f"store {path} does not exist: `number-monitor run` makes it"):
        await Store.open_readonly(f"sqlite:///{path}")

    assert not path.exists()


@pytest.mark.parametrize("kind", ["nfs", "cifs", "smb3", "fuse.sshfs", "9p"])
async def test_a_network_file_system_is_refused_by_name(tmp_path, kind):
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"27 1 254:0 / / rw - ext4 /dev/vda rw\n40 27 0:30 / {tmp_path} rw - {kind} host:/x rw\n")
    database = SqliteDatabase(tmp_path / "x.db", lambda: 0.0, mounts)

    with pytest.raises(StoreUnavailable, match=f"is on a network file system \\({kind}\\), where SQLite loses data"):
        await database.acquire(0)


async def test_a_machine_that_lists_no_mounts_is_trusted(tmp_path):
    database = SqliteDatabase(tmp_path / "x.db", lambda: 0.0, tmp_path / "no-such-list")

    await database.acquire(0)
    database.release()


async def test_the_states_are_told_as_they_change(open_store, path):
    states: list[bool] = []
    store = await open_store(on_state=states.append)
    aside = path.with_name("aside.db")

    path.rename(aside)
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            await store.record(telling(event()), to())
    aside.rename(path)
    for version in range(2):
        await store.record(telling(event(), before=Snapshot(version=version)), to())

    assert states == [True, False, True]


async def test_a_flush_finds_out_that_the_store_is_back(open_store, path):
    states: list[bool] = []
    store = await open_store(on_state=states.append)
    aside = path.with_name("aside.db")
    path.rename(aside)
    store.note_success(SHOP.key, NOW)
    with pytest.raises(StoreUnavailable):
        await store.flush()
    aside.rename(path)

    await store.flush()

    assert states == [True, False, True]


async def test_what_could_not_be_flushed_is_flushed_later(store, path):
    await store.record(decision(Snapshot(), Snapshot()), to())
    aside = path.with_name("aside.db")
    store.note_success(SHOP.key, NOW)
    path.rename(aside)
    with pytest.raises(StoreUnavailable):
        await store.flush()
    aside.rename(path)

    await store.flush()

    assert (await store.restore_app(SHOP.key)).last_success == NOW


async def test_no_error_tells_what_was_to_be_written(store):
    await store._write(lambda connection: connection.exec_driver_sql("DROP TABLE delivery"))

    with pytest.raises(StoreUnavailable) as failed:
        await store.record(telling(event("+8613800000042")), to("ops"))

    assert "\n" not in str(failed.value)
    assert "+8613800000042" not in f"{failed.value} {failed.value.__cause__}"


async def test_a_disk_that_hangs_is_waited_for_no_longer_than_the_limit(open_store, path, monkeypatch):
    monkeypatch.setattr(store_module, "ANSWER_WITHIN", 0.2)
    states: list[bool] = []
    begun, goes_on = threading.Event(), threading.Event()
    store = await open_store(on_state=states.append)

    def hang(_: object) -> None:
        begun.set()
        goes_on.wait(30)

    hung = asyncio.create_task(store._write(hang))
    await asyncio.to_thread(begun.wait, 30)

    with pytest.raises(StoreUnavailable, match=f"store {path} has not answered for 0.2 s: look at its disk"):
        await store.tell([event()], to())
    with pytest.raises(StoreUnavailable):
        await hung
    was_up = store.up
    goes_on.set()
    monkeypatch.setattr(store_module, "ANSWER_WITHIN", 30)
    await store.tell([event()], to())

    assert (was_up, store.up) == (False, True)
    assert [found.sequence for found in await store.events()] == [1]  # what was not begun in time was not done
    assert states == [True, False, True]


async def test_a_question_that_hangs_is_waited_for_no_longer_than_the_limit(store, monkeypatch):
    monkeypatch.setattr(reader_module, "ANSWER_WITHIN", 0.05)
    goes_on = threading.Event()
    try:
        with pytest.raises(StoreUnavailable, match=r"has not answered for 0\.05 s"):
            await store._read(lambda _: goes_on.wait(30))
    finally:
        goes_on.set()


async def test_a_store_that_hangs_is_closed_all_the_same_but_its_lock_is_kept(open_store, in_sqlite, path, monkeypatch):
    for name in ("CLOSE_WITHIN", "LAST_WRITES"):
        monkeypatch.setattr(store_module, name, 0.05)
    begun, goes_on = threading.Event(), threading.Event()
    store = await open_store()

    def hang(_: object) -> None:
        begun.set()
        goes_on.wait(30)

    hung = asyncio.create_task(store._write(hang))
    await asyncio.to_thread(begun.wait, 30)

    await store.close()

    with pytest.raises(StoreInUse):
        await open_store(wait=0)
    goes_on.set()
    await hung
    await asyncio.to_thread(store._writer.stop)
    store._database.release()

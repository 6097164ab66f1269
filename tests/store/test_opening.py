"""A damaged store is set aside, whole and with its log, and watching goes on with a new one; nothing is deleted."""

import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, closing
from functools import partial
from pathlib import Path

import pytest

from monitor.fleet.snapshot import Snapshot
from monitor.store import aside
from monitor.store.backup import back_up
from monitor.store.errors import StoreCorrupt, StoreForeign, StoreInUse, StoreTooNew, StoreUnavailable
from monitor.store.opening import Opened, open_or_begin_anew
from monitor.store.store import Store
from tests.store.making import NOW, SHOP, decision, entries, entry, event, sequences, telling, to

FULL = Snapshot(entries(*(entry(f"+86138{digits:08d}") for digits in range(500))))


@pytest.fixture
async def start(path: Path) -> AsyncIterator[Callable[[], Awaitable[Opened]]]:
    """Starts as the daemon does."""
    async with AsyncExitStack() as opened:

        async def starter() -> Opened:
            found = await open_or_begin_anew(
                f"sqlite:///{path}", partial(Store.open, now=lambda: NOW, wait=0.0), now=lambda: NOW, wait=0.0
            )
            opened.push_async_callback(found.store.close)
            return found

        yield starter


@pytest.fixture
async def left(open_store, path: Path) -> Path:
    """A store with 500 entries and one event, as its daemon left it."""
    store = await open_store()
    await store.record(decision(Snapshot(), FULL, event()), to("ops"))
    await store.close()
    return path


def killed(path: Path, place: Path) -> Path:
    """The store's files as they are at this moment, as when its daemon is killed; in another place."""
    place.mkdir()
    for suffix in ("", "-wal"):
        shutil.copyfile(path.with_name(path.name + suffix), place / (path.name + suffix))
    return place / path.name


def truncated(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def cut_within_a_page(whole: bytes) -> bytes:
    return whole[: len(whole) - 1_000]


def garbage(whole: bytes) -> bytes:
    return b"\x9d" * len(whole)


def another_text(whole: bytes) -> bytes:
    return b"number,status\n" * 1_000


def half_overwritten(whole: bytes) -> bytes:
    return whole[: len(whole) // 2] + b"\xff" * (len(whole) - len(whole) // 2)


def without_its_beginning(whole: bytes) -> bytes:
    return bytes(4096) + whole[4096:]


def with_a_damaged_row(whole: bytes) -> bytes:
    return whole.replace(b'"CONNECTED"', b'"CONN\x00CTED', 1)


def with_a_row_that_is_no_text(whole: bytes) -> bytes:
    return whole.replace(b'"CONNECTED"', b'"CONN\xff\xfeTED"', 1)


DAMAGES = [
    truncated,
    cut_within_a_page,
    garbage,
    another_text,
    half_overwritten,
    without_its_beginning,
    with_a_damaged_row,
    with_a_row_that_is_no_text,
]


@pytest.fixture(params=DAMAGES, ids=lambda damage: damage.__name__)
def damaged(request, left: Path) -> bytes:
    """What is in the file of a store after damage."""
    left.write_bytes(request.param(left.read_bytes()))
    return left.read_bytes()


async def test_a_damaged_store_is_set_aside_as_it_is(start, damaged, path):
    opened = await start()

    assert path.with_name(f"{path.name}.aside-1").read_bytes() == damaged
    assert opened.aside is not None
    assert opened.aside.startswith(f"store {path} ")
    assert opened.aside.endswith(f": it is set aside as {path}.aside-1, and a new store is begun")


async def test_watching_goes_on_with_a_new_store(start, damaged):
    store, restored, _ = await start()

    await store.record(decision(Snapshot(), FULL, event()), to("ops"))

    assert not restored.snapshots
    assert (await store.restore_app(SHOP.key)).entries == FULL.entries


async def test_the_new_sequence_is_above_all_that_the_lost_store_can_have_given(start, damaged):
    store = (await start()).store

    (recorded,) = await store.tell([event()], to())

    assert recorded.sequence == NOW + 1


async def test_a_sound_store_is_left_as_it_is(start, left):
    store, restored, said = await start()

    assert said is None
    assert restored.snapshots[SHOP.key].entries == FULL.entries
    assert await store.last_sequence() == 1


async def test_the_log_goes_along(left, open_store, start, path, tmp_path):
    store = await open_store()
    await store.record(telling(event(), before=Snapshot(version=1)), to("ops"))
    dead = killed(path, tmp_path / "dead")
    dead.write_bytes(garbage(dead.read_bytes()))
    log = dead.with_name(dead.name + "-wal").read_bytes()

    opened = await open_or_begin_anew(f"sqlite:///{dead}", partial(Store.open, now=lambda: NOW), now=lambda: NOW)
    await opened.store.close()

    assert log
    assert dead.with_name(f"{dead.name}.aside-1-wal").read_bytes() == log


@pytest.mark.parametrize(("umask", "mode"), [(0o000, 0o640), (0o022, 0o640), (0o077, 0o600)])
async def test_a_new_store_and_its_log_are_no_business_of_other_users(start, path, umask, mode):
    before = os.umask(umask)
    try:
        await start()
    finally:
        os.umask(before)

    assert {file.name: file.stat().st_mode & 0o777 for file in path.parent.glob("*.db*") if file.suffix != ".lock"} == {
        path.name + suffix: mode for suffix in ("", "-wal", "-shm")
    }


async def test_an_empty_file_is_a_new_store(start, path):
    path.touch()

    opened = await start()

    assert opened.aside is None
    assert await opened.store.last_sequence() == 0


@pytest.mark.parametrize("is_there", [True, False], ids=["emptied", "deleted"])
async def test_a_log_that_has_lost_its_file_is_kept(store, path, tmp_path, is_there):
    await store.record(decision(Snapshot(), FULL, event()), to("ops"))
    dead = killed(path, tmp_path / "dead")
    log = dead.with_name(dead.name + "-wal").read_bytes()
    dead.unlink()
    if is_there:
        dead.touch()

    opened = await open_or_begin_anew(f"sqlite:///{dead}", partial(Store.open, now=lambda: NOW), now=lambda: NOW)
    await opened.store.close()

    kept = dead.with_name(f"{dead.name}.aside-1-wal")
    assert kept.read_bytes() == log
    assert opened.aside == f"the log beside store {dead} was another file's: it is set aside as {kept}"


async def test_a_log_left_beside_a_backup_that_took_the_place_is_not_mixed_in(store, path, tmp_path):
    await store.record(telling(event()), to())
    back_up(f"sqlite:///{path}", tmp_path / "backup.db")
    await store.record(decision(Snapshot(version=1), FULL, event(), event()), to())
    dead = killed(path, tmp_path / "dead")
    shutil.copyfile(tmp_path / "backup.db", dead)

    opened = await open_or_begin_anew(f"sqlite:///{dead}", partial(Store.open, now=lambda: NOW), now=lambda: NOW)
    found = await opened.store.events()
    await opened.store.close()

    assert sequences(found) == [1]
    assert opened.store.was_copy
    assert dead.with_name(f"{dead.name}.aside-1-wal").exists()


async def test_the_log_of_a_daemon_that_was_killed_is_its_own(store, path, tmp_path):
    await store.record(decision(Snapshot(), FULL, event()), to("ops"))
    dead = killed(path, tmp_path / "dead")

    opened = await open_or_begin_anew(f"sqlite:///{dead}", partial(Store.open, now=lambda: NOW), now=lambda: NOW)
    await opened.store.close()

    assert opened.aside is None
    assert opened.restored.snapshots[SHOP.key].entries == FULL.entries


async def test_what_was_set_aside_before_stays(start, left, path):
    path.with_name(f"{path.name}.aside-1").write_bytes(b"the first")
    path.with_name(f"{path.name}.aside-2-wal").write_bytes(b"the second's log")
    left.write_bytes(b"the third" * 1_000)

    await start()

    assert path.with_name(f"{path.name}.aside-1").read_bytes() == b"the first"
    assert path.with_name(f"{path.name}.aside-2-wal").read_bytes() == b"the second's log"
    assert path.with_name(f"{path.name}.aside-3").read_bytes() == b"the third" * 1_000


async def test_a_store_that_cannot_be_set_aside_is_explained(start, left, path, monkeypatch):
    def refused(_path: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    left.write_bytes(b"x" * 10_000)
    monkeypatch.setattr(aside, "set_aside", refused)

    with pytest.raises(StoreCorrupt, match=f"store {path} is damaged: .*; it cannot be set aside: Permission denied"):
        await start()


async def test_a_stray_log_that_cannot_be_set_aside_is_explained(start, path, monkeypatch):
    def refused(_path: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(aside, "set_stray_log_aside", refused)

    with pytest.raises(StoreUnavailable, match="has another file's -wal beside it, which cannot be set aside"):
        await start()


async def test_the_database_of_another_program_is_left_alone(start, path):
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE songs (title)")

    with pytest.raises(StoreForeign, match=r"is the database of another program: change store\.url"):
        await start()

    assert path.exists()


async def test_a_newer_store_is_left_alone(start, left):
    with closing(sqlite3.connect(left)) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '0999'")
        newer.commit()

    with pytest.raises(StoreTooNew, match="run that version, or put back a backup of before the upgrade"):
        await start()

    assert left.exists()


async def test_a_damaged_store_that_another_process_holds_is_left_alone(store, start, path):
    with pytest.raises(StoreInUse):
        await start()

    assert path.exists()

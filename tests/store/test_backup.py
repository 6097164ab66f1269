"""A backup is whole, is made beside a daemon that writes, harms nothing, and becomes a store of its own."""

import asyncio
import os
import sqlite3
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.fleet.snapshot import Snapshot
from monitor.store import sqlite
from monitor.store.backup import back_up
from monitor.store.errors import BackupRefused, StoreCorrupt, StoreForeign, StoreUnavailable
from monitor.store.preparing import COPY_LEAP
from monitor.store.store import Store
from tests.store.making import NUMBER, SHOP, decision, entries, entry, event, sequences, telling, to
from tests.store.test_released import FORMS, RELEASED


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "elsewhere" / "backup.db"


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A directory with room for 64 KiB."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small disk can be mounted by root alone")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def url(path: Path) -> str:
    return f"sqlite:///{path}"


def held(directory: Path) -> list[str]:
    return sorted(file.name for file in directory.iterdir())


async def test_a_backup_of_a_store_in_use_has_all_that_is_in_it(store, path, target):
    after = Snapshot(entries(entry()))
    await store.record(decision(Snapshot(), after, event()), to("ops"))

    size = await asyncio.to_thread(back_up, url(path), target)

    copy = await Store.open_readonly(url(target))
    assert (await copy.restore_app(SHOP.key)).entries == after.entries
    assert await copy.events() == await store.events()
    assert (await copy.backlog())["ops"].waiting == 1
    assert size == target.stat().st_size
    await copy.close()


async def test_a_backup_is_of_one_moment_while_events_are_recorded(store, path, target):
    await store.record(telling(*(event() for _ in range(2_000))), to("ops"))
    ended = asyncio.Event()

    async def record() -> None:
        version = 1
        while not ended.is_set():
            await store.record(telling(event(), event(), before=Snapshot(version=version)), to("ops", "stdout"))
            version += 1

    recording = asyncio.create_task(record())
    await asyncio.to_thread(back_up, url(path), target)
    ended.set()
    await recording

    with closing(sqlite3.connect(target)) as copy:
        (last,) = copy.execute("SELECT sequence FROM meta").fetchone()
        assert copy.execute("SELECT count(*), max(sequence) FROM event").fetchone() == (last, last)
        assert copy.execute("SELECT version FROM app").fetchone() == (1 + (last - 2_000) // 2,)
        assert copy.execute("SELECT count(*) FROM delivery").fetchone() == (2_000 + (last - 2_000) * 2,)


async def test_a_store_that_nobody_uses_is_backed_up_too(open_store, path, target):
    store = await open_store()
    await store.record(telling(event()), to())
    await store.close()

    back_up(url(path), target)

    assert held(target.parent) == ["backup.db"]


async def test_a_backup_is_for_its_owner_alone(store, path, target):
    back_up(url(path), target)

    assert target.stat().st_mode & 0o777 == 0o600


async def test_a_file_that_is_there_is_overwritten_when_told_alone(store, path, target):
    target.write_bytes(b"of yesterday")

    with pytest.raises(BackupRefused, match=f"backup {target} cannot be made: it is there already: --overwrite puts"):
        back_up(url(path), target)
    before = target.read_bytes()
    back_up(url(path), target, overwrite=True)

    assert before == b"of yesterday"
    assert target.read_bytes().startswith(b"SQLite format 3\0")
    assert held(target.parent) == ["backup.db"]


@pytest.mark.parametrize("name", ["", "-wal", "-shm", "-journal", ".lock"])
@pytest.mark.parametrize("overwrite", [False, True])
async def test_the_stores_own_files_are_no_place_for_a_backup(store, path, name, overwrite):
    with pytest.raises(BackupRefused, match="it is one of the store's own files: name another place"):
        back_up(url(path), path.with_name(path.name + name), overwrite=overwrite)


async def test_the_store_is_known_under_another_name(store, path, tmp_path):
    other = tmp_path / "other.db"
    other.hardlink_to(path)

    with pytest.raises(BackupRefused, match="it is one of the store's own files"):
        back_up(url(path), other, overwrite=True)


@pytest.mark.parametrize(
    ("place", "why"),
    [
        pytest.param("no/such/backup.db", "the directory does not exist: create it", id="no directory"),
        pytest.param("number-monitor.db/backup.db", "a part of the path is no directory", id="below a file"),
        pytest.param(".", "it is a directory: name a file in it", id="a directory"),
        pytest.param("b" * 300, "the name is too long", id="too long a name"),
        pytest.param("/proc/backup.db", "the directory does not exist|not writable", id="where nothing can be made"),
    ],
)
async def test_a_place_that_does_not_do_is_explained(store, path, tmp_path, place, why):
    with pytest.raises(BackupRefused, match=f"^backup .* cannot be made: .*({why})"):
        back_up(url(path), tmp_path / place)


async def test_a_full_disk_leaves_nothing_behind(store, path, small):
    await store.record(decision(Snapshot(), Snapshot(entries(*(entry(f"+86{n:011d}") for n in range(500))))), to())

    with pytest.raises(BackupRefused, match="there is no room for it on the disk: make some, or name another place"):
        back_up(url(path), small / "backup.db")

    assert held(small) == []


async def test_a_backup_that_fails_leaves_the_last_one(store, path, small):
    kept = small / "backup.db"
    kept.write_bytes(b"of yesterday")
    await store.record(decision(Snapshot(), Snapshot(entries(*(entry(f"+86{n:011d}") for n in range(500))))), to())

    with pytest.raises(BackupRefused):
        back_up(url(path), kept, overwrite=True)

    assert kept.read_bytes() == b"of yesterday"


@pytest.mark.parametrize(
    ("contents", "error", "why"),
    [
        pytest.param(None, StoreUnavailable, "does not exist: `number-monitor run` makes it", id="nothing"),
        pytest.param(b"", StoreUnavailable, "is empty: there is nothing to back up", id="empty"),
        pytest.param(b"number,status\n" * 99, StoreCorrupt, "is no SQLite database", id="no database"),
    ],
)
def test_what_is_no_store_is_not_backed_up(path, target, contents, error, why):
    if contents is not None:
        path.write_bytes(contents)

    with pytest.raises(error, match=f"store {path} {why}"):
        back_up(url(path), target)

    assert held(target.parent) == []


def test_the_database_of_another_program_is_not_backed_up(path, target):
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE songs (title)")

    with pytest.raises(StoreForeign, match="is the database of another program"):
        back_up(url(path), target)


async def test_a_backup_that_is_broken_off_leaves_nothing_behind(store, path, target, monkeypatch):
    def interrupted() -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(sqlite, "_ABORT_CHECK", 1)
    monkeypatch.setattr(sqlite, "_go_on", interrupted)

    with pytest.raises(KeyboardInterrupt):
        back_up(url(path), target)

    assert held(target.parent) == []


async def test_damage_in_the_store_is_not_the_backups_fault(open_store, path, target):
    store = await open_store()
    await store.record(decision(Snapshot(), Snapshot(entries(*(entry(f"+86{n:011d}") for n in range(500))))), to())
    await store.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:40_000] + b"\xff" * (len(whole) - 40_000))

    with pytest.raises(StoreCorrupt, match=f"store {path} is damaged"):
        back_up(url(path), target)

    assert held(target.parent) == []


async def test_the_first_to_write_a_copy_gives_it_an_identity_and_a_leap(store, open_store, path, target):
    await store.record(telling(event()), to())
    back_up(url(path), target)

    copy = await open_store(target)

    assert copy.was_copy
    assert copy.store_id != store.store_id
    assert await copy.last_sequence() == 1 + COPY_LEAP


async def test_the_second_to_write_a_copy_takes_it_as_it_is(store, open_store, path, target):
    back_up(url(path), target)
    first = await open_store(target)
    await first.close()

    second = await open_store(target)

    assert (second.was_copy, second.store_id) == (False, first.store_id)
    assert await second.last_sequence() == COPY_LEAP


async def test_reading_a_copy_leaves_its_mark(store, open_store, path, target):
    back_up(url(path), target)
    reader = await Store.open_readonly(url(target))
    await reader.last_sequence()
    await reader.close()

    assert (await open_store(target)).was_copy


async def test_a_first_start_that_fails_leaves_the_mark(store, open_store, path, target, monkeypatch):
    back_up(url(path), target)
    with pytest.raises(ZeroDivisionError):
        await open_store(target, new_id=lambda: 1 / 0)

    assert (await open_store(target)).was_copy


async def test_the_original_stays_what_it_is(open_store, path, target):
    store = await open_store()
    back_up(url(path), target)
    await store.close()

    again = await open_store()

    assert (again.was_copy, again.store_id) == (False, store.store_id)


async def test_a_copy_and_its_original_share_no_new_id_and_no_new_sequence(store, open_store, path, target):
    await store.record(telling(event()), to())
    back_up(url(path), target)
    copy = await open_store(target)
    life = [
        telling(event(NUMBER), event("+8613800000002"), before=Snapshot(version=version)) for version in range(1, 4)
    ]

    original = [one for each in life for one in await store.record(each, to())]
    other = [one for each in life for one in await copy.record(each, to())]

    assert not {one.id for one in original} & {one.id for one in other}
    assert max(sequences(original)) < min(sequences(other))


async def test_a_copy_of_a_copy_is_none_of_both(store, open_store, path, target, tmp_path):
    back_up(url(path), target)
    copy = await open_store(target)
    back_up(url(target), tmp_path / "second.db")

    second = await open_store(tmp_path / "second.db")

    assert len({store.store_id, copy.store_id, second.store_id}) == 3
    assert await second.last_sequence() == 2 * COPY_LEAP


@pytest.mark.parametrize("form", FORMS)
async def test_a_backup_of_an_older_form_is_brought_to_the_present_one_as_a_copy(form, open_store, path, target):
    with closing(sqlite3.connect(path)) as old:
        old.executescript((RELEASED / f"{form}.sql").read_text(encoding="utf-8"))
        (before,) = old.execute("SELECT store_id FROM meta").fetchone()
    back_up(url(path), target)

    copy = await open_store(target)

    assert copy.was_copy
    assert uuid.UUID(copy.store_id) != uuid.UUID(before)
    assert await copy.last_sequence() == 9 + COPY_LEAP

"""One process at a time."""

import asyncio
import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.store.errors import StoreInUse, StoreUnavailable
from monitor.store.store import Store

ROOT = Path(__file__).parents[2]
HOLDER = """
import asyncio, sys
from monitor.store.store import Store
async def main():
    store = await Store.open(sys.argv[1], now=lambda: 0)
    print("held", flush=True)
    sys.stdin.read()
    await store.close()
asyncio.run(main())
"""


@pytest.fixture
def holder(path):
    """Another process that has the store until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, f"sqlite:///{path}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


async def test_a_second_process_is_refused_and_told_who_has_it(holder, open_store, path):
    with pytest.raises(StoreInUse, match=f"store {path} is in use by process {holder.pid}: stop it first"):
        await open_store()


async def test_readers_are_let_in(holder, path):
    reader = await Store.open_readonly(f"sqlite:///{path}")

    assert await reader.last_sequence() == 0
    await reader.close()


async def test_a_process_that_is_killed_holds_nothing(holder, open_store):
    holder.kill()
    holder.wait()

    assert await (await open_store()).last_sequence() == 0


async def test_who_waits_gets_the_store_when_it_is_let_go(store, open_store):
    waiting = asyncio.create_task(open_store(wait=30.0))
    await asyncio.sleep(0)

    await store.close()

    assert (await waiting).store_id == store.store_id


@pytest.mark.usefixtures("in_sqlite")
async def test_who_waits_long_enough_gives_up(store, open_store):
    ticks = iter(range(100))

    with pytest.raises(StoreInUse, match=f"in use by process {os.getpid()}"):
        await open_store(wait=1.0, monotonic=lambda: float(next(ticks)))


async def test_who_gives_up_waiting_leaves_no_lock_behind(store, open_store):
    waiting = asyncio.create_task(open_store(wait=30.0))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await store.close()

    assert await (await open_store()).last_sequence() == 0


async def test_a_store_that_could_not_be_opened_is_not_held(open_store, path):
    path.write_bytes(b"no database " * 100)
    for _ in range(2):
        with pytest.raises(Exception, match="no SQLite database"):
            await open_store()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (errno.EACCES, "the directory is not writable for this user: change its owner or mode"),
        (errno.EROFS, "the file system is read-only: mount it writable, or change store.url"),
        (errno.ENOSPC, "the disk is full: make room"),
        (errno.EMFILE, "Too many open files"),
    ],
)
async def test_a_directory_that_takes_no_file_is_explained(open_store, path, monkeypatch, code, message):
    def refuse(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "open", refuse)

    with pytest.raises(StoreUnavailable, match=f"store {path} cannot be opened: {message}"):
        await open_store()


async def test_a_directory_that_is_not_there_is_explained(open_store, tmp_path):
    with pytest.raises(StoreUnavailable, match=r"the directory does not exist: create it, or change store\.url"):
        await open_store(tmp_path / "nowhere" / "x.db")


async def test_a_file_in_a_directorys_place_is_explained(open_store, tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(StoreUnavailable, match=r"a part of the path is no directory: change store\.url"):
        await open_store(tmp_path / "file" / "x.db")

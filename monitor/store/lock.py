"""
One process at a time: an exclusive `flock` on a file beside the database.

The kernel drops it when the process dies, however it dies.  The file stays; its text is the holder's process id.
"""

import asyncio
import errno
import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from monitor.store.errors import StoreInUse, StoreUnavailable

_LOOK_EVERY = 0.1  # seconds

_REMEDIES = {
    errno.ENOENT: "the directory does not exist: create it, or change store.url",
    errno.ENOTDIR: "a part of the path is no directory: change store.url",
    errno.EACCES: "the directory is not writable for this user: change its owner or mode",
    errno.EPERM: "the directory is not writable for this user: change its owner or mode",
    errno.EROFS: "the file system is read-only: mount it writable, or change store.url",
    errno.ENOSPC: "the disk is full: make room",
    errno.EDQUOT: "the disk quota is used up: make room",
}


class StoreLock:
    """The lock of one store; held from `acquire` to `release`."""

    def __init__(self, store: Path, monotonic: Callable[[], float]) -> None:
        self._store = store
        self._path = store.with_name(store.name + ".lock")
        self._monotonic = monotonic
        self._file: int | None = None

    async def acquire(self, wait: float) -> None:
        """
        Take the lock, looking again and again for `wait` seconds.

        Raises:
            StoreInUse: another process has held it all the while.
            StoreUnavailable: the file cannot be made.
        """
        until = self._monotonic() + wait
        file = self._open()
        try:
            while not _locked(file):
                await self._pause(file, until)
            os.ftruncate(file, 0)
            os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        except OSError as error:
            os.close(file)
            raise self._unavailable(error) from error
        except BaseException:
            os.close(file)
            raise
        self._file = file

    def release(self) -> None:
        """Let go; done twice it does nothing."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    async def _pause(self, file: int, until: float) -> None:
        if self._monotonic() >= until:
            raise StoreInUse(f"store {self._store} is in use by {_holder(file)}: stop it first")
        await asyncio.sleep(_LOOK_EVERY)

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: OSError) -> StoreUnavailable:
        remedy = _REMEDIES.get(error.errno or 0, error.strerror or str(error))
        return StoreUnavailable(f"store {self._store} cannot be opened: {remedy}")


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(file: int) -> str:
    text = os.pread(file, 32, 0).strip()
    return f"process {text.decode()}" if text.isdigit() else "another process"

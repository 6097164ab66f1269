"""
A backup: one file with all that the store held at one moment, made while another process may write.

It is written under another name and renamed when it is on the disk, so that a file of the wanted name is whole.
Only its owner may read it: it holds customers' numbers.
"""

import errno
import os
import time
from pathlib import Path

from monitor.store import schema
from monitor.store.address import database_at
from monitor.store.database import Database
from monitor.store.errors import BackupRefused, StoreUnavailable

_REMEDIES = {
    errno.ENOENT: "the directory does not exist: create it, or name another place",
    errno.ENOTDIR: "a part of the path is no directory: name another place",
    errno.EACCES: "the directory is not writable for this user: name another place, or change its mode",
    errno.EPERM: "the directory is not writable for this user: name another place, or change its mode",
    errno.EROFS: "the file system is read-only: name another place",
    errno.ENOSPC: "there is no room for it on the disk: make some, or name another place",
    errno.EDQUOT: "the disk quota is used up: make room, or name another place",
    errno.ENAMETOOLONG: "the name is too long",
}


def back_up(url: str, target: Path, *, overwrite: bool = False) -> int:
    """
    Copy the store into a file, marked as a copy: the first process to write it gives it an identity of its own.

    Args:
        url: The store's.
        target: The file to make.
        overwrite: Take the place of a file that is there; it stays as it is until the new one is whole.

    Returns:
        The backup's size in bytes.

    Raises:
        BackupRefused: The file cannot be made; nothing was changed.
        StoreUnavailable, StoreCorrupt: The store cannot be read.
    """
    database = database_at(url, time.monotonic)
    try:
        if schema.version_at(database) is None:  # one of another version is a store too
            raise StoreUnavailable(f"store {database} is empty: there is nothing to back up")
        _check_target(database, target)
        return _written(database, target, overwrite=overwrite)
    except BackupRefused as refused:
        raise BackupRefused(f"backup {target} cannot be made: {refused}") from refused
    except OSError as error:
        reason = _REMEDIES.get(error.errno or 0, error.strerror or str(error))
        raise BackupRefused(f"backup {target} cannot be made: {reason}") from error


def _check_target(database: Database, target: Path) -> None:
    """Refuse the places of the store's own files, whether they are there at this moment or not."""
    if target.is_dir():
        raise BackupRefused("it is a directory: name a file in it")
    if any(target.resolve() == own.resolve() or _same(target, own) for own in database.files):
        raise BackupRefused("it is one of the store's own files: name another place")


def _same(target: Path, own: Path) -> bool:
    return target.exists() and own.exists() and target.samefile(own)


def _written(database: Database, target: Path, *, overwrite: bool) -> int:
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    _check_free(target, overwrite=overwrite)
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        database.copy_into(unfinished)
        _flush(unfinished)
        size = unfinished.stat().st_size
        _check_free(target, overwrite=overwrite)  # it took a while
        unfinished.replace(target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    _flush(target.parent)
    return size


def _check_free(target: Path, *, overwrite: bool) -> None:
    if not overwrite and (target.exists() or target.is_symlink()):
        raise BackupRefused("it is there already: --overwrite puts the new one in its place")


def _flush(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)

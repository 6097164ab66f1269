"""
Moving a store's files out of the way, so that nothing is ever deleted.

A damaged store goes with the log beside it, which may hold what its file has lost: under the new names the two still
belong together, for `sqlite3 FILE .recover` and for whoever knows more.  Renaming works on a full disk too.
"""

from pathlib import Path

LOG = "-wal"  #: what was committed last, until it is taken over into the file
BESIDE = (LOG, "-shm", "-journal")  #: SQLite's own files beside a database
_ROLLBACK = 1  # in the header: the file is not kept with a write-ahead log
_LOG_KIND = 18  # where in the header
_EMPTY_LOG = 32  # bytes of its header


def set_aside(path: Path) -> Path:
    """
    Rename a database and what is beside it.

    Returns:
        Its new name, in the same directory: `number-monitor.db.aside-1`, or the first number that is free.

    Raises:
        OSError: The directory does not let it.
    """
    to = _free(path)
    for suffix in (*BESIDE, ""):  # the file last: cut off between the two it is still found damaged
        _rename(path, to, suffix)
    return to


def set_stray_log_aside(path: Path) -> Path | None:
    """
    Rename a log that belongs to another file than the one it lies beside, if there is one.

    Beside no file, or an empty one, SQLite would delete it.  Beside a backup, which has been put in the place of the
    file that the log belongs to, it would mix the two.  A store itself is never like this: it is kept with a log.

    Returns:
        Its new name; None when there is none.

    Raises:
        OSError: The directory does not let it.
    """
    log = _beside(path, LOG)
    if not log.exists() or log.stat().st_size <= _EMPTY_LOG or _is_kept_with_log(path):
        return None
    to = _free(path)
    for suffix in (LOG, "-shm"):
        _rename(path, to, suffix)
    return _beside(to, LOG)


def _is_kept_with_log(path: Path) -> bool:
    """Whether the header says so; one that cannot be read is not ours to judge."""
    if not path.exists() or path.stat().st_size == 0:
        return False
    with path.open("rb") as file:
        header = file.read(_LOG_KIND + 1)
    return len(header) <= _LOG_KIND or header[_LOG_KIND] != _ROLLBACK


def _free(path: Path) -> Path:
    """The first name that neither a file set aside before nor its log has."""
    number = 1
    while any(_beside(_numbered(path, number), suffix).exists() for suffix in (*BESIDE, "")):
        number += 1
    return _numbered(path, number)


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.aside-{number}")


def _rename(path: Path, to: Path, suffix: str) -> None:
    there = _beside(path, suffix)
    if there.exists():
        there.rename(_beside(to, suffix))


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)

"""Read a file that a configuration names, whole and within a bound."""

import stat
from pathlib import Path

MEBIBYTE = 1024 * 1024


class Unreadable(ValueError):
    """A file cannot be had; the message does not name it."""


def content(path: Path, most: int) -> bytes:
    """
    What a file holds.

    Raises:
        Unreadable: It is missing, no file, closed to us, or has more than `most` bytes.
    """
    try:
        # A pipe could be read only once, and would hold us for as long as nobody writes to it.
        is_file = stat.S_ISREG(path.stat().st_mode)
        body = _head(path, most + 1) if is_file else b""
    except FileNotFoundError:
        raise Unreadable("there is no such file") from None
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from error
    except ValueError:  # a NUL in its name
        raise Unreadable("expected a path") from None
    if not is_file:
        raise Unreadable("is not a file")
    if len(body) > most:
        raise Unreadable(f"is larger than {most // MEBIBYTE} MiB")
    return body


def _head(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most)


def decoded(body: bytes) -> str:
    """
    The text, of UTF-8 with or without BOM.

    Raises:
        NotText: It is something else.
    """
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotText(body.count(b"\n", 0, error.start) + 1) from None


class NotText(ValueError):
    """A file is not UTF-8."""

    def __init__(self, line: int) -> None:
        self.line = line  #: from 1, where that shows
        super().__init__("is not UTF-8; save it as UTF-8")

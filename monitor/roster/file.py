"""
Read a file of apps: `appkey,name[,interval][,label_*]`.

UTF-8 with or without BOM, else GB18030 (what spreadsheets write in China).  The first row names the columns, in any
order; without one they are appkey, name, interval, and one of the appkeys has a digit: else any text were a list.
Blank rows and rows that start with `#` are passed over.
A file is used whole or not at all, and every fault in it is told at once, with its line.
"""

import codecs
import csv
import hashlib
import io
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from functools import partial
from pathlib import Path

from monitor.fleet.app import App
from monitor.roster.errors import Complaints, RosterError
from monitor.roster.fields import (
    LABEL_PREFIX,
    MOST_APPS,
    NAMED_FIELDS,
    Complain,
    app_from,
    faults_beside_appkey,
    is_a_word,
    why_not_a_field,
    without_repeated,
)

MOST_BYTES = 8 * 1024 * 1024  # 5,000 apps with names and labels take half of one

#: Said of a file without a header whose every appkey is a mere word: of the vendor's each has digits.
NO_HEADER = "is no column, and no row here has an appkey with a digit: begin the file with the row appkey,name"

_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")

Row = tuple[int, list[str]]  #: the line it begins at, and its cells without surrounding space
ComplainAt = Callable[[int, str], None]


def read_apps_file(path: Path, account: str) -> list[App]:
    """
    The apps of the file, in its order.

    Raises:
        RosterError: The file cannot be read or is wrong.
    """
    return _apps(path, account, _content(path))


class AppsFile:
    """One file that is looked at again and again; content that did not change is not parsed a second time."""

    def __init__(self, path: Path, account: str) -> None:
        self._path = path
        self._account = account
        self._digest = b""
        self._apps: list[App] = []

    def read(self) -> list[App]:
        """The apps of the file as it is now; raises RosterError as `read_apps_file` does.  Blocks: for a thread."""
        content = _content(self._path)
        digest = hashlib.sha256(content).digest()
        if digest != self._digest:
            self._apps = _apps(self._path, self._account, content)
            self._digest = digest
        return self._apps


def _content(path: Path) -> bytes:
    try:
        # A pipe would hold the reader for as long as nobody writes to it.
        if not stat.S_ISREG(path.stat().st_mode):
            raise RosterError([f"{path} is not a file; name a CSV file with the columns appkey and name"])
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise RosterError([f"{path} cannot be read: {error.strerror}; check the path and its permissions"]) from error
    except ValueError as error:  # a NUL in the path
        raise RosterError([f"{str(path)!r} is no path: {error}"]) from error
    if len(content) > MOST_BYTES:
        raise RosterError([f"{path} is larger than {MOST_BYTES // 1024 // 1024} MiB: it is no list of apps"])
    return content


def _apps(path: Path, account: str, content: bytes) -> list[App]:
    complaints = Complaints(f"{path}, line")
    complain = complaints.add
    columns, rows = _columns(list(_rows(_text(path, content), complain)), complain)
    listed = [(line, app) for line, cells in rows if (app := _app(account, columns, cells, partial(complain, line)))]
    apps = without_repeated(listed, "line", complain)
    complaints.settle()
    return apps


def _text(path: Path, content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RosterError([f"{path} is UTF-16; save it as CSV UTF-8"])
    if _BINARY.search(content):
        raise RosterError([f"{path} is binary and no list of apps; save it as CSV UTF-8"])
    if content.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<"):
        raise RosterError([f"{path} is a page (HTML or XML) and no list of apps; save it as CSV"])
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RosterError([f"{path} is neither UTF-8 nor GB18030; save it as CSV UTF-8"])


def _rows(text: str, complain: ComplainAt) -> Iterator[Row]:
    """Every row that says something."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    line = 1
    try:
        for count, raw in enumerate(reader):
            if count > MOST_APPS:
                complain(line, f"more than {MOST_APPS} lines: it is no list of apps")
                return
            cells = [cell.strip() for cell in raw]
            if any(cells) and not cells[0].startswith("#"):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        complain(line, f"{error}; check the quotes")


def _columns(rows: list[Row], complain: ComplainAt) -> tuple[Sequence[str], list[Row]]:
    """The columns' names (empty for a column without one) and the rows under them, whose faults are told as well."""
    if not rows:
        return NAMED_FIELDS, []
    line, first = rows[0]
    names = [cell.lower() if cell.lower() in NAMED_FIELDS else cell for cell in first]
    if "appkey" not in names and not _looks_like_a_header(names):
        if all(is_a_word(cells[0]) for _, cells in rows):
            complain(line, f"{first[0]!r} {NO_HEADER}")
            return NAMED_FIELDS, []
        return NAMED_FIELDS, rows
    for fault in _faults_of(names):
        complain(line, fault)
    return names, rows[1:]


def _faults_of(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        if name and (fault := why_not_a_field(name)):
            yield fault
    for name, times in Counter(names).items():
        if name and times > 1:
            yield f"column {name!r} is there twice"
    if "appkey" not in names:
        yield "there is no column 'appkey'; the columns are appkey,name[,interval][,label_*]"


def _looks_like_a_header(names: Sequence[str]) -> bool:
    """A misspelt header must not become an app."""
    return any(
        name in NAMED_FIELDS or name.lower().startswith(LABEL_PREFIX) or get_close_matches(name.lower(), ["appkey"])
        for name in names
    )


def _app(account: str, columns: Sequence[str], cells: Sequence[str], complain: Complain) -> App | None:
    beyond = [cell for cell in cells[len(columns) :] if cell]
    nameless = [cell for column, cell in zip(columns, cells, strict=False) if not column and cell]
    if beyond or nameless:
        complain(f"{(beyond + nameless)[0][:40]!r} is in a column that has no name; quote values that contain commas")
        return None
    fields = dict(zip(columns, cells, strict=False))
    if "appkey" in columns:
        return app_from(account, fields, complain)
    for fault in faults_beside_appkey(fields):  # that the column is missing was told of the header
        complain(fault)
    return None

"""
Read what `_file` keys name: `access_secret_file: nxcloud` becomes `access_secret` with the file's one line.

Some keys take a value from each line.  A relative path begins at the configuration file's directory.  The newline at
the end is not part of the value.
"""

import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

from monitor.settings.findings import Findings
from monitor.settings.model import Contents
from monitor.settings.problems import Steps
from monitor.settings.scalars import text
from monitor.settings.section import FileTwin, Section
from monitor.settings.shape import keys

MOST_BYTES = 64 * 1024
ENDING = "_file"

#: What stands in place of a file's name may be the secret itself: a URL, or a word like those that machines make.
_LIKE_A_SECRET = re.compile(r".*://.*|(.*/)?((?=.*[0-9])(?=.*[A-Za-z])[^./ ]{12,}|[^/ ]{60,})", re.DOTALL)


class Twins:
    """Replaces `_file` keys by what their files hold, and remembers which files those were."""

    def __init__(self, directory: Path, findings: Findings) -> None:
        self.files: list[Path] = []
        self._directory = directory
        self._findings = findings

    def read(self, values: object, section: type[Section] = Contents, at: Steps = ()) -> None:
        """Do so in a section and all below it; what has not the section's form is left for validation to refuse."""
        if not isinstance(values, dict):
            return
        for name, key in keys(section).items():
            value = values.get(name)
            if key.has_twin:
                self._replace(values, name, at, lines if key.twin is FileTwin.LINES else content)
            elif key.twin is FileTwin.ENTRIES and isinstance(value, dict):
                for twin in [entry for entry in value if entry.endswith(ENDING)]:
                    self._replace(value, twin.removesuffix(ENDING), (*at, name), content)
            for place, item in enumerate(value) if isinstance(value, list) else [(None, value)]:
                section_below = key.section_of(item)
                if section_below is not None:
                    self.read(item, section_below, (*at, name) if place is None else (*at, name, place))

    def _replace(self, values: dict[str, Any], key: str, above: Steps, read: Callable[[Path], Any]) -> None:
        twin = f"{key}{ENDING}"
        at = (*above, twin)
        if twin not in values:
            return
        named = values.pop(twin)
        if key in values:
            self._findings.add(at, f"is given beside {key}; give one of the two")
            return
        values[key] = None
        if self._findings.spoilt(at):
            return
        try:
            name = text(named)
            path = self._directory / name
            self.files.append(path)
            _check_name(name, path)
            values[key] = read(path)
        except ValueError as error:
            self._findings.spoil(at, str(error))


def content(path: Path) -> str:
    """
    The one line that a file holds.

    Raises:
        ValueError: The file cannot be read, is empty or holds something else; the message names it.
    """
    line = _whole(path)
    if not line.isprintable():
        raise ValueError(f"{path} has more than one line, or characters that do not print")
    return line


def lines(path: Path) -> list[str]:
    """
    The lines that a file holds, those that are empty left out; raises as `content` does.

    A newline alone ends a line, and is the one character in it that may not print.
    """
    found = [line.strip() for line in _whole(path).split("\n") if line.strip()]
    if not all(line.isprintable() for line in found):
        raise ValueError(f"{path} has characters that do not print")
    return found


def _check_name(name: str, path: Path) -> None:
    if _LIKE_A_SECRET.fullmatch(name) and not _is_there(path):
        raise ValueError("there is no such file; if the secret itself stands here, give it without _file")


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long for a name; a NUL in it
        return False


def _whole(path: Path) -> str:
    try:
        # A pipe would hold us for as long as nobody writes to it.
        if not stat.S_ISREG(path.stat().st_mode):
            raise ValueError(f"{path} is not a file")
        with path.open("rb") as file:
            body = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise ValueError(f"{path}: there is no such file") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    if len(body) > MOST_BYTES:
        raise ValueError(f"{path} is larger than {MOST_BYTES // 1024} KiB: it does not hold one value")
    try:
        whole = body.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8") from None
    if not whole.strip():
        raise ValueError(f"{path} is empty")
    return whole

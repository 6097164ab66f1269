"""What is wrong with a configuration, and where: the one error that loading it can end in."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

Steps = tuple[str | int, ...]  #: ("accounts", 1, "apps", 3, "appkey")

MOST_PROBLEMS = 1_000  # nobody reads more, and a file may be made to have a million
LONGEST_PROBLEM = 1_000  # characters; the paths of files may have thousands

_KEY = re.compile(r"[\w.-]{1,60}")


class LabelKey(str):
    """The name of a label that has a value, so that no colon was forgotten: it may be repeated whatever it is."""

    __slots__ = ()


class Problem(NamedTuple):
    """One fault: where it is, and in one sentence what it is and what would be right.  Never the value of a secret."""

    place: str  #: `accounts[1].apps[3].appkey`, or the file's path for what concerns the file as a whole
    line: int | None  #: of the configuration file, from 1; None for what no line of it says
    message: str

    def __str__(self) -> str:
        """One printable line of bounded length, whatever the file's name and the values are that it repeats."""
        line = _printable(f"{located(self.place, self.line)}: {self.message}")
        if len(line) <= LONGEST_PROBLEM:
            return line
        half = LONGEST_PROBLEM // 2  # where it is stands at the beginning, what to do at the end
        return f"{line[:half]}…{line[1 - half :]}"


class SettingsError(Exception):
    """
    The configuration cannot be used.

    `problems` are all its faults, in the order of their lines; of a hopeless file the first `MOST_PROBLEMS`.  `files`
    are those that it names as far as it could be read: when one of them changes it may have become right.  `lists` are
    the lists of apps among them, by their places (`accounts[0].apps_file (line 4)`): they are not read here, and may be
    wrong as well.
    """

    def __init__(
        self, problems: Iterable[Problem], files: Iterable[Path] = (), lists: Mapping[str, Path] | None = None
    ) -> None:
        self.files = tuple(files)
        self.lists = dict(lists or {})
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line or 0))
        super().__init__("\n".join(map(str, self.problems)))


def located(place: str, line: int | None) -> str:
    """The place with its line, where it has one."""
    return place if line is None else f"{place} (line {line})"


def _printable(text: str) -> str:
    """The text with what cannot be seen, or breaks a line, written out: `\\ufeff`."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


def is_showable(key: str) -> bool:
    """Whether a key may be repeated: anything else may be a value whose colon was forgotten."""
    return _KEY.fullmatch(key) is not None


def dotted(steps: Steps) -> str:
    """`accounts[1].apps[3].appkey`: indices count from 0; keys that may not be shown are left out."""
    text = ""
    for step in steps:
        if isinstance(step, str) and not isinstance(step, LabelKey) and not is_showable(step):
            continue
        if isinstance(step, int):
            text += f"[{step}]"
            continue
        shown = step if step.isprintable() else repr(str(step))  # a message is one line
        text += f".{shown}" if text else shown
    return text

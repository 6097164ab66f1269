"""
Read YAML into a small tree that knows its lines, and nothing more.

Made from the C parser's events, with no constructor behind it: scalars stay the text they were written as, so that
`012345` is never the number 5349, and nothing in a file can build an object.  What YAML would read as a number, a truth
value or a date is marked (`Unquoted`).  Bounded: depth, faults, and values, those that `<<` copies among them; what
aliases multiply into is bounded where it is read (`substitution`).
Keys given twice and tags are told, and reading goes on; what breaks the syntax ends it.
"""

import re
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

from monitor.settings.problems import MOST_PROBLEMS, Problem, Steps, dotted

MOST_LEVELS = 24  # the deepest key of the contract is at 6
MOST_VALUES = 200_000  # 5,000 apps with labels are 50,000
TEXT_TAG = "tag:yaml.org,2002:str"

_NUMBER = re.compile(
    r"[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|0o[0-7_]+|[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"
    r"|(\.[0-9][0-9_]*|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?|\.(inf|Inf|INF))|\.(nan|NaN|NAN)"
)
_TRUTH = re.compile(r"yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?")
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


class Unquoted(str):
    """A scalar without quotes that YAML 1.1 or 1.2 reads as a number, a truth value or a date; the text as written."""

    __slots__ = ()

    @property
    def reading(self) -> str:
        """What YAML makes of it."""
        if _TRUTH.fullmatch(self):
            return "a truth value"
        return "a date" if _DATE.fullmatch(self) else "a number"


Value: TypeAlias = "str | list[Node] | dict[str, Node] | None"


@dataclass(slots=True, eq=False)
class Node:
    """One value of the document."""

    value: Value
    line: int  #: from 1
    key_lines: dict[str, int] = field(default_factory=dict)  #: of a mapping: where each key stands


class Malformed(Exception):
    """The text is no YAML that can be read on; `line` is where that showed."""

    def __init__(self, line: int, message: str) -> None:
        self.line, self.message = line, message
        super().__init__(message)


def parse(text: str) -> tuple[Node, list[Problem]]:
    """
    The document's tree, and what is wrong with it as YAML without ending the reading.

    Raises:
        Malformed: The rest cannot be read.
    """
    tree = _Tree()
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            tree.feed(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Malformed(mark.line + 1 if mark else 1, f"not valid YAML: {error.problem}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Malformed(line, "not valid YAML: a control character is not allowed here") from None
    return tree.root or Node(None, 1), tree.problems


def is_plain_value(text: str) -> bool:
    """Whether YAML reads this text, without quotes, as something other than text."""
    return bool(_NUMBER.fullmatch(text) or _TRUTH.fullmatch(text) or _DATE.fullmatch(text))


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come."""

    node: Node
    path: Steps
    anchor: str | None
    key: str | None = None  #: of a mapping: its value comes next
    key_line: int = 0
    merging: bool = False  #: the key is `<<`
    merged: list[Node] = field(default_factory=list)  #: what `<<` named


class _Tree:
    """Events in, a tree out."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._documents = 0
        self._values = 0

    def feed(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._begin(event, line)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._end()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event, line)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise Malformed(line, "a second document begins here; the configuration is one")

    def _count(self, values: int, line: int) -> None:
        self._values += values
        if self._values > MOST_VALUES:
            raise Malformed(line, f"there are more than {MOST_VALUES} values up to here")

    def _tell(self, place: str, line: int, message: str) -> None:
        self.problems.append(Problem(place, line, message))
        if len(self.problems) > MOST_PROBLEMS:
            raise Malformed(line, f"more than {MOST_PROBLEMS} keys are given twice or have tags up to here")

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        frame = self._open[-1] if self._open else None
        plain = event.implicit[0]
        if frame and frame.key is None and isinstance(frame.node.value, dict):
            self._key(frame, event.value, line, merge=plain and event.value == "<<")
            return
        value: str | None = event.value
        if event.tag not in {None, "!", TEXT_TAG}:
            self._tagged(line)
        elif plain and event.value in _NOTHING:
            value = None
        elif plain and is_plain_value(event.value):
            value = Unquoted(event.value)
        node = Node(value, line)
        if event.anchor:
            self._anchors[event.anchor] = node
        self._add(node)

    def _key(self, frame: _Open, key: str, line: int, *, merge: bool) -> None:
        first = frame.node.key_lines.get(key)
        if first is not None and not merge:
            self._tell(dotted((*frame.path, key)), line, f"is given twice, first in line {first}")
        frame.key, frame.key_line, frame.merging = key, line, merge

    def _begin(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent, line: int) -> None:
        self._not_a_key(line)
        if len(self._open) >= MOST_LEVELS:
            raise Malformed(line, f"nested more than {MOST_LEVELS} levels deep")
        path = self._path()
        if event.tag is not None:
            self._tagged(line)
        mapping = isinstance(event, yaml.MappingStartEvent)
        self._open.append(_Open(Node({} if mapping else [], line), path, event.anchor))

    def _end(self) -> None:
        frame = self._open.pop()
        entries = frame.node.value
        if isinstance(entries, dict):
            for source in frame.merged:
                assert isinstance(source.value, dict)
                self._count(len(source.value), frame.node.line)
                for key, node in source.value.items():
                    if key not in entries:
                        entries[key] = node
                        frame.node.key_lines[key] = source.key_lines[key]
        if frame.anchor:
            self._anchors[frame.anchor] = frame.node
        self._add(frame.node)

    def _alias(self, event: yaml.AliasEvent, line: int) -> None:
        self._not_a_key(line)
        # The name stays untold: a secret that begins with * and was not quoted arrives here too.
        if event.anchor not in self._anchors:
            raise Malformed(line, "an alias names an anchor that is not set before it; quote text that begins with *")
        self._add(self._anchors[event.anchor])

    def _add(self, node: Node) -> None:
        self._count(1, node.line)
        if not self._open:
            self.root = node
            return
        frame = self._open[-1]
        if isinstance(frame.node.value, list):
            frame.node.value.append(node)
        elif isinstance(frame.node.value, dict) and frame.key is not None:
            if frame.merging:
                frame.merged += _merged(node, frame.key_line)
            elif frame.key not in frame.node.value:
                frame.node.value[frame.key] = node
                frame.node.key_lines[frame.key] = frame.key_line
            frame.key = None

    def _not_a_key(self, line: int) -> None:
        if self._open and self._open[-1].key is None and isinstance(self._open[-1].node.value, dict):
            raise Malformed(line, "a key must be text")

    def _tagged(self, line: int) -> None:
        self._tell(dotted(self._path()) or "the file", line, "has a YAML tag, and none is known here")

    def _path(self) -> Steps:
        """Of the value that comes next."""
        if not self._open:
            return ()
        frame = self._open[-1]
        if isinstance(frame.node.value, list):
            return (*frame.path, len(frame.node.value))
        return frame.path if frame.key is None else (*frame.path, frame.key)


def _merged(node: Node, line: int) -> list[Node]:
    sources = node.value if isinstance(node.value, list) else [node]
    if not all(isinstance(source.value, dict) for source in sources):
        raise Malformed(line, "<< takes a mapping or a list of mappings")
    return sources

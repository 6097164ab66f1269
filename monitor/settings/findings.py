"""The faults found so far, each put in its place: the path as the file spells it, and the line."""

from collections.abc import Mapping

from monitor.settings.document import Node
from monitor.settings.problems import MOST_PROBLEMS, LabelKey, Problem, Steps, dotted, located
from monitor.settings.sink_types import TAGS

_NOT_IN_THE_FILE = frozenset({"severities", "[key]", *TAGS})  # steps that validation adds


class Findings:
    """Collects problems; lines are looked up only here, when there is one."""

    def __init__(self, document: Node, filled: Mapping[Steps, str]) -> None:
        """`filled`: what came from an environment variable because the file does not say, with the variable's name."""
        self._document = document
        self._filled = filled
        self.problems: list[Problem] = []
        self._spoilt: set[Steps] = set()

    @property
    def full(self) -> bool:
        """Whether so much is wrong that nothing more is told."""
        return len(self.problems) > MOST_PROBLEMS

    def spoil(self, steps: Steps, message: str) -> None:
        """Tell of a fault that leaves no value: what validation says of the place then need not be told."""
        self._spoilt.add(self._place(steps)[0])
        self.add(steps, message)

    def spoilt(self, steps: Steps) -> bool:
        """Whether the value at the place, or one around it, is missing for a reason that was told."""
        place = self._place(steps)[0]
        return any(place[:length] in self._spoilt for length in range(1, len(place) + 1))

    def add(self, steps: Steps, message: str) -> None:
        """
        Tell of a fault.

        Steps are the model's: one that the file does not have is spelled as its `_file` twin where that is given.
        """
        variable = self._filled.get(steps[:2])
        if variable is not None:
            self.problems.append(Problem(f"${variable}", None, message))
            return
        if self.full:
            return
        spelling, line = self._place(steps)
        problem = Problem(dotted(spelling) or "the file", line, message)
        if problem in self.problems:
            return
        if len(self.problems) == MOST_PROBLEMS:
            last = max(known.line or 0 for known in self.problems)
            problem = Problem("the file", last, "has further faults, which are told once these are mended")
        self.problems.append(problem)

    def located(self, steps: Steps) -> str:
        """`accounts[0].apps_file (line 4)`: how a message of somebody else begins that is about the place."""
        spelling, line = self._place(steps)
        return located(dotted(spelling), line)

    def _place(self, steps: Steps) -> tuple[Steps, int]:
        spelling: list[str | int] = []
        node: Node | None = self._document
        line = self._document.line
        for count, step in enumerate(steps, 1):
            if step in _NOT_IN_THE_FILE:
                continue
            value = node.value if node else None
            if node and isinstance(value, dict) and isinstance(step, str):
                key = step if step in value or f"{step}_file" not in value else f"{step}_file"
                line = node.key_lines.get(key, line)
                node = value.get(key)
                is_label = spelling[-1:] == ["labels"] and node is not None and node.value
                spelling.append(LabelKey(key[:60]) if is_label else key)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                node = value[step]
                line = node.line
                spelling.append(step)
            elif count == len(steps) and isinstance(step, str):
                spelling.append(step)
        return tuple(spelling), line

"""
What a benchmark found: one figure a question, judged by its target; the table and the file that are made of them.

A figure has both of its sides, measured in one run on one machine: what counts is their ratio.
"""

import json
import os
import platform
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

BEGIN, END = "<!-- figures -->", "<!-- /figures -->"
HEAD = ("question", "number-monitor", "against", "figure", "target", "met")

Aim = Literal["at least", "at most", "for information"]


class Spread(msgspec.Struct, frozen=True):
    """Repetitions of one measurement."""

    median: float
    least: float
    most: float
    unit: str
    times: int

    def __str__(self) -> str:
        median = f"{_short(self.median)} {self.unit}".strip()
        return median if self.times == 1 else f"{median} ({_short(self.least)}–{_short(self.most)})"


class Figure(msgspec.Struct, frozen=True):
    """The answer to one question."""

    question: str
    ours: Spread
    theirs: Spread | None  #: the other side; None where the target is no ratio and nothing is beside it
    against: str  #: what the other side is
    value: float  #: what the target is about
    unit: str  #: of the value: × for a ratio
    aim: Aim
    target: float | None  #: None for information
    note: str = ""  #: what one must know to read it

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.target is None or self.aim == "for information":
            return None
        return self.value >= self.target if self.aim == "at least" else self.value <= self.target


def spread(values: Sequence[float], unit: str) -> Spread:
    """Median, least and most of some repetitions."""
    return Spread(statistics.median(values), min(values), max(values), unit, len(values))


def one(value: float, unit: str) -> Spread:
    """A measurement that was made once, or is a whole run's."""
    return Spread(value, value, value, unit, 1)


def table(figures: Iterable[Figure]) -> str:
    """The figures in Markdown, with what one must know below."""
    rows = [HEAD, tuple("---" for _ in HEAD), *(_cells(figure) for figure in figures)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in rows) + "\n"


def write_results(figures: Mapping[str, Sequence[Figure]], path: Path) -> None:
    """Every question's figures with their repetitions, beside what they were measured on."""
    system = f"{platform.system()} {platform.machine()}"
    found = {
        "machine": {"python": platform.python_version(), "system": system, "cores": os.cpu_count()},
        "figures": {
            name: [{**msgspec.to_builtins(figure), "met": figure.met} for figure in some]
            for name, some in figures.items()
        },
    }
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_results(path: Path) -> dict[str, list[Figure]]:
    """The figures of an earlier run, by question; none where there was none."""
    if not path.exists():
        return {}
    found = json.loads(path.read_text(encoding="utf-8"))["figures"]
    return {name: [msgspec.convert(figure, Figure) for figure in some] for name, some in found.items()}


def with_table(text: str, figures: Iterable[Figure]) -> str | None:
    """The text with this table between the markers; None when it has no markers."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    return f"{before}{begin}\n{table(figures)}{end}{after}" if begin and end else None


def _cells(figure: Figure) -> tuple[str, ...]:
    theirs = figure.against if figure.theirs is None else f"{figure.against}: {figure.theirs}"
    target = "" if figure.target is None else f"{figure.aim} {_measure(figure.target, figure.unit)}"
    met = {True: "yes", False: "**no**", None: ""}[figure.met]
    question = f"{figure.question} ({figure.note})" if figure.note else figure.question
    return (question, str(figure.ours), theirs, _measure(figure.value, figure.unit), target, met)


def _measure(value: float, unit: str) -> str:
    return f"{_short(value)} {unit}".strip()


def _short(value: float) -> str:
    """Three digits that mean something."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"

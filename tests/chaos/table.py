"""The matrix as a table in Markdown, and its place in `docs/reliability.md`.  Pure."""

from collections.abc import Iterable
from itertools import groupby

from tests.chaos.matrix import MARGIN, Outcome
from tests.chaos.promise import Seen, Skipped

BEGIN, END = "<!-- faults -->", "<!-- /faults -->"
HEAD = ("fault", "promised of the metrics", "seen", "the log names it", "invented", "lost", "recovered after", "kept")
LONGEST = 110  # characters of a line of the log


def table(outcomes: Iterable[Outcome]) -> str:
    """One table a family, in the order in which they were gone through."""
    parts = []
    for family, of_family in groupby(outcomes, key=lambda each: each.family):
        rows = [HEAD, tuple("---" for _ in HEAD), *map(_cells, of_family)]
        lines = "\n".join("| " + " | ".join(cells) + " |" for cells in rows)
        parts.append(f"### {family[0].upper()}{family[1:]}\n\n{lines}\n")
    return "\n".join(parts)


def with_table(text: str, outcomes: Iterable[Outcome]) -> str:
    """
    The text with these tables between the markers.

    Raises:
        ValueError: It has no markers.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the text has no {BEGIN} … {END}")
    return f"{before}{begin}\n\n{table(outcomes)}\n{end}{after}"


def _cells(outcome: Outcome) -> tuple[str, ...]:
    if isinstance(outcome, Skipped):
        return (outcome.fault, f"not tried here: {outcome.reason}", *[""] * (len(HEAD) - 2))
    recovered = "never" if outcome.recovered is None else f"{outcome.recovered:.2f} intervals"
    if outcome.promise.within is None:
        recovered = "started anew"
    return (
        outcome.fault,
        outcome.promise.metric,
        outcome.metric,
        _code(outcome.log),
        str(len(outcome.invented)),
        str(len(outcome.lost)),
        recovered,
        "**no**" if _broken(outcome) else "yes",
    )


def _broken(seen: Seen) -> bool:
    return bool(seen.problems() or seen.late(MARGIN))


def _code(line: str) -> str:
    """A line of the log as it is, but short; an empty one where there is nothing to say."""
    if not line:
        return ""
    text = line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
    return "`" + text.replace("`", "'").replace("|", "\\|") + "`"

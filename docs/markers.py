"""
Pages of which a part is written from the code: what stands between two markers such as `<!-- fleet -->` and
`<!-- /fleet -->` is replaced, all else is kept.
"""

import re
from collections.abc import Iterable, Mapping

Row = tuple[str, ...]


def filled(page: str, parts: Mapping[str, str], name: str) -> str:
    """
    The page with every part in its place.

    Raises:
        ValueError: A part has no place on the page of this name, or two.
    """
    for part, text in parts.items():
        first, last = f"<!-- {part} -->\n", f"<!-- /{part} -->\n"
        between = re.compile(f"{re.escape(first)}.*?{re.escape(last)}", re.DOTALL)
        found = len(between.findall(page))
        if found != 1:
            raise ValueError(f"docs/{name}: expected <!-- {part} --> and <!-- /{part} --> once, found {found}")
        page = f"{first}{text}{last}".join(between.split(page))
    return page


def table(heads: Row, rows: Iterable[Row]) -> str:
    """A table of Markdown; an empty cell is narrow."""
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n".replace("|  |", "| |") for cells in lines)


def code(word: str) -> str:
    """The word as code."""
    return f"`{word}`"


def codes(words: Iterable[str]) -> str:
    """The words as code, with commas between."""
    return ", ".join(map(code, words))

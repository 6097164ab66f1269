"""Every fenced block of every document."""

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("config/**/*.md")])


class Block(NamedTuple):
    """One block: what kind of text it says that it is, and the text."""

    document: str  #: its path in the repository
    line: int  #: of the fence, from 1
    language: str
    text: str

    @property
    def place(self) -> str:
        """`docs/proxy.md:12`."""
        return f"{self.document}:{self.line}"


def blocks() -> Iterator[Block]:
    """All of them; indented ones, in a list, as if they were not."""
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        for found in re.finditer(r"^( *)```(\w*)\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL):
            line = text.count("\n", 0, found.start()) + 1
            content = dedent(found[3]) if found[1] else found[3]
            yield Block(path.relative_to(ROOT).as_posix(), line, found[2], content)

"""
The tables of docs/states.md: states, what follows from them and what to do come from the code; what they mean does not.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from docs.markers import Row, code, filled, table
from monitor.fleet.hints import hint, level_hint
from monitor.fleet.scales import QUALITY_SEVERITY, STATUS_SEVERITY
from monitor.views.verdict import OF_QUALITY, OF_STATUS

PAGE = Path(__file__).with_name("states.md")


def written(page: str) -> str:
    """The page with its tables as they have to be; what a state means stays as the page has it."""
    meanings = dict(re.findall(r"^\| `([A-Z_]+)` \| ([^|]*?) \|", page, re.MULTILINE))
    heads = ("campaign", "severity", "what to do")
    tables = {
        "quality_rating": table(("rating", "means", *heads), ratings(meanings)),
        "status": table(("status", "means", "can it send", *heads), statuses(meanings)),
    }
    return filled(page, tables, PAGE.name)


def ratings(meanings: Mapping[str, str]) -> Iterator[Row]:
    """A row a rating."""
    for word, severity in QUALITY_SEVERITY.items():
        advice = hint(level_hint("quality_rating", word), "en")
        yield code(word), meanings.get(word, ""), code(OF_QUALITY[word]), severity.word, advice


def statuses(meanings: Mapping[str, str]) -> Iterator[Row]:
    """A row a status."""
    for word, severity in STATUS_SEVERITY.items():
        sendable, campaign = OF_STATUS[word]
        advice = hint(level_hint("status", word), "en")
        yield code(word), meanings.get(word, ""), sendable, code(campaign), severity.word, advice

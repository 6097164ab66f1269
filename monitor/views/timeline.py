"""
How a number's quality, status and tier have been: spans of time, each with its word, from what was told of it.

Pure.  Events say what something changed from and to; before the first change it was what that one changed from.  What
nobody told (a silent first value, a word that is unknown for a while) is not there: it is a history of what was told,
with what is known *now* at its end.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from monitor.fleet.scales import QUALITY_SEVERITY, STATUS_SEVERITY, Severity, canonical_status
from monitor.fleet.snapshot import Entry

ATTRIBUTES = ("quality_rating", "status", "tier")


class Span(msgspec.Struct, frozen=True):
    """A while in which something was one thing."""

    begin: int  #: ms since 1970
    end: int
    word: str  #: the vendor's; empty: nothing was known
    severity: str  #: how bad that is in itself


class Lane(msgspec.Struct, frozen=True):
    """One attribute's history, without a gap."""

    attribute: str
    spans: tuple[Span, ...]


def lanes(entry: Entry, told: Iterable[tuple[int, Mapping[str, Any]]], begin: int, now: int) -> list[Lane]:
    """
    The history between two moments.

    Args:
        entry: As it is.
        told: When (ms since 1970) and what: the events about it and about its WABA's tier, in any order.
        begin: Where the history begins; or where the entry was first seen, if that was later.
        now: Where it ends.
    """
    begin = min(max(begin, entry.first_seen), now)
    changes: dict[str, list[tuple[int, str, str]]] = {attribute: [] for attribute in ATTRIBUTES}
    for at, event in sorted(told, key=lambda one: one[0]):
        data = event.get("data") or {}
        attribute, numbers = data.get("attribute"), data.get("numbers")
        about_it = not isinstance(numbers, list) or entry.now.number in numbers
        if attribute in changes and about_it and "after" in data:
            changes[attribute].append((at, str(data.get("before") or ""), str(data.get("after") or "")))
    return [Lane(attribute, _spans(entry, attribute, changes[attribute], begin, now)) for attribute in ATTRIBUTES]


def _spans(entry: Entry, attribute: str, changes: list[tuple[int, str, str]], begin: int, now: int) -> tuple[Span, ...]:
    present: str = getattr(entry.now, attribute)
    word = changes[0][1] if changes else present
    at = begin
    spans: list[Span] = []
    if not changes or changes[-1][2] != present:
        changes = [*changes, (getattr(entry.since, attribute), "", present)]
    for moment, _before, after in changes:
        if moment > at and word != after:
            spans.append(Span(at, min(moment, now), word, _severity(attribute, word)))
            at = min(moment, now)
        word = after
    spans.append(Span(at, now, word, _severity(attribute, word)))
    return tuple(spans)


def _severity(attribute: str, word: str) -> str:
    if attribute == "tier":
        return "none"
    scale = QUALITY_SEVERITY if attribute == "quality_rating" else STATUS_SEVERITY
    return scale.get(canonical_status(word), Severity.UNKNOWN).word

"""In which order people read numbers: the worst first, and equals always in the same order.  Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from monitor.fleet.app import App
from monitor.fleet.scales import Severity, quality_value, status_value
from monitor.fleet.snapshot import Entry, Snapshot

#: Unknown is read before ok: somebody should find out why.
PLACE: Mapping[Severity, int] = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.UNKNOWN: 2, Severity.OK: 3}


class Listed(NamedTuple):
    """An entry with what it belongs to."""

    app: App
    snapshot: Snapshot
    entry: Entry


def listed(apps: Iterable[tuple[App, Snapshot]]) -> Iterator[Listed]:
    """Every entry of these apps, in the apps' own order."""
    for app, snapshot in apps:
        for entry in snapshot.entries.values():
            yield Listed(app, snapshot, entry)


def worst_first(entries: Iterable[Listed]) -> list[Listed]:
    """By severity, then by what it is *now* (what cannot send before what can), then by identity."""
    return sorted(entries, key=place)


def worst(severities: Iterable[Severity]) -> Severity:
    """The one that is read first; unknown where there is none."""
    return min(severities, key=PLACE.__getitem__, default=Severity.UNKNOWN)


def place(one: Listed) -> tuple[int, int, int, str, str, str, str]:
    """What the worst first is sorted by."""
    row = one.entry.now
    return (
        PLACE[one.entry.severity],
        -status_value(row.status),
        -quality_value(row.quality_rating),
        one.app.account,
        one.app.appkey,
        row.waba_id,
        row.number,
    )

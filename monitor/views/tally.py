"""
What an app comes to at a glance: its numbers counted by how bad they are, and the one word it stands for.

Pure.  An app that cannot be believed now is never shown as healthy, however green its numbers were.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from monitor.fleet.app import App
from monitor.fleet.scales import Severity, can_send, quality_value, status_value
from monitor.fleet.snapshot import Entry, EntryKey, Snapshot
from monitor.views.order import Listed, listed, worst_first

FRESH_INTERVALS = 3  #: an app without an answer for so many of its intervals is not fresh,
FRESH_AT_LEAST = 30_000  #: but for so many ms it always is


class Standing(StrEnum):
    """What an app is shown as, the worst first."""

    CRITICAL = "critical"
    LOST = "lost"  #: it cannot be polled, or has not answered for long
    WARNING = "warning"
    SUSPECT = "suspect"  #: its last answer is held back
    UNKNOWN = "unknown"  #: nothing can be said: never asked, no numbers, or none that can be judged
    OK = "ok"


PLACE = {standing: place for place, standing in enumerate(Standing)}


class Tally(msgspec.Struct, frozen=True, gc=False):
    """An app's entries, counted."""

    entries: Mapping[EntryKey, Entry]  #: the mapping that was counted: while it is the same object, so is the count
    numbers: int = 0
    critical: int = 0
    warning: int = 0
    unknown: int = 0
    silenced: int = 0  #: that cannot send: status PENDING and worse
    ratings: tuple[int, int, int, int] = (0, 0, 0, 0)  #: by `quality_value`: not rated, GREEN, YELLOW, RED
    troubled: tuple[EntryKey, ...] = ()  #: in warning or critical, the worst first

    @property
    def attention(self) -> int:
        """How many are in trouble."""
        return self.critical + self.warning


class Tile(msgspec.Struct, frozen=True, gc=False):
    """An app with its count."""

    app: App
    snapshot: Snapshot
    tally: Tally
    standing: Standing

    @property
    def name(self) -> str:
        """What people call it."""
        return self.app.name or self.app.appkey

    @property
    def listed(self) -> Iterable[Listed]:
        """Its numbers."""
        return listed([(self.app, self.snapshot)])

    @property
    def troubled(self) -> Iterable[Listed]:
        """Its numbers in trouble, the worst first."""
        entries = self.snapshot.entries
        return (Listed(self.app, self.snapshot, entries[key]) for key in self.tally.troubled if key in entries)


def tally(app: App, snapshot: Snapshot) -> Tally:
    """Count an app's entries."""
    severities = [0, 0, 0, 0]
    ratings = [0, 0, 0, 0]
    silenced = 0
    troubled: list[Entry] = []
    for entry in snapshot.entries.values():
        severities[entry.severity] += 1
        ratings[quality_value(entry.now.quality_rating)] += 1
        silenced += cannot_send(entry)
        if entry.severity >= Severity.WARNING:
            troubled.append(entry)
    worst = worst_first(Listed(app, snapshot, entry) for entry in troubled)
    return Tally(
        entries=snapshot.entries,
        numbers=len(snapshot.entries),
        critical=severities[Severity.CRITICAL],
        warning=severities[Severity.WARNING],
        unknown=severities[Severity.UNKNOWN],
        silenced=silenced,
        ratings=(ratings[0], ratings[1], ratings[2], ratings[3]),
        troubled=tuple((one.entry.now.waba_id, one.entry.now.number) for one in worst),
    )


def cannot_send(entry: Entry) -> bool:
    """Whether a number cannot send, as far as its status says."""
    status = entry.now.status
    return status_value(status) > 0 and not can_send(status)


def is_fresh(snapshot: Snapshot, interval: int, now: int) -> bool:
    """Whether an app answered lately, interval and now in ms; one that was never asked has nothing to be old."""
    answered = snapshot.last_answer if snapshot.last_answer is not None else snapshot.last_success
    return answered is None or now - answered <= max(FRESH_INTERVALS * interval, FRESH_AT_LEAST)


def standing(snapshot: Snapshot, counted: Tally, *, fresh: bool) -> Standing:
    """The one word."""
    if counted.critical:
        return Standing.CRITICAL
    if snapshot.failure is not None or not fresh:
        return Standing.LOST
    if counted.warning:
        return Standing.WARNING
    if snapshot.suspect:
        return Standing.SUSPECT
    if counted.unknown or not counted.numbers:
        return Standing.UNKNOWN
    return Standing.OK


def tile_place(tile: Tile) -> tuple[int, int, str, str, str]:
    """What the worst first is sorted by; of equals the one with more in trouble, then by account and name."""
    return PLACE[tile.standing], -tile.tally.attention, tile.app.account, tile.name, tile.app.appkey

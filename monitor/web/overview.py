"""
What the first page says, gathered from the fleet: counts, the worst numbers, the apps that cannot be believed.

Gathered in slices that give the loop back; lists are cut, counts are not.
"""

from collections import Counter
from collections.abc import Mapping

import msgspec

from monitor.fleet.app import App
from monitor.fleet.fleet import Fleet
from monitor.fleet.scales import Severity, can_send, quality_value, status_value
from monitor.fleet.snapshot import Snapshot
from monitor.views.order import Listed, listed, worst_first
from monitor.web.walk import Apps, slices

LONGEST_LIST = 100  #: of numbers and apps on the page; the rest is in the API

QUALITIES: Mapping[int, str] = {1: "GREEN", 2: "YELLOW", 3: "RED", 0: "not rated"}


class Overview(msgspec.Struct):
    """The fleet at one moment."""

    apps: int = 0
    numbers: int = 0
    attention: int = 0  #: entries of severity warning or critical
    critical: int = 0  #: of these
    unknown: int = 0  #: entries of unknown severity
    silenced: int = 0  #: entries that cannot send: status PENDING and worse
    qualities: Counter[str] = msgspec.field(default_factory=Counter)  #: entries by quality rating, `QUALITIES`' words
    worst: list[Listed] = []  #: the worst of those in trouble
    failing: Apps = []  #: apps whose last poll failed, the longest first
    failing_apps: int = 0
    suspect: Apps = []  #: apps whose losses are held back
    suspect_apps: int = 0
    untried: int = 0  #: apps that were never asked
    oldest: int | None = None  #: start of the oldest of the apps' last answers, ms since 1970
    newest: int | None = None  #: and of the newest
    accounts: int = 0


async def overview(fleet: Fleet) -> Overview:
    """Gather it."""
    seen = Overview()
    accounts: set[str] = set()
    async for some in slices(fleet):
        for app, snapshot in some:
            accounts.add(app.account)
            _count_app(seen, app, snapshot)
        failing = [(app, snapshot) for app, snapshot in some if snapshot.failure is not None]
        seen.failing_apps += len(failing)
        seen.failing = sorted([*seen.failing, *failing], key=_failing_since)[:LONGEST_LIST]
        in_trouble = [one for one in listed(some) if one.entry.severity >= Severity.WARNING]
        seen.worst = worst_first([*seen.worst, *in_trouble])[:LONGEST_LIST]
    seen.accounts = len(accounts)
    return seen


def _count_app(seen: Overview, app: App, snapshot: Snapshot) -> None:
    seen.apps += 1
    for entry in snapshot.entries.values():
        seen.numbers += 1
        seen.attention += entry.severity >= Severity.WARNING
        seen.critical += entry.severity == Severity.CRITICAL
        seen.unknown += entry.severity == Severity.UNKNOWN
        seen.silenced += status_value(entry.now.status) > 0 and not can_send(entry.now.status)
        seen.qualities[QUALITIES[quality_value(entry.now.quality_rating)]] += 1
    if snapshot.suspect:
        seen.suspect_apps += 1
        seen.suspect = [*seen.suspect, (app, snapshot)][:LONGEST_LIST]
    if snapshot.last_success is None:
        seen.untried += snapshot.failure is None
    else:
        seen.oldest = snapshot.last_success if seen.oldest is None else min(seen.oldest, snapshot.last_success)
        seen.newest = snapshot.last_success if seen.newest is None else max(seen.newest, snapshot.last_success)


def _failing_since(one: tuple[App, Snapshot]) -> int:
    return one[1].failing_since or 0

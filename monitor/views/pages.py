"""
One page of a list: what a filter asks for, in the order of identity, from its cursor on.

Pure.  Lists are paged by identity and not by severity: an entry that heals between two pages neither comes twice nor
goes missing.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from monitor.fleet.app import App
from monitor.fleet.snapshot import Snapshot
from monitor.views.filters import AppFilter, NumberFilter, cursor
from monitor.views.order import Listed

_One = TypeVar("_One")
_Place = tuple[str, ...]


def page_of_numbers(apps: Iterable[tuple[App, Snapshot]], asked: NumberFilter) -> tuple[list[Listed], str | None]:
    """The next entries that are asked for, and the cursor of the page after them; None after the last."""
    return _page(_numbers(apps, asked), asked.limit)


def page_of_apps(
    apps: Iterable[tuple[App, Snapshot]], asked: AppFilter
) -> tuple[list[tuple[App, Snapshot]], str | None]:
    """The next apps that are asked for, and the cursor of the page after them; None after the last."""
    return _page(_apps(apps, asked), asked.limit)


def _numbers(apps: Iterable[tuple[App, Snapshot]], asked: NumberFilter) -> Iterator[tuple[_Place, Listed]]:
    seen = asked.cursor or ()
    for app, snapshot in _sorted(apps):
        if app.key < seen[:2] or not asked.fits_app(app):
            continue
        for key in sorted(snapshot.entries):
            entry, place = snapshot.entries[key], (*app.key, *key)
            if place > seen and asked.fits(entry):
                yield place, Listed(app, snapshot, entry)


def _apps(apps: Iterable[tuple[App, Snapshot]], asked: AppFilter) -> Iterator[tuple[_Place, tuple[App, Snapshot]]]:
    seen = asked.cursor or ()
    for app, snapshot in _sorted(apps):
        if app.key > seen and asked.fits_app(app) and asked.fits(snapshot.entries.values()):
            yield app.key, (app, snapshot)


def _sorted(apps: Iterable[tuple[App, Snapshot]]) -> list[tuple[App, Snapshot]]:
    return sorted(apps, key=lambda one: one[0].key)


def _page(found: Iterator[tuple[_Place, _One]], limit: int) -> tuple[list[_One], str | None]:
    some = list(islice(found, limit + 1))
    more = cursor(some[limit - 1][0]) if len(some) > limit else None
    return [one for _, one in some[:limit]], more

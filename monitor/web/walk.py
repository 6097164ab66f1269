"""
Walks over the whole fleet that stay short work for the event loop.

What is wanted, and in which order, is decided in `views`; here it is asked slice by slice, and the loop is given back
in between.  Snapshots are values: such a walk never sees half a change.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from typing import TypeVar

import msgspec

from monitor.fleet.app import App
from monitor.fleet.masking import Look, Masking, look_of
from monitor.fleet.snapshot import Snapshot
from monitor.views.filters import AppFilter, NumberFilter, cursor
from monitor.views.order import Listed
from monitor.views.pages import page_of_apps, page_of_numbers
from monitor.web.collaborators import Known

Apps = list[tuple[App, Snapshot]]

SLICE = 2000  #: apps and entries looked at between two returns to the loop: a few milliseconds at most

_One = TypeVar("_One")


async def slices(fleet: Known, begin: tuple[str, ...] = (), account: str | None = None) -> AsyncGenerator[Apps, None]:
    """The fleet's apps in the order of their keys, from one on, in slices of about `SLICE` entries."""
    some: Apps = []
    size = 0
    for key in sorted(app.key for app in fleet.apps(account) if app.key >= begin):
        watched = fleet.get(key)
        if watched is None:
            continue  # it has left since the walk began
        some.append((watched.app, watched.snapshot))
        size += 1 + len(watched.snapshot.entries)
        if size >= SLICE:
            yield some
            some, size = [], 0
            await asyncio.sleep(0)
    yield some


async def numbers(fleet: Known, asked: NumberFilter) -> tuple[list[Listed], str | None]:
    """A page of numbers and the cursor of the next, None after the last: `views.pages.page_of_numbers` in slices."""

    def page(apps: Apps, limit: int) -> tuple[list[Listed], str | None]:
        return page_of_numbers(apps, msgspec.structs.replace(asked, limit=limit))

    def place(one: Listed) -> tuple[str, ...]:
        return (*one.app.key, one.entry.now.waba_id, one.entry.now.number)

    begin = () if asked.cursor is None else asked.cursor[:2]
    return await _paged(slices(fleet, begin, asked.account), page, place, asked.limit)


async def apps(fleet: Known, asked: AppFilter) -> tuple[Apps, str | None]:
    """A page of apps, likewise."""

    def page(some: Apps, limit: int) -> tuple[Apps, str | None]:
        return page_of_apps(some, msgspec.structs.replace(asked, limit=limit))

    def place(one: tuple[App, Snapshot]) -> tuple[str, ...]:
        return one[0].key

    return await _paged(slices(fleet, asked.cursor or (), asked.account), page, place, asked.limit)


async def meant(texts: Iterable[str], fleet: Known, masking: Masking) -> Mapping[str, tuple[str, ...]]:
    """The numbers that each text may mean: the one that it spells, or all in the fleet that are shown so."""
    looks = {text: masking.look(text) for text in texts}
    shown: dict[Look, list[str]] = {look: [] for look in looks.values() if look is not None}
    for place, number in enumerate(list(fleet.numbers()) if shown else ()):
        look = look_of(number)
        if look in shown:
            shown[look].append(number)
        if place % SLICE == SLICE - 1:
            await asyncio.sleep(0)
    return {text: masking.meant(text, () if look is None else shown[look]) for text, look in looks.items()}


async def in_turns(work: Iterable[_One], turn: int = 100) -> list[_One]:
    """The work's results; the loop is given back after every so many."""
    results: list[_One] = []
    for result in work:
        results.append(result)
        if len(results) % turn == 0:
            await asyncio.sleep(0)
    return results


async def _paged(
    walk: AsyncGenerator[Apps, None],
    page: Callable[[Apps, int], tuple[list[_One], str | None]],
    place: Callable[[_One], tuple[str, ...]],
    limit: int,
) -> tuple[list[_One], str | None]:
    found: list[_One] = []
    async with aclosing(walk):
        async for some in walk:
            more_found, more = page(some, max(limit - len(found), 1))
            if len(found) == limit:
                if more_found:
                    return found, cursor(place(found[-1]))
                continue
            found += more_found
            if more is not None:
                return found, more
    return found, None

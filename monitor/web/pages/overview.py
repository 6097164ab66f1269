"""
The whole fleet at one moment, as the pages show it: counts, and every app with what it comes to.

Gathered in slices that give the loop back.  What was counted of an app is kept while its entries are the same object:
at 100,000 numbers, looking again costs little more than looking at what has changed.
"""

import asyncio
import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from monitor.fleet.fleet import AppKey
from monitor.fleet.masking import Masking
from monitor.views.looking import COUNTED, SHOWS, Looking, Needle
from monitor.views.order import Listed, place, worst_first
from monitor.views.tally import Standing, Tally, Tile, is_fresh, standing, tally, tile_place
from monitor.web.collaborators import Known, Watch
from monitor.web.walk import SLICE

A_PAGE = 100  #: numbers on a page
FAR_ENOUGH = 10  #: pages of numbers that can be turned; who wants more narrows the search, or asks the API
NAMED = 120  #: apps that are shown by their names; more are symbols, until a search leaves fewer
DENSE = 600  #: symbols on a page
A_SEARCH = 700  #: entries that are searched between two returns to the loop
A_PORTION = 500  #: apps that are put in order between two returns to the loop

QUALITIES: Mapping[int, str] = {1: "GREEN", 2: "YELLOW", 3: "RED", 0: "not rated"}


class Overview(msgspec.Struct):
    """The fleet at one moment."""

    tiles: list[Tile] = []  #: every app
    apps: int = 0
    numbers: int = 0
    attention: int = 0  #: entries of severity warning or critical
    critical: int = 0  #: of these
    unknown: int = 0  #: entries of unknown severity
    silenced: int = 0  #: entries that cannot send: status PENDING and worse
    ratings: list[int] = msgspec.field(default_factory=lambda: [0, 0, 0, 0])  #: entries by quality rating's value
    failing_apps: int = 0  #: their last poll failed
    lost_apps: int = 0  #: these, and those that have not answered for long
    suspect_apps: int = 0
    untried: int = 0  #: apps that were never asked
    unread: int = 0  #: accounts that other processes watch, and of which nothing is known here yet
    oldest: int | None = None  #: start of the oldest of the apps' last answers, ms since 1970
    newest: int | None = None  #: and of the newest
    accounts: tuple[str, ...] = ()
    standings: dict[Standing, int] = {}  #: apps by what they stand for; none is left out

    @property
    def is_lost(self) -> bool:
        """Whether no app answers: nothing shown can be taken for the present."""
        return self.lost_apps > 0 and self.lost_apps == self.apps - self.untried


class Survey:
    """Looks over the fleet."""

    def __init__(self, fleet: Known, watch: Watch, now: Callable[[], int]) -> None:
        self._fleet = fleet
        self._watch = watch
        self._now = now
        self._counted: dict[AppKey, Tally] = {}

    async def overview(self) -> Overview:
        """Count everything."""
        seen = Overview(standings=dict.fromkeys(Standing, 0))
        counted: dict[AppKey, Tally] = {}
        accounts: set[str] = set()
        looked_at, now = 0, self._now()
        for watched in self._fleet.watched():
            app, snapshot = watched.app, watched.snapshot
            known = self._counted.get(app.key)
            if known is None or known.entries is not snapshot.entries:
                known = tally(app, snapshot)
                looked_at += known.numbers
            counted[app.key] = known
            fresh = is_fresh(snapshot, self._watch.interval(app), now)
            tile = Tile(app, snapshot, known, standing(snapshot, known, fresh=fresh))
            seen.tiles.append(tile)
            accounts.add(app.account)
            _count(seen, tile, fresh=fresh)
            looked_at += 3
            if looked_at >= SLICE:
                looked_at = 0
                await asyncio.sleep(0)
        self._counted = counted
        seen.accounts = tuple(sorted(accounts))
        return seen


def _count(seen: Overview, tile: Tile, *, fresh: bool) -> None:
    snapshot, counted = tile.snapshot, tile.tally
    seen.apps += 1
    seen.numbers += counted.numbers
    seen.attention += counted.attention
    seen.critical += counted.critical
    seen.unknown += counted.unknown
    seen.silenced += counted.silenced
    for value, count in enumerate(counted.ratings):
        seen.ratings[value] += count
    seen.standings[tile.standing] += 1
    failing = snapshot.failure is not None
    seen.failing_apps += failing
    seen.lost_apps += failing or not fresh
    seen.suspect_apps += snapshot.suspect
    answered = snapshot.last_success
    if answered is None:
        seen.untried += not failing
    else:
        seen.oldest = answered if seen.oldest is None else min(seen.oldest, answered)
        seen.newest = answered if seen.newest is None else max(seen.newest, answered)


class Found(msgspec.Struct, frozen=True):
    """A page of numbers, the worst first."""

    numbers: list[Listed]
    all: int  #: how many there are on all pages
    page: int
    pages: int  #: how many can be turned to


async def find_numbers(seen: Overview, asked: Looking, masking: Masking) -> Found:
    """The numbers that are looked for; in particular nothing: those in trouble."""
    show = asked.show or ("" if asked.q else "trouble")
    needle = asked.needle(masking)
    wanted = min(asked.page, FAR_ENOUGH) * A_PAGE
    best: list[Listed] = []
    total = looked_at = 0
    for tile in seen.tiles:
        if asked.account not in {"", tile.app.account} or (show and not COUNTED[show](tile.tally)):
            looked_at += 1
            continue
        some = list(_fitting(tile, show, needle))
        total += len(some)
        best += some
        looked_at += 1 + (len(some) if show == "trouble" else tile.tally.numbers)
        if looked_at >= A_SEARCH:
            looked_at = 0
            best = heapq.nsmallest(wanted, best, key=place)
            await asyncio.sleep(0)
    best = heapq.nsmallest(wanted, best, key=place)
    return _page(best, total, asked.page)


class Grid(msgspec.Struct, frozen=True):
    """A page of apps, the worst first."""

    tiles: list[Tile]
    all: int  #: how many there are on all pages
    is_named: bool  #: few enough to be shown by their names
    page: int
    pages: int


async def find_tiles(seen: Overview, asked: Looking) -> Grid:
    """The apps that are looked for, by their own names or with a number that is shown."""
    needle = asked.needle()
    portions = []
    for begin in range(0, len(seen.tiles), A_PORTION):
        fitting = (tile for tile in seen.tiles[begin : begin + A_PORTION] if _is_asked_for(tile, asked, needle))
        portions.append(sorted((tile_place(tile), tile) for tile in fitting))
        await asyncio.sleep(0)
    total = sum(len(portion) for portion in portions)
    size = NAMED if total <= NAMED else DENSE
    pages = max(1, -(-total // size))
    page = min(asked.apps, pages)
    tiles = []
    for index, (_place, tile) in enumerate(heapq.merge(*portions)):
        if index >= page * size:
            break
        if index >= (page - 1) * size:
            tiles.append(tile)
        if index % A_PORTION == A_PORTION - 1:
            await asyncio.sleep(0)
    return Grid(tiles, total, total <= NAMED, page, pages)


def _is_asked_for(tile: Tile, asked: Looking, needle: Needle | None) -> bool:
    return (
        asked.account in {"", tile.app.account}
        and (not asked.show or COUNTED[asked.show](tile.tally) > 0)
        and (needle is None or needle.fits_app(tile.app))
    )


def _fitting(tile: Tile, show: str, needle: Needle | None) -> Iterator[Listed]:
    everything = needle is None or needle.fits_app(tile.app)
    for one in tile.troubled if show == "trouble" else tile.listed:
        if (not show or SHOWS[show](one.entry)) and (everything or (needle is not None and needle.fits(one.entry))):
            yield one


def _page(best: list[Listed], total: int, page: int) -> Found:
    pages = min(max(1, -(-total // A_PAGE)), FAR_ENOUGH)
    page = min(page, pages)
    return Found(best[(page - 1) * A_PAGE : page * A_PAGE], total, page, pages)


def by_account(found: Iterable[Listed]) -> list[tuple[str, list[Listed]]]:
    """The numbers grouped by account; the account with the worst comes first."""
    groups: dict[str, list[Listed]] = {}
    for one in found:
        groups.setdefault(one.app.account, []).append(one)
    return [(account, worst_first(group)) for account, group in groups.items()]

"""
Which apps there are: every account's configuration, file and URL, merged and watched while we run.

Whoever is interested is told an account's whole list whenever it differs from the one told before.  A source that
cannot be read, or whose list is held back, keeps its last list.  One change at a time: whatever changes the lists or
tells of them holds one lock, and only what holds no lock is ever cancelled.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from monitor.fleet import hints
from monitor.fleet.app import App
from monitor.metrics.instruments import Instruments
from monitor.roster.file import AppsFile
from monitor.roster.guard import Apps
from monitor.roster.merge import merge
from monitor.roster.url import AppsUrl
from monitor.roster.watched import ListState, Read, Shelf, Tell, WatchedList
from monitor.store.errors import StoreError

#: Seconds between two looks at each kind of source; also the order in which they are merged after the configuration.
LOOK_EVERY = {"file": 30.0, "url": 60.0}

OnChange = Callable[[str, list[App]], Awaitable[None]]


def _in_english(hint_id: str) -> str:
    return hints.hint(hint_id, "en")


@dataclass(frozen=True)
class Sources:
    """Where an account's apps come from."""

    account: str
    configured: Apps = ()
    file: Path | None = None
    url: AppsUrl | None = None


class Roster:
    """The apps of all accounts."""

    def __init__(
        self,
        sources: Sequence[Sources],
        *,
        store: Shelf,
        tell: Tell,
        on_change: OnChange,
        instruments: Instruments,
        now: Callable[[], int],
        monotonic: Callable[[], float],
        log: structlog.typing.FilteringBoundLogger,
        hint: Callable[[str], str] = _in_english,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """
        Args:
            sources: One an account.
            store: Keeps the last believed lists.
            tell: Records events (`app_list.held`, `app_list.accepted`) and has them delivered; raises StoreError.
            on_change: Called with an account and all its apps, at the start and after each change; when it raises
                while we watch, it is called again after the next look.
            instruments: Our own metrics: how the sources do.
            now: Wall clock, milliseconds since 1970.
            monotonic: Seconds.
            log: For what is wrong with a list.
            hint: The sentence for a hint's id, in the language of `people.language`.
            pause: Waits so many seconds between two looks.
        """
        self._sources = {source.account: source for source in sources}
        self._watched_list = partial(
            WatchedList,
            store=store,
            tell=tell,
            hint=hint,
            instruments=instruments,
            now=now,
            monotonic=monotonic,
            log=log,
        )
        self._store = store
        self._on_change = on_change
        self._instruments = instruments
        self._now = now
        self._log = log
        self._pause = pause
        self._lists: dict[tuple[str, str], WatchedList] = {}
        self._told: dict[str, Apps] = {}
        self._configured_at = 0
        self._turn = asyncio.Lock()
        self._watches: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def start(self) -> None:
        """Read every source, or take its last list, and tell each account's apps; then watch."""
        async with self._turn:
            await self._begin(self._sources.values())

    async def reload(self, sources: Sequence[Sources]) -> None:
        """
        Watch these sources from now on, after looking at each of them at once.

        An account that is no longer there is forgotten without a word: ending its apps is the caller's.
        """
        async with self._turn:
            await self._end(self._watches.keys())
            self._sources = {source.account: source for source in sources}
            for account in self._told.keys() - self._sources.keys():
                del self._told[account]
            for account, kind in sorted(self._lists):
                if account not in self._sources:
                    await self._forget(account, kind)
            await self._begin(self._sources.values())

    async def take(self, sources: Sequence[Sources]) -> None:
        """Watch these too from now on, after looking at each of them: accounts that were not watched before."""
        async with self._turn:
            self._sources |= {source.account: source for source in sources}
            await self._begin(sources)

    async def let_go(self, accounts: Collection[str]) -> None:
        """Another process watches these accounts: look no more; their last lists stay in the store."""
        async with self._turn:
            await self._end([key for key in self._watches if key[0] in accounts])
            for account in accounts:
                self._sources.pop(account, None)
                self._told.pop(account, None)
                for kind in LOOK_EVERY:
                    self._lists.pop((account, kind), None)

    async def accept(self, account: str) -> int:
        """Believe the account's lists that are held back; how many that were."""
        async with self._turn:
            accepted = [await watched.accept() for watched in self._lists_of(account)]
            await self._tell(account)
        return sum(accepted)

    async def stop(self) -> None:
        """Look no more; what is being told is told to its end."""
        async with self._turn:
            await self._end(self._watches.keys())

    def apps(self, account: str) -> Apps:
        """All apps of the account, as they were told last."""
        return self._told.get(account, ())

    def states(self) -> list[ListState]:
        """How each source does, account by account in the order of merging."""
        states = []
        for account, sources in self._sources.items():
            if _is_configured(sources):
                count, at = len(sources.configured), self._configured_at
                states.append(ListState(account, "config", count, up=True, last_success=at, held=None, error=""))
            states += [watched.state() for watched in self._lists_of(account)]
        return states

    async def _begin(self, sources: Collection[Sources]) -> None:
        """Look at these, tell of them, and look again and again."""
        self._configured_at = self._now()
        wanted = {(source.account, kind): read for source in sources for kind, read in _reads(source)}
        possible = {(source.account, kind) for source in sources for kind in LOOK_EVERY}
        for key in sorted(possible - wanted.keys()):
            await self._forget(*key)
        for key, read in wanted.items():
            if key in self._lists:
                self._lists[key].read = read
            else:
                self._lists[key] = self._watched_list(*key, read)
                await self._lists[key].restore()
        lists = {key: self._lists[key] for key in wanted}
        try:
            await asyncio.gather(*(self._look(watched) for watched in lists.values()))
            for source in sources:
                self._report_configured(source)
                await self._tell(source.account)
        finally:
            self._watches |= {key: asyncio.create_task(self._watch(watched)) for key, watched in lists.items()}

    async def _forget(self, account: str, kind: str) -> None:
        """There is no such source (any more): were it to come back, its old list would say nothing."""
        self._lists.pop((account, kind), None)
        self._instruments.app_source_up.remove(account, kind)
        self._instruments.app_source_last_success.remove(account, kind)
        try:
            if await self._store.roster(account, kind):
                await self._store.save_roster(account, kind, b"")
        except StoreError as error:
            self._log.warning("old list of apps not deleted", account=account, source=kind, reason=str(error))

    async def _end(self, keys: Collection[tuple[str, str]]) -> None:
        tasks = [self._watches.pop(key) for key in list(keys)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _look(self, watched: WatchedList) -> None:
        await watched.take(await watched.look())

    async def _watch(self, watched: WatchedList) -> None:
        while True:
            await self._pause(LOOK_EVERY[watched.source])
            try:
                read = await watched.look()
                async with self._turn:
                    await watched.take(read)
                    await self._tell(watched.account)
            except Exception:  # noqa: BLE001  # the top of a watch: whatever broke, it looks again
                self._log.exception("look at a list of apps broke", account=watched.account, source=watched.source)

    async def _tell(self, account: str) -> None:
        sources = self._sources.get(account)
        if sources is None:
            return
        apps = merge(sources.configured, *(watched.apps for watched in self._lists_of(account)))
        if self._told.get(account) != apps:
            await self._on_change(account, list(apps))
            self._told[account] = apps

    def _lists_of(self, account: str) -> list[WatchedList]:
        return [self._lists[account, kind] for kind in LOOK_EVERY if (account, kind) in self._lists]

    def _report_configured(self, sources: Sources) -> None:
        gauges = (self._instruments.app_source_up, self._instruments.app_source_last_success)
        for gauge, value in zip(gauges, (1, self._configured_at / 1000), strict=True):
            if _is_configured(sources):
                gauge.labels(sources.account, "config").set(value)
            else:
                gauge.remove(sources.account, "config")


def _is_configured(sources: Sources) -> bool:
    """Whether the configuration is a source of the account; with no other it is, even if it lists nothing."""
    return bool(sources.configured) or (sources.file is None and sources.url is None)


def _reads(sources: Sources) -> list[tuple[str, Read]]:
    reads: list[tuple[str, Read]] = []
    if sources.file is not None:
        reads.append(("file", partial(asyncio.to_thread, AppsFile(sources.file, sources.account).read)))
    if sources.url is not None:
        reads.append(("url", partial(sources.url.read, sources.account)))
    return reads

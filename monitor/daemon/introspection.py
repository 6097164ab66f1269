"""
What the settings page is told: what runs here, with which configuration, on which store, and where events go.

It joins what the configuration, the store and the server know; like the composition root, nothing knows it.
"""

import asyncio
import platform
from collections.abc import Callable

from monitor.daemon.reloading import Reloading
from monitor.delivery.sinks.log import STDOUT
from monitor.settings.model import Settings
from monitor.settings.shown import shown
from monitor.store.errors import StoreError
from monitor.store.store import Store
from monitor.web.collaborators import Particulars, SinkSeen


class Introspection:
    """The web's `Introspection`."""

    def __init__(
        self, *, reloading: Reloading, store: Store, addresses: Callable[[], tuple[str, ...]], started: int
    ) -> None:
        """
        Args:
            reloading: Has the configuration in force.
            store: In use.
            addresses: Where the web server listens.
            started: When the daemon did, ms since 1970.
        """
        self._reloading = reloading
        self._store = store
        self._addresses = addresses
        self._started = started
        self._shown: tuple[Settings, str] | None = None

    async def look(self) -> Particulars:
        """Ask everybody."""
        settings = self._reloading.settings
        if self._shown is None or self._shown[0] is not settings:
            self._shown = (settings, await asyncio.to_thread(shown, settings))  # of long lists it takes a while
        size, sinks = await self._ask_store(settings)
        return Particulars(
            python=platform.python_version(),
            started=self._started,
            listen=self._addresses(),
            configuration=self._shown[1],
            path=str(settings.path),
            taken_over=self._reloading.taken_over_at,
            problems=self._reloading.problems,
            store=self._store.place,
            store_works=self._store.up,
            store_size=size,
            sinks=sinks,
        )

    async def _ask_store(self, settings: Settings) -> tuple[int | None, list[SinkSeen] | None]:
        try:
            size = await self._store.size()
            backlog = await self._store.backlog()
            paused = await self._store.paused_sinks()
        except StoreError:
            return None, None
        types = {STDOUT: STDOUT, **{sink.name: sink.type for sink in settings.events.sinks}}
        seen = []
        for name in sorted({*types, *backlog}):
            held = backlog.get(name)
            seen.append(
                SinkSeen(
                    name,
                    types.get(name, ""),
                    waiting=held.waiting if held is not None else 0,
                    dead=held.dead if held is not None else 0,
                    paused=paused[name].reason if name in paused else "",
                )
            )
        return size, seen

"""What is done again and again beside the watch itself: writing down, sweeping out, keeping the collector away."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from monitor.polling.polling import Polling
from monitor.store.errors import StoreError
from monitor.store.store import Store

FLUSH_EVERY = 15.0  #: seconds between two writes of what unchanged polls must persist
PROBE_EVERY = 2.0  #: seconds between two looks whether a store that was down is back, and what the first round brought
PRUNE_EVERY = 3600.0  #: seconds between two sweeps of what is older than the retention
LOOK_EVERY = 30.0  #: seconds between two looks at the configuration and the files it names

Chore = Callable[[], Awaitable[None]]


class Housekeeping:
    """The chores; `retention` may be changed while they run."""

    def __init__(
        self,
        *,
        store: Store,
        polling: Polling,
        look: Chore,
        retention: int,
        now: Callable[[], int],
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        """
        Args:
            store: What is written to and swept.
            polling: Which apps have been tried, and whose removal is still to be recorded.
            look: Looks whether the configuration is another one.
            retention: Milliseconds that events are kept.
            now: Wall clock, milliseconds since 1970.
            log: For a chore that breaks.
        """
        self.retention = retention
        self._store = store
        self._polling = polling
        self._look = look
        self._now = now
        self._log = log
        self._store_said = ""  # why it could not be written to, in this outage
        self._frozen_at = -1  # the first tries at which the collector was told to leave all alone
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin."""
        self._freeze()
        self._tasks = [
            asyncio.create_task(self._every(seconds, chore))
            for seconds, chore in (
                (FLUSH_EVERY, self._keep_books),
                (PROBE_EVERY, self._probe),
                (LOOK_EVERY, self._look),
                (PRUNE_EVERY, self._prune),
            )
        ]

    async def stop(self) -> None:
        """End them where they are."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    def _freeze(self) -> None:
        """Keep the collector off what is known of the fleet: looking through it again and again would hold the loop."""
        tries = self._polling.first_tries
        if self._frozen_at != tries:
            gc.freeze()
            self._frozen_at = tries

    async def _keep_books(self) -> None:
        try:
            await self._store.flush()
            self._store_said = ""
            await self._polling.retry_removals()
        except StoreError as error:
            self._say(str(error))

    async def _probe(self) -> None:
        self._freeze()
        if not self._store.up:
            await self._keep_books()

    async def _prune(self) -> None:
        with suppress(StoreError):  # if it lasts, the next look finds it too
            await self._store.prune(self._now(), self.retention)

    def _say(self, error: str) -> None:
        """Why the store does not work, once; and again when it is another reason."""
        if error != self._store_said:
            self._store_said = error
            self._log.error("nothing can be written down", error=error)

    async def _every(self, seconds: float, chore: Chore) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await chore()
            except Exception:  # noqa: BLE001  # the top of a chore: whatever broke, it is done again
                self._log.exception("chore broke", chore=getattr(chore, "__name__", ""))

"""
The whole fleet as pages and the API show it: what this process watches, and what others do as the store has it.

Part of the composition root.  The store is asked when somebody looks, every two seconds at most, and only for what has
changed since; events are streamed from it likewise.  Nothing here is polled, told or exposed as metrics.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import nullcontext, suppress

import structlog

from monitor.daemon.collector import left_alone
from monitor.daemon.holding import Holding
from monitor.fleet.app import App
from monitor.fleet.fleet import AppKey, Fleet, Watched
from monitor.fleet.snapshot import Entry
from monitor.store.changes import Changes
from monitor.store.errors import StoreError
from monitor.store.store import Store
from monitor.web.collaborators import ReplicaSeen
from monitor.web.listeners import Listeners

FRESH_FOR = 2.0  #: seconds that what was read of others is shown without another question
WAIT_FOR = 5.0  #: seconds that whoever looks waits for the store at most: then what is known is shown
LISTEN_EVERY = 1.0  #: seconds between two questions whether others have recorded events
SLICE = 50  #: apps that are taken over between two returns to the loop: an entry takes some microseconds


class Whole:
    """The web's `Known` and `Replicas`; where the store is not shared, the process's own fleet and nothing else."""

    def __init__(
        self,
        own: Fleet,
        store: Store,
        *,
        holding: Holding,
        configured: Callable[[], Collection[str]],
        listeners: Listeners,
        monotonic: Callable[[], float],
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        """
        Args:
            own: What this process watches.
            store: Has what the others record.
            holding: Who watches what.
            configured: The accounts that are shown, whoever watches them.
            listeners: Who waits for events.
            monotonic: Seconds.
            log: For a store that does not answer.
        """
        self.as_of: int | None = None  #: the event's sequence that all of others that is shown is true for
        self._own = own
        self._store = store
        self._holding = holding
        self._configured = configured
        self._listeners = listeners
        self._monotonic = monotonic
        self._log = log
        self._others = Fleet()
        self._known: dict[AppKey, tuple[int, int | None]] = {}
        self._read: tuple[frozenset[str], float] = (frozenset(), 0.0)  # what was read last, and when
        self._reading: asyncio.Task[None] | None = None
        self._listening: asyncio.Task[None] | None = None

    @property
    def accounts(self) -> tuple[str, ...]:
        """The names of all accounts."""
        return (*self._own.accounts, *self._foreign())

    @property
    def unread(self) -> Sequence[str]:
        """The accounts of which nothing is shown yet: others watch them, and what they recorded is being read."""
        if self._store.ownership is None:
            return ()
        read, _when = self._read
        return [name for name in self._configured() if name not in read and not self._own.knows(name)]

    def get(self, key: AppKey) -> Watched | None:
        """The app with what is known of it; None when nobody watches it."""
        return self._fleet(key[0]).get(key)

    def apps(self, account: str | None = None) -> list[App]:
        """The apps of one account, or of all."""
        return [app for fleet, name in self._parts(account) for app in fleet.apps(name)]

    def watched(self, account: str | None = None) -> Iterator[Watched]:
        """The same with what is known of them; it may change meanwhile."""
        for fleet, name in self._parts(account):
            yield from fleet.watched(name)

    def find(self, number: str, account: str | None = None) -> Iterator[tuple[App, Entry]]:
        """Every entry of a number, in one account or in all."""
        for fleet, name in self._parts(account):
            yield from fleet.find(number, name)

    def numbers(self) -> Iterator[str]:
        """Every number, once an account; nothing must change meanwhile."""
        yield from self._own.numbers()
        yield from self._others.numbers()

    def owner(self, account: str) -> str | None:
        """The process that watches the account; None: nobody does, or one has the store alone."""
        owner = self._holding.owners().get(account)
        return None if owner is None else owner.name

    def seen(self) -> Sequence[ReplicaSeen]:
        """Who watches what, this process first; none where one has the store alone."""
        return [ReplicaSeen(*share) for share in self._holding.shares()]

    async def refresh(self, *, at_once: bool = False) -> None:
        """
        See what others have recorded, if that was not done just now; raises nothing.

        Args:
            at_once: Do so in any case: what was recorded before this call is seen.
        """
        wanted = frozenset(name for name in self._configured() if not self._own.knows(name))
        for name in set(self._others.accounts) - wanted:
            self._forget(name)
        if not wanted:
            self.as_of, self._read = None, (wanted, 0.0)
            return
        if at_once and self._reading is not None:
            await asyncio.wait({self._reading}, timeout=WAIT_FOR)
        if not at_once and self._read[0] == wanted and self._monotonic() - self._read[1] < FRESH_FOR:
            return
        if self._reading is None:
            self._reading = asyncio.create_task(self._look(wanted))
        await asyncio.wait({self._reading}, timeout=WAIT_FOR)

    def start(self) -> None:
        """Wake who waits for events when another process has recorded some."""
        if self._store.ownership is not None:
            self._listening = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        """End."""
        tasks = [task for task in (self._listening, self._reading) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _look(self, accounts: frozenset[str]) -> None:
        try:
            begun = self._monotonic()
            with nullcontext() if self._known else left_alone():  # at first it is a great deal
                changes = await self._store.changes(accounts, dict(self._known))
                await self._take_over(changes)
            self.as_of, self._read = changes.sequence, (accounts, begun)
        except StoreError as error:
            self._log.debug("what other processes record cannot be read", reason=str(error))
        except Exception:  # noqa: BLE001  # the top of a task: what is known goes on to be shown
            self._log.exception("reading what other processes record broke")
        finally:
            self._reading = None

    async def _take_over(self, changes: Changes) -> None:
        for key in changes.gone:
            self._others.remove(key)
            self._known.pop(key, None)
        for index, (key, (app, snapshot)) in enumerate(changes.changed.items()):
            if self._others.get(key) is None:
                self._others.add(app, snapshot)
            else:
                self._others.replace(app, snapshot)
            self._known[key] = (snapshot.version, snapshot.last_success)
            if index % SLICE == SLICE - 1:
                await asyncio.sleep(0)
        for index, (key, moment) in enumerate(changes.moved.items()):
            if self._others.get(key) is not None:  # it may have become ours meanwhile
                self._others.seen(key, moment)
                self._known[key] = (self._known[key][0], moment)
            if index % (10 * SLICE) == 10 * SLICE - 1:
                await asyncio.sleep(0)

    async def _listen(self) -> None:
        heard = 0
        while True:
            await asyncio.sleep(LISTEN_EVERY)
            if not self._listeners.open:
                continue
            with suppress(StoreError):  # streams look by themselves when it is back
                last = await self._store.last_sequence()
                if last != heard:
                    heard = last
                    self._listeners.ring()

    def _forget(self, account: str) -> None:
        for app in self._others.apps(account):
            self._known.pop(app.key, None)
        self._others.forget(account)

    def _foreign(self) -> set[str]:
        return {name for name in self._others.accounts if not self._own.knows(name)}

    def _fleet(self, account: str) -> Fleet:
        return self._others if self._others.knows(account) and not self._own.knows(account) else self._own

    def _parts(self, account: str | None) -> list[tuple[Fleet, str | None]]:
        """The fleets to look into, and of each which account."""
        if account is not None:
            return [(self._fleet(account), account)]
        return [(self._own, None), *((self._others, name) for name in sorted(self._foreign()))]

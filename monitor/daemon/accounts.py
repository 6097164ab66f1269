"""
The accounts that this process watches: what is known of each, who polls it, and its lists of apps.

Part of the composition root.  An account comes with the configuration or from another process, and goes likewise; here
all the parts that have to do with it are told so in order.
"""

import asyncio
from collections.abc import Callable, Collection

from monitor.daemon import conversion
from monitor.daemon.vendors import Vendors
from monitor.fleet.fleet import Fleet
from monitor.polling.ledger import Ledger
from monitor.polling.turns import Turns
from monitor.roster.roster import Roster
from monitor.settings.model import Settings
from monitor.store.errors import StoreUnavailable
from monitor.store.snapshots import Restored
from monitor.store.store import Store


class Accounts:
    """All of them."""

    def __init__(
        self,
        *,
        settings: Callable[[], Settings],
        watched: Callable[[Settings], Settings],
        store: Store,
        fleet: Fleet,
        ledger: Ledger,
        vendors: Vendors,
        roster: Roster,
        monotonic: Callable[[], float],
    ) -> None:
        """
        Args:
            settings: Those in force.
            watched: The same with the accounts alone that are this process's to watch.
            store: What lasts.
            fleet: What is known.
            ledger: Shows it.
            vendors: Polls them.
            roster: Their lists of apps.
            monotonic: Seconds.
        """
        self.restored = False  #: the store knew apps of an account: there was something to show at once
        self._settings = settings
        self._watched = watched
        self._store = store
        self._fleet = fleet
        self._ledger = ledger
        self._vendors = vendors
        self._roster = roster
        self._monotonic = monotonic

    async def remember(self, restored: Restored) -> None:
        """Show what the store knows."""
        stale_after = self._settings().poll.stale_after_ms
        for name, state in restored.accounts.items():
            self._fleet.replace_account(name, state)
        turns = Turns(self._monotonic)
        for key, app in restored.apps.items():
            self._fleet.add(app, restored.snapshots[key])
            self._ledger.show(key, stale_after=stale_after)
            await turns.give_way()
        self.restored = self.restored or bool(restored.snapshots)

    async def show(self) -> None:
        """Render all that is known."""
        stale_after = self._settings().poll.stale_after_ms
        turns = Turns(self._monotonic)
        for watched in self._fleet.watched():
            self._ledger.show(watched.app.key, stale_after=stale_after)
            await turns.give_way()

    async def begin(self) -> None:
        """Poll what is configured, and read the lists of apps; those that have left the configuration end."""
        settings = self._settings()
        await self._vendors.take_over(self._watched(settings), conversion.policy_of(settings))
        await self._roster.start()

    async def take_over(self, settings: Settings) -> None:
        """The same by another configuration."""
        watched = self._watched(settings)
        await self._vendors.take_over(watched, conversion.policy_of(settings))
        await self._roster.reload([conversion.sources_of(account) for account in watched.accounts])

    async def change_hands(self, lost: Collection[str], gained: Collection[str]) -> None:
        """
        Other processes watch some accounts now; some are ours, and go on where their last owner was.

        Args:
            lost: Forgotten without a word: nothing of them is recorded, and what is under way changes nothing.
            gained: Restored, shown, and polled at once; nothing is told but what was being delivered.

        Raises:
            StoreError: What is gained could not be restored, and is not watched.
        """
        for account in {*lost, *gained}:  # of what is gained too: it may have been another's for a moment
            self._vendors.let_go(account)
            await asyncio.sleep(0)
        await self._roster.let_go({*lost, *gained})
        if not gained:
            return
        try:
            await self._take_up(gained)
        except BaseException:
            for account in gained:  # half known: whoever looks next would take it for one that left the configuration
                self._vendors.let_go(account)
            raise

    async def _take_up(self, gained: Collection[str]) -> None:
        await self._store.release_of(gained)  # first: what was given to the writer before is recorded by its end
        await self.remember(await self._store.restore(gained))
        settings = self._settings()
        watched = self._watched(settings)
        await self._vendors.take_over(watched, conversion.policy_of(settings))
        for name in set(gained) - {each.name for each in watched.accounts}:
            if self._fleet.count(name):
                raise StoreUnavailable(f"not all apps of account {name}, which is configured no more, have ended yet")
        await self._roster.take([conversion.sources_of(each) for each in watched.accounts if each.name in gained])

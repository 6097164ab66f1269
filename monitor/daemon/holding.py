"""
Which accounts this process watches: all of them, or where several processes share a store, those whose lease it holds.

Part of the composition root.  Leases are renewed and shared out in rounds; what they change is carried out beside the
rounds, one change at a time, as it may take longer than a lease lasts.  An account is watched only while its lease is
held: before each call to the vendor that is asked anew.  A process that is cut off from the store asks no more, and
shows what it has until that is stale or another process is known to watch the account.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from typing import NamedTuple

import structlog

from monitor.delivery.sinks.log import STDOUT
from monitor.metrics.instruments import Instruments
from monitor.settings.model import Settings
from monitor.store.errors import StoreError
from monitor.store.leases import ACT_FOR, NOBODY, RENEW_EVERY, View
from monitor.store.membership import Membership
from monitor.store.ownership import Ownership
from monitor.store.tenure import EVERYTHING

LOOK_EVERY = 1.0  #: seconds between two looks whether a lease has not been renewed for too long
AGAIN_AFTER = 2.0  #: seconds until a change that failed is tried again
LINGER = 120.0  #: seconds that an account is kept that left the configuration: others may have the old one still
LOOK_AFTER_EVERY = 60.0  #: seconds between two looks at what is to be delivered of accounts that nobody watches

Change = Callable[[Collection[str], Collection[str]], Awaitable[None]]  #: given what is lost, and what is gained


class Share(NamedTuple):
    """What one of the processes watches."""

    name: str
    is_this: bool
    accounts: list[str]


class Holding:
    """The accounts of this process; where the store is not shared, nothing but a question whose answer is yes."""

    def __init__(
        self,
        ownership: Ownership | None,
        *,
        name: str,
        settings: Callable[[], Settings],
        change: Change,
        flush: Callable[[], Awaitable[None]],
        instruments: Instruments,
        monotonic: Callable[[], float],
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        """
        Args:
            ownership: The leases; None where the store is this process's alone.
            name: Of this process, for people.
            settings: Those in force.
            change: Makes a change real: forgets accounts, restores and watches others; raises StoreError.
            flush: Writes down what an account's next owner is to find; raises StoreError.
            instruments: Our own metrics.
            monotonic: Seconds.
            log: Who watches what.
        """
        self.turn = asyncio.Lock()  #: whoever changes what is watched holds it
        self.settled = ownership is None  #: what the first round has brought is watched
        self._ownership = ownership
        self._holder = "" if ownership is None else ownership.holder
        self._name = name
        self._membership = None if ownership is None else Membership(ownership, name)
        self._settings = settings
        self._change = change
        self._flush = flush
        self._instruments = instruments
        self._monotonic = monotonic
        self._log = log
        self._ours: set[str] = set()  # by the last round, and not lapsed since
        self._lapsed: dict[str, float] = {}  # not renewed in time, and shown still: since when
        self._anew: set[str] = set()  # watched, but what is known of it may be old: another may have had it meanwhile
        self._watched: set[str] = set()
        self._arriving: frozenset[str] = frozenset()  # of what is watched: what is being restored
        self._lingering: dict[str, float] = {}  # left the configuration a short while ago: when
        self._looked_after: set[str] = set()  # nobody's: to deliver what is left of their events
        self._resting: set[str] = set()  # the same until a moment ago
        self._orphans: dict[str, float] = {}  # not configured, and nobody's: since when
        self._ended: set[str] = set()  # of these, those whose apps have left
        self._lost: set[str] = set()  # to be forgotten, as far as that has not been done yet
        self._changed = asyncio.Event()
        self._view: View | None = None
        self._shares: list[Share] | None = None  # what the view comes to, once somebody wants to know,
        self._owners: dict[str, Share] = {}  # and by account
        self._configured_by: tuple[Settings | None, frozenset[str]] = (None, frozenset())
        self._renewed = monotonic()  # when a round last went through
        self._said = ""
        self._shown: frozenset[str] = frozenset()
        self._tasks: list[asyncio.Task[None]] = []

    def restricted(self, settings: Settings) -> Settings:
        """These settings with the accounts alone that this process watches."""
        if self._ownership is None:
            return settings
        watched = tuple(account for account in settings.accounts if account.name in self._watched)
        return settings.model_copy(update={"accounts": watched})

    def acts_for(self, account: str) -> bool:
        """Whether this process may ask the vendor for the account at this moment."""
        return self._ownership is None or self._ownership.acts_for(account)

    def cut_off(self) -> str | None:
        """None, or why this process can watch nothing at this moment, whoever else does."""
        if self._ownership is None or self._monotonic() - self._renewed < ACT_FOR:
            return None
        return "cut off from the store: nothing is polled"

    def is_elsewhere(self, account: str) -> bool:
        """Whether another process acts for the account, or will as it is configured."""
        if self._ownership is None:
            return False
        if account not in self._configured():
            owner = self.owners().get(account)
            return owner is not None and not owner.is_this
        is_here = account in self._watched and account not in self._arriving
        return not (is_here and self._ownership.acts_for(account))

    def accounts(self) -> Collection[str]:
        """The accounts that this process acts for at this moment, where several share the store."""
        return [account for account in self._watched - self._arriving if self.acts_for(account)]

    def others(self) -> Mapping[str, str]:
        """The other processes that share the store, as of the last round: the name by the holder."""
        if self._view is None or self._ownership is None:
            return {}
        return {each.holder: each.name for each in self._view.replicas if each.holder != self._ownership.holder}

    def shares(self) -> list[Share]:
        """Who watches what, as of the last round, this process first; none where one has the store alone."""
        if self._view is None or self._ownership is None:
            return []
        if self._shares is None:
            owned = {each.account: each.holder for each in self._view.owned} | dict.fromkeys(self._ours, self._holder)
            names = {self._holder: self._name, **dict(sorted(self.others().items(), key=lambda other: other[1]))}
            accounts: dict[str, list[str]] = {holder: [] for holder in names}
            for account, holder in sorted(owned.items()):
                accounts.get(holder, []).append(account)
            self._shares = [Share(names[each], each == self._holder, accounts[each]) for each in names]
            self._owners = {account: share for share in self._shares for account in share.accounts}
        return self._shares

    def owners(self) -> Mapping[str, Share]:
        """The same by account, without those that nobody watches."""
        return self._owners if self.shares() else {}

    def reloaded(self) -> None:
        """
        The settings in force are watched: what is configured no more has left.

        It is kept for a while: a process that has not read the new configuration yet would watch it anew.
        """
        configured, now = self._configured(), self._monotonic()
        self._lingering |= dict.fromkeys(self._watched - configured, now)
        self._lingering = {account: since for account, since in self._lingering.items() if account not in configured}
        self._watched &= configured

    def start(self) -> None:
        """Begin to take accounts, where the store is shared."""
        if self._membership is not None:
            self._tasks = [
                asyncio.create_task(self._again(RENEW_EVERY, self.round)),
                asyncio.create_task(self._again(LOOK_EVERY, self.look)),
                asyncio.create_task(self._again(RENEW_EVERY, self._write_down)),
                asyncio.create_task(self._again(LOOK_AFTER_EVERY, self.look_after)),
                asyncio.create_task(self._carry_out()),
            ]

    async def stop(self) -> None:
        """Take no more; what is held is the store's to give away when it is closed."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def round(self) -> None:
        """Renew, take and give; what that changes is carried out later."""
        assert self._membership is not None
        try:
            kept = self._lingering.keys() | self._looked_after | self._left()
            changed = await self._membership.round(self._configured() | self._watched, kept)
        except StoreError as error:
            if str(error) != self._said:
                self._said = str(error)
                self._log.error("leases not renewed", reason=str(error))
            return
        self._said, self._view, self._shares = "", changed.view, None
        self._renewed = self._monotonic()
        self._ours = (self._ours - set(changed.lost)) | set(changed.gained)
        self._anew |= set(changed.gained) & self._watched
        self._lost |= set(changed.lost) - self._configured() - self._resting
        self._lapsed.clear()
        self._note_orphans(changed.view)
        self._show(changed.view)
        self._changed.set()

    async def look(self) -> None:
        """Stop acting for what was not renewed in time; forget it when it is stale."""
        assert self._membership is not None
        now = self._monotonic()
        for account in self._membership.lapsed():
            self._shares = None
            self._ours.discard(account)
            self._lapsed[account] = now
            self._instruments.lease_held.labels(account).set(0)
            self._log.error("lease not renewed in time: the account is polled no more", account=account)
        stale_after = self._settings().poll.stale_after_ms / 1000
        for account in [account for account, since in self._lapsed.items() if now - since >= stale_after]:
            del self._lapsed[account]
            self._changed.set()

    async def look_after(self) -> None:
        """
        See to what is still to be delivered of accounts that nobody watches any more.

        Every other time they are let go: a process that is to watch such an account finds it free then.
        """
        assert self._ownership is not None
        now = self._monotonic()
        self._lingering = {account: since for account, since in self._lingering.items() if now - since < LINGER}
        self._resting, self._looked_after = self._looked_after, set()
        if self._resting or self._view is None:
            return
        owned = {each.account for each in self._view.owned if each.holder != NOBODY}
        with suppress(StoreError):  # whoever else writes says so
            self._looked_after = set(await self._ownership.owed(self._sinks())) - owned - self._configured()

    async def carry_out(self) -> None:
        """
        Watch what is ours, and nothing else.

        Raises:
            StoreError: It cannot be restored; what is gained is not watched yet.
        """
        async with self.turn:
            lost = (self._watched - self._ours - self._lapsed.keys()) | self._anew
            self._anew.clear()
            self._lost |= lost
            self._watched -= lost
            gained = (self._ours & self._configured()) - self._watched
            if self._lost or gained:
                await self._carry(gained)
            self.settled = True
            for account in sorted((self._ours & self._left()) - self._configured() - self._ended):
                await self._end(account)

    async def _carry(self, gained: set[str]) -> None:
        lost = frozenset(self._lost)
        self._watched |= gained
        self._arriving = frozenset(gained)
        try:
            await self._change(lost, frozenset(gained))
        except BaseException:
            self._watched -= gained
            self._lost |= gained  # half done, perhaps
            raise
        finally:
            self._arriving = frozenset()
        self._lost -= lost
        for account in sorted(lost - gained):
            self._log.info("account is watched by another process", account=account)
        for account in sorted(gained):
            self._log.info("account is watched by this process", account=account)

    async def _end(self, account: str) -> None:
        """Nobody is configured to watch the account: as it is taken up without being configured, its apps have left."""
        await self._change((), (account,))
        self._log.warning("account is in no configuration any more: its apps have left", account=account)
        self._ended.add(account)
        self._lost.add(account)

    def _note_orphans(self, view: View) -> None:
        """Since when nobody has watched accounts that are not configured here; who is to end them keeps them."""
        self._ended -= self._configured()
        now = self._monotonic()
        orphans = {each.account for each in view.owned if each.holder == NOBODY} | (self._ours & self._orphans.keys())
        orphans -= self._configured() | self._ended | {EVERYTHING}
        self._orphans = {account: self._orphans.get(account, now) for account in orphans}

    def _left(self) -> set[str]:
        """The accounts that nobody has watched for so long that they are in no configuration any more."""
        before = self._monotonic() - self._settings().poll.stale_after_ms / 1000
        return {account for account, since in self._orphans.items() if since <= before}

    async def _carry_out(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self.carry_out()
            except StoreError as error:
                self._log.error("account cannot be restored", reason=str(error))
                await self._soon()
            except Exception:  # noqa: BLE001  # the top of a task: whatever broke is tried again
                self._log.exception("change of accounts broke")
                await self._soon()

    async def _soon(self) -> None:
        self._changed.set()
        await asyncio.sleep(AGAIN_AFTER)

    async def _write_down(self) -> None:
        """For the next owner's sake: an account may be given in any round."""
        with suppress(StoreError):  # whoever else writes says so
            await self._flush()

    async def _again(self, seconds: float, act: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await act()
            except Exception:  # noqa: BLE001  # likewise
                self._log.exception("leases broke")
            await asyncio.sleep(seconds)

    def _sinks(self) -> set[str]:
        """Those that get events here; what is due to another one, nobody can deliver."""
        return {STDOUT, *(sink.name for sink in self._settings().events.sinks)}

    def _configured(self) -> frozenset[str]:
        settings = self._settings()
        if self._configured_by[0] is not settings:
            self._configured_by = settings, frozenset(account.name for account in settings.accounts)
        return self._configured_by[1]

    def _show(self, view: View) -> None:
        assert self._ownership is not None
        epochs = {each.account: each.epoch for each in view.owned}
        configured = self._configured()
        for account in self._shown - configured:
            self._instruments.remove_lease(account)
        self._shown = configured
        for account in configured:
            own = self._ownership.epoch(account)  # one taken in this round is newer than the view
            self._instruments.lease_held.labels(account).set(account in self._ours)
            self._instruments.lease_epoch.labels(account).set(epochs.get(account, 0) if own is None else own)

"""
What this process may write of a store that several share, and the asking for it.

The leases are renewed by the writer itself, before all that waits for it: a renewal never waits for a transaction of
another thread of ours, and a process that cannot write does not go on to own.
"""

import asyncio
import contextlib
import time
import uuid
from collections.abc import Awaitable, Callable, Collection
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from monitor.store import outbox
from monitor.store.database import Database
from monitor.store.errors import StoreError, StoreInUse
from monitor.store.leases import NOBODY, RENEW_EVERY, Leases, View
from monitor.store.tenure import EVERYTHING, Fence, Tenure
from monitor.store.writer import Work

T = TypeVar("T")

LOOK_EVERY = 0.5  # seconds, while another process has the store


class Write(Protocol):
    """Has the writer do some work: `Store`'s."""

    def __call__(self, work: Work[T], /) -> Awaitable[T]:
        """In a transaction; raises StoreError."""


class Ownership:
    """The leases of one process on one store; for the event loop."""

    def __init__(
        self,
        write: Write,
        database: Database,
        dialect: str,
        *,
        alone: bool,
        monotonic: Callable[[], float] = time.monotonic,
        new_id: Callable[[], uuid.UUID] = uuid.uuid4,
    ) -> None:
        """
        Args:
            dialect: The database's name for itself, as SQLAlchemy spells it.
            alone: One lease stands for every account: this process writes all or nothing.
            monotonic: Seconds.
            new_id: Makes what nobody else is called.
        """
        self.holder = new_id().hex
        self._write = write
        self._database = database
        self._leases = Leases(dialect, database.clock)
        self._alone = alone
        self._monotonic = monotonic
        self._tenure = Tenure(self.holder, monotonic)
        self._fence = Fence(self.holder)
        self._renewing: asyncio.Task[None] | None = None

    async def renew(self, name: str) -> View:
        """Say that this process lives, and renew what it owns; the arguments are those of `Leases.renew`."""
        asked = self._monotonic()
        view = await self._write(lambda connection: self._leases.renew(connection, self.holder, name))
        self._tenure.renewed(view.epochs(self.holder), asked)
        return view

    async def view(self) -> View:
        """Who is there, and who owns what."""
        return await self._write(self._leases.view)

    async def take(self, accounts: Collection[str]) -> Collection[str]:
        """Take what nobody owns of these; returns which ones were taken."""
        asked = self._monotonic()
        taken = await self._write(lambda connection: self._leases.take(connection, self.holder, accounts))
        self._tenure.taken(taken, asked)
        return taken

    async def give(self, accounts: Collection[str] | None = None) -> None:
        """Write nothing of these any more, and let others have them at once; None: all, since the process ends."""
        if accounts is None:
            self._tenure.renewed({}, 0.0)
        else:
            self._tenure.given(accounts)
        await self._write(lambda connection: self._leases.give(connection, self.holder, accounts))

    async def owed(self, sinks: Collection[str]) -> Collection[str]:
        """The accounts of whose events some are still to be delivered to these sinks, whoever owns them."""
        return await self._write(lambda connection: outbox.owed(connection, sinks))

    def acts_for(self, account: str) -> bool:
        """Whether this process may ask for the account and write what comes of it, at this moment."""
        return self._tenure.acts_for(EVERYTHING if self._alone else account)

    def accounts(self) -> frozenset[str] | None:
        """The accounts that this process acts for at this moment; None: whatever there is, as it is alone."""
        return None if self._alone else self._tenure.accounts()

    def epoch(self, account: str) -> int | None:
        """How often the account has changed hands until it was ours; None while it is not."""
        name = EVERYTHING if self._alone else account
        return self._tenure.epochs([name])[name] if self._tenure.acts_for(name) else None

    def fenced(self, accounts: Collection[str], work: Work[T]) -> Work[T]:
        """
        The work, to be done only while this process owns the accounts that it is about.

        Raises:
            LeaseLost: It does not own them now; the work itself raises it when it is another's by then.
        """
        epochs = self._tenure.epochs([EVERYTHING] if self._alone else accounts)

        def checked(connection: Connection) -> T:
            self._fence.check(connection, epochs)
            return work(connection)

        return checked

    def unchanged(self, account: str, epoch: int, work: Work[T]) -> Work[T]:
        """
        The work, to be done only if the account has not changed hands since that epoch.

        It may be done though this process does not act at the moment: of what was done while it did.

        Raises:
            LeaseLost: By the work itself: it is another's, or was meanwhile.
        """
        name = EVERYTHING if self._alone else account

        def checked(connection: Connection) -> T:
            self._fence.check(connection, {name: epoch})
            return work(connection)

        return checked

    async def begin_alone(self, wait: float, name: str) -> None:
        """
        Become the only process that writes, and stay it until `end`.

        Args:
            wait: Seconds to wait while another process is.
            name: As `renew`'s.

        Raises:
            StoreInUse: Another process is it still.
            StoreUnavailable: As its name says.
        """
        until = self._monotonic() + wait
        while not await self._rule(name):
            if self._monotonic() >= until:
                raise StoreInUse(f"store {self._database} is in use by {await self._ruler()}: stop it first")
            await asyncio.sleep(LOOK_EVERY)
        self._renewing = asyncio.create_task(self._keep(name))

    async def end(self) -> None:
        """Let others have everything."""
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.wait([self._renewing])
        await self.give()

    async def _rule(self, name: str) -> bool:
        await self.renew(name)
        return self.acts_for(EVERYTHING) or bool(await self.take([EVERYTHING]))

    async def _ruler(self) -> str:
        view = await self.view()
        names = {replica.holder: replica.name for replica in view.replicas}
        held = [each.holder for each in view.owned if each.holder not in {NOBODY, self.holder}]
        return next((names[holder] for holder in held if holder in names), "another process")

    async def _keep(self, name: str) -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY)
            with contextlib.suppress(StoreError):  # whoever writes next is told so
                await self._rule(name)

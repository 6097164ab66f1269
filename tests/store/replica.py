"""
One of several processes on one store, as small as it can be: it renews and takes, asks the vendor, records, sends and
marks, each step only when it is told to.  The store is the real one; vendor and receiver are lists.
"""

import asyncio
from collections.abc import Collection
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from monitor.fleet.answer import Answer
from monitor.fleet.app import App
from monitor.fleet.decide import decide
from monitor.fleet.decision import Decision
from monitor.fleet.fleet import Fleet
from monitor.fleet.policy import Policy
from monitor.polling.ledger import durable
from monitor.store.errors import LeaseLost
from monitor.store.membership import Membership
from monitor.store.outbox import Due
from monitor.store.ownership import Ownership
from monitor.store.reader import StoreReader
from monitor.store.recorder import Recorded
from monitor.store.store import Store
from monitor.store.writer import Work
from tests.store.making import row

SINK = "ops"
WORDS = ("GREEN", "YELLOW", "RED")
POLICY = Policy()


class World:
    """What all processes have in common beside the store: the vendor, one app and number an account, and the time."""

    def __init__(self, accounts: Collection[str]) -> None:
        self.apps = {account: App(account, f"app-{account}") for account in accounts}
        self.numbers = {account: f"+86138000000{place:02}" for place, account in enumerate(accounts)}
        self.rating = dict.fromkeys(accounts, WORDS[0])
        self.now = 1_800_000_000_000  #: milliseconds since 1970

    def answer(self, account: str) -> Answer:
        """What the vendor says at this moment."""
        listed = row(self.numbers[account], self.rating[account])
        return Answer(self.now, listed.quality_rating.encode(), (listed,))


class Polled(Struct, frozen=True):
    """What came of a poll, not recorded yet."""

    account: str
    epoch: int  #: under which the vendor was asked
    decision: Decision
    work: Work[tuple[Recorded, ...]]  #: writes it down, behind the fence


class Claimed(Struct):
    """A delivery that this process has claimed, and is about to make."""

    due: Due
    at: int  #: when it was claimed, milliseconds since 1970
    interruptions: int  #: of the process until then
    sent: bool = False


class Process:
    """From `begin` to `crash` or `leave`."""

    def __init__(self, name: str, world: World, pace: float) -> None:
        self.name = name
        self.pace = pace  #: of its clock
        self.own_time = 0.0  #: seconds
        self.paused = False
        self.clock_stood = False  #: meanwhile, and it has not renewed since: what it believes the epoch alone can tell
        self.alive = True
        self.interruptions = 0  #: how often it stood still, or has got or lost an account
        self.renewed: dict[str, float] = {}  #: by account, when it asked for what it owns, by its own clock
        self.polled: dict[str, Polled] = {}
        self.claimed: list[Claimed] = []
        self._world = world
        self._fleet = Fleet()
        self._store: Store
        self._membership: Membership

    @classmethod
    async def begin(cls, url: str, name: str, world: World, pace: float) -> Self:
        """Open the store, and have the first round."""
        process = cls(name, world, pace)
        process._store = await Store.open(
            url, now=lambda: world.now, monotonic=lambda: process.own_time, wait=0.0, alone=False
        )
        process._membership = Membership(process.leases, name)
        await process.round()
        return process

    @property
    def leases(self) -> Ownership:
        """What it owns."""
        assert self._store.ownership is not None
        return self._store.ownership

    @property
    def holder(self) -> str:
        """Who it is in the store."""
        return self.leases.holder

    def owns(self) -> list[str]:
        """What it acts for at this moment."""
        return [account for account in self._world.apps if self.leases.acts_for(account)]

    async def round(self) -> None:
        """Renew, take, give; restore what is gained."""
        asked = self.own_time
        self.lapse()
        changed = await self._membership.round(self._world.apps)
        self.clock_stood = False
        self.interruptions += bool(changed.gained or changed.lost)
        for account in (*changed.lost, *changed.gained):
            self._fleet.forget(account)
            self.polled.pop(account, None)
        if changed.gained:
            await self._restore(changed.gained)
        self.renewed = dict.fromkeys(self.owns(), asked)

    def lapse(self) -> None:
        """Let go of what was not renewed in time, as is looked for each second."""
        self.interruptions += bool(self._membership.lapsed())

    def ask(self, account: str) -> None:
        """Ask the vendor and decide; `commit` records it."""
        epoch = self.leases.epoch(account)
        watched = self._fleet.get(self._world.apps[account].key)
        assert watched is not None
        assert epoch is not None
        answer, siblings = self._world.answer(account), self._fleet.siblings(watched.app)
        decision = decide(watched.app, watched.snapshot, answer, siblings, POLICY, self._world.now)
        if durable(decision):
            self.polled[account] = Polled(account, epoch, decision, self._recording(account, decision))

    async def commit(self, account: str) -> tuple[Recorded, ...]:
        """
        Record what came of the poll.

        Raises:
            LeaseLost: The account is another's.
        """
        polled = self.polled.pop(account)
        recorded = await self._store._write(polled.work)
        decision = polled.decision
        assert decision.after is not None
        after = replace(decision.after, version=decision.before.version + 1)
        self._fleet.replace(decision.app, after)
        return recorded

    async def claim(self, limit: int) -> None:
        """Take deliveries that are due."""
        try:
            dues = await self._store.claim(SINK, limit, self._world.now)
        except LeaseLost:
            return
        self.claimed += [Claimed(due, self._world.now, self.interruptions) for due in dues]

    async def mark(self, claimed: Claimed) -> None:
        """It was sent."""
        self.claimed.remove(claimed)
        await self._store.delivered(SINK, [claimed.due.sequence])

    async def leave(self) -> None:
        """End in order."""
        self.alive = False
        await self._store.close()

    async def crash(self) -> None:
        """Be gone, without a word."""
        self.alive = False
        await StoreReader.close(self._store)
        await asyncio.to_thread(self._store._writer.stop)

    def _recording(self, account: str, decision: Decision) -> Work[tuple[Recorded, ...]]:
        routed = [(event, (SINK,)) for event in decision.events]
        recorder = self._store._recorder
        return self.leases.fenced(
            [account], lambda connection: recorder.decision(connection, decision, routed, everything=False)
        )

    async def _restore(self, accounts: Collection[str]) -> None:
        restored = await self._store.restore(accounts)
        await self._store.release_of(accounts)
        for account in accounts:
            app = self._world.apps[account]
            if account in restored.accounts:
                self._fleet.replace_account(account, restored.accounts[account])
            self._fleet.add(app, *([restored.snapshots[app.key]] if app.key in restored.snapshots else []))

"""
Processes that share accounts, stop, lag, die and come back: never do two act for one, and in the end all is shared.

The statements are the real ones, on a SQLite in memory whose clock is the test's.  Each process has a clock of its own,
which runs at another pace; what it records has to find the epoch under which it began.
"""

import contextlib
import sqlite3
from collections.abc import Collection, Coroutine
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import BigInteger, Engine, create_engine, func

from monitor.store import leases as statements
from monitor.store import tables
from monitor.store.errors import LeaseLost
from monitor.store.leases import ACT_FOR, TTL, Leases, View
from monitor.store.membership import Membership
from monitor.store.sharing import SETTLED
from monitor.store.tenure import Tenure

ACCOUNTS = ("a", "b", "c", "d", "e")
PACES = (0.9, 1.0, 1.1)  # far worse than any clock


def done(asked: Coroutine[Any, Any, object]) -> None:
    """Run what waits for nothing."""
    with contextlib.suppress(StopIteration):
        asked.send(None)


class Process:
    """A process, as its store and the others see it; it does nothing while it stands still."""

    def __init__(self, name: str, engine: Engine, leases: Leases, pace: float) -> None:
        self.holder = name
        self.own_time = 0.0
        self.pace = pace
        self.is_wrong = False  # its clock stood still: what it believes to own only the epoch can tell
        self._engine = engine
        self._leases = leases
        self._tenure = Tenure(name, lambda: self.own_time)
        self._membership = Membership(self, name)

    async def renew(self, name: str) -> View:
        asked = self.own_time
        view: View = self._do(lambda connection: self._leases.renew(connection, self.holder, name))
        self._tenure.renewed(view.epochs(self.holder), asked)
        return view

    async def take(self, accounts: Collection[str]) -> Collection[str]:
        asked = self.own_time
        taken: dict[str, int] = self._do(lambda connection: self._leases.take(connection, self.holder, accounts))
        self._tenure.taken(taken, asked)
        return taken

    async def give(self, accounts: Collection[str] | None = None) -> None:
        if accounts is None:
            self._tenure.renewed({}, 0.0)
        else:
            self._tenure.given(accounts)
        self._do(lambda connection: self._leases.give(connection, self.holder, accounts))

    def acts_for(self, account: str) -> bool:
        return self._tenure.acts_for(account)

    def round(self) -> None:
        done(self._membership.round(ACCOUNTS))
        self.is_wrong = False

    def leave(self) -> None:
        done(self._membership.leave())

    def owns(self) -> set[str]:
        return {account for account in ACCOUNTS if self.acts_for(account)}

    def begin_to_record(self, account: str) -> dict[str, int]:
        return self._tenure.epochs([account])

    def record(self, epochs: dict[str, int]) -> None:
        self._do(lambda connection: statements.check(connection, self.holder, epochs))

    def _do(self, work: Any) -> Any:
        with self._engine.begin() as connection:
            return work(connection)


class Sharing(RuleBasedStateMachine):
    """Three processes at most."""

    @initialize(paces=st.tuples(*[st.sampled_from(PACES)] * 2))
    def begin(self, paces: tuple[float, float]) -> None:
        self.now = 1_000_000
        self.engine = create_engine("sqlite://", creator=self._connect)
        self._connection: sqlite3.Connection
        tables.metadata.create_all(self.engine)
        self.leases = Leases("sqlite", func.clock_ms(type_=BigInteger))
        self.processes: list[Process] = []
        self.made = 0
        self.written: dict[str, tuple[int, str]] = {}  # under which epoch each account was last written, and by whom
        for pace in paces:
            self.start(pace)

    def _connect(self) -> sqlite3.Connection:
        self._connection = sqlite3.connect(":memory:")
        self._connection.create_function("clock_ms", 0, lambda: self.now)
        return self._connection

    @precondition(lambda self: len(self.processes) < 3)
    @rule(pace=st.sampled_from(PACES))
    def start(self, pace: float) -> None:
        self.made += 1
        self.processes.append(Process(f"process-{self.made}", self.engine, self.leases, pace))
        self._round(self.processes[-1])

    @rule(seconds=st.sampled_from((5, 10, 15, 25, 60)), trouble=st.sampled_from(("cut off", "suspended", "none")))
    def live(self, seconds: int, trouble: str) -> None:
        """
        Time passes; who started first may be cut off meanwhile, or suspended together with its clock.

        It was in the middle of a poll of each of its accounts, and wakes up to record what came of it.
        """
        troubled = self.processes[0] if trouble != "none" else None
        polled = [] if troubled is None else [troubled.begin_to_record(account) for account in troubled.owns()]
        for _ in range(seconds // 5):
            self.now += 5_000
            for process in self.processes:
                process.own_time += 0 if process is troubled and trouble == "suspended" else 5 * process.pace
                if process is not troubled:
                    self._round(process)
            if troubled is not None and trouble == "suspended":
                troubled.is_wrong = True
            self.nobody_acts_for_what_another_acts_for()
        for epochs in polled:
            assert troubled is not None
            self._commit(troubled, epochs)

    @precondition(lambda self: len(self.processes) > 1)
    @rule(cleanly=st.booleans())
    def end_the_first(self, cleanly: bool) -> None:
        process = self.processes.pop(0)
        if cleanly:
            process.leave()

    def _round(self, process: Process) -> None:
        """And what it has owned from then on is written at once."""
        process.round()
        for account in process.owns():
            self._commit(process, process.begin_to_record(account))

    def _commit(self, process: Process, epochs: dict[str, int]) -> None:
        try:
            process.record(epochs)
        except LeaseLost:
            return
        for account, epoch in epochs.items():
            last, by_whom = self.written.get(account, (0, ""))
            assert epoch > last or (epoch, process.holder) == (last, by_whom), "an owner of old has written"
            self.written[account] = (epoch, process.holder)

    @invariant()
    def nobody_acts_for_what_another_acts_for(self) -> None:
        sane = [process for process in getattr(self, "processes", ()) if not process.is_wrong]
        acting = [account for process in sane for account in process.owns()]
        assert len(acting) == len(set(acting))

    def teardown(self) -> None:
        if not hasattr(self, "processes"):
            return
        self._calm()
        owned = [process.owns() for process in self.processes]
        assert sorted(account for each in owned for account in each) == list(ACCOUNTS)
        assert max(map(len, owned)) - min(map(len, owned)) <= 1
        self.engine.dispose()
        self._connection.close()

    def _calm(self) -> None:
        """Nothing happens any more but rounds."""
        for process in self.processes:
            self._round(process)
        self.live(TTL // 1_000 + SETTLED // 1_000 + 5 * 3 * len(ACCOUNTS), "none")


assert max(PACES) / min(PACES) * ACT_FOR * 1_000 < TTL

TestSharing = Sharing.TestCase
TestSharing.settings = settings(max_examples=20, stateful_step_count=5, deadline=None)

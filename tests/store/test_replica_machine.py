"""
Processes that share a store in PostgreSQL, in whatever order things happen to them: one records at a time, nothing is
lost, doubled, invented or overtaken, and in the end all is shared evenly.

Everything is real but the time: the server's `clock_timestamp()` is the test's own, and so is each process's clock, at
another pace, or standing still while the process does.
"""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from monitor.store.errors import LeaseLost
from monitor.store.leases import ACT_FOR, RENEW_EVERY, TTL
from monitor.store.outbox import CLAIM
from monitor.store.sharing import PATIENCE, SETTLED
from tests.postgresql import PostgresqlServer
from tests.store.replica import WORDS, Claimed, Process, World
from tests.store.shared_time import Shared

T = TypeVar("T")

ACCOUNTS = ("a", "b", "c", "d", "e")
MOST = 3  # processes at a time
PACES = (0.95, 1.0, 1.05)  # far worse than any clock
ROUND = int(RENEW_EVERY)  # seconds
CALM = (TTL + SETTLED) // 1_000 // ROUND + PATIENCE + len(ACCOUNTS)  # rounds after which nothing moves any more


class Replicas(RuleBasedStateMachine):
    """Three processes at most."""

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self._shared = shared
        self._runner = asyncio.Runner()
        self.processes: list[Process] = []
        self.all: dict[str, Process] = {}  # by holder, those that are no more too
        self.wrote: dict[str, tuple[int, str]] = {}  # under which epoch each account was last recorded, and by whom
        self.epochs: dict[str, int] = {}
        self.orphaned: dict[tuple[str, str], int] = defaultdict(int)  # by process and account: rounds in a row
        self.recorded: dict[str, list[int]] = defaultdict(list)  # sequences by subject
        self.sent: dict[int, list[tuple[Process, int, int]]] = defaultdict(list)  # by whom, claimed when, interruptions
        self.made = 0

    def teardown(self) -> None:
        try:
            if self.processes:
                self._end_well()
        finally:
            for process in self.processes:
                self._run(process.crash())
            self._runner.close()

    def _run(self, asked: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(asked)

    @initialize(pace=st.sampled_from(PACES))
    def begin(self, pace: float) -> None:
        self.world = World(ACCOUNTS)
        self._shared.empty()
        self._pass(0)
        self.start(pace)

    @precondition(lambda self: len(self.processes) < MOST)
    @rule(pace=st.sampled_from(PACES))
    def start(self, pace: float) -> None:
        self.made += 1
        process = self._run(Process.begin(self._shared.url, f"process {self.made}", self.world, pace))
        self.processes.append(process)
        self.all[process.holder] = process

    @rule(account=st.sampled_from(ACCOUNTS), word=st.sampled_from(WORDS))
    def change(self, account: str, word: str) -> None:
        """Something happens at the vendor."""
        self.world.rating[account] = word

    @rule(seconds=st.sampled_from((1, 3, 7)))
    def wait(self, seconds: int) -> None:
        """Time passes, and nobody does a thing."""
        self._pass(seconds)

    @rule(rounds=st.sampled_from((1, 2, 4, 6)), absent=st.none() | st.integers(0, MOST - 1))
    def live(self, rounds: int, absent: int | None) -> None:
        """They do what they are for; but for one that cannot reach the store, perhaps."""
        cut_off = None if absent is None else self.processes[absent % len(self.processes)]
        for _ in range(rounds):
            self._pass(ROUND)
            for process in self._awake():
                if process is cut_off:
                    process.lapse()
                else:
                    self._work(process)
            self.nobody_acts_beyond_its_time()

    @rule(which=st.integers(0, MOST - 1))
    def renew(self, which: int) -> None:
        if awake := self._awake():
            self._round(awake[which % len(awake)])

    @rule(which=st.integers(0, MOST - 1))
    def ask(self, which: int) -> None:
        """A poll of each of its accounts; what comes of them is recorded later, if ever."""
        for process in self._awake()[which : which + 1]:
            self._ask(process)

    @rule(which=st.integers(0, MOST - 1))
    def commit(self, which: int) -> None:
        for process in self._awake()[which : which + 1]:
            self._commit(process)

    @rule(which=st.integers(0, MOST - 1), limit=st.integers(1, 3))
    def claim(self, which: int, limit: int) -> None:
        for process in self._awake()[which : which + 1]:
            self._run(process.claim(limit))

    @rule(which=st.integers(0, MOST - 1))
    def send(self, which: int) -> None:
        for process in self._awake()[which : which + 1]:
            for claimed in process.claimed:
                self._send(process, claimed)

    @rule(which=st.integers(0, MOST - 1))
    def mark(self, which: int) -> None:
        for process in self._awake()[which : which + 1]:
            self._mark(process)

    @rule(which=st.integers(0, MOST - 1), clock_stands=st.booleans())
    def pause(self, which: int, clock_stands: bool) -> None:
        """It stands still, wherever it is; with its clock, as on a machine that is suspended, or without."""
        for process in self._awake()[which : which + 1]:
            process.paused = True
            process.clock_stood |= clock_stands
            process.interruptions += 1

    @rule(which=st.integers(0, MOST - 1), clock_stands=st.booleans(), rounds=st.sampled_from((2, 5, 6)))
    def stand_still(self, which: int, clock_stands: bool, rounds: int) -> None:
        """The same in the middle of its polls and deliveries; it goes on before it has asked who owns them now."""
        for process in self._awake()[which : which + 1]:
            for _ in range(2):
                self._commit(process)
                self._change_all()
                self._ask(process)
            self._run(process.claim(10))
            self.pause(which, clock_stands)
            self.live(rounds, None)
            process.paused = False
            self._commit(process)
            for claimed in process.claimed:
                self._send(process, claimed)
            self._mark(process)

    @precondition(lambda self: any(process.paused for process in self.processes))
    @rule()
    def wake(self) -> None:
        for process in self.processes:
            process.paused = False

    @precondition(lambda self: len(self.processes) > 1)
    @rule(which=st.integers(0, MOST - 1), cleanly=st.booleans())
    def end(self, which: int, cleanly: bool) -> None:
        process = self.processes.pop(which % len(self.processes))
        process.interruptions += 1
        self._run(process.leave() if cleanly and not process.paused else process.crash())

    @rule()
    def cut(self) -> None:
        """All connections to the store break; nobody is in the middle of anything."""
        self._shared.cut()

    @invariant()
    def nobody_acts_beyond_its_time(self) -> None:
        for process in self.processes:
            for account in process.owns():
                assert process.own_time < process.renewed[account] + ACT_FOR

    @invariant()
    def nobody_acts_for_what_another_acts_for(self) -> None:
        acting = [account for process in self.processes if not process.clock_stood for account in process.owns()]
        assert len(acting) == len(set(acting))

    @invariant()
    def epochs_only_rise(self) -> None:
        for account, (_holder, epoch, _until) in self._shared.leases().items():
            assert epoch >= self.epochs.get(account, 0)
            self.epochs[account] = epoch

    def _change_all(self) -> None:
        for account, word in self.world.rating.items():
            self.world.rating[account] = WORDS[WORDS.index(word) - 1]

    def _awake(self) -> list[Process]:
        return [process for process in self.processes if not process.paused]

    def _pass(self, seconds: int) -> None:
        self.world.now += seconds * 1_000
        self._shared.is_at(self.world.now)
        for process in self.processes:
            if not (process.paused and process.clock_stood):
                process.own_time += seconds * process.pace

    def _work(self, process: Process) -> None:
        self._round(process)
        self._ask(process)
        self._commit(process)
        while True:
            for claimed in process.claimed:
                self._send(process, claimed)
            self._mark(process)
            self._run(process.claim(10))
            if not process.claimed:
                break
        assert not self._shared.left_of(process.owns()), "it does not deliver what is of its own accounts"

    def _round(self, process: Process) -> None:
        """What it has found without an owner for some rounds it takes itself, whoever's turn it may be."""
        before = self._orphans()
        self._run(process.round())
        after = self._orphans()
        for account in ACCOUNTS:
            found = process.name, account
            self.orphaned[found] = self.orphaned[found] + 1 if account in before else 0
            assert account not in after or self.orphaned[found] <= PATIENCE, "nobody takes it"

    def _orphans(self) -> set[str]:
        leases = self._shared.leases()
        owned = {account for account, (holder, _epoch, until) in leases.items() if holder and until > self.world.now}
        return set(ACCOUNTS) - owned

    def _ask(self, process: Process) -> None:
        for account in process.owns():
            if account not in process.polled:
                process.ask(account)

    def _commit(self, process: Process) -> None:
        leases = self._shared.leases()
        for polled in list(process.polled.values()):
            is_its_own = leases[polled.account][:2] == (process.holder, polled.epoch)
            try:
                recorded = self._run(process.commit(polled.account))
            except LeaseLost:
                assert not is_its_own
                continue
            assert is_its_own
            epoch, whose = self.wrote.get(polled.account, (0, ""))
            assert polled.epoch > epoch or (polled.epoch, process.holder) == (epoch, whose), "an old owner has written"
            self.wrote[polled.account] = (polled.epoch, process.holder)
            for each in recorded:
                self.recorded[each.event.subject].append(each.sequence)

    def _send(self, process: Process, claimed: Claimed) -> None:
        """The receiver takes it."""
        if claimed.sent:
            return
        claimed.sent = True
        sequence, subject = claimed.due.sequence, claimed.due.subject
        earlier = [each for each in self.recorded[subject] if each < sequence]
        assert all(each in self.sent for each in earlier), "it overtakes what is told of the same subject"
        mine = (process, claimed.at, claimed.interruptions)
        again = bool(self.sent[sequence])
        self.sent[sequence].append(mine)
        assert not again or any(self._broken_off(each) for each in self.sent[sequence]), "it is sent again for nothing"

    def _broken_off(self, sending: tuple[Process, int, int]) -> bool:
        """Whether something lay between the claim and now that may have kept the sender from marking in time."""
        process, claimed_at, interruptions = sending
        return process.interruptions > interruptions or self.world.now - claimed_at >= CLAIM

    def _mark(self, process: Process) -> None:
        for claimed in [each for each in process.claimed if each.sent]:
            self._run(process.mark(claimed))

    def _end_well(self) -> None:
        """Nothing happens any more, and all is as it ought to be."""
        self.wake()
        for _ in range(CALM):
            self._pass(ROUND)
            for process in self.processes:
                self._work(process)
        owned = [process.owns() for process in self.processes]
        assert sorted(account for each in owned for account in each) == list(ACCOUNTS)
        assert max(map(len, owned)) - min(map(len, owned)) <= 1
        told = self._shared.bodies()
        assert [int(each["sequence"]) for each in told] == list(range(1, len(told) + 1))
        assert len({each["id"] for each in told}) == len(told)
        assert {int(each["sequence"]) for each in told} == self.sent.keys()
        assert {sequence for each in self.recorded.values() for sequence in each} == self.sent.keys()
        for account in ACCOUNTS:
            self._was_told_once(account, [each for each in told if each["data"]["account"] == account])

    def _was_told_once(self, account: str, told: list[dict[str, Any]]) -> None:
        """One baseline, and from there on one change after the other, until what is now."""
        assert [each["type"] for each in told].index("app.baseline") == 0
        changes = [(each["data"]["before"], each["data"]["after"]) for each in told[1:]]
        befores = [before for before, _after in changes]
        afters = [after for _before, after in changes]
        assert befores[1:] == afters[:-1]
        assert all(before != after for before, after in changes)
        assert not afters or afters[-1] == self.world.rating[account]


@pytest.fixture
def shared(postgresql: PostgresqlServer) -> Iterator[Shared]:
    shared = Shared(postgresql)
    yield shared
    shared.close()


def test_whatever_happens_one_records_at_a_time_and_all_is_told(shared: Shared) -> None:
    # An owner stops acting, by the slowest clock, before the database lets another in by the quickest.
    assert max(PACES) / min(PACES) * ACT_FOR * 1_000 < TTL
    # What has no owner any more is taken within the time that a lease lasts.
    assert (PATIENCE + 1) * RENEW_EVERY * 1_000 <= TTL

    class OnThis(Replicas):
        def __init__(self) -> None:
            super().__init__(shared)

    run_state_machine_as_test(OnThis, settings=settings(max_examples=10, stateful_step_count=25, deadline=None))

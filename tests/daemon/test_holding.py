"""Which accounts this process watches: taken, lost, cut off, given back, and each change carried out once."""

import asyncio
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
import structlog

from monitor.daemon.holding import LINGER, Holding, Share
from monitor.metrics.instruments import Instruments, Registry
from monitor.settings.load import load
from monitor.store.errors import StoreUnavailable
from monitor.store.leases import ACT_FOR, NOBODY, Owned, Replica, View
from monitor.store.sharing import PATIENCE

STALE_AFTER = 100  # seconds


class Leases:
    """What the database says, which a test changes; and an owner's own clock."""

    holder = "me"

    def __init__(self) -> None:
        self.rows: dict[str, tuple[str, int]] = {}
        self.time = 0.0
        self.down = False
        self._until = 0.0
        self.owing: list[str] = []
        self.owing_to = "stdout"

    async def owed(self, sinks: Collection[str]) -> Collection[str]:
        self._check()
        return self.owing if self.owing_to in sinks else []

    async def renew(self, name: str) -> View:
        self._check()
        self._until = self.time + ACT_FOR
        owned = tuple(Owned(account, *row) for account, row in sorted(self.rows.items()))
        others = {holder for holder, _ in self.rows.values()} - {NOBODY}
        return View(tuple(Replica(holder, name, 0) for holder in sorted({"me", *others})), owned)

    async def take(self, accounts: Collection[str]) -> Collection[str]:
        self._check()
        for account in accounts:
            self.rows[account] = ("me", self.rows.get(account, ("", 0))[1] + 1)
        return accounts

    async def give(self, accounts: Collection[str] | None = None) -> None:
        for account in accounts or ():
            self.rows[account] = (NOBODY, self.rows[account][1])

    def acts_for(self, account: str) -> bool:
        return self.rows.get(account, ("",))[0] == "me" and self.time < self._until

    def epoch(self, account: str) -> int | None:
        return self.rows[account][1] if self.acts_for(account) else None

    def is_taken_over(self, account: str) -> None:
        self.rows[account] = ("other", self.rows[account][1] + 1)

    def _check(self) -> None:
        if self.down:
            raise StoreUnavailable("the store is away")


class Process:
    """A process with nothing but its leases; `changes` is what it was told to do."""

    def __init__(self, directory: Path, *accounts: str, shared: bool = True) -> None:
        self._path = directory / "number-monitor.yml"
        self.leases = Leases()
        self.registry = Registry()
        self.changes: list[tuple[set[str], set[str]]] = []
        self.failing = False
        self.configure(*accounts)
        self.log = structlog.testing.LogCapture()
        self.holding = Holding(
            self.leases if shared else None,  # type: ignore[arg-type]  # what is asked of it
            name="pod",
            settings=lambda: self.settings,
            change=self.change,
            flush=self.flush,
            instruments=Instruments(
                self.registry, version="0", revision="", failure_reasons=[], event_types={}, attributes=[]
            ),
            monotonic=lambda: self.leases.time,
            log=structlog.wrap_logger(None, processors=[self.log]),
        )

    def configure(self, *accounts: str) -> None:
        each = [{"name": name, "access_key": "k", "access_secret": "s", "apps": ["a"]} for name in accounts]
        self._path.write_text(json.dumps({"accounts": each, "poll": {"stale_after": f"{STALE_AFTER}s"}}))
        self.settings = load(self._path, {})

    async def change(self, lost: Collection[str], gained: Collection[str]) -> None:
        self.changes.append((set(lost), set(gained)))
        if self.failing:
            raise StoreUnavailable("the store is away")

    async def flush(self) -> None:
        pass

    async def round(self) -> None:
        """What happens every few seconds."""
        await self.holding.round()
        await self.holding.carry_out()

    async def wait(self, seconds: float) -> None:
        """Time passes, and nothing is renewed."""
        self.leases.time += seconds
        await self.holding.look()
        await self.holding.carry_out()

    def watched(self) -> list[str]:
        return [account.name for account in self.holding.restricted(self.settings).accounts]

    def sample(self, name: str, account: str) -> Any:
        return self.registry.get_sample_value(f"number_monitor_{name}", {"account": account})


@pytest.fixture
async def owner(tmp_path: Path) -> Process:
    """It owns a and b, and has begun to watch them."""
    process = Process(tmp_path, "a", "b")
    await process.round()
    process.changes.clear()
    return process


async def test_where_the_store_is_not_shared_everything_is_watched_and_no_lease_is_shown(tmp_path):
    process = Process(tmp_path, "a", "b", shared=False)

    assert process.watched() == ["a", "b"]
    assert (process.holding.settled, process.holding.acts_for("a"), process.holding.is_elsewhere("a")) == (
        True,
        True,
        False,
    )
    assert process.sample("lease_held", "a") is None


async def test_nothing_is_watched_before_it_is_owned(tmp_path):
    process = Process(tmp_path, "a")

    assert (process.watched(), process.holding.settled, process.holding.is_elsewhere("a")) == ([], False, True)


async def test_what_nobody_owns_is_watched_after_the_first_round(tmp_path):
    process = Process(tmp_path, "a", "b")

    await process.round()

    assert (process.changes, process.watched(), process.holding.settled) == ([(set(), {"a", "b"})], ["a", "b"], True)
    assert [process.sample(name, "a") for name in ("lease_held", "lease_epoch")] == [1, 1]


async def test_what_another_owns_is_left_to_it_and_shown_as_its(tmp_path):
    process = Process(tmp_path, "a", "b")
    process.leases.rows = {"a": ("other", 7), "b": ("other", 3)}

    await process.round()

    assert (process.changes, process.watched()) == ([], [])
    assert [process.sample(name, "a") for name in ("lease_held", "lease_epoch")] == [0, 7]


async def test_a_round_that_changes_nothing_changes_nothing(owner):
    await owner.round()

    assert owner.changes == []


async def test_an_account_that_another_took_over_is_forgotten(owner):
    owner.leases.is_taken_over("a")

    await owner.round()

    assert (owner.changes, owner.watched()) == ([({"a"}, set())], ["b"])
    assert [owner.sample(name, "a") for name in ("lease_held", "lease_epoch")] == [0, 2]


async def test_who_cannot_renew_acts_no_more_and_shows_what_it_has_until_that_is_stale(owner):
    owner.leases.down = True

    await owner.round()
    await owner.wait(ACT_FOR)
    assert (owner.holding.acts_for("a"), owner.holding.is_elsewhere("a"), owner.watched()) == (False, True, ["a", "b"])
    assert (owner.sample("lease_held", "a"), owner.changes) == (0, [])

    await owner.wait(STALE_AFTER)
    assert (owner.watched(), owner.changes) == ([], [({"a", "b"}, set())])


async def test_who_renews_in_time_acts_on(owner):
    await owner.wait(ACT_FOR - 1)
    await owner.round()
    await owner.wait(ACT_FOR - 1)

    assert (owner.holding.acts_for("a"), owner.changes) == (True, [])


async def test_who_is_back_restores_what_is_still_its_own_and_forgets_what_is_not(owner):
    owner.leases.down = True
    await owner.wait(ACT_FOR)
    owner.leases.down = False
    owner.leases.is_taken_over("b")

    await owner.round()

    assert (owner.changes, owner.watched()) == ([({"a", "b"}, {"a"})], ["a"])


async def test_what_could_not_be_restored_is_not_watched_and_tried_again(tmp_path):
    process = Process(tmp_path, "a")
    process.failing = True
    with pytest.raises(StoreUnavailable):
        await process.round()
    assert (process.watched(), process.holding.settled) == ([], False)

    process.failing = False
    await process.holding.carry_out()

    assert (process.changes[-1], process.watched()) == (({"a"}, {"a"}), ["a"])


async def test_an_account_that_left_the_configuration_is_given_away_once_its_apps_have_ended_and_all_know(owner):
    owner.configure("b")
    await owner.round()
    assert owner.leases.acts_for("a")

    owner.holding.reloaded()
    await owner.round()
    assert (owner.leases.acts_for("a"), owner.holding.is_elsewhere("a"), owner.changes) == (True, False, [])

    owner.leases.time += LINGER
    await owner.holding.look_after()
    await owner.round()
    assert (owner.leases.acts_for("a"), owner.leases.acts_for("b")) == (False, True)
    assert (owner.changes, owner.sample("lease_held", "a")) == ([({"a"}, set())], None)


async def test_an_account_that_comes_back_to_the_configuration_at_once_is_watched_anew(owner):
    owner.configure("b")
    owner.holding.reloaded()
    await owner.round()

    owner.configure("a", "b")
    owner.holding.reloaded()
    await owner.round()

    assert (owner.changes, owner.watched()) == ([(set(), {"a"})], ["a", "b"])


async def test_what_is_left_to_deliver_of_accounts_that_nobody_watches_is_seen_to_by_turns(owner):
    owner.leases.rows |= {"c": ("other", 1), "d": (NOBODY, 1)}
    owner.leases.owing = ["a", "c", "d", "e"]
    acting = []

    for _ in range(3):
        await owner.round()
        await owner.holding.look_after()
        for _ in range(PATIENCE + 1):  # it is the other's turn, which may not want them
            await owner.round()
        acting.append([account for account in "cde" if owner.leases.acts_for(account)])

    assert (acting, owner.changes) == ([["d", "e"], [], ["d", "e"]], [])


async def test_what_is_due_to_a_sink_that_is_configured_no_more_is_seen_to_by_nobody(owner):
    owner.leases.owing, owner.leases.owing_to = ["d"], "gone"

    await owner.holding.look_after()
    await owner.round()

    assert not owner.leases.acts_for("d")


async def test_a_store_that_does_not_say_what_is_left_to_deliver_is_asked_again(owner):
    owner.leases.down = True
    owner.leases.owing = ["d"]
    await owner.holding.look_after()
    owner.leases.down = False

    await owner.holding.look_after()
    await owner.round()

    assert owner.leases.acts_for("d")


async def test_an_account_that_nobody_is_configured_to_watch_ends_once_that_is_sure(tmp_path):
    process = Process(tmp_path, "b")
    process.leases.rows = {"a": (NOBODY, 5), "": (NOBODY, 1), "c": ("other", 2)}
    await process.round()
    process.changes.clear()

    early: list[tuple[set[str], set[str]]] = []
    for seconds in (STALE_AFTER - 1, 1, *[STALE_AFTER] * 3):
        await process.wait(seconds)
        await process.round()
        early = early or list(process.changes)

    assert [change for change in early if "a" in change[0] | change[1]] == []
    assert [change for change in process.changes if "a" in change[0] | change[1]] == [(set(), {"a"}), ({"a"}, set())]
    assert (process.leases.rows["a"], process.leases.rows[""], process.leases.rows["c"][0]) == (
        (NOBODY, 6),
        (NOBODY, 1),
        "other",
    )


async def test_an_account_that_another_takes_meanwhile_does_not_end(tmp_path):
    process = Process(tmp_path, "b")
    process.leases.rows = {"a": (NOBODY, 5)}
    await process.round()
    process.leases.is_taken_over("a")
    await process.wait(STALE_AFTER)
    await process.round()
    process.leases.rows["a"] = (NOBODY, 6)
    await process.round()

    assert "a" not in {account for lost, gained in process.changes for account in lost | gained}


async def test_a_store_that_is_away_is_told_of_once(owner):
    owner.leases.down = True

    await owner.round()
    await owner.round()

    assert [entry["event"] for entry in owner.log.entries if entry["log_level"] == "error"] == ["leases not renewed"]


async def test_the_tasks_take_and_look_by_themselves_until_they_are_stopped(tmp_path):
    process = Process(tmp_path, "a")
    process.holding.start()
    async with asyncio.timeout(30):
        while not process.holding.settled:
            await asyncio.sleep(0)
    await process.holding.stop()

    assert process.watched() == ["a"]


async def test_it_is_known_who_watches_what(tmp_path):
    process = Process(tmp_path, "a", "b")
    before = process.holding.shares()
    process.leases.rows = {"b": ("other", 3), "c": ("other", 1), "d": (NOBODY, 4), "e": ("gone", 2)}
    await process.round()

    assert (before, process.holding.shares()[0]) == ([], Share("pod", True, ["a"]))
    assert [share.accounts for share in process.holding.shares()[1:]] == [["e"], ["b", "c"]]
    assert [process.holding.is_elsewhere(account) for account in "abcdx"] == [False, True, True, False, False]
    assert list(process.holding.accounts()) == ["a"]


async def test_who_cannot_renew_says_no_longer_that_it_watches(owner):
    before = owner.holding.shares()
    owner.leases.down = True
    await owner.wait(ACT_FOR)

    assert [share.accounts for share in before] == [["a", "b"]]
    assert [share.accounts for share in owner.holding.shares()] == [[]]
    assert list(owner.holding.accounts()) == []


async def test_a_process_is_cut_off_while_it_renews_nothing_though_it_owns_nothing(tmp_path):
    alone, standby = Process(tmp_path, "a", shared=False), Process(tmp_path, "a")
    standby.leases.rows = {"a": ("other", 1)}
    alone.leases.time = ACT_FOR
    said = [alone.holding.cut_off(), standby.holding.cut_off()]
    for seconds, down in ((ACT_FOR - 1, False), (ACT_FOR - 1, True), (1, True), (1, False)):
        standby.leases.down = down
        standby.leases.time += seconds
        await standby.round()
        said.append(standby.holding.cut_off())

    assert said == [None, None, None, None, "cut off from the store: nothing is polled", None]

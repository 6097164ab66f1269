"""What is restored is shown without holding up anything else."""

import asyncio
import itertools
import time
from types import SimpleNamespace
from typing import Any

import pytest

from monitor.daemon.accounts import Accounts
from monitor.fleet.app import App
from monitor.fleet.fleet import Fleet
from monitor.fleet.snapshot import AccountState, Snapshot
from monitor.store.errors import StoreUnavailable
from monitor.store.snapshots import Restored

APPS = [App(account="main", appkey=f"app-{number}") for number in range(100)]


class Ledger:
    """Counts what is shown in a turn of the loop."""

    def __init__(self):
        self.turns = [0]

    def show(self, _key, *, stale_after):
        self.turns[-1] += stale_after

    async def count(self):
        while True:
            await asyncio.sleep(0)
            self.turns.append(0)


async def test_a_large_fleet_is_restored_in_many_turns_of_the_loop():
    fleet, ledger = Fleet(), Ledger()
    settings: Any = SimpleNamespace(poll=SimpleNamespace(stale_after_ms=1))
    shown_by: Any = ledger
    unasked: Any = None
    accounts = Accounts(
        settings=lambda: settings,
        watched=unasked,
        store=unasked,
        fleet=fleet,
        ledger=shown_by,
        vendors=unasked,
        roster=unasked,
        monotonic=itertools.count().__next__,  # each look at it ends a turn
    )
    known = Restored({app.key: Snapshot() for app in APPS}, {app.key: app for app in APPS}, {"main": AccountState()})

    counting = asyncio.create_task(ledger.count())
    await asyncio.sleep(0)  # it counts from here on
    await accounts.remember(known)
    counting.cancel()

    assert fleet.count() == sum(ledger.turns) == len(APPS)
    assert max(ledger.turns) == 1


class Parts:
    """Store, vendors and roster, as far as accounts change hands; `done` is what they were asked to do."""

    def __init__(self):
        self.done = []
        self.failing = ""

    def __getattr__(self, name):
        async def act(*_arguments):
            self.done.append(name)
            if name == self.failing:
                raise StoreUnavailable("store is locked")
            return Restored({}, {}, {})

        return act

    def let_go(self, account):
        """Of the vendors, and to be waited for where it is the roster's."""
        self.done.append(f"let go {account}")
        return asyncio.sleep(0) if isinstance(account, set) else None


def taking_up(parts: Any) -> Accounts:
    settings: Any = SimpleNamespace(poll=SimpleNamespace(stale_after_ms=1), accounts=())
    return Accounts(
        settings=lambda: settings,
        watched=lambda settings: settings,
        store=parts,
        fleet=Fleet(),
        ledger=parts,
        vendors=parts,
        roster=parts,
        monotonic=time.monotonic,
    )


@pytest.fixture(autouse=True)
def no_policy(monkeypatch):
    monkeypatch.setattr("monitor.daemon.conversion.policy_of", lambda _settings: None)


async def test_what_is_gained_is_read_when_all_that_was_to_be_written_is_written():
    parts = Parts()

    await taking_up(parts).change_hands((), ("main",))

    assert parts.done == ["let go main", "let go {'main'}", "release_of", "restore", "take_over", "take"]


@pytest.mark.parametrize("failing", ["restore", "take_over", "take"])
async def test_what_cannot_be_taken_up_is_let_go_and_is_not_taken_for_one_that_left(failing):
    parts = Parts()
    parts.failing = failing

    with pytest.raises(StoreUnavailable):
        await taking_up(parts).change_hands((), ("main",))

    assert parts.done[-1] == "let go main"


async def test_an_account_that_is_configured_no_more_is_tried_again_until_all_its_apps_have_ended():
    parts = Parts()
    accounts = taking_up(parts)
    accounts._fleet.add(App("main", "a"))

    with pytest.raises(StoreUnavailable, match="not all apps of account main, which is configured no more, have ended"):
        await accounts.change_hands((), ("main",))

    assert parts.done[-1] == "let go main"

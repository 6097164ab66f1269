"""What is restored is shown without holding up anything else."""

import asyncio
from types import SimpleNamespace
from typing import Any

from monitor.accounts import SLICE, Accounts
from monitor.fleet.app import App
from monitor.fleet.fleet import Fleet
from monitor.fleet.snapshot import AccountState, Snapshot
from monitor.store.snapshots import Restored

APPS = [App(account="main", appkey=f"app-{number}") for number in range(5 * SLICE)]


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
    )
    known = Restored({app.key: Snapshot() for app in APPS}, {app.key: app for app in APPS}, {"main": AccountState()})

    counting = asyncio.create_task(ledger.count())
    await asyncio.sleep(0)  # it counts from here on
    await accounts.remember(known)
    counting.cancel()

    assert fleet.count() == sum(ledger.turns) == len(APPS)
    assert max(ledger.turns) <= SLICE

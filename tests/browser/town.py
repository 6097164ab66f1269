"""
A vendor with a past: two accounts whose numbers have had their ups and downs for a week, one app that is refused, one
whose answer came back too short; and the daemon's configuration and store to watch it.
"""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from monitor.fleet.answer import Answer
from monitor.fleet.app import App
from monitor.fleet.decide import decide
from monitor.fleet.fleet import Fleet
from monitor.fleet.policy import Policy
from monitor.phonelist.wire import read
from monitor.simulator.faults import Code
from monitor.simulator.lives import STILL
from monitor.simulator.server import Simulator
from monitor.simulator.world import World
from monitor.store.store import Store

HOUR = 3_600_000
ACCOUNTS = {"europe": (9, 38), "asia": (3, 14)}  #: apps and numbers of each

#: What happened: account, how many hours ago, the place of the number, and what it showed from then on.
PAST: tuple[tuple[str, float, int, Mapping[str, Any]], ...] = (
    ("europe", 140, 1, {"quality_rating": "YELLOW"}),
    ("europe", 120, 1, {"quality_rating": "GREEN"}),
    ("europe", 96, 0, {"quality_rating": "YELLOW"}),
    ("europe", 72, 4, {"status": "RATE_LIMITED"}),
    ("europe", 70, 4, {"status": "CONNECTED"}),
    ("europe", 41, 0, {"quality_rating": "RED", "current_limit": "TIER_2K"}),
    ("europe", 30, 0, {"status": "RESTRICTED"}),
    ("europe", 26, 5, {"verified_name": "Harbour Tea & Coffee"}),
    ("europe", 6.3, 0, {"status": "CONNECTED"}),
    ("europe", 3.4, 2, {"quality_rating": "YELLOW"}),
    ("asia", 50, 3, {"quality_rating": "UNKNOWN"}),
    ("asia", 9, 1, {"status": "BANNED"}),
    ("asia", 0.4, 0, {"quality_rating": "YELLOW"}),
)


class Town:
    """The vendors of all accounts."""

    def __init__(self) -> None:
        self.vendors = {
            name: Simulator(World.of(apps=apps, numbers=numbers, seed=seed, script=STILL))
            for seed, (name, (apps, numbers)) in enumerate(ACCOUNTS.items(), start=1)
        }
        self._addresses: dict[str, str] = {}

    def number(self, account: str, place: int) -> str:
        """A number of an account."""
        return self.vendors[account].world.numbers[place]

    def change(self, account: str, place: int, **fields: Any) -> None:
        """Have one of its numbers show something else from now on."""
        self.vendors[account].world.change(self.number(account, place), fields)

    async def start(self) -> None:
        """Open the vendors."""
        for name, vendor in self.vendors.items():
            self._addresses[name] = await vendor.start()

    async def stop(self) -> None:
        """Close them."""
        for vendor in self.vendors.values():
            await vendor.stop()

    async def write(self, directory: Path, **more: Any) -> Path:
        """Live through the past, and write what a daemon needs to go on from it; gives its configuration."""
        store = f"sqlite:///{directory}/number-monitor.db"
        await self._live(store)
        self._break()
        accounts = [
            {
                "name": name,
                "access_key": vendor.world.access_key,
                "access_secret": vendor.world.access_secret,
                "base_url": self._addresses[name],
                "apps": [{"appkey": app.appkey, "name": app.name} for app in vendor.world.apps],
                "rate_limit": 100,
            }
            for name, vendor in self.vendors.items()
        ]
        settings = {
            "accounts": accounts,
            "poll": {"interval": "5s"},
            "store": {"url": store},
            "web": {"listen": "127.0.0.1:0"},
            **more,
        }
        path = directory / "number-monitor.yml"
        path.write_text(json.dumps(settings))
        return path

    async def _live(self, url: str) -> None:
        now = time.time_ns() // 1_000_000
        store = await Store.open(url, now=lambda: now)
        fleet = Fleet()
        for account in self.vendors:
            await self._ask(store, fleet, account, now - 168 * HOUR)
        for account, hours, place, fields in sorted(PAST, key=lambda one: -one[1]):
            self.change(account, place, **fields)
            await self._ask(store, fleet, account, now - int(hours * HOUR))
        await store.close()

    async def _ask(self, store: Store, fleet: Fleet, account: str, at: int) -> None:
        for lives in self.vendors[account].world.apps:
            app = App(account, lives.appkey, lives.name)
            if fleet.get(app.key) is None:
                fleet.add(app)
            watched = fleet.get(app.key)
            assert watched is not None
            body = self.vendors[account].world.answer(lives.appkey)
            outcome = Answer(started=at, digest=str(at).encode(), rows=read(body).rows)
            decision = decide(app, watched.snapshot, outcome, fleet.siblings(app), Policy(), at)
            await store.record(decision, lambda _: ())
            assert decision.after is not None
            version = watched.snapshot.version + 1
            fleet.replace(app, msgspec.structs.replace(decision.after, version=version))
            if decision.account_after is not decision.account_before:
                version = decision.account_before.version + 1
                fleet.replace_account(account, msgspec.structs.replace(decision.account_after, version=version))

    def _break(self) -> None:
        """Something that is wrong now: an app that is refused, and one that seems to have lost its numbers."""
        europe = self.vendors["europe"]
        europe.faults.add(Code(code=9010, appkey=europe.world.appkeys[7]))
        for number in europe.world.listed(europe.world.appkeys[5]):
            europe.world.place(number)

"""
Three daemons on one PostgreSQL, each with a way of its own to it that can be cut, and what they may be put through.
"""

import asyncio
import contextlib
import itertools
import json
import re
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import psycopg

from monitor.fleet.number import normalise
from monitor.simulator.lives import STILL
from monitor.simulator.server import Call, Simulator
from monitor.simulator.world import World
from tests.chaos.front import Carry, Front, handed_on
from tests.postgresql import PostgresqlServer
from tests.system.crashing import Victim
from tests.system.evidence import Answered, States
from tests.system.replica_evidence import Sight

APPS, NUMBERS = 10, 3  #: apps of an account, numbers of an app
RATE = 3.0  #: calls a second: two owners at once that poll 10 apps each 5 s would make more
SEATS = 3
ANSWER_WITHIN = 1.0  # seconds for one scrape
_ids = itertools.count(1)

_SAMPLE = re.compile(
    r"^(nxcloud_app_last_success_timestamp_seconds|number_monitor_lease_epoch|number_monitor_lease_held)"
    r'\{account="([^"]+)"(?:,appkey="([^"]+)")?\} (\S+)',
    re.MULTILINE,
)


class SharedVendor:
    """The vendor of one account, with a door for each replica: who comes in by it is known by it."""

    def __init__(self, account: str, seed: int, lives: Mapping[int, int]) -> None:
        """
        Args:
            lives: Of each seat, who sits there now.
        """
        self.account = account
        self.answers: list[Answered] = []
        self.problems: list[str] = []
        self.world = World.of(apps=APPS, numbers=APPS * NUMBERS, seed=seed, script=STILL)
        self.first = {number: state for appkey in self.world.appkeys for number, state in self._states(appkey).items()}
        self._lives = lives
        self._doors: dict[int, Simulator] = {}

    async def open(self, seat: int) -> dict[str, Any]:
        """One more door; the account's configuration for who comes in by it."""
        door = self._doors[seat] = Simulator(self.world, on_call=lambda call: self._called(seat, call))
        return {
            "name": self.account,
            "base_url": await door.start(),
            "access_key": self.world.access_key,
            "access_secret": self.world.access_secret,
            "apps": list(self.world.appkeys),
            "rate_limit": RATE,
        }

    async def close(self) -> None:
        for door in self._doors.values():
            await door.stop()

    def _states(self, appkey: str) -> States:
        return {
            normalise(row["display_phone_number"]): {
                "verified_name": row["verified_name"],
                "quality_rating": row["quality_rating"],
            }
            for row in self.world.rows(appkey)
        }

    def _called(self, seat: int, call: Call) -> None:
        life, at = self._lives[seat], call.at / 1000
        if call.code:
            self.problems.append(f"account {self.account}: a call was refused: {call.detail}")
        self.answers.append(Answered(self.account, call.appkey, life, self._states(call.appkey), at))


class Seat:
    """One of the replicas, and who sits there after it: its configuration, its way to PostgreSQL, its daemons."""

    def __init__(self, number: int, directory: Path, lives: dict[int, int]) -> None:
        self.number = number
        self.log: list[list[str]] = []  #: of each daemon that sat here
        self.shown: list[Mapping[str, Any]] = []  #: lines on stdout of those that are gone
        self.problems: list[str] = []
        self.daemon: Victim | None = None
        self.is_stopped = False
        self.is_cut_off = False
        self._path = directory / f"replica-{number}" / "number-monitor.yml"
        self._path.parent.mkdir()
        self._front = Front()
        self._socket = Path()
        self._flows = asyncio.Event()
        self._lives = lives
        self._client: httpx.AsyncClient | None = None
        self._begun = 0.0

    @property
    def life(self) -> int:
        """Who sits here."""
        return self._lives[self.number]

    @property
    def is_sound(self) -> bool:
        """Whether it watches what it owns, and can go on."""
        return self._client is not None and not self.is_stopped and not self.is_cut_off

    async def open(self, server: PostgresqlServer, database: str, contents: Mapping[str, Any]) -> None:
        """Lay its way to PostgreSQL, and write its configuration."""
        self._socket = server.home / ".s.PGSQL.5432"
        await self._front.open(self._way())
        self._flows.set()
        url = server.url(database, host="127.0.0.1", port=str(self._front.port), sslmode="disable")
        self._path.write_text(json.dumps({**contents, "store": {"url": url}}))

    async def start(self) -> None:
        """Start a daemon; it is not waited for."""
        self._lives[self.number] = next(_ids)
        self.daemon = await Victim.start(self._path)

    async def watching(self) -> None:
        """Wait until it watches."""
        assert self.daemon is not None
        address = await self.daemon.watching()
        self._client = httpx.AsyncClient(base_url=address, timeout=ANSWER_WITHIN)

    def stop(self) -> None:
        """Let it stand still."""
        assert self.daemon is not None
        self.is_stopped = True
        self.daemon.process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        """Let it go on."""
        assert self.daemon is not None
        self.is_stopped = False
        self.daemon.process.send_signal(signal.SIGCONT)

    async def cut_off(self, *, refused: bool) -> None:
        """Its way to PostgreSQL ends: whoever knocks is refused, or nothing comes through and nothing back."""
        self.is_cut_off = True
        if refused:
            await self._front.close()
        else:
            self._flows.clear()

    async def join(self) -> None:
        """Open its way again; what was held up on it comes through."""
        self.is_cut_off = False
        self._flows.set()
        if not self._front.is_open:
            await self._front.open(self._way())

    async def end(self, how: signal.Signals) -> None:
        """End the daemon, keep what it left."""
        daemon, self.daemon = self.daemon, None
        if self._client is not None:
            await self._client.aclose()
            self._client = None
        if daemon is None:
            return
        code = await daemon.end(how)
        if code != (0 if how is signal.SIGTERM else -how):
            self.problems.append(f"replica {self.number} ended with {code}: {daemon.log[-3:]}")
        self.shown += daemon.events
        self.log.append(daemon.log)
        broken = [line for line in daemon.log if "Traceback" in line or '"exception"' in line]
        self.problems += [f"replica {self.number} broke: {line}" for line in broken]

    async def close(self) -> None:
        """Leave nothing behind."""
        if self.is_stopped and self.daemon is not None:
            self.wake()
        self._flows.set()
        await self.end(signal.SIGKILL)
        await self._front.close()

    async def look(self) -> "Shown | None":
        """What it shows; None while it answers nothing."""
        if self._client is None or self.is_stopped:
            return None
        with contextlib.suppress(httpx.HTTPError):
            health = await self._client.get("/-/healthy")
            if health.status_code != 200:
                self.problems.append(f"replica {self.number} is not healthy: {health.text}")
            return Shown(self.life, (await self._client.get("/metrics")).text)
        return None

    def _way(self) -> Carry:
        return handed_on(lambda: _connected(self._socket), self._flows)


class Shown:
    """What one replica shows at a moment."""

    def __init__(self, life: int, text: str) -> None:
        self.life = life
        self.epochs: dict[str, float] = {}  #: of the accounts that it holds
        self._successes: dict[str, list[float]] = {}
        held: set[str] = set()
        for name, account, _appkey, value in _SAMPLE.findall(text):
            if name.endswith("held"):
                held |= {account} if float(value) else set()
            elif name.endswith("epoch"):
                self.epochs[account] = float(value)
            else:
                self._successes.setdefault(account, []).append(float(value))
        self.epochs = {account: epoch for account, epoch in self.epochs.items() if account in held}

    def fresh(self, account: str) -> float:
        """Since when every app was asked with success; 0 where one never was."""
        successes = self._successes.get(account, [])
        return min(successes) if len(successes) == APPS else 0.0


class Watch:
    """Looks at all replicas, twice a second, and keeps what the owner of each account shows."""

    def __init__(self, seats: list[Seat], accounts: tuple[str, ...]) -> None:
        self.sights: dict[str, list[Sight]] = {account: [] for account in accounts}
        self._seats = seats

    async def run(self) -> None:
        while True:
            shown = [each for each in await asyncio.gather(*(seat.look() for seat in self._seats)) if each is not None]
            now = time.time()
            for account, sights in self.sights.items():
                owners = [each for each in shown if account in each.epochs]
                if owners:
                    owner = max(owners, key=lambda each: each.epochs[account])
                    sights.append(Sight(now, owner.life, owner.fresh(account)))
            await asyncio.sleep(0.5)


def owners(server: PostgresqlServer, database: str, seats: list[Seat]) -> dict[str, Seat | None]:
    """Whose each account is by the store: None where nobody's, or that of one who is gone."""
    rows = server.execute(
        "SELECT lease.account, replica.name FROM lease LEFT JOIN replica ON replica.holder = lease.holder "
        "AND lease.until > extract(epoch FROM clock_timestamp()) * 1000",
        database,
    )
    by_name = {seat.daemon.process.pid: seat for seat in seats if seat.daemon is not None}
    return {account: by_name.get(_pid(name)) for account, name in rows}


def drop_connections(server: PostgresqlServer, database: str) -> None:
    """All at once; a server that is not there has none."""
    with contextlib.suppress(psycopg.OperationalError):
        server.terminate(database)


def _pid(name: str | None) -> int:
    found = re.search(r"\d+", name or "")
    return int(found[0]) if found else 0


async def _connected(socket: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        return await asyncio.open_unix_connection(str(socket))
    except FileNotFoundError as error:
        raise ConnectionRefusedError(str(error)) from None

"""
Many accounts in one database, as they are after their first round, and who may watch how many of them.

All accounts have apps of the same keys and the same answers: the vendor looks at nothing else, so a few files answer
for any number of accounts, and the accounts' rows are copies of the first one's.
"""

import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks import fleets
from benchmarks.apart import apart
from benchmarks.fixed_vendor import FixedVendor
from benchmarks.stores import fill_store_at
from monitor.fleet.app import App
from tests.postgresql import PostgresqlServer

RATE = 20  #: calls a second and account: what the vendor allows
APART = "nobody"  #: holds the leases of the accounts that no daemon is to watch yet
LONG = 3_600_000  #: milliseconds

RATINGS = ("GREEN", "YELLOW", "RED")


def account(index: int) -> str:
    """Its name."""
    return f"account-{index:03}"


class Answers:
    """Of the apps of an account; each is as long as any other, so that one can take another's place."""

    def __init__(self, apps: int) -> None:
        self.apps = apps
        self._length = max(len(fleets.body(apps - 1, rating)) for rating in RATINGS)
        self._turn = 0

    def body(self, index: int, rating: str = "GREEN") -> bytes:
        """One app's, with one number rated so."""
        return fleets.body(index, rating, 1).ljust(self._length)

    def all(self) -> list[tuple[str, bytes]]:
        """By appkey."""
        return [(fleets.appkey(index), self.body(index)) for index in range(self.apps)]

    def change(self, vendor: FixedVendor) -> None:
        """Have one number of one app rated otherwise, in every account; the next time it is another app's."""
        rounds, index = divmod(self._turn, self.apps)
        vendor.say(fleets.appkey(index), self.body(index, RATINGS[(rounds + 1) % len(RATINGS)]))
        self._turn += 1


class Many:
    """The accounts of one database."""

    def __init__(self, server: PostgresqlServer, accounts: int, apps: int) -> None:
        self.server = server
        self.database = server.create_database()
        self.url = server.url(self.database)
        self.names = [account(index) for index in range(accounts)]
        self.apps = apps

    def fill(self, answers: Answers) -> None:
        """Record the first account's answers, and copy them for the others; nobody watches any of them yet."""
        apps = [App(account=self.names[0], appkey=key, name=f"shop-{at}") for at, (key, _) in enumerate(answers.all())]
        apart(fill_store_at, self.url, [(app, body) for app, (_, body) in zip(apps, answers.all(), strict=True)])
        first = self.names[0]
        for name in self.names[1:]:
            self.execute(
                f"INSERT INTO account SELECT '{name}', version, state FROM account WHERE account = '{first}';"
                f"INSERT INTO app SELECT '{name}', appkey, version, last_success, digest,"
                f" replace(described, '{first}', '{name}'), state FROM app WHERE account = '{first}';"
                f"INSERT INTO entry SELECT '{name}', appkey, waba_id, number, gone_at, state"
                f" FROM entry WHERE account = '{first}'"
            )
        self.execute("ANALYZE")
        self.execute("CHECKPOINT")
        rows = ", ".join(f"('{name}', '{APART}', 1, {_now()} + {LONG})" for name in self.names)
        self.execute(f"INSERT INTO lease VALUES {rows}")

    def configure(self, directory: Path, vendor: FixedVendor, interval: float) -> Path:
        """Write the configuration that every daemon gets."""
        lines = ["appkey,name", *(f"{fleets.appkey(index)},shop-{index}" for index in range(self.apps))]
        (directory / "apps.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        asked = {"access_key": "bench", "access_secret": "bench", "base_url": vendor.base_url, "rate_limit": RATE}
        contents = {
            "accounts": [{"name": name, "apps_file": "apps.csv", **asked} for name in self.names],
            "poll": {"interval": f"{interval:g}s"},
            "store": {"url": self.url},
            "web": {"listen": "127.0.0.1:0"},
        }
        path = directory / f"{self.database}.yml"
        path.write_text(json.dumps(contents), encoding="utf-8")
        return path

    def free(self, names: Iterable[str]) -> None:
        """Let whoever wants watch these, as far as nobody may yet."""
        self.execute(
            f"UPDATE lease SET holder = '', until = 0 WHERE holder = '{APART}' AND account IN ({_listed(names)})"
        )

    def take_away(self, names: Iterable[str]) -> None:
        """Let nobody watch these any more."""
        held = f"holder = '{APART}', until = {_now()} + {LONG}"
        self.execute(f"UPDATE lease SET {held} WHERE account IN ({_listed(names)})")

    @property
    def hands(self) -> int:
        """How many daemons have watched each account by now, at least."""
        [(epoch,)] = self.execute("SELECT min(epoch) - 1 FROM lease WHERE account <> ''")
        return epoch

    def execute(self, statement: str) -> list[tuple[int, ...]]:
        """Ask the database."""
        return self.server.execute(statement, self.database)


def until(there: Callable[[], bool], seconds: float = 600.0) -> None:
    """Wait for something."""
    end = time.monotonic() + seconds
    while not there():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds:g} s")
        time.sleep(0.5)


def _now() -> str:
    return "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)

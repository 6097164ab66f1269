"""What a round of leases costs, in which a daemon renews what it watches: with 100 accounts, and with one."""

import asyncio
import statistics
import time
from collections.abc import Collection

import msgspec

from benchmarks.many import account
from benchmarks.server import work_of
from monitor.clock import wall_clock
from monitor.store.membership import Membership
from monitor.store.store import Store
from tests.postgresql import PostgresqlServer

ROUNDS = 200


class Round(msgspec.Struct, frozen=True):
    """One of them, of many."""

    seconds: float  #: the median
    cpu: float  #: seconds of PostgreSQL's
    commits: float


def lease_round(server: PostgresqlServer, accounts: int) -> Round:
    """Hold so many accounts, and measure."""
    database = server.create_database()
    return asyncio.run(_measure(server, database, [account(index) for index in range(accounts)]))


async def _measure(server: PostgresqlServer, database: str, names: Collection[str]) -> Round:
    store = await Store.open(server.url(database), now=wall_clock, alone=False)
    assert store.ownership is not None, "it is shared"
    membership = Membership(store.ownership, "bench")
    await membership.round(names)
    work, took = work_of(server, database), []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await membership.round(names)
        took.append(time.perf_counter() - began)
    await asyncio.sleep(1.5)  # the server counts its transactions with some delay
    done = work_of(server, database) - work
    await membership.leave()
    await store.close()
    return Round(statistics.median(took), done.cpu / ROUNDS, done.commits / ROUNDS)

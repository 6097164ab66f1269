"""Several daemons on one PostgreSQL: each account has one of them, and nobody is told anything twice when one goes."""

import asyncio
import json
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.simulator.lives import STILL
from monitor.simulator.server import Call, Simulator
from monitor.simulator.world import World
from tests.delivery.receiver import Receiver
from tests.postgresql import PostgresqlServer
from tests.system.running import Running, eventually

ACCOUNTS = 4  # with one app of three numbers each

Begin = Callable[[], Awaitable[Running]]


@pytest.fixture
async def calls() -> list[Call]:
    """What the vendor was asked."""
    return []


@pytest.fixture
async def vendor(calls: list[Call]) -> AsyncIterator[Simulator]:
    simulator = Simulator(World.of(apps=ACCOUNTS, numbers=3 * ACCOUNTS, script=STILL), on_call=calls.append)
    simulator.base_url = await simulator.start()  # type: ignore[attr-defined]  # handed on to the tests
    yield simulator
    await simulator.stop()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


@pytest.fixture
def database(postgresql: PostgresqlServer) -> str:
    return postgresql.empty_database()


@pytest.fixture
async def replica(
    vendor: Simulator, receiver: Receiver, postgresql: PostgresqlServer, database: str, tmp_path: Path
) -> AsyncIterator[Begin]:
    """Starts one more daemon, all with one configuration."""
    accounts = [
        {
            "name": appkey,
            "access_key": vendor.world.access_key,
            "access_secret": vendor.world.access_secret,
            "base_url": vendor.base_url,  # type: ignore[attr-defined]
            "apps": [appkey],
        }
        for appkey in vendor.world.appkeys
    ]
    path = tmp_path / "number-monitor.yml"
    contents: dict[str, Any] = {
        "accounts": accounts,
        "poll": {"interval": "5s"},
        "store": {"url": postgresql.url(database)},
        "web": {"listen": "127.0.0.1:0"},
        "events": {"sinks": [{"name": "ops", "type": "webhook", "url": receiver.url}]},
    }
    path.write_text(json.dumps(contents))
    running: list[Running] = []

    async def begin() -> Running:
        running.append(await Running.start(path))
        return running[-1]

    yield begin
    for daemon in running:
        if daemon.process.returncode is None:
            daemon.process.kill()
        await daemon.end()


async def held(daemon: Running) -> set[str]:
    """The accounts that a daemon says it holds."""
    return {
        dict(labels)["account"]
        for (name, labels), value in (await daemon.samples()).items()
        if name == "number_monitor_lease_held" and value
    }


async def shown(daemon: Running) -> set[str]:
    """The accounts that it shows numbers of."""
    return {
        dict(labels)["account"]
        for name, labels in await daemon.samples()
        if name in {"nxcloud_number_severity", "nxcloud_app_up", "number_monitor_polls_total"}
    }


async def holding(daemon: Running, accounts: int) -> set[str]:
    """Wait until it holds and shows so many; which."""

    async def both() -> set[str]:
        await asyncio.sleep(0.2)  # to read all samples is dear
        found = await held(daemon)
        return found if len(found) == accounts and await shown(daemon) == found else set()

    found: set[str] = await eventually(both)
    return found


def told(*daemons: Running) -> list[str]:
    """What stdouts were told, each event as its type and account."""
    return sorted(f"{event['type']} {event['data']['account']}" for daemon in daemons for event in daemon.events)


@asynccontextmanager
async def streaming(daemon: Running) -> AsyncIterator[AsyncIterator[str]]:
    """The lines of a daemon's stream of events."""
    async with (
        httpx.AsyncClient(base_url=await daemon.watching(), timeout=30.0) as client,
        client.stream("GET", "/api/v1/events/stream") as answer,
    ):
        yield answer.aiter_lines()


async def degraded(lines: AsyncIterator[str]) -> str:
    """The account of the stream's next number that has degraded."""
    async with asyncio.timeout(30):
        async for line in lines:
            if '"number.degraded"' in line:
                account: str = json.loads(line.removeprefix("data: "))["data"]["account"]
                return account
    raise AssertionError("the stream has ended")


async def listed(daemon: Running) -> tuple[dict[str, str], dict[str, str]]:
    """By account a number that a daemon lists, and who watches it, as far as it knows by now; none is missing."""
    numbers = (await daemon.get("/api/v1/numbers?limit=100")).json()["items"]
    apps = (await daemon.get("/api/v1/apps")).json()["items"]
    assert len(numbers) == 3 * ACCOUNTS
    return {row["account"]: row["number"] for row in numbers}, {app["account"]: app["watched_by"] for app in apps}


async def listed_alike(*daemons: Running) -> dict[str, str]:
    """Wait until all say alike what there is and who watches it, each the same share; a number of each account."""

    async def alike() -> dict[str, str] | None:
        found = [await listed(daemon) for daemon in daemons]
        shares = Counter(found[0][1].values())
        return found[0][0] if found[1:] == found[:-1] and set(shares.values()) == {ACCOUNTS // len(daemons)} else None

    numbers: dict[str, str] = await eventually(alike)
    for daemon in daemons:
        page = (await daemon.get("/")).text
        assert all(f"process {each.process.pid} on" in page for each in daemons)
    return numbers


async def ask_the_other(asked: Running, owner: Running, account: str) -> None:
    """Everything that can be asked, of the daemon that does not watch the account; its one number has just degraded."""
    accepted = await asked.post(f"/api/v1/accounts/{account}/accept")
    assert (accepted.status_code, accepted.json()) == (200, {"accepted": 0})
    polled = await asked.post(f"/api/v1/apps/{account}/{account}/poll")
    assert (polled.status_code, polled.json()["app"]["severity"]) == (200, "critical")
    soon = await asked.post(f"/api/v1/apps/{account}/{account}/poll")
    assert (soon.status_code, soon.json()["type"]) == (429, "urn:number-monitor:problem:too-soon")
    reloads = owner.reloads()
    assert (await asked.post("/-/reload")).text == "reloaded\n"
    await eventually(lambda: owner.reloads() == reloads + 1)


async def test_two_share_the_accounts_and_the_loss_of_one_costs_nobody_a_message(
    vendor: Simulator,
    receiver: Receiver,
    postgresql: PostgresqlServer,
    database: str,
    replica: Begin,
    calls: list[Call],
) -> None:
    keys = set(vendor.world.appkeys)
    first = await replica()
    await first.ready()
    assert await holding(first, ACCOUNTS) == keys
    await eventually(lambda: len(told(first)) == ACCOUNTS)

    # One that joins stands by, until it has lived for a while: then it is given its share.
    second = await replica()
    await second.ready()
    assert (await held(second), await shown(second)) == (set(), set())
    assert await second.sample("number_monitor_lease_epoch", account=min(keys)) == 1
    postgresql.execute("UPDATE replica SET since = since - 20000", database)
    halves = [await holding(second, ACCOUNTS // 2), await holding(first, ACCOUNTS // 2)]
    assert set.union(*halves) == keys

    # What happens to a number is told once, by whoever owns it; and streamed by both.
    lost, kept = (sorted(half) for half in reversed(halves))
    numbers = await listed_alike(first, second)
    async with streaming(first) as lines:
        for account in (lost[0], kept[0]):
            vendor.world.change(numbers[account], {"quality_rating": "RED"})
        streamed = [await degraded(lines) for _ in range(2)]
    assert sorted(streamed) == sorted([lost[0], kept[0]])
    await eventually(lambda: first.told("number.degraded") and second.told("number.degraded"))
    assert [event["data"]["account"] for event in first.told("number.degraded")] == [lost[0]]

    # What is asked of the one is done by the other.
    await ask_the_other(first, second, kept[0])
    await ask_the_other(second, first, lost[0])

    # It dies; the other serves everything, and goes on where it was.
    await first.end(signal.SIGKILL)
    for table in ("lease", "replica"):  # the last 8 s of them are enough to wait for
        postgresql.execute(f"UPDATE {table} SET until = until - 12000", database)
    vendor.world.change(numbers[lost[1]], {"quality_rating": "RED"})
    await holding(second, ACCOUNTS)
    assert await second.sample("number_monitor_lease_epoch", account=lost[0]) == 2
    await eventually(lambda: second.told("number.degraded", account=lost[1]))

    # One that is asked to end hands over at once.
    third = await replica()
    await third.ready()
    assert await held(third) == set()
    assert await second.end() == 0
    assert await holding(third, ACCOUNTS) == keys
    vendor.world.change(numbers[kept[1]], {"quality_rating": "RED"})
    await eventually(lambda: third.told("number.degraded"))

    expected = sorted([*(f"app.baseline {key}" for key in keys), *(f"number.degraded {key}" for key in keys)])
    assert told(first, second, third) == expected
    await eventually(lambda: len(receiver.taken) == len(expected))
    assert sorted(f"{each.event['type']} {each.event['data']['account']}" for each in receiver.taken) == expected
    assert {call.code for call in calls} == {0}

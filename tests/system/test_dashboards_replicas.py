"""
The dashboards where replicas share a store, asked of a real Prometheus.

Replica `a` watched the account, was cut off from the store, and still shows what it last knew; `b` watches it now.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

import pytest

from tests.dashboards.boards import load, targets
from tests.system.running import eventually
from tests.system.test_dashboards import ask, escaped, prometheus, values_of
from tests.system.test_prometheus import result

ENTRY = 'account="main",appkey="{}",waba_id="w",number="{}"'

#: What each replica says of numbers: app, number, severity, quality rating, status and tier.
OLD = (("shop", "+1", 3, 3, 1, 250), ("shop", "+2", 1, 1, 1, 1000), ("gone", "+9", 3, 1, 10, 250))
TRUE = (("shop", "+1", 1, 1, 1, 250), ("shop", "+2", 3, 3, 1, 1000), ("shop", "+3", 2, 2, 1, 1000))


def fleet_of(rows, *, up):
    """What a replica shows of the fleet."""
    for app in sorted({row[0] for row in rows}):
        names = f'account="main",appkey="{app}"'
        yield f'nxcloud_app_info{{{names},app_name="the {app}"}} 1'
        yield f"nxcloud_app_up{{{names}}} {up}"
        yield f"nxcloud_app_last_success_timestamp_seconds{{{names}}} 1"
    for app, number, *states in rows:
        entry = ENTRY.format(app, number)
        yield f'nxcloud_number_info{{{entry},app_name="the {app}",verified_name="",waba_name=""}} 1'
        for family, value in zip(("severity", "quality_rating", "status", "tier"), states, strict=True):
            yield f"nxcloud_number_{family}{{{entry}}} {value}"
    for value, word in enumerate(("GREEN", "YELLOW", "RED"), 1):
        count = sum(row[3] == value for row in rows)
        yield f'nxcloud_numbers_by_quality_rating{{account="main",quality_rating="{word}"}} {count}'


def daemon_of(*, held, epoch):
    """What a replica says of its lease."""
    yield 'number_monitor_build_info{version="1"} 1'
    yield f'number_monitor_lease_held{{account="main"}} {held}'
    yield f'number_monitor_lease_epoch{{account="main"}} {epoch}'


@contextlib.asynccontextmanager
async def replica(parts: Mapping[str, str]) -> AsyncIterator[str]:
    """A server that answers each part of /metrics with a text; gives its address."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n", 1)[0].decode()
        body = next(text for part, text in parts.items() if f"part={part} " in asked).encode()
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


def text(lines):
    return "".join(f"{line}\n" for line in lines)


@pytest.fixture
async def shared(command, tmp_path):
    """Prometheus that scrapes both replicas, and their addresses."""
    cut_off = {"fleet": text(fleet_of(OLD, up=0)), "daemon": text(daemon_of(held=0, epoch=1))}
    owner = {"fleet": text(fleet_of(TRUE, up=1)), "daemon": text(daemon_of(held=1, epoch=2))}
    async with (
        replica(cut_off) as a,
        replica(owner) as b,
        prometheus(command("prometheus"), tmp_path, [a, b]) as client,
    ):
        await eventually(lambda: seen(client))
        yield client, a, b


async def seen(client):
    """Whether both parts of both replicas have been scraped."""
    return all([len(await result(client, f"group by (instance) ({name})")) == 2 for name in ("up == 1", EPOCH, FLEET)])


EPOCH, FLEET = "number_monitor_lease_epoch", "nxcloud_number_severity"


async def shown(client, panel, instance):
    """What a panel of the fleet gives at this moment: for each of its queries the values, by number or app."""
    values = {**await values_of(client, load("fleet"), {}), "instance": instance}
    found = []
    for target in targets("fleet"):
        if target.panel == panel:
            series = await ask(client, target._replace(ranged=False), values)
            found.append({naming(each["metric"]): float(each["value"][1]) for each in series})
            assert len(found[-1]) == len(series)
    return found


def naming(labels):
    return labels.get("number") or labels.get("appkey") or ""


async def test_a_number_counts_once_and_is_what_the_replica_says_that_watches_it(shared):
    client, *_ = shared
    *states, _age = await shown(client, "Numbers needing attention", ".+")

    assert states == [{"+2": 3, "+3": 2}, {"+2": 3, "+3": 2}, {"+2": 1, "+3": 1}, {"+2": 1000, "+3": 1000}]
    assert await shown(client, "Numbers", ".+") == [{"": 3}]
    assert await shown(client, "RED now", ".+") == [{"": 1}]
    assert await shown(client, "Apps failing", ".+") == [{"": 0}]
    assert await shown(client, "Apps by their worst number", ".+") == [{"shop": 3}]


async def test_a_replica_that_was_cut_off_is_shown_when_it_alone_is_picked(shared):
    client, a, _ = shared
    ratings = (await shown(client, "Numbers needing attention", escaped(a)))[1]

    assert ratings == {"+1": 3, "+9": 1}

"""A real Alertmanager is told what is wrong, and that it is over."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.delivery.endpoint import Endpoint
from monitor.delivery.sinks.alertmanager import AlertmanagerSink
from monitor.fleet.match import Match
from monitor.http.transport import open_transport
from tests.delivery.fakes import capturing, instruments
from tests.fleet.making import NUMBER, WABA, Watch, row, rows
from tests.system.running import eventually
from tests.system.test_prometheus import free_port


def now() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
async def address(command: Callable[[str], str], tmp_path: Path) -> AsyncIterator[str]:
    """An Alertmanager without peers that tells nobody."""
    program = command("prometheus-alertmanager")
    config = tmp_path / "alertmanager.yml"
    config.write_text(json.dumps({"route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}]}))
    address = f"127.0.0.1:{free_port()}"
    process = await asyncio.create_subprocess_exec(
        program,
        f"--config.file={config}",
        f"--storage.path={tmp_path / 'data'}",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",
        stderr=asyncio.subprocess.DEVNULL,
    )
    url = f"http://{address}"
    try:
        await eventually(lambda: is_ready(url))
        yield url
    finally:
        process.terminate()
        await process.wait()


async def is_ready(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        async with httpx.AsyncClient(base_url=url) as client:
            return (await client.get("/-/ready")).is_success
    return False


async def present(url: str) -> list[dict[str, Any]]:
    """The alerts that are firing there."""
    async with httpx.AsyncClient(base_url=url) as client:
        found: list[dict[str, Any]] = (await client.get("/api/v2/alerts")).raise_for_status().json()
        return sorted(found, key=lambda alert: alert["labels"]["alertname"])


async def so_many(url: str, count: int) -> list[dict[str, Any]] | None:
    """The same, once there are so many."""
    found = await present(url)
    return found if len(found) == count else None


@pytest.fixture
def watch() -> Watch:
    """A fleet whose time is the present: Alertmanager has a clock of its own."""
    watch = Watch()
    watch.at = now() - 600_000
    return watch


@pytest.fixture
async def sink(address: str, watch: Watch) -> AsyncIterator[AlertmanagerSink]:
    endpoint = Endpoint(f"{address}/api/v2/alerts", transport=open_transport(proxy=None, connections=1), now=now)
    sink = AlertmanagerSink(
        "am",
        [endpoint],
        fleet=watch.fleet,
        match=Match(),
        labels={"cluster": "eu"},
        external_url="https://numbers.example.com/",
        now=now,
        log=capturing()[0],
        instruments=instruments()[0],
    )
    yield sink
    await sink.stop()


async def test_what_is_wrong_fires_with_its_labels_and_what_recovers_is_resolved(address, watch, sink):
    watch.answers(row(quality_rating="RED"), row("+8613800000002", status="RATE_LIMITED"))
    sink.start()
    red, limited = await eventually(lambda: so_many(address, 2))

    watch.answers(row(), row("+8613800000002", status="RATE_LIMITED"))
    sink.wake()
    (left,) = await eventually(lambda: so_many(address, 1))

    assert red["labels"] == {
        "alertname": "NXCloudNumberQualityRed",
        "severity": "critical",
        "attribute": "quality_rating",
        "account": "main",
        "appkey": "a",
        "waba_id": WABA,
        "number": NUMBER,
        "cluster": "eu",
    }
    assert red["generatorURL"] == f"https://numbers.example.com/numbers/main/a/{WABA}/%2B8613800000001"
    assert red["annotations"]["summary"] == f"{NUMBER} is RED"
    assert limited["labels"]["alertname"] == left["labels"]["alertname"] == "NXCloudNumberRateLimited"
    assert (limited["status"]["state"], limited["startsAt"]) == (left["status"]["state"], left["startsAt"])


async def test_a_rating_that_gets_better_replaces_its_alert(address, watch, sink):
    watch.answers(row(quality_rating="RED"))
    sink.start()
    await eventually(lambda: present(address))

    watch.answers(row(quality_rating="YELLOW"))
    sink.wake()

    async def names() -> bool:
        return [alert["labels"]["alertname"] for alert in await present(address)] == ["NXCloudNumberQualityYellow"]

    assert await eventually(names)


async def test_a_tier_whose_waba_has_no_id_and_many_alerts_at_once_are_taken(address, watch, sink):
    watch.answers(row(waba=""), *rows(450)[1:])
    watch.answers(row(waba="", tier="TIER_1K"), *rows(450, quality_rating="RED")[1:])

    sink.start()
    found = await eventually(lambda: so_many(address, 450))

    assert found[-1]["labels"]["alertname"] == "NXCloudTierLowered"
    assert "waba_id" not in found[-1]["labels"]


async def test_with_nothing_wrong_it_is_asked_and_has_no_alert(address, watch, sink):
    watch.answers(row())

    await sink._round()

    assert sink._instruments.deliveries.labels("am")._value.get() == 1
    assert await present(address) == []


async def test_a_trial_is_taken(address, sink):
    said = await sink.test()

    (alert,) = await present(address)
    assert said.startswith(f"{address} answered HTTP 200")
    assert (alert["labels"]["test"], alert["labels"]["severity"]) == ("true", "info")

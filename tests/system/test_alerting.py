"""
From the vendor to Alertmanager: simulator, daemon, Prometheus and Alertmanager, with the rules that are shipped.

In a copy of the rules every second stands for a minute (`for`, `keep_firing_for`), and Prometheus scrapes and evaluates
every second: expressions, names and labels are the shipped ones.
"""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.config.rules import DAEMON, NUMBERS, ROOT
from tests.system.running import eventually
from tests.system.test_alertmanager import is_ready, present
from tests.system.test_prometheus import free_port, result


@contextlib.asynccontextmanager
async def program(*command: object) -> AsyncIterator[None]:
    """A program that runs meanwhile."""
    process = await asyncio.create_subprocess_exec(*map(str, command), stderr=asyncio.subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


@pytest.fixture
async def alertmanager(command: Callable[[str], str], tmp_path: Path) -> AsyncIterator[str]:
    """Alertmanager with the shipped configuration; gives its URL."""
    address = f"127.0.0.1:{free_port()}"
    async with program(
        command("prometheus-alertmanager"),
        f"--config.file={ROOT / 'config' / 'alertmanager' / 'alertmanager.yml'}",
        f"--storage.path={tmp_path / 'alertmanager'}",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",
    ):
        await eventually(lambda: is_ready(f"http://{address}"))
        yield f"http://{address}"


@contextlib.asynccontextmanager
async def prometheus(path: str, directory: Path, *, target: str, alertmanager: str) -> AsyncIterator[httpx.AsyncClient]:
    """Prometheus with the shipped rules, a second for each of their minutes; gives a client of its API."""
    for rules in (NUMBERS, DAEMON):
        quick = re.sub(r"(for: \d+)m$", r"\1s", rules.read_text(), flags=re.MULTILINE)
        (directory / rules.name).write_text(quick)
    address = f"127.0.0.1:{free_port()}"
    job = {"static_configs": [{"targets": [target]}]}
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [NUMBERS.name, DAEMON.name],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager.removeprefix("http://")]}]}]},
        "scrape_configs": [
            {"job_name": "number-monitor-fleet", "params": {"part": ["fleet"]}, **job},
            {"job_name": "number-monitor", "params": {"part": ["daemon"]}, **job},
        ],
    }
    (directory / "prometheus.yml").write_text(json.dumps(config))
    async with program(
        path,
        f"--config.file={directory / 'prometheus.yml'}",
        f"--storage.tsdb.path={directory / 'tsdb'}",
        f"--web.listen-address={address}",
    ):
        await eventually(lambda: is_ready(f"http://{address}"))
        async with httpx.AsyncClient(base_url=f"http://{address}", timeout=30) as client:
            yield client


async def named(url: str, name: str) -> list[dict[str, Any]]:
    """The alerts of this name that Alertmanager has."""
    return [alert for alert in await present(url) if alert["labels"]["alertname"] == name]


async def change(vendor: Any, number: str, **fields: str) -> None:
    """Drive a number of the vendor into a state, over HTTP."""
    async with httpx.AsyncClient(base_url=vendor.base_url) as client:
        (await client.patch(f"/numbers/{number.removeprefix('+')}", json=fields)).raise_for_status()


async def test_a_number_that_turns_red_is_one_alert_by_rule_and_sink_and_outlives_the_daemon(
    vendor, start, command, alertmanager, tmp_path
):
    number = vendor.world.numbers[0]
    sink = {"name": "am", "type": "alertmanager", "urls": [alertmanager]}
    daemon = await start(events={"sinks": [sink]})
    target = (await daemon.ready()).removeprefix("http://")
    async with prometheus(command("prometheus"), tmp_path, target=target, alertmanager=alertmanager) as client:
        await change(vendor, number, quality_rating="RED")
        (by_sink,) = await eventually(lambda: named(alertmanager, "NXCloudNumberQualityRed"))

        async def from_rule() -> list[dict[str, Any]]:
            found = await named(alertmanager, "NXCloudNumberQualityRed")
            return found if any("runbook_url" in alert["annotations"] for alert in found) else []

        (red,) = await eventually(from_rule)
        heartbeat = await eventually(lambda: named(alertmanager, "NumberMonitorHeartbeat"))
        await daemon.end()
        (absent,) = await eventually(lambda: named(alertmanager, "NumberMonitorAbsent"))
        gone_for = 'time() - ALERTS_FOR_STATE{alertname="NumberMonitorAbsent"}'
        await eventually(lambda: result(client, f"{gone_for} > 8"))  # longer than `keep_firing_for`
        kept = await result(client, 'ALERTS{alertname="NXCloudNumberQualityRed", alertstate="firing"}')
        (held,) = await named(alertmanager, "NXCloudNumberQualityRed")

    (told,) = daemon.told("number.degraded", number=number)
    (appkey,) = [app.appkey for app in vendor.world.apps if number in vendor.world.listed(app.appkey)]
    assert "runbook_url" not in by_sink["annotations"]
    assert red["fingerprint"] == by_sink["fingerprint"]
    assert red["labels"] == {
        "alertname": "NXCloudNumberQualityRed",
        "severity": "critical",
        "attribute": "quality_rating",
        "account": "main",
        "appkey": appkey,
        "waba_id": told["data"]["waba_id"],
        "number": number,
    }
    assert red["annotations"]["runbook_url"] == "docs/runbooks.md#nxcloudnumberqualityred"
    assert heartbeat
    assert absent["labels"] == {"alertname": "NumberMonitorAbsent", "severity": "critical"}
    assert len(kept) == 1
    assert held["fingerprint"] == red["fingerprint"]
    assert held["status"]["inhibitedBy"] == [absent["fingerprint"]]

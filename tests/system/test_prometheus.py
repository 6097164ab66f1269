"""A real Prometheus scrapes the daemon."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx

from tests.system.running import eventually


def free_port() -> int:
    """A port that was free a moment ago: Prometheus cannot be asked which one it took."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def prometheus(program: str, directory: Path, target: str) -> AsyncIterator[httpx.AsyncClient]:
    """Prometheus, scraping the target every second; gives a client of its API."""
    address = f"127.0.0.1:{free_port()}"
    scrape = {"job_name": "number-monitor", "scrape_interval": "1s", "static_configs": [{"targets": [target]}]}
    config = directory / "prometheus.yml"
    config.write_text(json.dumps({"scrape_configs": [scrape]}))
    process = await asyncio.create_subprocess_exec(
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={directory / 'tsdb'}",
        f"--web.listen-address={address}",
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://{address}", timeout=30) as client:
            yield client
    finally:
        process.terminate()
        await process.wait()


async def result(client: httpx.AsyncClient, query: str) -> list[dict[str, Any]]:
    """What a query gives now; nothing while Prometheus is not up."""
    with contextlib.suppress(httpx.TransportError):
        answer = await client.get("/api/v1/query", params={"query": query})
        if answer.is_success:
            found: list[dict[str, Any]] = answer.json()["data"]["result"]
            return found
    return []


async def test_prometheus_sees_a_number_turn_red(vendor, start, command, tmp_path):
    daemon = await start()
    target = (await daemon.ready()).removeprefix("http://")
    number = vendor.world.numbers[0]
    async with prometheus(command("prometheus"), tmp_path, target) as client:
        await eventually(lambda: result(client, "nxcloud_number_quality_rating == 1"))

        vendor.world.change(number, {"quality_rating": "RED"})
        (red,) = await eventually(lambda: result(client, "nxcloud_number_quality_rating == 3"))
        up = await result(client, "up")

    assert (red["metric"]["number"], red["value"][1]) == (number, "3")
    assert [series["value"][1] for series in up] == ["1"]


async def test_prometheus_forgets_an_app_that_left(vendor, start, command, tmp_path):
    keys = vendor.world.appkeys
    daemon = await start(apps=list(keys))
    target = (await daemon.ready()).removeprefix("http://")
    path = tmp_path / "number-monitor.yml"
    async with prometheus(command("prometheus"), tmp_path, target) as client:
        await eventually(lambda: result(client, f'nxcloud_app_up{{appkey="{keys[0]}"}}'))
        changed = json.loads(path.read_text())
        changed["accounts"][0]["apps"] = list(keys[1:])
        path.write_text(json.dumps(changed))
        await daemon.post("/-/reload")

        async def gone() -> bool:
            left = await result(client, "count(nxcloud_app_up)")
            return bool(left) and left[0]["value"][1] == str(len(keys) - 1)

        assert await eventually(gone)

"""
Every query of every dashboard, asked of a real Prometheus that scrapes the daemon as config/prometheus does.

Each part of `/metrics` is scraped under two instances, as if there were two replicas of the daemon.
"""

import asyncio
import contextlib
import json
import re
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.simulator.faults import Code
from tests.dashboards.boards import NAMES, Target, annotations, asked, load, targets, variables
from tests.system.running import PATIENCE, eventually
from tests.system.test_prometheus import free_port, result

STEP = 1  # seconds, as scraped
SPANS = {"__rate_interval": "10s", "__interval": "1s", "__range": "60s"}

#: Queries that may give nothing while all is well, by dashboard and panel, and by the panel's query where it has more.
MAY_BE_EMPTY: Mapping[tuple[str, str, int], str] = {
    ("daemon", "Held back and undocumented in an hour", 1): "the vendor's words are all documented",
    ("daemon", "Lists of apps", 0): "the apps stand in the configuration itself",
    ("daemon", "Deliveries", 1): "every delivery succeeds",
    ("daemon", "Oldest that waits", 0): "nothing waits",
    ("number", "Status got worse", 0): "its status stays",
    ("number", "Tier lowered", 0): "its tier stays",
    ("daemon", "Configuration refused", 0): "no reload was refused",
    ("daemon", "Who watches which account", 0): "the store is the daemon's own",
}


@contextlib.asynccontextmanager
async def prometheus(program: str, directory: Path, ports: list[str]) -> AsyncIterator[httpx.AsyncClient]:
    """Prometheus, scraping both parts of the targets every second; gives a client of its API."""
    address = f"127.0.0.1:{free_port()}"
    scrapes = [
        {
            "job_name": job,
            "scrape_interval": f"{STEP}s",
            "params": {"part": [part]},
            "static_configs": [{"targets": ports}],
        }
        for job, part in (("number-monitor-fleet", "fleet"), ("number-monitor", "daemon"))
    ]
    config = directory / "prometheus.yml"
    config.write_text(json.dumps({"scrape_configs": scrapes}))
    process = await asyncio.create_subprocess_exec(
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={directory / 'tsdb'}",
        f"--web.listen-address={address}",
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://{address}", timeout=PATIENCE) as client:
            yield client
    finally:
        process.terminate()
        await process.wait()


async def data(client: httpx.AsyncClient, path: str, **params: Any) -> Any:
    """What Prometheus answers; a query it does not take fails with its words."""
    answer = await client.get(path, params=params)
    assert answer.is_success, f"{params}: {answer.text}"
    return answer.json()["data"]


def filled(expr: str, values: Mapping[str, str]) -> str:
    """A query as Grafana sends it."""
    return re.sub(r"\$(\w+)", lambda found: {**SPANS, **values}[found[1]], expr)


async def values_of(
    client: httpx.AsyncClient, dashboard: Mapping[str, Any], chosen: Mapping[str, str]
) -> dict[str, str]:
    """The variables of a dashboard as Grafana fills them in: all there is, or the one that was chosen."""
    values: dict[str, str] = {}
    for variable in variables(dashboard):
        options = await options_of(client, variable, values)
        assert options, f"{dashboard['uid']}: ${variable['name']} has nothing to choose from"
        if not variable["multi"]:
            values[variable["name"]] = chosen[variable["name"]]
            assert chosen[variable["name"]] in options
        else:
            values[variable["name"]] = variable["allValue"] or "|".join(map(escaped, options))
    return values


def escaped(value: str) -> str:
    """A value of several in a regular expression within quotes."""
    return re.escape(value).replace("\\", "\\\\")


async def options_of(client: httpx.AsyncClient, variable: Mapping[str, Any], values: Mapping[str, str]) -> list[str]:
    """What can be chosen: the values of a label, or what the variable's expression finds in the series of a result."""
    function, expr, label = asked(variable["query"])
    if function == "label_values":
        found: list[str] = await data(client, f"/api/v1/label/{label}/values", **{"match[]": filled(expr, values)})
        return found
    series = (await data(client, "/api/v1/query", query=filled(expr, values)))["result"]
    return [value for each in series if (value := picked(variable["regex"], described(each["metric"])))]


def described(labels: Mapping[str, str]) -> str:
    """A series as a variable's expression sees it."""
    return "{" + ",".join(f'{name}="{value}"' for name, value in sorted(labels.items())) + "}"


def picked(regex: str, text: str) -> str:
    """What the expression takes as the value: its group of that name, else its first."""
    pattern = re.sub(r"^/|/g?$", "", regex).replace("(?<", "(?P<")
    found = [match.groupdict().get("value", match[1]) for match in re.finditer(pattern, text)]
    return next((value for value in found if value), "")


async def ask(client: httpx.AsyncClient, target: Target, values: Mapping[str, str]) -> list[dict[str, Any]]:
    """What a panel's query gives over the last minute, or now."""
    expr = filled(target.expr, values)
    now = time.time()
    if target.ranged:
        asked_for = {"query": expr, "start": now - 60, "end": now, "step": STEP}
        found = (await data(client, "/api/v1/query_range", **asked_for))["result"]
    else:
        found = (await data(client, "/api/v1/query", query=expr, time=now))["result"]
    return [
        series for series in found if any(value != "NaN" for _, value in series.get("values", [series.get("value")]))
    ]


def numbered(name: str) -> list[tuple[Target, tuple[str, str, int]]]:
    """The queries of panels and annotations, each with what `MAY_BE_EMPTY` calls it."""
    seen: dict[str, int] = {}
    found = []
    for target in (*targets(name), *annotations(name)):
        place = seen[target.panel] = seen.get(target.panel, -1) + 1
        found.append((target, (name, target.panel, place)))
    return found


@pytest.fixture
async def watched(vendor, start, command, tmp_path):
    """Prometheus that saw a number turn RED and an app fail, with what to choose in the dashboard *Number*."""
    daemon = await start()
    port = (await daemon.ready()).rsplit(":", 1)[1]
    number = vendor.world.numbers[0]
    vendor.world.change(number, {"current_limit": "TIER_UNLIMITED"})
    targets = [f"127.0.0.1:{port}", f"localhost:{port}"]
    async with prometheus(command("prometheus"), tmp_path, targets) as client:
        healthy = f'nxcloud_number_severity{{number="{number}"}} == 1 and nxcloud_number_tier > 1000000'
        await eventually(lambda: both(client, healthy))
        vendor.world.change(number, {"quality_rating": "RED"})
        vendor.faults.add(Code(appkey=vendor.world.appkeys[-1], code=9010))
        await eventually(lambda: both(client, "nxcloud_number_severity == 3"))
        await eventually(lambda: both(client, "nxcloud_app_up == 0"))
        yield client, {"account": "main", "number": number}


async def both(client, query):
    """Whether both instances say so."""
    return len(await result(client, query)) == 2


async def empty_ones(client, chosen):
    """The queries that give nothing and should."""
    found = []
    for name in NAMES:
        values = await values_of(client, load(name), chosen)
        for target, key in numbered(name):
            if not await ask(client, target, values) and key not in MAY_BE_EMPTY:
                found.append(key)
    return found


async def test_every_query_is_taken_and_gives_something_but_those_that_may_be_empty(watched):
    client, chosen = watched
    left = [("", "", 0)]

    async def nothing_is_empty():
        left[:] = await empty_ones(client, chosen)
        return not left

    with contextlib.suppress(TimeoutError):
        await eventually(nothing_is_empty)

    assert left == []


async def test_a_second_replica_changes_nothing_that_is_said_of_numbers(watched):
    client, chosen = watched
    (first, *_) = await data(client, "/api/v1/label/instance/values")
    for name in ("fleet", "number"):
        values = await values_of(client, load(name), chosen)
        for target in targets(name):
            if not re.search(r"time\(\)|increase\(", target.expr):  # what depends on the moment of each scrape
                together = await ask(client, target._replace(ranged=False), values)
                alone = await ask(client, target._replace(ranged=False), {**values, "instance": escaped(first)})
                assert figures(together) == figures(alone), str(target)


def figures(series):
    """The labels and figures of a result, in any order, without the moment."""
    return sorted((sorted(each["metric"].items()), each["value"][1]) for each in series)


def test_every_exception_is_a_query_that_there_is():
    assert set(MAY_BE_EMPTY) <= {key for name in NAMES for _, key in numbered(name)}

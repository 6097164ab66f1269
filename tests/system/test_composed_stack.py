"""
What compose.yaml adds for dashboards and alerts: valid by the public schema, and what it mounts is what it says.

Without an engine: what a container would see is laid out in a directory, and the real programs are started on that.
"""

import asyncio
import json
import os
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from jsonschema import Draft202012Validator
from prometheus_client.parser import text_string_to_metric_families

from monitor.cli.demo import VENDOR_PORT
from tests.system.running import eventually
from tests.system.test_alerting import program
from tests.system.test_alertmanager import is_ready
from tests.system.test_prometheus import free_port
from tests.system.test_rules import output

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
STACK = ("prometheus", "alertmanager", "grafana")
#: schema/compose-spec.json of github.com/compose-spec/compose-spec, Apache-2.0, as check-jsonschema 0.39.0 carries it
SCHEMA = json.loads(Path(__file__).with_name("compose-spec.schema.json").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")

by_part = pytest.mark.parametrize("name", STACK)


def binds(name: str) -> list[tuple[str, str, str]]:
    """Source, target and mode of each part of the clone that a service of the stack sees."""
    mounted = [tuple(volume.split(":")) for volume in SERVICES[name]["volumes"]]
    return [(volume[0], volume[1], volume[2]) for volume in mounted if volume[0].startswith("./")]


def container_of(name: str, directory: Path) -> Path:
    """Lay out what the service sees of the clone; gives the root of that."""
    for source, target, _ in binds(name):
        place = directory / target.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copyfile
        copy(ROOT / source, place)
    return directory


def arguments(name: str, root: Path) -> list[str]:
    """The command of a service, its paths within that root."""
    return [re.sub(r"=(/)", rf"={root}/", argument) for argument in SERVICES[name]["command"]]


def port_of(name: str) -> str:
    (published,) = SERVICES[name]["ports"]
    return str(published).rpartition(":")[2]


def test_the_file_is_valid_by_the_compose_specification():
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(COMPOSE)] == []


def test_the_specification_would_tell_a_word_that_it_does_not_know():
    misspelt = {"services": {"prometheus": {"image": "prometheus", "port": ["9090"]}}}

    assert not Draft202012Validator(SCHEMA).is_valid(misspelt)


def test_the_profile_adds_the_three_and_the_demo_brings_them_along():
    of_profile = {
        profile: {name for name, service in SERVICES.items() if profile in service.get("profiles", [])}
        for profile in ("monitoring", "demo")
    }

    assert of_profile == {"monitoring": set(STACK), "demo": {*STACK, "demo"}}
    assert sorted(SERVICES["demo"]["depends_on"]) == sorted(STACK)


def test_the_demos_numbers_can_be_changed_from_this_machine():
    assert f"127.0.0.1:{VENDOR_PORT}:{VENDOR_PORT}" in SERVICES["demo"]["ports"]


@pytest.mark.parametrize("name", ["number-monitor", "demo"])
def test_one_command_is_enough_for_it_builds_the_image_that_no_registry_has(name):
    assert (SERVICES[name]["build"], SERVICES[name]["pull_policy"]) == (".", "never")


@by_part
def test_the_image_is_of_one_version(name):
    assert re.fullmatch(rf"(prom|grafana)/{name}:v?\d+\.\d+\.\d+", SERVICES[name]["image"])


@by_part
def test_what_is_mounted_is_in_the_clone_and_read_only(name):
    assert binds(name)
    assert all((ROOT / source).exists() and mode == "ro" for source, _, mode in binds(name))


@by_part
def test_what_is_kept_is_in_a_volume_of_its_own(name):
    (kept,) = [volume.partition(":")[0] for volume in SERVICES[name]["volumes"] if not volume.startswith("./")]

    assert kept == name
    assert kept in COMPOSE["volumes"]


@pytest.mark.parametrize("name", SERVICES)
def test_every_port_is_open_to_this_machine_alone(name):
    assert all(re.fullmatch(r"127\.0\.0\.1:(\d+):\1", port) for port in SERVICES[name]["ports"])


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_gets_more_rights_than_it_needs(name):
    assert (SERVICES[name]["cap_drop"], SERVICES[name]["security_opt"]) == (["ALL"], ["no-new-privileges:true"])


def test_prometheus_takes_what_is_mounted(command, tmp_path):
    root = container_of("prometheus", tmp_path)

    said = output(command("promtool"), "check", "config", root / "etc/prometheus/prometheus.yml")

    assert "2 rule files found" in said
    assert "WARNING" not in said  # as for a file of targets that is not there


def test_alertmanager_takes_what_is_mounted(command, tmp_path):
    root = container_of("alertmanager", tmp_path)

    output(command("amtool"), "check-config", root / "etc/alertmanager/alertmanager.yml")


async def test_prometheus_as_composed_looks_for_the_services_by_their_names(command, tmp_path):
    root = container_of("prometheus", tmp_path)
    address = f"127.0.0.1:{free_port()}"
    started = program(command("prometheus"), *arguments("prometheus", root), f"--web.listen-address={address}")
    async with started, httpx.AsyncClient(base_url=f"http://{address}") as client:
        await eventually(lambda: is_ready(f"http://{address}"))

        async def asked(kind: str) -> Any:
            return (await client.get(f"/api/v1/{kind}")).json()["data"]

        async def jobs() -> dict[str, str]:
            targets = (await asked("targets"))["activeTargets"]
            return {target["labels"]["job"]: target["scrapeUrl"] for target in targets}

        async def alertmanagers() -> list[str]:
            return [one["url"] for one in (await asked("alertmanagers"))["activeAlertmanagers"]]

        scraped = await eventually(jobs)
        told = await eventually(alertmanagers)

    metrics = f"http://number-monitor:{port_of('number-monitor')}/metrics"
    assert scraped == {"number-monitor-fleet": f"{metrics}?part=fleet", "number-monitor": f"{metrics}?part=daemon"}
    assert told == [f"http://alertmanager:{port_of('alertmanager')}/api/v2/alerts"]


async def test_alertmanager_starts_as_composed(command, tmp_path):
    root = container_of("alertmanager", tmp_path)
    address = f"127.0.0.1:{free_port()}"
    listen = f"--web.listen-address={address}"
    async with program(command("prometheus-alertmanager"), *arguments("alertmanager", root), listen):
        assert await eventually(lambda: is_ready(f"http://{address}"))


def test_grafana_finds_its_data_sources_its_dashboards_and_the_first_of_them(tmp_path):
    root = container_of("grafana", tmp_path)
    provisioning = root / "etc/grafana/provisioning"
    sources = yaml.safe_load((provisioning / "datasources/prometheus.yml").read_text())["datasources"]
    (provider,) = yaml.safe_load((provisioning / "dashboards/number-monitor.yml").read_text())["providers"]
    home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]

    assert [source["url"] for source in sources] == [
        f"http://{name}:{port_of(name)}" for name in ("prometheus", "alertmanager")
    ]
    assert len(list((root / provider["options"]["path"].lstrip("/")).glob("*.json"))) == 3
    assert json.loads((root / home.lstrip("/")).read_text())["uid"] == "number-monitor-fleet"


def test_whoever_looks_at_grafana_may_change_nothing():
    environment = SERVICES["grafana"]["environment"]

    assert (environment["GF_AUTH_ANONYMOUS_ENABLED"], environment["GF_AUTH_ANONYMOUS_ORG_ROLE"]) == ("true", "Viewer")
    assert environment["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"] == "true"
    assert environment["GF_AUTH_DISABLE_LOGIN_FORM"] == "true"


def test_the_demo_takes_number_monitors_place_and_nothing_of_what_it_keeps():
    demo, daemon = SERVICES["demo"], SERVICES["number-monitor"]

    assert (demo["image"], demo["pull_policy"], demo["ports"][:1]) == (daemon["image"], "never", daemon["ports"])
    assert demo["networks"]["default"]["aliases"] == ["number-monitor"]
    assert demo["volumes"] == []


async def test_the_demo_in_the_image_is_scraped_under_number_monitors_name(tmp_path):
    (port,) = re.findall(r"NUMBER_MONITOR_LISTEN=:(\d+)", DOCKERFILE)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "monitor", *SERVICES["demo"]["command"]),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={
            **os.environ,
            "NUMBER_MONITOR_LISTEN": ":0",
            "NUMBER_MONITOR_STORE_URL": "sqlite:////data/number-monitor.db",
            "TMPDIR": str(tmp_path),
        },
    )
    try:
        assert process.stderr is not None
        page = ""
        while not page:
            line = (await asyncio.wait_for(process.stderr.readline(), 30)).decode()
            assert line, "it ended before it said where its page is"
            page = "".join(shlex.split(line)[1:]) if line.startswith("  page ") else ""
        address = f"http://127.0.0.1:{page.rstrip('/').rpartition(':')[2]}"
        async with httpx.AsyncClient(base_url=address, headers={"Host": f"number-monitor:{port}"}) as client:

            async def accounts() -> set[str]:
                text = (await client.get("/metrics?part=fleet")).text
                families = {family.name: family for family in text_string_to_metric_families(text)}
                return {sample.labels["account"] for sample in families["nxcloud_number_severity"].samples}

            assert await eventually(accounts) == {"demo"}
    finally:
        process.terminate()
        await process.communicate()

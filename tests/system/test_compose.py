"""compose.yaml starts what the image is, with what `run` reads; without an engine it is read, not started."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.daemon.daemon import STOP_WITHIN
from monitor.settings.load import SEARCHED

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return found


@pytest.fixture
def service(compose: dict[str, Any]) -> dict[str, Any]:
    """The one that is started where nothing else is asked for."""
    (service,) = [one for one in compose["services"].values() if "profiles" not in one]
    return dict(service)


def test_its_service_is_called_as_the_readme_does(compose, service):
    assert compose["services"]["number-monitor"] == service
    assert "docker compose run --rm number-monitor " in README


def test_it_starts_the_image_that_make_makes_and_asks_no_registry_for_it(service):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert f"TAG ?= {service['image']}\n" in makefile
    assert service["pull_policy"] == "never"


def test_the_directory_of_the_readme_is_mounted_read_only_where_run_looks(service):
    mounted, _ = service["volumes"]

    assert (mounted["source"], mounted["read_only"]) == ("./conf", True)
    assert Path(mounted["target"]) / "number-monitor.yml" in SEARCHED
    assert f"WORKDIR {mounted['target']}\n" in DOCKERFILE
    assert set(re.findall(r"conf/([\w.-]+)", README)) == {"number-monitor.yml", "nxcloud.secret", "smtp.secret"}


def test_the_state_is_in_a_volume_that_the_image_writes_to(compose, service):
    _, state = service["volumes"]
    name, _, target = state.partition(":")

    assert name in compose["volumes"]
    assert f"VOLUME {target}\n" in DOCKERFILE
    assert f"sqlite:///{target}/" in DOCKERFILE


def test_nothing_else_may_be_written_and_nothing_more_be_allowed(service):
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_every_other_container_is_confined_too(compose):
    for name, one in compose["services"].items():
        assert (one["cap_drop"], one["security_opt"]) == (["ALL"], ["no-new-privileges:true"]), name


def test_the_image_runs_as_a_numbered_user_that_is_not_root():
    *_, user = re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE)
    own, group = (int(number) for number in user.split(":"))

    assert min(own, group) >= 10_000  # a number that no user of the host has


def test_the_image_writes_nowhere_but_into_its_volume():
    places = dict(re.findall(r"^\s+(\w+)=(\S*/data\S*)", DOCKERFILE, re.MULTILINE))

    assert places["TMPDIR"] == "/data"
    assert "PYTHONDONTWRITEBYTECODE=1" in DOCKERFILE
    assert "install -d -o 10001 -g 10001 -m 0750 /data" in DOCKERFILE


def test_the_port_is_the_images_and_open_to_this_machine_alone(service):
    (exposed,) = re.findall(r"^EXPOSE (\d+)$", DOCKERFILE, re.MULTILINE)

    assert service["ports"] == [f"127.0.0.1:{exposed}:{exposed}"]


def test_it_is_given_the_time_to_stop_and_started_again(service):
    assert int(service["stop_grace_period"].removesuffix("s")) >= max(10, STOP_WITHIN)
    assert service["restart"] == "unless-stopped"
    assert "HEALTHCHECK" in DOCKERFILE

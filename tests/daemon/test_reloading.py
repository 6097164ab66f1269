"""The configuration in force is replaced by the one on disk, or stays."""

import json
from pathlib import Path

import pytest
import structlog

from monitor.daemon.receivers import UnusableSink
from monitor.daemon.reloading import Reloading
from monitor.metrics.instruments import Instruments, Registry
from monitor.settings.load import load
from tests.daemon.test_conversion import ACCOUNT

NOW = 1_800_000_000_000


class House:
    """A configuration on disk, and what was taken over of it."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "number-monitor.yml"
        self.write()
        self.taken: list[str] = []
        self.registry = Registry()
        self.reloading = Reloading(
            load(self.path, {}),
            load=lambda: load(self.path, {}),
            check=self._check,
            take_over=self._take_over,
            instruments=Instruments(
                self.registry, version="1", revision="", failure_reasons=(), event_types={}, attributes=()
            ),
            now=lambda: NOW,
            log=structlog.wrap_logger(structlog.ReturnLogger()),
        )

    def write(self, interval: str = "60s", **more: object) -> None:
        self.path.write_text(json.dumps({"accounts": [ACCOUNT], "poll": {"interval": interval}, **more}))

    def metric(self, name: str) -> float | None:
        return self.registry.get_sample_value(f"number_monitor_config_{name}")

    def _check(self, settings) -> None:
        if settings.poll.interval_ms == 7_000:
            raise UnusableSink("sink ops: cannot be made")

    async def _take_over(self, before, settings) -> None:
        self.taken.append(f"{before.poll.interval_ms} to {settings.poll.interval_ms}")


@pytest.fixture
def house(tmp_path) -> House:
    return House(tmp_path)


async def test_what_is_on_disk_takes_the_place_of_what_is_in_force(house):
    house.write("30s")

    assert await house.reloading.reload() is None
    assert house.taken == ["60000 to 30000"]
    assert (house.metric("last_reload_successful"), house.metric("last_reload_success_timestamp_seconds")) == (
        1,
        NOW / 1000,
    )


@pytest.mark.parametrize(
    ("interval", "why"), [("never", "poll.interval"), ("7s", "sink ops: cannot be made")], ids=["invalid", "unusable"]
)
async def test_what_cannot_be_taken_over_changes_nothing(house, interval, why):
    house.write(interval)

    problem = await house.reloading.reload()

    assert problem is not None
    assert why in problem
    assert house.taken == []
    assert house.reloading.settings.poll.interval_ms == 60_000
    assert house.metric("last_reload_successful") == 0


async def test_a_look_at_files_that_are_the_same_reloads_nothing(house):
    await house.reloading.look()

    assert house.taken == []


async def test_a_look_at_a_file_with_other_content_reloads_once(house):
    house.write("30s")

    await house.reloading.look()
    await house.reloading.look()

    assert house.taken == ["60000 to 30000"]


async def test_what_somebody_has_reloaded_is_not_reloaded_by_the_next_look(house):
    house.write("30s")
    await house.reloading.reload()

    await house.reloading.look()

    assert house.taken == ["60000 to 30000"]


@pytest.mark.parametrize(
    ("text", "is_asked"), [("", True), ("# half written\n", True), ("{}", False), ("basic_auth_users: {}\n", False)]
)
async def test_a_web_config_that_is_written_anew_opens_no_door_meanwhile(house, text, is_asked):
    users = house.path.parent / "web.config.yml"
    users.write_text(
        json.dumps({"basic_auth_users": {"ops": "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG"}})
    )
    house.write(web={"config_file": str(users)})
    await house.reloading.reload()
    users.write_text(text)

    reason = await house.reloading.reload()

    assert bool(house.reloading.settings.web_config.users) is is_asked
    assert reason == (f"{users} is empty: {{}} in it lets in everybody, if that is meant" if is_asked else None)


async def test_a_bad_file_that_is_put_right_is_taken_over_by_the_next_look(house):
    house.write("never")
    await house.reloading.look()
    house.write("30s")

    await house.reloading.look()

    assert house.taken == ["60000 to 30000"]


async def test_people_can_see_what_became_of_the_last_reload(house):
    house.write("never")
    await house.reloading.reload()
    (problem,) = house.reloading.problems
    house.write("30s")
    await house.reloading.reload()

    assert "poll.interval" in problem
    assert (house.reloading.problems, house.reloading.taken_over_at) == ((), NOW)

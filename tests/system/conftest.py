"""A vendor, and daemons that watch it."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.simulator.lives import STILL
from monitor.simulator.server import Simulator
from monitor.simulator.world import World
from tests.system.running import Running, configuration

Start = Callable[..., Awaitable[Running]]


@pytest.fixture
async def vendor() -> AsyncIterator[Simulator]:
    """A vendor whose numbers stay healthy until they are changed by hand: three apps, twelve numbers."""
    simulator = Simulator(World.of(apps=3, numbers=12, script=STILL))
    simulator.base_url = await simulator.start()  # type: ignore[attr-defined]  # handed on to the tests
    yield simulator
    await simulator.stop()


@pytest.fixture
async def start(vendor: Simulator, tmp_path: Path) -> AsyncIterator[Start]:
    """Start a daemon that watches the vendor; sections of its configuration can be given."""
    running: list[Running] = []

    async def begin(*, apps: object = None, program: str = "monitor", **more: Any) -> Running:
        path = configuration(
            tmp_path,
            base_url=vendor.base_url,  # type: ignore[attr-defined]
            access_key=vendor.world.access_key,
            access_secret=vendor.world.access_secret,
            apps=apps if apps is not None else list(vendor.world.appkeys),
            **more,
        )
        daemon = await Running.start(path, program=program)
        running.append(daemon)
        return daemon

    yield begin
    for daemon in running:
        if daemon.process.returncode is None:
            daemon.process.kill()
        await daemon.end()


@pytest.fixture(scope="session")
def command() -> Callable[[str], str]:
    """A program of the system; where it is missing the test is skipped with its name, in CI it fails."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            reason = f"{name} is not installed (tests/system-packages.txt names its Debian package)"
            if os.environ.get("CI"):
                pytest.fail(reason)
            pytest.skip(reason)
        return path

    return find

"""Where the demo's vendor listens: its process is tried in tests/system."""

import socket
from collections.abc import Iterator

import httpx
import pytest

from monitor.cli import demo
from monitor.simulator.server import Simulator
from monitor.simulator.world import World


@pytest.fixture
def taken() -> Iterator[int]:
    """A port at which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.fixture
def free(taken: int) -> int:
    """A port at which nobody does."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


async def reached(listen: str) -> int:
    """The port at which the vendor answers from here."""
    simulator = Simulator(World.of(1, 1))
    base_url = await demo._started(simulator, listen)
    try:
        async with httpx.AsyncClient() as client:
            answer = await client.patch(f"{base_url}/numbers/8613800000001", json={"quality_rating": "RED"})
        assert answer.status_code == 200, base_url
    finally:
        await simulator.stop()
    return int(base_url.rpartition(":")[2])


@pytest.mark.parametrize("listen", ["127.0.0.1:8620", ":8620", "0.0.0.0:8620"])
async def test_it_listens_where_the_stack_publishes_it(monkeypatch, free, listen):
    monkeypatch.setattr(demo, "VENDOR_PORT", free)

    assert await reached(listen) == free


async def test_it_listens_elsewhere_where_that_is_in_use(monkeypatch, taken):
    monkeypatch.setattr(demo, "VENDOR_PORT", taken)

    assert await reached("127.0.0.1:8620") != taken


async def test_a_demo_at_a_port_of_its_own_has_a_vendor_of_its_own(monkeypatch, free):
    monkeypatch.setattr(demo, "VENDOR_PORT", free)

    assert await reached("127.0.0.1:0") != free

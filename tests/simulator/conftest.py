"""A running simulator with a still world, a clock that a test turns, and a caller."""

from collections.abc import AsyncIterator

import pytest

from monitor.simulator.lives import STILL
from monitor.simulator.server import Call, Simulator
from monitor.simulator.world import World
from tests.simulator.caller import NOW, PATH, Answer, exchange, signed


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Vendor:
    """A simulator that listens, and what it was asked."""

    def __init__(self, clock: Clock) -> None:
        self.calls: list[Call] = []
        self.world = World.of(apps=2, numbers=6, seed=7, script=STILL, monotonic=clock)
        self.simulator = Simulator(self.world, now=lambda: NOW, on_call=self.calls.append)
        self.faults = self.simulator.faults
        self.base_url = ""

    def headers(self, body: bytes) -> dict[str, str]:
        """Those of a correct call."""
        return signed(self.world.access_key, self.world.access_secret, body)

    def body(self, appkey: str = "") -> bytes:
        """That of a correct call."""
        return b'{"appkey": "%s"}' % (appkey or self.world.appkeys[0]).encode()

    async def ask(self, appkey: str = "") -> Answer:
        """Call phoneList correctly."""
        body = self.body(appkey)
        return await exchange(self.base_url, "POST", PATH, self.headers(body), body)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def vendor(clock: Clock) -> AsyncIterator[Vendor]:
    vendor = Vendor(clock)
    vendor.base_url = await vendor.simulator.start()
    yield vendor
    await vendor.simulator.stop()

"""A house with every room faked but the web, and a client that asks it without a socket."""

from collections.abc import Awaitable, Callable
from datetime import UTC

import httpx
import pytest
import structlog
from prometheus_client import CollectorRegistry, Counter

from monitor.fleet.fleet import Fleet
from monitor.fleet.masking import FULL
from monitor.fleet.policy import Language
from monitor.web.admission import Admission
from monitor.web.application import application
from monitor.web.listeners import Listeners
from monitor.web.pages.frame import Templates
from tests.web.fakes import (
    FakeAccepter,
    FakeEvents,
    FakeHealth,
    FakeIntrospection,
    FakePieces,
    FakePoller,
    FakeReloader,
    FakeReplicas,
    FakeWatch,
)
from tests.web.fleets import MINUTE, NOW

TEMPLATES = Templates()  # made ready once: that takes longer than most tests


class House:
    """What the application is built from; a test changes its parts before it asks."""

    def __init__(self) -> None:
        self.fleet = Fleet()
        self.events = FakeEvents()
        self.exposition = FakePieces()
        self.registry = CollectorRegistry()
        Counter("number_monitor_polls", "Polls.", ["account"], registry=self.registry).labels("main").inc(3)
        self.poller = FakePoller()
        self.reloader = FakeReloader()
        self.accepter = FakeAccepter()
        self.health = FakeHealth()
        self.watch = FakeWatch()
        self.introspection = FakeIntrospection()
        self.replicas = FakeReplicas()
        self.listeners = Listeners()
        self.language: Language | None = "en"
        self.zone = UTC
        self.admission = Admission()
        self.masking = FULL

    def application(self):
        return application(
            fleet=self.fleet,
            replicas=self.replicas,
            events=self.events,
            exposition=self.exposition,
            registry=self.registry,
            poller=self.poller,
            reloader=self.reloader,
            accepter=self.accepter,
            health=self.health,
            watch=self.watch,
            introspection=self.introspection,
            listeners=self.listeners,
            templates=TEMPLATES,
            max_verdict_age=5 * MINUTE,
            language=self.language,
            zone=self.zone,
            listen=["127.0.0.1:8620"],
            admission=self.admission,
            masking=self.masking,
            version="1.2.3",
            now=lambda: NOW,
            log=structlog.get_logger(),
        )

    def client(self, address: str = "127.0.0.1", host: str = "127.0.0.1:8620", **options) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.application(), client=(address, 40000), **options)
        return httpx.AsyncClient(transport=transport, base_url=f"http://{host}")


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def ask(house: House) -> Callable[..., Awaitable[httpx.Response]]:
    """Asks the house once: `await ask("/metrics", method="HEAD", accept="…")`; `headers={…}`."""

    async def ask(path, *, method="GET", address="127.0.0.1", host="127.0.0.1:8620", params=None, headers=None):
        async with house.client(address, host) as client:
            return await client.request(method, path, params=params, headers=headers or {})

    return ask

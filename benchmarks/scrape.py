"""
What does a scrape of 100,000 numbers cost?

Our side: what `web.metrics` sends, the exposition's pieces and our own metrics after them, in both formats, plain and
packed; nothing changed, or 1 % of the apps changed since the scrape before (their rendering is part of the time).
The other side: prometheus-client's `generate_latest` on a registry with the same series of the five number families.
Both are CPU seconds of this process, so that whatever else the machine does does not count.

Targets: 100 × faster, with gzip 30 ×, with 1 % of the apps changed 20 ×.  Eight scrapes at once, over the network and
through the whole web server, add less than one copy of the text to the memory.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor

import httpx
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from benchmarks import fleets
from benchmarks.apart import apart, one_process
from benchmarks.figures import Figure, Spread, one, spread
from benchmarks.machine import resident
from monitor.daemon.daemon import ATTRIBUTES
from monitor.fleet.answer import Answer, FailureReason, Row
from monitor.fleet.app import App
from monitor.fleet.event import EVENT_TYPES
from monitor.fleet.fleet import Fleet
from monitor.fleet.scales import quality_value, status_value, tier_limit
from monitor.metrics.exposition import Exposition
from monitor.metrics.families import NUMBER_FAMILIES
from monitor.metrics.instruments import Instruments, Registry
from monitor.web.metrics import Metrics, packed
from monitor.web.server import Server

APPS = 5_000
OURS, THEIRS = 15, 2  #: repetitions
AT_ONCE = 8
MIB = 1024 * 1024


def run() -> list[Figure]:
    """Measure; the memory of eight scrapes in a process of its own."""
    fleet, exposition = Fleet(), Exposition(number_series=fleets.SERIES)
    fleets.fill(fleet, exposition, range(APPS))
    text, openmetrics = _client(fleet, exposition)
    own = _own_registry()
    changes = _Changes(fleet, exposition)

    def scrape(form: bool, *, gzip: bool = False, before: Callable[[], None] = lambda: None) -> Spread:
        def once() -> None:
            before()
            pieces = _pieces(exposition, own, openmetrics=form)
            for _ in packed(pieces) if gzip else pieces:
                pass

        return spread(_cpu(once, OURS), "s")

    return [
        _figure("scrape of 100,000 numbers, nothing changed", scrape(False), text, 100),
        _figure("the same, OpenMetrics", scrape(True), openmetrics, 100),
        _figure("the same, gzip", scrape(False, gzip=True), text, 30),
        _figure("the same, OpenMetrics, gzip", scrape(True, gzip=True), openmetrics, 30),
        _figure("the same, 1 % of the apps changed in between", scrape(False, before=changes.make), text, 20),
        _figure(
            "the same, 1 % of the apps changed in between, gzip",
            scrape(False, gzip=True, before=changes.make),
            text,
            None,
        ),
        apart(eight_at_once),
    ]


def eight_at_once() -> Figure:
    """How much memory eight scrapes at once take, beside the size of one text."""
    return asyncio.run(_eight_at_once())


async def _eight_at_once() -> Figure:
    fleet, exposition = Fleet(), Exposition(number_series=fleets.SERIES)
    fleets.fill(fleet, exposition, range(APPS))
    metrics = Metrics(exposition, _own_registry())

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        response = await metrics.get(Request(scope, receive))
        await response(scope, receive, send)

    server = Server(answer, ["127.0.0.1:0"], None)
    await server.start()
    size = sum(len(piece) for piece in exposition.pieces(openmetrics=False))
    with one_process() as scrapers:
        await _scraped(scrapers, server.addresses[0], 1)
        before = resident()
        scrapes = asyncio.ensure_future(_scraped(scrapers, server.addresses[0], AT_ONCE))
        most = before
        while not scrapes.done():
            most = max(most, resident())
            await asyncio.sleep(0.002)
        sizes = scrapes.result()
    await server.stop()
    assert len(sizes) == AT_ONCE, "a scrape was refused"
    assert min(sizes) >= size, "a scrape was not whole"
    return Figure(
        question="memory that eight scrapes at once add",
        ours=one((most - before) / MIB, "MiB"),
        theirs=one(size / MIB, "MiB"),
        against="one text",
        value=(most - before) / size,
        unit="×",
        aim="at most",
        target=1.0,
    )


async def _scraped(scrapers: ProcessPoolExecutor, address: str, times: int) -> list[int]:
    return await asyncio.get_running_loop().run_in_executor(scrapers, scrape_all, f"http://{address}/metrics", times)


def scrape_all(url: str, times: int, encoding: str = "identity") -> list[int]:
    """Scrape so many times at once; the sizes.  For a process apart."""

    async def scrape(client: httpx.AsyncClient) -> int:
        async with client.stream("GET", url, headers={"accept-encoding": encoding}) as response:
            return sum([len(piece) async for piece in response.aiter_raw()])

    async def scrapes() -> list[int]:
        async with httpx.AsyncClient(timeout=60) as client:
            return list(await asyncio.gather(*(scrape(client) for _ in range(times))))

    return asyncio.run(scrapes())


def _client(fleet: Fleet, exposition: Exposition) -> tuple[Spread, Spread]:
    """What prometheus-client takes for the same series in both formats; afterwards they are gone from memory."""
    registry = registry_of(
        (watched.app, [entry.now for entry in watched.snapshot.entries.values()]) for watched in fleet.watched()
    )
    _check_same_series(exposition, registry)
    text = spread(_cpu(lambda: generate_latest(registry), THEIRS), "s")
    openmetrics = spread(_cpu(lambda: generate_openmetrics(registry), THEIRS), "s")  # type: ignore[no-untyped-call]  # the library's gap
    return text, openmetrics


def _figure(question: str, ours: Spread, theirs: Spread, target: float | None) -> Figure:
    return Figure(
        question=question,
        ours=ours,
        theirs=theirs,
        against="generate_latest",
        value=theirs.median / ours.median,
        unit="×",
        aim="at least" if target is not None else "for information",
        target=target,
    )


class _Changes:
    """Changes 1 % of the apps, other ones each time: one number in each of them, there and back."""

    def __init__(self, fleet: Fleet, exposition: Exposition) -> None:
        self._fleet, self._exposition = fleet, exposition
        self._decisions = self._prepared()

    def make(self) -> None:
        for index, answer in next(self._decisions):
            fleets.decide_answer(self._fleet, self._exposition, index, answer)

    def _prepared(self) -> Iterator[list[tuple[int, Answer]]]:
        at, turn = fleets.AT, 0
        while True:
            at, turn = at + 60_000, turn + 1
            yield [(index, fleets.answer(index, at, "YELLOW", 1)) for index in range(turn, APPS, 100)]


def _pieces(exposition: Exposition, own: Registry, *, openmetrics: bool) -> Iterator[bytes]:
    yield from exposition.pieces(openmetrics=openmetrics)
    yield generate_openmetrics(own) if openmetrics else generate_latest(own)  # type: ignore[no-untyped-call]  # as above


def _own_registry() -> Registry:
    registry = Registry()
    instruments = Instruments(
        registry,
        version="0",
        revision="",
        failure_reasons=[reason.value for reason in FailureReason],
        event_types=EVENT_TYPES,
        attributes=ATTRIBUTES,
    )
    instruments.add_account(fleets.ACCOUNT)
    return registry


def registry_of(apps: Iterable[tuple[App, Iterable[Row]]]) -> CollectorRegistry:
    """The five number families as somebody with prometheus-client alone would keep them; every number is healthy."""
    registry = CollectorRegistry()
    gauges = {
        series: Gauge(family.name, family.help, family.labels, registry=registry)
        for series, family in NUMBER_FAMILIES.items()
    }
    for app, rows in apps:
        for row in rows:
            key = (*app.key, row.waba_id, row.number)
            gauges["quality_rating"].labels(*key).set(quality_value(row.quality_rating))
            gauges["status"].labels(*key).set(status_value(row.status))
            gauges["severity"].labels(*key).set(1)
            if (limit := tier_limit(row.tier)) is not None:
                gauges["tier"].labels(*key).set(limit)
            words = (row.waba_name, row.verified_name, row.name_status, row.code_verification_status)
            gauges["info"].labels(*key, app.name, *words, row.register_status).set(1)
    return registry


def _check_same_series(exposition: Exposition, registry: CollectorRegistry) -> None:
    ours = b"".join(exposition.pieces(openmetrics=False)).count(b"\nnxcloud_number_")
    theirs = sum(len(family.samples) for family in registry.collect())
    assert ours == theirs, f"{ours} series on our side, {theirs} on the other"


def _cpu(work: Callable[[], object], times: int) -> list[float]:
    """CPU seconds of each repetition, after one to warm up."""
    found = []
    for turn in range(times + 1):
        began = time.process_time()
        work()
        if turn:
            found.append(time.process_time() - began)
    return found

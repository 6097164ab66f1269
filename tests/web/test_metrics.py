import asyncio
import gzip

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest as as_text
from prometheus_client.openmetrics.exposition import generate_latest as as_openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text
from starlette.requests import Request

from monitor.fleet.answer import FailureReason
from monitor.fleet.app import App
from monitor.fleet.event import EVENT_TYPES
from monitor.metrics.exposition import Exposition
from monitor.metrics.families import NUMBER_FAMILIES
from monitor.metrics.instruments import Instruments, Registry
from monitor.web.metrics import AT_ONCE, SLICE, Metrics
from monitor.web.negotiation import Format, metrics_format
from tests.web.fakes import FakePieces
from tests.web.fleets import red, snapshot
from tests.web.test_negotiation import PROMETHEUS_2, PROMETHEUS_3

OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
TEXT = "text/plain; version=0.0.4; charset=utf-8"


def names(families):
    return {family.name for family in families}


@pytest.mark.parametrize("accept", [PROMETHEUS_2, PROMETHEUS_3], ids=["Prometheus 2", "Prometheus 3"])
async def test_prometheus_gets_openmetrics_that_its_parser_takes(ask, accept):
    answer = await ask("/metrics", headers={"accept": accept})

    assert answer.headers["content-type"] == OPENMETRICS
    assert names(read_openmetrics(answer.text)) == {"nxcloud_app_up", "number_monitor_polls"}


async def test_everybody_else_gets_the_classic_text(ask):
    answer = await ask("/metrics")

    assert answer.headers["content-type"] == TEXT
    assert "# EOF" not in answer.text
    assert {"nxcloud_app_up", "number_monitor_polls"} <= names(read_text(answer.text))


@pytest.mark.parametrize("accept", ["text/plain", PROMETHEUS_3])
async def test_the_real_exposition_and_instruments_make_one_text_that_parses(house, ask, accept):
    house.registry = Registry()
    Instruments(
        house.registry,
        version="1.2.3",
        revision="abc",
        failure_reasons=list(FailureReason),
        event_types=EVENT_TYPES,
        attributes=["quality_rating"],
    ).add_account("main")
    house.exposition = Exposition(number_series=list(NUMBER_FAMILIES))
    house.exposition.replace(App(account="main", appkey="a"), snapshot(red()))

    answer = await ask("/metrics", headers={"accept": accept})

    families = names((read_text if accept == "text/plain" else read_openmetrics)(answer.text))
    assert {"nxcloud_number_severity", "nxcloud_app_up", "number_monitor_build"} <= {
        name.removesuffix("_info") for name in families
    }


@pytest.mark.parametrize("accept", ["text/plain", PROMETHEUS_3])
async def test_the_metrics_of_many_accounts_come_in_small_pieces_that_are_the_text_of_all(house, ask, accept):
    house.registry = Registry()
    instruments = Instruments(
        house.registry,
        version="1.2.3",
        revision="abc",
        failure_reasons=list(FailureReason),
        event_types=EVENT_TYPES,
        attributes=["quality_rating"],
    )
    for number in range(20):
        instruments.add_account(f"account\n# {number}")
        instruments.lease_held.labels(f"account\n# {number}").set(1)
    form = metrics_format(accept)

    pieces = list(Metrics(house.exposition, house.registry).own(form))
    answer = await ask("/metrics", params={"part": "daemon"}, headers={"accept": accept})

    whole = (as_text if form is Format.TEXT else as_openmetrics)(house.registry)
    steady = [line for line in whole.decode().splitlines() if not line.startswith(("process_", "python_gc_"))]
    assert [line for line in answer.text.splitlines() if not line.startswith(("process_", "python_gc_"))] == steady
    assert len(pieces) > 5
    assert max(piece.count(b"\n") for piece in pieces) <= 2 * SLICE + 100


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        pytest.param("fleet", {"nxcloud_app_up"}, id="the fleet alone"),
        pytest.param("daemon", {"number_monitor_polls"}, id="the daemon alone"),
    ],
)
async def test_a_part_is_whole_by_itself(ask, part, expected):
    answer = await ask("/metrics", params={"part": part}, headers={"accept": PROMETHEUS_2})

    assert names(read_openmetrics(answer.text)) == expected


@pytest.mark.parametrize("query", ["part=numbers", "part=", "part=fleet&part=daemon", "part=FLEET"])
async def test_a_part_that_there_is_not_is_refused(ask, query):
    answer = await ask(f"/metrics?{query}")

    assert (answer.status_code, answer.text) == (400, "part: expected fleet or daemon, once\n")


async def test_gzip_is_the_same_text(ask):
    plain = await ask("/metrics", headers={"accept-encoding": "identity"})
    packed = await ask("/metrics", headers={"accept-encoding": "gzip"})

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text


async def test_gzip_holds_over_many_pieces(house):
    lines = [f'nxcloud_app_up{{account="main",appkey="{number}"}} 1\n'.encode() * 4000 for number in range(8)]
    house.exposition = FakePieces(*lines)
    async with house.client() as client, client.stream("GET", "/metrics?part=fleet") as answer:
        body = b"".join([piece async for piece in answer.aiter_raw()])

    assert gzip.decompress(body) == b"".join(lines)


async def test_caches_are_told_what_the_answer_hangs_on(ask):
    answer = await ask("/metrics")

    assert answer.headers["vary"] == "accept, accept-encoding"
    assert answer.headers["cache-control"] == "no-store"


async def test_head_answers_without_a_body(ask):
    answer = await ask("/metrics", method="HEAD", headers={"accept": PROMETHEUS_3})

    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, OPENMETRICS, b"")


async def test_other_methods_are_refused_in_words(ask):
    answer = await ask("/metrics", method="POST")

    assert answer.status_code == 405
    assert answer.headers["allow"].replace(" ", "") in {"GET,HEAD", "HEAD,GET"}


class Reader:
    """A scraper that stops reading until it is let go on."""

    def __init__(self, metrics: Metrics, method: str = "GET") -> None:
        self.metrics = metrics
        self.scope = {"type": "http", "method": method, "path": "/metrics", "query_string": b"", "headers": []}
        self.read_on = asyncio.Event()
        self.reading = asyncio.Event()
        self.status = 0

    async def scrape(self) -> int:
        response = await self.metrics.get(Request(self.scope))
        await response(self.scope, self._receive, self._send)
        return self.status

    async def _receive(self):
        return {"type": "http.disconnect"}

    async def _send(self, message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.reading.set()
        await self.read_on.wait()


async def held(metrics, count):
    readers = [Reader(metrics) for _ in range(count)]
    scrapes = [asyncio.create_task(reader.scrape()) for reader in readers]
    for reader in readers:
        await reader.reading.wait()
    return readers, scrapes


async def let_go(readers, scrapes):
    for reader in readers:
        reader.read_on.set()
    return await asyncio.gather(*scrapes)


async def test_a_scrape_beyond_eight_is_told_to_come_back():
    metrics = Metrics(FakePieces(), CollectorRegistry())
    readers, scrapes = await held(metrics, AT_ONCE)
    late = Reader(metrics)
    late.read_on.set()

    assert await late.scrape() == 503
    assert await let_go(readers, scrapes) == [200] * 8


async def test_a_place_is_free_again_after_a_scrape_that_was_cut_off():
    metrics = Metrics(FakePieces(), CollectorRegistry())
    _, scrapes = await held(metrics, AT_ONCE)
    scrapes[0].cancel()
    await asyncio.wait({scrapes[0]})
    next_one = Reader(metrics)
    next_one.read_on.set()

    assert await next_one.scrape() == 200
    for scrape in scrapes:
        scrape.cancel()
    await asyncio.gather(*scrapes, return_exceptions=True)


async def test_head_takes_no_place():
    metrics = Metrics(FakePieces(), CollectorRegistry())
    readers, scrapes = await held(metrics, AT_ONCE)
    head = Reader(metrics, "HEAD")
    head.read_on.set()

    assert await head.scrape() == 200
    await let_go(readers, scrapes)


async def test_the_loop_goes_on_between_pieces():
    metrics = Metrics(FakePieces(*[b"# a piece\n"] * 5), CollectorRegistry())
    turns = []

    class Counting(Reader):
        async def _send(self, message) -> None:
            turns.append(len(ticks))

    ticks: list[None] = []

    async def tick():
        while True:
            ticks.append(None)
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    await Counting(metrics).scrape()
    ticking.cancel()

    between = turns[1:]  # the head goes out with the first piece
    assert between == sorted(set(between))

"""What strangers send over a real connection: refused, or answered as HTTP has it, and never with more than asked."""

import asyncio
import contextlib
import re

import bcrypt
import pytest

from monitor.web import protocol
from monitor.web.admission import Admission
from monitor.web.users import Users
from tests.web.fleets import fleet_of, red, snapshot
from tests.web.test_server import connected, serving

HEALTHY = b"GET /-/healthy HTTP/1.1\r\nhost: l\r\n\r\n"
RELOAD = b"POST /-/reload HTTP/1.1\r\nhost: localhost\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n\r\n"


async def said(house, *sent: bytes, end: bytes = b"") -> bytes:
    """Everything that is answered to these bytes on one connection, until it is closed or `end` has come."""
    async with (
        asyncio.timeout(20),
        serving(house.application()) as served,
        connected(served.addresses[0]) as (reader, writer),
    ):
        for piece in sent:
            writer.write(piece)
        with contextlib.suppress(ConnectionError):
            return await (reader.readuntil(end) if end else reader.read())
    return b""


def statuses(answer: bytes) -> list[bytes]:
    """The statuses of the answers in it."""
    return re.findall(rb"HTTP/1\.1 ([0-9]{3}) ", answer)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"GET /\r\n\r\n", id="HTTP/0.9"),
        pytest.param(b"GET / HTTP/0.9\r\nhost: l\r\n\r\n", id="HTTP/0.9 that says so"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP/2"),
        pytest.param(b"GET / HTTP/2.0\r\nhost: l\r\n\r\n", id="HTTP/2 that is none"),
        pytest.param(b"GET / HTTP/1.2\r\nhost: l\r\n\r\n", id="a version to come"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="no host"),
        pytest.param(b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", id="two hosts"),
        pytest.param(b"CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n", id="a tunnel"),
        pytest.param(b"GET / HTTP/1.1\r\nhost: l\r\ncontent-length: 1\r\n" + CHUNKED + b"0\r\n\r\n", id="two lengths"),
        pytest.param(
            b"GET / HTTP/1.1\r\nhost: l\r\ncontent-length: 0\r\ncontent-length: 4\r\n\r\n", id="a length again"
        ),
        pytest.param(b"GET / HTTP/1.1\r\nhost: l\r\ncontent-length: -1\r\n\r\n", id="a length below nothing"),
        pytest.param(b"GET / HTTP/1.1\r\nhost: l\r\ntransfer-encoding: xchunked\r\n\r\n", id="an unknown encoding"),
        pytest.param(b"GET / HTTP/1.1\r\nhost: l\r\nx: a\r\n b\r\n\r\n", id="a folded header"),
        pytest.param(b"GET / HTTP/1.1\r\nhost : l\r\n\r\n", id="a space before the colon"),
        pytest.param(b"GET / HTTP/1.1\nhost: l\n\n", id="line feeds alone"),
        pytest.param(b"GET / HTTP/1.1\r\nhost: l\r\nx: a\rb\r\n\r\n", id="a return within a header"),
        pytest.param(b"GET / HTTP/1.1\r\nhost: l\r\nx: a\x00b\r\n\r\n", id="a NUL within a header"),
        pytest.param(b"GET / b HTTP/1.1\r\nhost: l\r\n\r\n", id="a space within the target"),
        pytest.param(b"GET http://a HTTP/1.1\r\nhost: a\r\n\r\n", id="a target without a path"),
    ],
)
async def test_what_is_not_http_is_refused_and_the_connection_closed(house, sent):
    assert statuses(await said(house, sent)) == [b"400"]


@pytest.mark.parametrize(
    ("target", "host", "status"),
    [
        pytest.param(b"http://localhost:1/-/reload", b"evil.example", b"200", id="the target's host counts"),
        pytest.param(b"http://evil.example/-/reload", b"localhost", b"403", id="and no other"),
        pytest.param(b"http://localhost@evil.example/-/reload", b"localhost", b"403", id="a user is no host"),
        pytest.param(b"/http://localhost/-/reload", b"evil.example", b"404", id="a path is no target of that form"),
    ],
)
async def test_a_target_as_for_a_proxy_names_the_host(house, target, host, status):
    sent = b"POST " + target + b" HTTP/1.1\r\nhost: " + host + b"\r\nconnection: close\r\n\r\n"

    assert statuses(await said(house, sent)) == [status]


@pytest.mark.parametrize(
    "trailer", [b"origin: http://evil.example", b"x-forwarded-for: 1.2.3.4", b"host: evil.example"]
)
async def test_trailers_are_no_headers(house, trailer):
    answer = await said(house, RELOAD + b"connection: close\r\n" + CHUNKED + b"0\r\n" + trailer + b"\r\n\r\n")

    assert statuses(answer) == [b"200"]


@pytest.mark.parametrize(
    "flood",
    [
        pytest.param(b"0\r\n" + b"x: aaaaaaaaaaaaaaaa\r\n" * 40_000, id="trailers"),
        pytest.param(b"0\r\nx: " + b"a" * 800_000, id="a trailer"),
        pytest.param(b"1;" + b"a" * 800_000, id="an extension"),
        pytest.param(b"1;x=y\r\na\r\n" * 80_000, id="small chunks"),
    ],
)
async def test_what_a_chunked_body_brings_beside_itself_is_bounded(house, monkeypatch, flood):
    monkeypatch.setattr(protocol, "REQUEST_SECONDS", 1_000)
    answer = await said(house, b"POST /api/v1/verdicts HTTP/1.1\r\nhost: l\r\n" + CHUNKED, flood)

    assert statuses(answer) in ([b"431"], [])  # none: the connection was reset before that was read


async def test_a_body_in_chunks_of_a_usual_size_is_read(house):
    house.fleet = fleet_of(("a", snapshot(red())))
    body = b'{"numbers": [' + b", ".join([b'"+8613800000001"'] * 1_000) + b"]}"
    pieces = [body[begin : begin + 100] for begin in range(0, len(body), 100)]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)

    answer = await said(
        house,
        b"POST /api/v1/verdicts HTTP/1.1\r\nhost: l\r\nconnection: close\r\n" + CHUNKED,
        chunks + b"0\r\n\r\n",
    )

    assert statuses(answer) == [b"200"]
    assert answer.count(b'"campaign":"hold"') == 1_000


async def test_a_body_of_a_get_is_left_aside(house):
    answer = await said(house, HEALTHY[:-2] + CHUNKED + b"5\r\nhello\r\n0\r\n\r\n" + HEALTHY, end=b"healthy\n")

    assert statuses(answer) == [b"200"]


async def test_requests_in_a_row_are_answered_in_that_row(house):
    paths = [b"/-/healthy", b"/nowhere", b"/-/ready", b"/api/v1/apps", b"/metrics?part=x"]
    sent = b"".join(b"GET %s HTTP/1.1\r\nhost: l\r\n\r\n" % path for path in paths * 20)

    answer = await said(house, sent, b"GET /-/healthy HTTP/1.1\r\nhost: l\r\nconnection: close\r\n\r\n")

    assert statuses(answer) == [b"200", b"404", b"200", b"200", b"400"] * 20 + [b"200"]


async def test_who_sends_requests_without_end_and_waits_for_no_answer_is_cut_off(house, monkeypatch):
    monkeypatch.setattr(protocol, "AHEAD", 8)

    answered = statuses(await said(house, HEALTHY * 20_000))

    assert len(answered) <= 9


async def test_a_body_that_comes_after_its_answer_keeps_no_connection_open(house, monkeypatch):
    monkeypatch.setattr(protocol, "REQUEST_SECONDS", 0.3)
    async with (
        asyncio.timeout(20),
        serving(house.application()) as served,
        connected(served.addresses[0]) as (reader, writer),
    ):
        writer.write(b"POST /nowhere HTTP/1.1\r\nhost: l\r\ncontent-length: 2\r\n\r\n")
        await reader.readuntil(b"</html>")
        writer.write(b"xx")
        with contextlib.suppress(ConnectionError):
            assert (await reader.read()).strip() == b""


@pytest.mark.parametrize("beginning", [b"GET / HTTP/1.1\r\nx: ", RELOAD + b"content-length: 99999\r\n\r\n"])
async def test_a_request_that_drips_is_dropped_however_long_it_goes_on(house, monkeypatch, beginning):
    monkeypatch.setattr(protocol, "REQUEST_SECONDS", 0.1)
    async with (
        asyncio.timeout(20),
        serving(house.application()) as served,
        connected(served.addresses[0]) as (reader, writer),
    ):
        writer.write(beginning)
        with contextlib.suppress(ConnectionError):
            while not reader.at_eof():
                writer.write(b"a")
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.01):
                        await reader.read(1_000)


ODD_PATHS = [
    *(
        "//",
        "/./",
        "/../",
        "/../../etc/passwd",
        "/-/healthy/..",
        "/-/healthy/../../metrics",
        "/-/healthy%2f..%2fmetrics",
    ),
    *("/-/healthy;x", "/-/healthy%00", "/-/healthy%3f", "/-/healthy%0a", "/-\\healthy", "//-/healthy", "/-//healthy"),
    *("/assets/..%2f..%2fprotocol.py", "/assets/%2e%2e/protocol.py", "/assets/../protocol.py", "/assets/style.css%00"),
    *(
        "/assets/..%5c..%5cx",
        "/api/..;/metrics",
        "/api/v1/numbers/%2e%2e/verdict",
        "/metrics/",
        "/metrics%2f",
        "/%2fmetrics",
    ),
    *("/numbers/../../../../etc/passwd/x/y", "/numbers/%2e/%2e/%2e/%2e", "/%c0%ae%c0%ae/etc/passwd", "/.git/config"),
]


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
async def test_no_way_of_writing_a_path_leads_past_the_entrance(house, method):
    house.admission = Admission(users=Users({"ops": bcrypt.hashpw(b"x", bcrypt.gensalt(4)).decode()}))
    sent = b"".join(f"{method} {path} HTTP/1.1\r\nhost: l\r\n\r\n".encode() for path in ODD_PATHS)

    answer = await said(house, sent, HEALTHY[:-2] + b"connection: close\r\n\r\n")

    assert statuses(answer) == [b"401"] * len(ODD_PATHS) + [b"200"]


async def test_no_way_of_writing_a_path_leads_out_of_what_there_is(house):
    sent = b"".join(f"GET {path} HTTP/1.1\r\nhost: l\r\n\r\n".encode() for path in ODD_PATHS)

    answer = await said(house, sent, HEALTHY[:-2] + b"connection: close\r\n\r\n")

    assert set(statuses(answer)) <= {b"404", b"200"}
    assert not [word for word in (b"root:", b"import ", b"repositoryformat") if word in answer]


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        pytest.param("events?number=%00", "a NUL is in no name", id="a NUL"),
        pytest.param("events?account=a%00", "a NUL is in no name", id="a NUL in a name"),
        pytest.param("deliveries?cursor=WyIxIiwiXHVkODAwIl0", "is not the `next`", id="half a letter in a cursor"),
        pytest.param("deliveries?cursor=WyIxIiwiXHUwMDAwIl0", "is not the `next`", id="a NUL in a cursor"),
        pytest.param("deliveries?cursor=" + "W1tb" * 5_000, "is not the `next`", id="a deep cursor"),
    ],
)
async def test_what_no_store_takes_is_refused_in_words(ask, query, detail):
    answer = await ask(f"/api/v1/{query}")

    assert answer.status_code == 400
    assert detail in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000,
        b'{"numbers":' + b"[" * 200_000,
        b'{"x":' * 40_000,
        b'{"numbers":["\\ud800"]}',
        b"\xff",
        b'"' * 999,
    ],
    ids=range(6),
)
async def test_a_body_that_breaks_parsers_is_refused_in_words(house, body):
    async with house.client() as client:
        answer = await client.post("/api/v1/verdicts", content=body)

    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"

"""The one file of this room with real sockets."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator

import httpx
import pytest

from monitor.web import protocol, server
from monitor.web.address import CannotListen, host_and_port
from monitor.web.arrival import Security
from monitor.web.listening import open_sockets, shown
from monitor.web.server import Server
from tests.web.fakes import FakePieces

HAS_IPV6 = socket.has_ipv6 and os.path.exists("/proc/net/if_inet6")  # noqa: PTH110  # no path of ours
WHOLE = b"\r\n0\r\n\r\n"  # how a chunked answer ends; half a scrape must not end so
needs_ipv6 = pytest.mark.skipif(not HAS_IPV6, reason="this machine has no IPv6")


@contextlib.asynccontextmanager
async def serving(app, *listen: str, security: Security | None = None) -> AsyncIterator[Server]:
    served = Server(app, listen or ["127.0.0.1:0"], security)
    await served.start()
    try:
        yield served
    finally:
        await served.stop()


@contextlib.asynccontextmanager
async def connected(address: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, port = host_and_port(address)
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def get(url: str, **options) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(url, **options)


async def test_it_answers_on_the_address_that_it_names(house):
    async with serving(house.application()) as served:
        answer = await get(f"http://{served.addresses[0]}/-/healthy")

    assert (answer.status_code, answer.text) == (200, "healthy\n")


async def test_it_answers_on_every_address(house):
    async with serving(house.application(), "127.0.0.1:0", "127.0.0.2:0") as served:
        answers = [(await get(f"http://{address}/-/healthy")).status_code for address in served.addresses]

    assert answers == [200, 200]


@needs_ipv6
async def test_an_empty_host_is_every_address_of_both_families_on_one_port(house):
    async with serving(house.application(), ":0") as served:
        hosts, ports = zip(*map(host_and_port, served.addresses), strict=True)
        answers = [(await get(f"http://{host}:{ports[0]}/-/healthy")).status_code for host in ("127.0.0.1", "[::1]")]

    assert (hosts, len(set(ports)), answers) == (("0.0.0.0", "::"), 1, [200, 200])


@needs_ipv6
async def test_ipv6_loopback_may_write(house):
    async with serving(house.application(), "[::1]:0") as served, httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"http://{served.addresses[0]}/-/reload")

    assert answer.status_code == 200


async def test_a_forwarded_write_is_refused_over_a_real_connection(house):
    async with serving(house.application()) as served, httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"http://{served.addresses[0]}/-/reload", headers={"x-forwarded-for": "127.0.0.1"})

    assert (answer.status_code, house.reloader.reloads) == (403, 0)


async def test_it_says_nothing_about_what_serves(house):
    async with serving(house.application()) as served:
        answer = await get(f"http://{served.addresses[0]}/-/healthy")

    assert "server" not in answer.headers


async def test_encoded_slashes_stay_in_their_segment(house):
    async with serving(house.application()) as served:
        answer = await get(f"http://{served.addresses[0]}/numbers/main/a%2Fb/-/1")

    assert "No such number is listed in this app now." in answer.text


async def test_gzip_travels(house):
    async with serving(house.application()) as served:
        answer = await get(f"http://{served.addresses[0]}/metrics", headers={"accept-encoding": "gzip"})

    assert answer.headers["transfer-encoding"] == "chunked"
    assert answer.text.startswith("# TYPE nxcloud_app_up gauge\n")


async def test_signals_stay_the_daemons(house):
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    async with serving(house.application()):
        during = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    assert during == before


async def test_a_port_in_use_is_one_clear_line(house):
    async with serving(house.application()) as served:
        with pytest.raises(CannotListen) as caught:
            await Server(house.application(), ["127.0.0.2:0", served.addresses[0]], None).start()

    assert str(caught.value) == (
        f"cannot listen on {caught.value.address}: the port is in use by another process; stop it or change web.listen"
    )


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        pytest.param("nobody.invalid:8620", "the name nobody.invalid cannot be resolved", id="no such name"),
        pytest.param(f"{'a' * 64}.example:8620", "cannot be resolved", id="a label too long for a name"),
        pytest.param("192.0.2.1:0", "this machine has no such address", id="another machine's address"),
        pytest.param("8620", "expected host:port", id="a port alone"),
        pytest.param("127.0.0.1:65536", "expected host:port", id="a port too high"),
        pytest.param("::1:8620", "expected host:port", id="IPv6 without brackets"),
        pytest.param("http://127.0.0.1:8620", "expected host:port", id="a URL"),
    ],
)
async def test_an_address_that_cannot_be_had_is_one_clear_line(address, reason):
    with pytest.raises(CannotListen) as caught:
        await open_sockets([address])

    assert str(caught.value).startswith(f"cannot listen on {address}: ")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_nothing_stays_open_when_one_address_cannot_be_had():
    free = (await open_sockets(["127.0.0.1:0"]))[0]
    address = shown(free)
    free.close()

    with pytest.raises(CannotListen):
        await open_sockets([address, "192.0.2.1:0"])

    for sock in await open_sockets([address]):
        sock.close()


async def test_a_stopped_server_can_be_stopped_again(house):
    served = Server(house.application(), ["127.0.0.1:0"], None)
    await served.stop()
    await served.start()
    await served.stop()
    await served.stop()

    assert served.addresses == ()


async def test_a_stop_closes_idle_connections(house):
    async with serving(house.application()) as served, connected(served.addresses[0]) as (reader, writer):
        writer.write(b"GET /-/healthy HTTP/1.1\r\nhost: localhost\r\n\r\n")
        await reader.readuntil(b"healthy\n")
        await served.stop()

        assert await reader.read() == b""


async def test_a_stop_cuts_off_a_scrape_that_nobody_reads(house, monkeypatch):
    monkeypatch.setattr(server, "STOP_SECONDS", 0.1)
    house.exposition = FakePieces(*[b"# nothing in particular\n" * 10_000] * 200)
    async with serving(house.application()) as served, connected(served.addresses[0]) as (reader, writer):
        writer.write(b"GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        await served.stop()

        with contextlib.suppress(ConnectionError):
            assert not (await reader.read()).endswith(WHOLE)


async def test_a_stop_lets_an_answer_under_way_finish(house):
    async with serving(house.application()) as served, connected(served.addresses[0]) as (reader, writer):
        writer.write(b"POST /api/v1/accounts/main/accept HTTP/1.1\r\nhost: localhost\r\n\r\n")
        answer = asyncio.create_task(reader.read())
        while not house.accepter.accepted:
            await asyncio.sleep(0)
        await served.stop()

        assert b'{"accepted":2}' in await answer


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"GET / HTTP/1.1\r\nhost: localhost\r\nx: " + b"a" * 40_000, id="unfinished"),
        pytest.param(b"GET / HTTP/1.1\r\nhost: localhost\r\nx: " + b"a" * 40_000 + b"\r\n\r\n", id="whole"),
        pytest.param(b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nhost: localhost\r\n\r\n", id="a long path"),
        pytest.param(
            b"GET / HTTP/1.1\r\nhost: localhost\r\n" + b"x: aaaaaaaaaa\r\n" * 4_000 + b"\r\n", id="many headers"
        ),
    ],
)
async def test_a_head_that_is_too_large_is_refused(house, head):
    async with serving(house.application()) as served, connected(served.addresses[0]) as (reader, writer):
        writer.write(head)

        assert (await reader.readline()).startswith(b"HTTP/1.1 431 ")


async def test_a_head_of_a_usual_size_is_answered(house):
    async with serving(house.application()) as served:
        answer = await get(f"http://{served.addresses[0]}/-/healthy", headers={"x": "a" * 30_000})

    assert answer.status_code == 200


async def test_a_body_is_not_waited_for_as_none_is_read(house):
    async with serving(house.application()) as served, connected(served.addresses[0]) as (reader, writer):
        writer.write(b"POST /-/reload HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100000000\r\n\r\n")

        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GET / HTTP/1.1\r\nhost: loc", id="half a head"),
        pytest.param(b"\r\n\r\n", id="empty lines"),
        pytest.param(b"GET /-/healthy HTTP/1.1\r\nhost: l\r\n\r\nGET /-/heal", id="half a second request"),
        pytest.param(b"POST /-/reload HTTP/1.1\r\nhost: l\r\ncontent-length: 9\r\n\r\nabc", id="half a body"),
    ],
)
async def test_a_request_that_does_not_arrive_is_dropped(house, monkeypatch, sent):
    monkeypatch.setattr(protocol, "REQUEST_SECONDS", 0.05)
    async with serving(house.application()) as served, connected(served.addresses[0]) as (reader, writer):
        writer.write(sent)

        with contextlib.suppress(ConnectionError):
            await reader.read()


async def test_a_reader_that_takes_nothing_is_dropped(house, monkeypatch):
    monkeypatch.setattr(protocol, "STALL_SECONDS", 0.05)
    house.exposition = FakePieces(*[b"# nothing in particular\n" * 10_000] * 200)
    async with serving(house.application()) as served, connected(served.addresses[0]) as (reader, writer):
        open_connections = served._uvicorn.server_state.connections
        writer.write(b"GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n")
        while not open_connections:
            await asyncio.sleep(0)
        while open_connections:
            await asyncio.sleep(0.01)

        with contextlib.suppress(ConnectionError):
            assert not (await reader.read()).endswith(WHOLE)


async def test_a_connection_too_many_is_closed_unanswered_while_the_others_are_answered(house, monkeypatch):
    monkeypatch.setattr(protocol, "CONNECTIONS", 1)
    async with serving(house.application()) as served, connected(served.addresses[0]) as (stream, first):
        first.write(b"GET /api/v1/events/stream HTTP/1.1\r\nhost: localhost\r\n\r\n")
        await stream.readuntil(b"retry")
        async with connected(served.addresses[0]) as (reader, second):
            second.write(b"GET /-/healthy HTTP/1.1\r\nhost: localhost\r\n\r\n")
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""


@pytest.mark.parametrize("sent", [b"", b"GET ", b"GET /-/healthy HTTP/1.1\r\nhost: l\r\n\r\n"])
async def test_connections_that_ask_nothing_keep_nobody_out(house, monkeypatch, sent):
    monkeypatch.setattr(protocol, "CONNECTIONS", 3)
    async with serving(house.application()) as served, contextlib.AsyncExitStack() as flood:
        for _ in range(20):
            reader, writer = await flood.enter_async_context(connected(served.addresses[0]))
            writer.write(sent)
            if sent.endswith(b"\r\n\r\n"):
                await reader.readuntil(b"healthy\n")

        async with connected(served.addresses[0]) as (reader, writer):
            writer.write(b"GET /-/healthy HTTP/1.1\r\nhost: localhost\r\n\r\n")
            assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="TLS"),
        pytest.param(b"GET /\xff\xfe HTTP/1.1\r\nhost: l\r\n\r\n", id="bytes in the path"),
        pytest.param(b"BREW / HTTP/1.1\r\nhost: l\r\n\r\n", id="a method that there is not"),
        pytest.param(b"OPTIONS * HTTP/1.1\r\nhost: l\r\n\r\n", id="a path that is none"),
    ],
)
async def test_garbage_is_refused_and_nothing_breaks(house, sent):
    async with serving(house.application()) as served:
        async with connected(served.addresses[0]) as (reader, writer):
            writer.write(sent)
            assert (await reader.readline()).startswith(b"HTTP/1.1 40")
        assert (await get(f"http://{served.addresses[0]}/-/healthy")).status_code == 200


async def test_a_websocket_is_not_spoken(house):
    upgrade = {"connection": "Upgrade", "upgrade": "websocket", "sec-websocket-key": "x", "sec-websocket-version": "13"}
    async with serving(house.application()) as served:
        answer = await get(f"http://{served.addresses[0]}/-/healthy", headers=upgrade)

    assert answer.status_code == 200


async def test_an_answer_in_pieces_waits_for_no_acknowledgement(house):
    async with serving(house.application()) as served, connected(served.addresses[0]) as (reader, writer):
        writer.write(b"GET /-/healthy HTTP/1.1\r\nhost: localhost\r\n\r\n")
        await reader.readuntil(b"healthy\n")
        (connection,) = served._uvicorn.server_state.connections
        sock = connection.transport.get_extra_info("socket")

        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0

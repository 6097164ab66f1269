"""Connections as they arrive: TLS, client certificates, what changes while the listening goes on, Unix sockets."""

import asyncio
import contextlib
import socket
import ssl
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from monitor.web import protocol
from monitor.web import server as server_module
from monitor.web.address import CannotListen, host_and_port
from monitor.web.arrival import Security
from monitor.web.listening import open_sockets
from monitor.web.server import Server
from tests.certificates import Pair, self_signed, signed
from tests.web.fleets import fleet_of, red, snapshot


@contextlib.asynccontextmanager
async def serving(house, *listen: str, security: Security | None = None) -> AsyncIterator[Server]:
    served = Server(house.application(), listen or ["127.0.0.1:0"], security)
    await served.start()
    try:
        yield served
    finally:
        await served.stop()


def security(pair: Pair, authority: Pair | None = None, *sans: str) -> Security:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    if authority is not None:
        context.load_verify_locations(authority.certificate)
        context.verify_mode = ssl.CERT_REQUIRED
    return Security(context, frozenset(sans))


def trusting(server: Pair, own: Pair | None = None) -> ssl.SSLContext:
    """A client's context: believes this server alone, and shows this certificate."""
    context = ssl.create_default_context(cafile=server.certificate)
    if own is not None:
        context.load_cert_chain(own.certificate, own.key)
    return context


async def status(address: str, context: ssl.SSLContext, path: str = "/-/healthy", method: str = "GET") -> int | None:
    """The status of an answer over TLS; None when there is none."""
    async with httpx.AsyncClient(trust_env=False, verify=context) as client:
        try:
            return (await client.request(method, f"https://{address}{path}")).status_code
        except httpx.TransportError:
            return None


@pytest.fixture
def server(tmp_path: Path) -> Pair:
    return self_signed(tmp_path)


async def test_it_speaks_tls_on_every_address_of_the_network(house, server):
    async with serving(house, "127.0.0.1:0", "127.0.0.1:0", security=security(server)) as served:
        assert [await status(address, trusting(server)) for address in served.addresses] == [200, 200]


async def test_plain_http_gets_no_answer_where_tls_is_spoken(house, server):
    async with serving(house, security=security(server)) as served, httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx.TransportError):
            await client.get(f"http://{served.addresses[0]}/-/healthy")


async def test_a_certificate_is_changed_for_the_next_handshake_while_the_listening_goes_on(house, tmp_path, server):
    renewed = self_signed(tmp_path, "renewed")
    async with serving(house, security=security(server)) as served:
        before = await status(served.addresses[0], trusting(server))
        served.secure(security(renewed))

        found = [await status(served.addresses[0], trusting(pair)) for pair in (server, renewed)]

    assert (before, found) == (200, [None, 200])


async def test_an_open_connection_ends_with_the_rules_that_let_it_in(house, server):
    async with serving(house, security=security(server)) as served:
        host, port = host_and_port(served.addresses[0])
        reader, writer = await asyncio.open_connection(host, port, ssl=trusting(server))
        writer.write(b"GET /-/healthy HTTP/1.1\r\nhost: localhost\r\n\r\n")
        await reader.readuntil(b"healthy\n")

        served.secure(security(server))

        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


async def test_what_never_ends_is_cut_off_after_a_while(house, monkeypatch):
    monkeypatch.setattr(server_module, "GRACE_SECONDS", 0.05)
    house.fleet = fleet_of(("a", snapshot(red())))
    house.poller.hold.clear()
    async with serving(house) as served:
        reader, writer = await asyncio.open_connection(*host_and_port(served.addresses[0]))
        writer.write(b"POST /api/v1/apps/main/a/poll HTTP/1.1\r\nhost: localhost\r\n\r\n")
        while not house.poller.asked:
            await asyncio.sleep(0)

        served.let_go()

        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        house.poller.hold.set()


async def test_tls_itself_can_be_put_on_and_taken_off(house, server):
    async with serving(house) as served, httpx.AsyncClient(trust_env=False) as client:
        served.secure(security(server))
        secured = await status(served.addresses[0], trusting(server))
        served.secure(None)

        assert (secured, (await client.get(f"http://{served.addresses[0]}/-/healthy")).status_code) == (200, 200)


async def test_a_client_needs_a_certificate_of_the_authority_where_one_is_required(house, tmp_path, server):
    authority, other = self_signed(tmp_path, "authority"), self_signed(tmp_path, "other")
    known = signed(tmp_path, "known", authority, names="DNS:scraper")
    stranger = signed(tmp_path, "stranger", other, names="DNS:scraper")
    async with serving(house, security=security(server, authority)) as served:
        found = [await status(served.addresses[0], trusting(server, own)) for own in (None, stranger, known)]

    assert found == [None, None, 200]


async def test_another_authority_is_in_force_at_once_and_the_old_one_no_more(house, tmp_path, server):
    old, new = (self_signed(tmp_path, name) for name in ("old", "new"))
    clients = [signed(tmp_path, f"of-{name}", authority, names="DNS:x") for name, authority in (("o", old), ("n", new))]
    async with serving(house, security=security(server, old)) as served:
        served.secure(security(server, new))

        found = [await status(served.addresses[0], trusting(server, own)) for own in clients]

    assert found == [None, 200]


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        pytest.param(["scraper.example"], 200, id="a name"),
        pytest.param(["10.1.2.3"], 200, id="an address"),
        pytest.param(["ops@example.com"], 200, id="a mailbox"),
        pytest.param(["spiffe://example/scraper"], 200, id="a URI"),
        pytest.param(["other.example", "scraper.example"], 200, id="one of several"),
        pytest.param(["example", "client"], None, id="a part of a name, and the common name"),
    ],
)
async def test_a_client_has_one_of_the_allowed_names(house, tmp_path, server, allowed, expected):
    authority = self_signed(tmp_path, "authority")
    names = "DNS:scraper.example,IP:10.1.2.3,email:ops@example.com,URI:spiffe://example/scraper"
    client = signed(tmp_path, "client", authority, names=names)
    async with serving(house, security=security(server, authority, *allowed)) as served:
        assert await status(served.addresses[0], trusting(server, client)) == expected


async def test_a_handshake_that_does_not_come_is_dropped(house, server, monkeypatch):
    monkeypatch.setattr(protocol, "REQUEST_SECONDS", 0.05)
    async with serving(house, security=security(server)) as served:
        reader, writer = await asyncio.open_connection(*host_and_port(served.addresses[0]))
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def test_handshakes_count_among_the_connections_and_give_way(house, server, monkeypatch):
    monkeypatch.setattr(protocol, "CONNECTIONS", 1)
    async with serving(house, security=security(server)) as served:
        reader, idle = await asyncio.open_connection(*host_and_port(served.addresses[0]))
        while not served._uvicorn.server_state.connections:
            await asyncio.sleep(0)

        assert await status(served.addresses[0], trusting(server)) == 200
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""

        idle.close()
        with contextlib.suppress(ConnectionError):
            await idle.wait_closed()


async def test_a_stop_does_not_wait_for_a_handshake(house, server):
    async with serving(house, security=security(server)) as served:
        reader, writer = await asyncio.open_connection(*host_and_port(served.addresses[0]))
        while not served._uvicorn.server_state.connections:
            await asyncio.sleep(0)
        await served.stop()

        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def asked(path: Path, target: str = "/-/healthy", method: str = "GET", **headers: str) -> httpx.Response:
    transport = httpx.AsyncHTTPTransport(uds=str(path))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.request(method, target, headers=headers)


async def test_a_unix_socket_answers_beside_the_network_and_without_tls(house, tmp_path, server):
    path = tmp_path / "nm.sock"
    async with serving(house, "127.0.0.1:0", f"unix:{path}", security=security(server)) as served:
        assert served.addresses[1] == f"unix:{path}"
        assert (await asked(path)).status_code == 200
        assert await status(served.addresses[0], trusting(server)) == 200


async def test_a_unix_socket_is_for_our_user_and_group_and_goes_with_the_server(house, tmp_path):
    path = tmp_path / "nm.sock"
    async with serving(house, f"unix:{path}"):
        mode = path.stat().st_mode

    assert (stat.S_IMODE(mode), path.exists()) == (0o660, False)


async def test_what_a_killed_process_left_is_replaced(house, tmp_path):
    path = tmp_path / "nm.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    async with serving(house, f"unix:{path}"):
        assert (await asked(path)).status_code == 200


async def test_a_socket_that_somebody_listens_on_stays_theirs(house, tmp_path):
    path = tmp_path / "nm.sock"
    async with serving(house, f"unix:{path}"):
        with pytest.raises(CannotListen, match="another process listens on this path"):
            await open_sockets([f"unix:{path}"])
        assert (await asked(path)).status_code == 200


async def test_a_path_that_another_has_taken_by_the_end_is_left_to_them(house, tmp_path):
    path = tmp_path / "nm.sock"
    async with serving(house, f"unix:{path}"):
        path.rename(tmp_path / "ours")
        path.write_text("theirs", encoding="ascii")

    assert path.read_text(encoding="ascii") == "theirs"


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        pytest.param("file", "there is something else at this path; change web.listen or remove it", id="a file"),
        pytest.param("gone/nm.sock", "there is no such directory; make it or change web.listen", id="no directory"),
        pytest.param("file/nm.sock", "there is no such directory; make it or change web.listen", id="a file above it"),
    ],
)
async def test_a_path_that_cannot_be_had_is_one_clear_line(tmp_path, place, reason):
    (tmp_path / "file").write_text("", encoding="ascii")
    address = f"unix:{tmp_path / place}"

    with pytest.raises(CannotListen) as caught:
        await open_sockets([address])

    assert str(caught.value) == f"cannot listen on {address}: {reason}"


async def test_nothing_is_left_of_a_socket_when_another_address_cannot_be_had(tmp_path):
    with pytest.raises(CannotListen):
        await open_sockets([f"unix:{tmp_path}/nm.sock", "192.0.2.1:0"])

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({}, 200, id="a program on this machine"),
        pytest.param({"x-forwarded-for": "127.0.0.1"}, 403, id="a proxy"),
        pytest.param({"host": "numbers.example.com"}, 403, id="another host"),
    ],
)
async def test_a_program_on_this_machine_may_write_through_the_socket(house, tmp_path, headers, expected):
    path = tmp_path / "nm.sock"
    async with serving(house, f"unix:{path}"):
        assert (await asked(path, "/-/reload", "POST", **headers)).status_code == expected

"""The vendor's path over a real socket, start and stop."""

import asyncio
import json
from contextlib import suppress

import pytest

from monitor.simulator.faults import Drip, Hang
from monitor.simulator.lives import STILL
from monitor.simulator.server import Call, Simulator
from monitor.simulator.world import World
from tests.simulator.caller import NOW, PATH, connect, exchange, parsed, raw, request, signed, until


async def test_a_correct_call_is_answered_with_the_apps_rows(vendor):
    answer = await vendor.ask()

    assert answer.status == 200
    assert answer.json["code"] == 0
    assert answer.json["data"] == vendor.world.rows(vendor.world.appkeys[0])


async def test_an_answer_says_what_time_it_is_and_what_it_is(vendor):
    answer = await vendor.ask()

    assert answer.headers == {
        "date": "Mon, 21 Sep 2026 14:13:20 GMT",
        "content-type": "application/json;charset=UTF-8",
        "content-length": str(len(answer.body)),
    }


async def test_a_charset_may_follow_the_content_type(vendor):
    body = vendor.body()
    headers = {**vendor.headers(body), "Content-Type": "Application/JSON; charset=utf-8"}

    assert (await exchange(vendor.base_url, "POST", PATH, headers, body)).json["code"] == 0


async def test_a_body_in_chunks_is_the_bytes_that_were_signed(vendor):
    body = vendor.body()
    head = request("POST", PATH, {**vendor.headers(body), "Transfer-Encoding": "chunked", "Connection": "close"})
    chunks = b"3\r\n" + body[:3] + b"\r\n" + f"{len(body) - 3:x}\r\n".encode() + body[3:] + b"\r\n0\r\n\r\n"

    answer = parsed(await raw(vendor.base_url, head.replace(b"Content-Length: 0\r\n", b"") + chunks))

    assert answer.json["code"] == 0


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""])
async def test_another_content_type_is_refused(vendor, content_type):
    body = vendor.body()

    answer = await exchange(vendor.base_url, "POST", PATH, {**vendor.headers(body), "Content-Type": content_type}, body)

    assert answer.status == 415
    assert answer.json == {"status": 415, "error": "Unsupported Media Type", "path": PATH}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_another_method_is_refused(vendor, method):
    answer = await exchange(vendor.base_url, method, PATH, vendor.headers(b""))

    assert (answer.status, answer.headers["allow"]) == (405, "POST")


async def test_the_answer_to_head_is_a_head(vendor):
    answer = await exchange(vendor.base_url, "HEAD", PATH)

    assert (answer.status, answer.body) == (405, b"")


@pytest.mark.parametrize("path", [PATH.lower(), PATH + "/", "/" + PATH, "/api", "/", PATH.replace("phone", "%70hone")])
async def test_another_path_is_refused(vendor, path):
    body = vendor.body()

    assert (await exchange(vendor.base_url, "POST", path, vendor.headers(body), body)).status == 404


@pytest.mark.parametrize(
    ("changed", "code", "message"),
    [
        ({"sign": ""}, 1001, "Authentication issue: a required header is missing: sign"),
        ({"bizType": "1"}, 1002, "Authentication issue: parameter error: bizType"),
        ({"sign": "0" * 32}, 1003, "Authentication issue: invalid signature"),
        ({"ts": "1"}, 1004, "Authentication issue: timestamp expired"),
        ({"accessKey": "x"}, 1005, "Authentication issue: wrong accessKey or no permission"),
    ],
)
async def test_a_refusal_has_the_documented_envelope(vendor, changed, code, message):
    body = vendor.body()

    answer = await exchange(vendor.base_url, "POST", PATH, {**vendor.headers(body), **changed}, body)

    assert answer.status == 200
    assert answer.json == {"code": code, "message": message, "data": None}


@pytest.mark.parametrize(
    ("appkey", "code", "message"),
    [
        ("jh00nood000", 9008, "APPKEY does not exist"),
        (
            "jh99othd999",
            9010,
            "Inconsistent authentication mechanism customer information and APPKEY customer information",
        ),
    ],
)
async def test_an_app_that_is_not_the_integrators_is_refused(vendor, appkey, code, message):
    assert (await vendor.ask(appkey)).json == {"code": code, "message": message, "data": None}


async def test_a_customer_who_is_no_integrator_is_refused(vendor):
    body = vendor.body()
    headers = signed(vendor.world.customers.plain_access_key, vendor.world.access_secret, body)

    answer = await exchange(vendor.base_url, "POST", PATH, headers, body)

    assert answer.json == {"code": 9007, "message": "Non-integrator request", "data": None}


async def test_every_call_is_told_with_what_became_of_it(vendor):
    appkey = vendor.world.appkeys[1]
    await vendor.ask(appkey)
    await vendor.ask("jh00nood000")
    await exchange(vendor.base_url, "POST", PATH, {"Content-Type": "application/json"})

    assert vendor.calls == [
        Call(NOW, appkey, 0, "", ""),
        Call(NOW, "jh00nood000", 9008, "", ""),
        Call(NOW, "", 1001, "accessKey, action, bizType, ts, sign", ""),
    ]


async def test_a_connection_is_kept_alive_and_answers_in_order(vendor):
    one, two = vendor.world.appkeys
    calls = b"".join(
        request("POST", PATH, vendor.headers(vendor.body(appkey)), vendor.body(appkey)) for appkey in (one, two, one)
    )

    answers = await raw(vendor.base_url, calls + request("GET", "/faults", {"Connection": "close"}))

    sizes = [len(vendor.world.answer(appkey)) for appkey in (one, two, one)]
    assert [line for line in answers.split(b"\r\n") if line.startswith(b"Content-Length")] == [
        *(b"Content-Length: %d" % size for size in sizes),
        b"Content-Length: 3",
    ]


async def test_a_request_that_comes_byte_by_byte_is_a_request(vendor):
    body = vendor.body()
    reader, writer = await connect(vendor.base_url)

    for byte in request("POST", PATH, {**vendor.headers(body), "Connection": "close"}, body):
        writer.write(bytes((byte,)))
        await writer.drain()

    assert parsed(await reader.read()).json["code"] == 0
    writer.close()
    await writer.wait_closed()


async def test_a_client_that_asks_whether_it_may_send_a_body_is_told_to(vendor):
    body = vendor.body()
    headers = {**vendor.headers(body), "Expect": "100-continue", "Connection": "close"}

    answer = await raw(vendor.base_url, request("POST", PATH, headers, body))

    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        pytest.param(b"this is not HTTP\r\n\r\n", 400, id="no HTTP"),
        pytest.param(request("POST", "/faults", {"X": "x" * 70_000}), 431, id="a long header"),
        pytest.param(request("POST", "/faults", {}, b"x" * (1 << 20) + b"x"), 413, id="a long body"),
    ],
)
async def test_a_request_that_cannot_be_read_is_refused_and_the_connection_closed(vendor, data, status):
    reader, writer = await connect(vendor.base_url)
    writer.write(data)

    head = await reader.readuntil(b"\r\n\r\n")

    assert parsed(head).status == status
    writer.close()


async def test_requests_sent_ahead_without_end_are_cut_off(vendor):
    vendor.faults.add(Hang())
    body = vendor.body()

    with suppress(ConnectionResetError):  # what the client sees depends on how much it had sent
        assert await raw(vendor.base_url, request("POST", PATH, vendor.headers(body), body) * 100) == b""

    assert len(vendor.calls) == 1


async def test_a_wrong_clock_refuses_and_its_date_tells():
    world = World.of(apps=1, numbers=1, script=STILL)
    simulator = Simulator(world, now=lambda: NOW + 120_000)
    base_url = await simulator.start()
    body = json.dumps({"appkey": world.appkeys[0]}).encode()

    answer = await exchange(base_url, "POST", PATH, signed(world.access_key, world.access_secret, body), body)
    await simulator.stop()

    assert (answer.json["code"], answer.headers["date"]) == (1004, "Mon, 21 Sep 2026 14:15:20 GMT")


async def test_stopping_leaves_no_task_and_no_connection(vendor):
    vendor.faults.add(Hang(appkey=vendor.world.appkeys[0]))
    vendor.faults.add(Drip(appkey=vendor.world.appkeys[1]))
    clients = [await connect(vendor.base_url) for _ in range(3)]
    for (_, writer), appkey in zip(clients, vendor.world.appkeys, strict=False):
        body = vendor.body(appkey)
        writer.write(request("POST", PATH, vendor.headers(body), body))
    await until(lambda: len(vendor.calls) == 2)

    await vendor.simulator.stop()

    assert asyncio.all_tasks() == {asyncio.current_task()}
    for reader, writer in clients:
        await reader.read()
        assert reader.at_eof()
        writer.close()
        await writer.wait_closed()
    with pytest.raises(ConnectionRefusedError):
        await connect(vendor.base_url)


async def test_a_simulator_can_be_stopped_and_started_again_on_its_port(vendor):
    await vendor.ask()
    await vendor.simulator.stop()

    again = await vendor.simulator.start(port=int(vendor.base_url.rpartition(":")[2]))

    assert again == vendor.base_url
    assert (await vendor.ask()).status == 200


async def test_stopping_what_was_never_started_is_nothing():
    await Simulator(World.of()).stop()


async def test_a_port_in_use_is_an_error_of_the_operating_system(vendor):
    port = int(vendor.base_url.rpartition(":")[2])

    with pytest.raises(OSError, match="address already in use"):
        await Simulator(World.of()).start(port=port)


@pytest.mark.parametrize(
    ("host", "begins"), [("127.0.0.1", "http://127.0.0.1:"), ("0.0.0.0", "http://127.0.0.1:"), ("::1", "http://[::1]:")]
)
async def test_the_base_url_is_one_a_client_here_can_use(host, begins):
    simulator = Simulator(World.of())

    base_url = await simulator.start(host)

    assert base_url.startswith(begins)
    assert (await exchange(base_url, "GET", "/apps")).status == 200
    await simulator.stop()


async def test_what_follows_the_last_request_of_a_connection_is_not_read(vendor):
    answers = await raw(vendor.base_url, request("GET", "/faults", {"Connection": "close"}) + b"anything\r\n\r\n")

    assert answers.count(b"HTTP/1.1") == 1

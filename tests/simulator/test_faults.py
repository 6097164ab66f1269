"""Each fault over a real socket."""

import asyncio
import json

import pytest

from monitor.simulator.faults import (
    Code,
    Delay,
    Drip,
    Empty,
    Garbage,
    Hang,
    Html,
    Http,
    Huge,
    LoneSurrogate,
    NoBody,
    Null,
    Reset,
    Throttled,
    Truncated,
    WrongEnvelope,
    WrongTypes,
)
from monitor.simulator.lives import Life, Script, Step
from monitor.simulator.server import Simulator
from monitor.simulator.world import World
from tests.simulator.caller import NOW, PATH, connect, exchange, parsed, raw, request, signed, until
from tests.simulator.conftest import Vendor


async def send(vendor: Vendor) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Send a correct call and leave the reading to the test."""
    reader, writer = await connect(vendor.base_url)
    body = vendor.body()
    writer.write(request("POST", PATH, {**vendor.headers(body), "Connection": "close"}, body))
    return reader, writer


async def closed(writer: asyncio.StreamWriter) -> None:
    """Close a client's connection."""
    writer.close()
    await writer.wait_closed()


async def test_a_delayed_answer_is_the_right_one(vendor):
    vendor.faults.add(Delay(seconds=0))

    assert (await vendor.ask()).json["data"] == vendor.world.rows(vendor.world.appkeys[0])


async def test_a_delayed_answer_holds_up_the_requests_behind_it_on_its_connection_alone(vendor):
    held, free = vendor.world.appkeys
    vendor.faults.add(Hang(appkey=held))
    body = vendor.body(held)
    reader, writer = await connect(vendor.base_url)
    writer.write(request("POST", PATH, vendor.headers(body), body) + request("GET", "/faults"))

    assert (await vendor.ask(free)).json["code"] == 0
    await vendor.simulator.stop()
    assert await reader.read() == b""
    await closed(writer)


async def test_a_call_that_hangs_is_forgotten_when_its_caller_goes(vendor):
    vendor.faults.add(Hang())
    _, writer = await send(vendor)
    await until(lambda: len(vendor.calls) == 1)

    await closed(writer)

    await until(lambda: len(vendor.simulator._peers) == 0)


async def test_a_dripping_answer_is_the_right_one_byte_by_byte(vendor):
    vendor.faults.add(Drip(seconds=0))

    assert (await vendor.ask()).json["data"] == vendor.world.rows(vendor.world.appkeys[0])


async def test_a_reset_connection_is_reset(vendor):
    vendor.faults.add(Reset())
    reader, writer = await send(vendor)

    with pytest.raises(ConnectionResetError):
        await reader.read()

    await asyncio.gather(closed(writer), return_exceptions=True)


async def test_a_truncated_answer_promises_more_than_it_has(vendor):
    vendor.faults.add(Truncated())

    answer = await vendor.ask()

    assert answer.status == 200
    assert 0 < len(answer.body) < int(answer.headers["content-length"])
    assert vendor.world.answer(vendor.world.appkeys[0]).startswith(answer.body)


async def test_garbage_is_no_http(vendor):
    vendor.faults.add(Garbage())
    reader, writer = await send(vendor)

    assert not (await reader.read()).startswith(b"HTTP/")
    await closed(writer)


async def test_a_huge_answer_is_well_formed_and_does_not_say_how_long_it_is(vendor):
    vendor.faults.add(Huge(size=1 << 20))

    answer = await vendor.ask()

    assert "content-length" not in answer.headers
    body = b"".join(answer.body.split(b"\r\n")[1::2])
    assert len(json.loads(body)["data"][0]) == 1 << 20


async def test_a_huge_answer_ends_when_its_caller_has_had_enough(vendor):
    vendor.faults.add(Huge(size=1 << 30))
    reader, writer = await send(vendor)
    await reader.readexactly(1 << 20)

    writer.transport.abort()
    await vendor.simulator.stop()

    assert len(vendor.simulator._peers) == 0


@pytest.mark.parametrize(
    ("fault", "status", "headers"),
    [
        (Http(), 500, {}),
        (Http(status=503), 503, {}),
        (Http(status=503, retry_after="7"), 503, {"retry-after": "7"}),
        (Http(status=403), 403, {}),
        (Http(status=302), 302, {"location": "/elsewhere"}),
        (Http(status=599), 599, {}),
        (Throttled(), 429, {"retry-after": "1"}),
        (Throttled(retry_after="Mon, 21 Sep 2026 14:14:00 GMT"), 429, {"retry-after": "Mon, 21 Sep 2026 14:14:00 GMT"}),
    ],
)
async def test_a_gateways_error_is_a_page(vendor, fault, status, headers):
    vendor.faults.add(fault)

    answer = await vendor.ask()

    assert answer.status == status
    assert answer.headers["content-type"] == "text/html;charset=UTF-8"
    assert {name: answer.headers.get(name) for name in headers} == headers


async def test_a_page_may_come_with_status_200(vendor):
    vendor.faults.add(Html())

    answer = await vendor.ask()

    assert (answer.status, answer.body[:15]) == (200, b"<!DOCTYPE html>")


async def test_nothing_may_come_with_status_200(vendor):
    vendor.faults.add(NoBody())

    assert (await vendor.ask())[::2] == (200, b"")


@pytest.mark.parametrize(
    ("fault", "body"),
    [
        (Code(), b'{"code":9001,"message":"System business error","data":null}'),
        (Code(code=-1), b'{"code":-1,"message":"Request failed","data":null}'),
        (Code(code=4711), b'{"code":4711,"message":"Request failed","data":null}'),
        (Empty(), b'{"code":0,"data":[],"message":"Request successful"}'),
        (Null(), b'{"code":0,"data":null,"message":"Request successful"}'),
    ],
)
async def test_an_answer_may_have_no_rows(vendor, fault, body):
    vendor.faults.add(fault)

    assert (await vendor.ask()).body == body


async def test_a_list_may_come_without_its_envelope(vendor):
    vendor.faults.add(WrongEnvelope())

    assert (await vendor.ask()).json == vendor.world.rows(vendor.world.appkeys[0])


async def test_rows_of_wrong_types_keep_their_numbers(vendor):
    vendor.faults.add(WrongTypes())

    *no_rows, first, _, _ = (await vendor.ask()).json["data"]

    assert no_rows == [None, "row", 7, {}]
    assert first["display_phone_number"] == "+86 138 0000 0001"
    assert [type(first[field]) for field in ("quality_rating", "status", "waba_id")] == [list, int, int]


async def test_a_lone_surrogate_is_escaped_as_json_allows(vendor):
    vendor.faults.add(LoneSurrogate())

    answer = await vendor.ask()

    assert b'"half a character: \\ud83d"' in answer.body
    assert answer.json["data"][0]["status"] == "CONNECTED"


@pytest.mark.parametrize("fault", [WrongEnvelope(), WrongTypes(), LoneSurrogate()])
async def test_an_app_that_fails_on_its_own_has_no_rows_to_damage(fault):
    failing = Script(app=Life("fails", (Step(1, code=9001), Step(1, code=-1))))
    world = World.of(apps=2, numbers=2, script=failing)
    simulator = Simulator(world, now=lambda: NOW)
    simulator.faults.add(fault)
    base_url = await simulator.start()

    for appkey in world.appkeys:
        body = json.dumps({"appkey": appkey}).encode()
        answer = await exchange(base_url, "POST", PATH, signed(world.access_key, world.access_secret, body), body)
        assert answer.status == 200
    await simulator.stop()


async def test_a_call_that_is_refused_meets_no_fault(vendor):
    vendor.faults.add(Http(calls=1))

    assert (await vendor.ask("jh00nood000")).json["code"] == 9008
    assert (await vendor.ask()).status == 500


async def test_a_fault_that_met_a_call_is_told(vendor):
    vendor.faults.add(WrongTypes())

    await vendor.ask()

    assert [call.fault for call in vendor.calls] == ["wrong_types"]


async def test_a_connection_goes_on_after_a_fault_that_left_it_whole(vendor):
    vendor.faults.add(Delay(seconds=0, calls=1))
    body = vendor.body()
    call = request("POST", PATH, vendor.headers(body), body)

    answers = await raw(vendor.base_url, call + call + request("GET", "/faults", {"Connection": "close"}))

    assert answers.count(b"HTTP/1.1 200 OK") == 3
    assert parsed(answers).status == 200

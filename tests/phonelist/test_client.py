"""What one attempt sends, and what becomes of an answer."""

import asyncio
import json

import pytest

from monitor.fleet.answer import Row, Unchanged
from monitor.phonelist.errors import AppRejected, CredentialsRefused, Throttled, Undecodable
from monitor.phonelist.signature import signature
from tests.phonelist.conftest import NOW, NOW_AS_DATE, SECRET
from tests.phonelist.faulty_vendor import GOOD_BODY, ROW, FaultyVendor, answer, exactly, status

PATH = "/api/wa/integrator/embedded/register/phoneList"


async def test_the_call_is_spelled_as_the_vendor_documents_it(vendor, client):
    await client(f"http://{vendor.place}").ask("jh42xxxd434")

    request = vendor.requests[0]
    assert request.line == f"POST {PATH} HTTP/1.1"
    assert request.body == b'{"appkey":"jh42xxxd434"}'
    signed = {"accessKey": "fme2na3kdi3ki", "action": "phoneList", "bizType": "2", "ts": str(NOW)}
    assert dict(request.headers) == {
        **signed,
        "sign": signature(signed, request.body, SECRET, "md5"),
        "Host": vendor.place,
        "Content-Type": "application/json",
        "Content-Length": "24",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "number-monitor",
    }


async def test_sha256_is_announced_and_used(vendor, client):
    await client(f"http://{vendor.place}", sign_algorithm="sha256").ask("jh42xxxd434")

    request = vendor.requests[0]
    signed = {name: request.header(name) for name in ("accessKey", "action", "bizType", "ts")}
    assert request.header("algorithm") == "sha256"
    assert request.header("sign") == signature(signed, request.body, SECRET, "sha256")


async def test_an_appkey_beyond_ascii_is_signed_as_it_is_sent(vendor, client):
    await client(f"http://{vendor.place}").ask('牛"小信')

    request = vendor.requests[0]
    signed = {name: request.header(name) for name in ("accessKey", "action", "bizType", "ts")}
    assert json.loads(request.body) == {"appkey": '牛"小信'}
    assert request.header("sign") == signature(signed, request.body, SECRET)


async def test_every_attempt_is_signed_anew(vendor, client):
    clock = iter([NOW, NOW + 1, NOW + 2_000, NOW + 2_001])
    phonelist = client(f"http://{vendor.place}", now=lambda: next(clock))

    await phonelist.ask("jh42xxxd434")
    await phonelist.ask("jh42xxxd434")

    assert [request.header("ts") for request in vendor.requests] == [str(NOW), str(NOW + 2_000)]
    assert vendor.requests[0].header("sign") != vendor.requests[1].header("sign")


@pytest.mark.parametrize("prefix", ["/gateway/nx", "/gateway/nx/"])
async def test_a_path_in_base_url_is_kept(vendor, client, prefix):
    await client(f"http://{vendor.place}{prefix}").ask("jh42xxxd434")

    assert vendor.requests[0].line == f"POST /gateway/nx{PATH} HTTP/1.1"


async def test_an_answer_is_read_into_rows(vendor, client):
    reply = await client(f"http://{vendor.place}").ask("jh42xxxd434")

    row = Row(
        number="+8613800000001",
        waba_id="116960000086404",
        waba_name="GLORY TEST",
        verified_name="GLORY JACK",
        quality_rating="GREEN",
        status="CONNECTED",
        tier="TIER_10K",
        name_status="APPROVED",
        code_verification_status="VERIFIED",
        register_status="5",
    )
    assert (reply.outcome.started, reply.outcome.rows, reply.outcome.left_out) == (NOW, (row,), 0)
    assert reply.size == len(GOOD_BODY)


async def test_the_same_bytes_again_are_unchanged(vendor, client):
    phonelist = client(f"http://{vendor.place}")
    first = await phonelist.ask("jh42xxxd434")

    second = await phonelist.ask("jh42xxxd434", known=first.outcome.digest)

    assert second.outcome == Unchanged(NOW)


async def test_other_bytes_are_an_answer_with_another_digest(vendor, client):
    phonelist = client(f"http://{vendor.place}")
    first = await phonelist.ask("jh42xxxd434")
    vendor.next(exactly(answer(GOOD_BODY.replace(b"GREEN", b"RED"))))

    second = await phonelist.ask("jh42xxxd434", known=first.outcome.digest)

    assert second.outcome.rows[0].quality_rating == "RED"
    assert second.outcome.digest != first.outcome.digest


async def test_a_refusal_of_the_same_bytes_stays_a_refusal(vendor, client):
    refused = answer(b'{"code":9008,"message":"no","data":null}')
    vendor.next(exactly(refused), exactly(refused))
    phonelist = client(f"http://{vendor.place}")

    for _ in range(2):
        with pytest.raises(AppRejected, match="9008"):
            await phonelist.ask("jh42xxxd434")


async def test_a_refusal_names_the_app_that_was_asked_for(vendor, client):
    vendor.next(exactly(answer(b'{"code":9008,"message":"no","data":null}')))

    with pytest.raises(AppRejected, match="correct or remove appkey jh42xxxd434 of account main"):
        await client(f"http://{vendor.place}").ask("jh42xxxd434")


async def test_a_large_answer_is_read_as_any_other(vendor, client):
    rows = [{**ROW, "display_phone_number": f"+86138{number:08}"} for number in range(4_000)]
    body = json.dumps({"code": 0, "data": rows}).encode()
    vendor.next(exactly(answer(body)))

    reply = await client(f"http://{vendor.place}").ask("jh42xxxd434")

    assert len(body) > 1_000_000
    assert reply.outcome.rows[-1].number == "+8613800003999"


async def test_a_chunked_answer_is_read_as_any_other(vendor, client):
    chunks = b"%x\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (9, GOOD_BODY[:9], len(GOOD_BODY) - 9, GOOD_BODY[9:])
    vendor.next(exactly(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks))

    reply = await client(f"http://{vendor.place}").ask("jh42xxxd434")

    assert reply.outcome.rows[0].number == "+8613800000001"


async def test_an_answer_that_ends_with_the_connection_is_whole(vendor, client):
    vendor.next(exactly(b"HTTP/1.1 200 OK\r\n\r\n" + GOOD_BODY, then_close=True))

    reply = await client(f"http://{vendor.place}").ask("jh42xxxd434")

    assert reply.outcome.rows[0].number == "+8613800000001"


async def test_calls_share_a_connection(vendor, client):
    phonelist = client(f"http://{vendor.place}")

    for _ in range(3):
        await phonelist.ask("jh42xxxd434")

    assert vendor.connections == 1


async def test_cookies_are_not_kept(vendor, client):
    vendor.next(exactly(answer(GOOD_BODY, headers="Set-Cookie: route=a1; Path=/\r\n")))
    phonelist = client(f"http://{vendor.place}")

    await phonelist.ask("jh42xxxd434")
    await phonelist.ask("jh42xxxd434")

    assert "cookie" not in [name.lower() for name, _ in vendor.requests[1].headers]


@pytest.mark.parametrize(
    ("date", "skew"),
    [
        pytest.param(NOW_AS_DATE, 0.0, id="together"),
        pytest.param("Fri, 15 Jan 2027 08:01:33 GMT", 93.0, id="the vendor is ahead"),
        pytest.param("Fri, 15 Jan 2027 07:58:00 GMT", -120.0, id="the vendor is behind"),
        pytest.param("yesterday", None, id="not a date"),
        pytest.param("", None, id="empty"),
    ],
)
async def test_the_skew_is_the_vendors_date_less_our_clock(vendor, client, date, skew):
    vendor.next(exactly(answer(GOOD_BODY, headers=f"Date: {date}\r\n")))

    reply = await client(f"http://{vendor.place}").ask("jh42xxxd434")

    assert reply.skew == skew


async def test_an_answer_without_a_date_has_no_skew(vendor, client):
    reply = await client(f"http://{vendor.place}").ask("jh42xxxd434")

    assert reply.skew is None


async def test_an_expired_time_stamp_is_reported_with_the_measured_skew(vendor, client):
    refused = answer(b'{"code":1004,"message":"ts expired"}', headers="Date: Fri, 15 Jan 2027 08:01:33 GMT\r\n")
    vendor.next(exactly(refused))

    with pytest.raises(CredentialsRefused) as caught:
        await client(f"http://{vendor.place}").ask("jh42xxxd434")

    assert caught.value.skew == 93.0
    assert str(caught.value) == (
        'the vendor answered code 1004 ("ts expired"): the time stamp is out of date; '
        "our clock is 93.0 s behind the vendor's, 60 s are allowed; set this machine's clock (NTP)"
    )


@pytest.mark.parametrize(
    ("line", "headers", "wait"),
    [
        pytest.param("429 Too Many Requests", "Retry-After: 7\r\n", 7.0, id="seconds"),
        pytest.param("429 Too Many Requests", "", None, id="without the header"),
        pytest.param("503 Busy", "Retry-After: Fri, 15 Jan 2027 08:00:30 GMT\r\n", 30.0, id="a date by our clock"),
        pytest.param(
            "503 Busy",
            "Date: Fri, 15 Jan 2027 08:00:20 GMT\r\nRetry-After: Fri, 15 Jan 2027 08:00:30 GMT\r\n",
            10.0,
            id="a date by the vendor's clock",
        ),
        pytest.param("429 Too Many Requests", "Retry-After: 31536000\r\n", 3600.0, id="a year is cut to an hour"),
    ],
)
async def test_a_throttled_call_says_how_long_to_wait(vendor, client, line, headers, wait):
    vendor.next(status(line, headers))

    with pytest.raises(Throttled) as caught:
        await client(f"http://{vendor.place}").ask("jh42xxxd434")

    assert (caught.value.retry_after, caught.value.retryable) == (wait, True)


async def test_fifty_calls_at_once_use_no_more_connections_than_allowed(vendor, client):
    together = asyncio.Event()
    waiting = 0

    async def answer_when_all_slots_are_taken(connection):
        nonlocal waiting
        waiting += 1
        if waiting == 16:
            together.set()
        await together.wait()
        await connection.send(answer(GOOD_BODY))

    vendor.next(*[answer_when_all_slots_are_taken] * 50)
    phonelist = client(f"http://{vendor.place}", connections=16)

    replies = await asyncio.gather(*[phonelist.ask(f"app-{number}") for number in range(50)])

    assert len(replies) == 50
    assert vendor.connections == 16


async def test_a_call_given_up_while_it_waits_loses_no_slot(vendor, client):
    held = asyncio.Event()

    async def answer_when_told(connection):
        await held.wait()
        await connection.send(answer(GOOD_BODY))

    vendor.next(answer_when_told)
    phonelist = client(f"http://{vendor.place}")
    first = asyncio.create_task(phonelist.ask("first"))
    waiting = [asyncio.create_task(phonelist.ask(f"waiting-{number}")) for number in range(5)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    held.set()

    await first
    reply = await phonelist.ask("after")

    assert reply.outcome.rows


async def test_an_answer_in_an_encoding_nobody_asked_for_is_not_unpacked(vendor, client):
    vendor.next(exactly(answer(b"\x1f\x8b\x08", headers="Content-Encoding: gzip\r\n")))

    with pytest.raises(Undecodable) as caught:
        await client(f"http://{vendor.place}").ask("jh42xxxd434")

    assert str(caught.value) == (
        f"{vendor.place} answered with Content-Encoding gzip although none was accepted; check any proxy in between"
    )


async def test_the_environment_is_not_read_behind_our_back(vendor, client, monkeypatch):
    async with FaultyVendor() as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.place}")
        monkeypatch.setenv("http_proxy", f"http://{proxy.place}")

        await client(f"http://{vendor.place}").ask("jh42xxxd434")

        assert not proxy.requests


def test_the_secret_is_not_shown(client):
    phonelist = client("https://user:pass@api2.nxcloud.com")

    assert repr(phonelist) == "PhoneList(account='main', place='api2.nxcloud.com')"


async def test_a_reply_says_how_long_it_took(vendor, client):
    reply = await client(f"http://{vendor.place}").ask("jh42xxxd434")

    assert reply.duration > 0

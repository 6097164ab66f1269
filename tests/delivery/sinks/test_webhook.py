"""The sink for programs, against a receiver on a socket: what is sent, what each answer means, what is never shown."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from monitor.delivery.endpoint import Endpoint
from monitor.delivery.sink import DeliveryError, Gone, Refused, Throttled, Unavailable
from monitor.delivery.sinks.webhook import WebhookSink, signatures
from monitor.http.transport import open_transport
from tests.delivery.fakes import message
from tests.delivery.receiver import CLOSE, ECHO, Receiver, answer, verifies

NOW = 1_800_000_000_123  # 15 January 2027, 08:00:00 UTC
NOW_AS_DATE = "Fri, 15 Jan 2027 08:00:00 GMT"
NEW, OLD, OTHER = (bytes([each]) * 32 for each in b"nox")

Opener = Callable[..., WebhookSink]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


@pytest.fixture
async def hook(receiver: Receiver) -> AsyncIterator[Opener]:
    """Opens sinks that send to the receiver."""
    async with AsyncExitStack() as opened:

        def opener(url: str = "", *, keys=(NEW,), headers=None, proxy=None) -> WebhookSink:
            transport = open_transport(proxy=proxy, connections=4)
            endpoint = Endpoint(url or receiver.url, headers=headers, transport=transport, now=lambda: NOW)
            sink = WebhookSink("hook", endpoint, keys=keys, now=lambda: NOW)
            opened.push_async_callback(sink.aclose)
            return sink

        yield opener


async def test_an_event_is_one_post_of_a_structured_cloudevent(receiver, hook):
    await hook().send([message(1)])

    (request,) = receiver.requests
    assert request.line == "POST /in/hunter2-path?token=hunter2-query HTTP/1.1"
    assert request.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert request.body == message(1).body


async def test_an_event_is_signed_as_standard_webhooks(receiver, hook):
    await hook().send([message(1)])

    (request,) = receiver.requests
    assert (request.headers["webhook-id"], request.headers["webhook-timestamp"]) == ("id-1", "1800000000")
    assert verifies(NEW, request)


async def test_while_a_secret_is_changed_receivers_of_both_can_verify(receiver, hook):
    await hook(keys=(NEW, OLD)).send([message(1)])

    (request,) = receiver.requests
    assert [verifies(key, request) for key in (NEW, OLD, OTHER)] == [True, True, False]


def test_the_signature_is_that_of_the_specifications_example():
    """The example of Standard Webhooks' own libraries."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    signed = signatures("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', [key])

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_without_a_secret_nothing_is_signed(receiver, hook):
    await hook(keys=()).send([message(1)])

    assert "webhook-signature" not in receiver.requests[0].headers


async def test_further_headers_are_sent(receiver, hook):
    await hook(headers={"Authorization": "Bearer sesame"}).send([message(1)])

    assert receiver.requests[0].headers["authorization"] == "Bearer sesame"


async def test_user_and_password_of_the_address_are_sent_as_a_header(receiver, hook):
    await hook(f"http://me:pw@127.0.0.1:{receiver.port}/in").send([message(1)])

    assert receiver.requests[0].headers["authorization"] == "Basic " + base64.b64encode(b"me:pw").decode()


async def test_a_proxy_gets_the_whole_address(receiver, hook):
    await hook("http://receiver.invalid/in", proxy=f"http://127.0.0.1:{receiver.port}").send([message(1)])

    assert receiver.requests[0].line == "POST http://receiver.invalid/in HTTP/1.1"


async def test_a_connection_is_kept(receiver, hook):
    receiver.plan(answer("200 OK", body=b"thanks"), answer("500 Oops", body=b"no"))
    sink = hook()
    await sink.send([message(1)])
    with pytest.raises(Unavailable):
        await sink.send([message(2)])
    await sink.send([message(3)])

    assert (len(receiver.requests), receiver.connections) == (3, 1)


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "202 Accepted", "204 No Content", "299 Fine"])
async def test_every_2xx_is_success(receiver, hook, status):
    receiver.plan(answer(status))

    await hook().send([message(1)])


async def test_a_success_whose_body_breaks_off_is_one(receiver, hook):
    receiver.plan(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100\r\n\r\nhalf", CLOSE)

    await hook().send([message(1)])


async def test_an_answer_without_end_is_not_read_to_it(receiver, hook):
    receiver.plan(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n" + b" " * 300_000)

    await hook().send([message(1)])


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("400 Bad Request", Refused),
        ("413 Content Too Large", Refused),
        ("422 Unprocessable Content", Refused),
        ("410 Gone", Gone),
        ("429 Too Many Requests", Throttled),
        ("503 Service Unavailable", Unavailable),
        ("301 Moved Permanently", Unavailable),
        ("307 Temporary Redirect", Unavailable),
        ("304 Not Modified", Unavailable),
        ("401 Unauthorized", Unavailable),
        ("403 Forbidden", Unavailable),
        ("404 Not Found", Unavailable),
        ("500 Internal Server Error", Unavailable),
    ],
)
async def test_what_an_answer_means(receiver, hook, status, error):
    receiver.plan(answer(status, f"Location: http://127.0.0.1:{receiver.port}/other"))

    with pytest.raises(DeliveryError) as raised:
        await hook().send([message(1)])

    assert type(raised.value) is error
    assert str(raised.value) == f"http://127.0.0.1:{receiver.port} answered HTTP {status[:3]}"
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    ("status", "headers", "after"),
    [
        pytest.param("429 X", ["Retry-After: 90"], 90.0, id="seconds"),
        pytest.param("503 X", ["Retry-After: 90"], 90.0, id="seconds of a 503"),
        pytest.param("429 X", ["Retry-After: Fri, 15 Jan 2027 08:01:00 GMT"], 59.877, id="a date, by our clock"),
        pytest.param(
            "429 X",
            ["Retry-After: Fri, 15 Jan 2027 09:01:00 GMT", "Date: Fri, 15 Jan 2027 09:00:30 GMT"],
            30.0,
            id="a date, by the receiver's clock",
        ),
        pytest.param("429 X", [f"Retry-After: {NOW_AS_DATE}"], 0.0, id="a date that is over"),
        pytest.param("429 X", [], 0.0, id="nothing said"),
        pytest.param("429 X", ["Retry-After: soon"], 0.0, id="nothing that can be read"),
    ],
)
async def test_a_receiver_that_wants_less_says_for_how_long(receiver, hook, status, headers, after):
    receiver.plan(answer(status, *headers))

    with pytest.raises(Throttled) as raised:
        await hook().send([message(1)])

    assert raised.value.after == pytest.approx(after)


async def test_the_receivers_own_words_are_told_without_what_is_secret(receiver, hook):
    body = b"Cannot POST /in/hunter2-path?token=hunter2-query\r\n (hunter2-path, hunter2-query, sesame)\x1b[31m"
    receiver.plan(answer("422 No", body=body))

    with pytest.raises(Refused) as raised:
        await hook(headers={"Authorization": "Bearer sesame"}).send([message(1)])

    assert str(raised.value).endswith(r"answered HTTP 422: Cannot POST … (…, …, …)\x1b[31m")


async def test_what_signs_us_in_by_the_address_is_not_repeated_either(receiver):
    receiver.plan(ECHO)
    url = f"http://ops:hunter2-password@127.0.0.1:{receiver.port}/in"
    endpoint = Endpoint(url, transport=open_transport(proxy=None, connections=1), now=lambda: 0)

    answered = await endpoint.post(b"{}")
    await endpoint.aclose()

    assert "authorization: Basic …" in answered.words
    assert "b3BzOmh1bnRlcjItcGFzc3dvcmQ" not in answered.words


async def test_long_words_are_cut(receiver, hook):
    receiver.plan(answer("422 No", body=b"no " * 1000))

    with pytest.raises(Refused) as raised:
        await hook().send([message(1)])

    assert len(str(raised.value)) < 300


async def test_a_broken_connection_is_unavailable_and_names_the_origin_alone(receiver, hook):
    receiver.plan(CLOSE, CLOSE, CLOSE)

    with pytest.raises(Unavailable) as raised:
        await hook().send([message(1)])

    assert str(raised.value) == f"http://127.0.0.1:{receiver.port} closed the connection before its answer"


async def test_nobody_there_is_unavailable(receiver, hook):
    sink = hook()
    await receiver.stop()

    with pytest.raises(Unavailable, match=rf"^http://127.0.0.1:{receiver.port} cannot be connected to$"):
        await sink.send([message(1)])


async def test_an_answer_that_is_no_http_is_unavailable(receiver, hook):
    receiver.plan(b"hello\r\n\r\n")

    with pytest.raises(Unavailable, match=r"does not answer as HTTP does$"):
        await hook().send([message(1)])


def test_a_sink_shows_its_origin_alone():
    transport = open_transport(proxy=None, connections=1)
    endpoint = Endpoint("https://me:pw@h.example:8443/x?y", transport=transport, now=lambda: 0)
    sink = WebhookSink("ops", endpoint, keys=(NEW,), now=lambda: 0)

    assert repr(sink) == "WebhookSink('ops', https://h.example:8443)"
    asyncio.run(sink.aclose())

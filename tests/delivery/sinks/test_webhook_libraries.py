"""What the webhook sends is read by the libraries of the projects whose standards it follows."""

import base64
import json
import time
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from standardwebhooks import Webhook, WebhookVerificationError

from monitor.delivery.endpoint import Endpoint
from monitor.delivery.sink import Message, Unavailable
from monitor.delivery.sinks.webhook import WebhookSink
from monitor.fleet.cloudevent import body
from monitor.fleet.event import EVENT_TYPES
from monitor.fleet.sample import sample
from monitor.http.transport import open_transport
from tests.delivery.receiver import Received, Receiver, answer

ID = "6f0c2a4e-0000-5000-8000-000000000000"
KEYS = {name: bytes([place]) * 32 for place, name in enumerate(("new", "old", "other"))}


def now() -> int:
    """The wall clock: a signature is not believed long after."""
    return int(time.time() * 1000)


def told(kind: str) -> Message:
    """A real event, with words that are no ASCII."""
    event = sample(kind, number="+8613800000001", at=1_795_420_800_000, language="zh-CN")
    return Message(7, ID, body(event, id=ID, sequence=7), event.subject, event.time, 0)


async def sent(message: Message, receiver: Receiver, *keys: str) -> Received:
    """The request as it came over the wire."""
    endpoint = Endpoint(receiver.url, transport=open_transport(proxy=None, connections=1), now=now)
    sink = WebhookSink("hook", endpoint, keys=[KEYS[key] for key in keys], now=now)
    try:
        await sink.send([message])
    finally:
        await sink.aclose()
    return receiver.requests[-1]


def verifier(key: str) -> Webhook:
    return Webhook(f"whsec_{base64.b64encode(KEYS[key]).decode()}")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


@pytest.mark.parametrize("kind", EVENT_TYPES)
async def test_the_cloudevents_library_reads_every_type_of_event(receiver, kind):
    request = await sent(told(kind), receiver, "new")

    event = from_http_event(HTTPMessage(request.headers, request.body))

    shown = json.loads(request.body)
    assert (event.get_specversion(), event.get_id(), event.get_type()) == ("1.0", ID, kind)
    assert (event.get_source(), event.get_subject()) == (shown["source"], shown["subject"])
    assert (event.get_datacontenttype(), event.get_data()) == ("application/json", shown["data"])
    assert event.get_time() == datetime.fromisoformat(shown["time"])
    assert event.get_extension("sequence") == "00000000000000000007"


@pytest.mark.parametrize(
    ("signing", "verifying"),
    [
        pytest.param(["new"], ["new"], id="one secret"),
        pytest.param(["new", "old"], ["new", "old"], id="two while rotating"),
    ],
)
async def test_the_standard_webhooks_library_verifies_it_with_each_secret(receiver, signing, verifying):
    request = await sent(told("number.degraded"), receiver, *signing)

    for key in verifying:
        assert verifier(key).verify(request.body, request.headers) == json.loads(request.body)


@pytest.mark.parametrize(
    ("key", "tampered", "said"),
    [
        pytest.param("other", {}, "No matching signature found", id="another secret"),
        pytest.param("new", {"webhook-id": "6f0c2a4f"}, "No matching signature found", id="another id"),
        pytest.param("new", {"webhook-timestamp": "1700000000"}, "Message timestamp too old", id="replayed later"),
    ],
)
async def test_the_standard_webhooks_library_refuses_what_is_not_ours(receiver, key, tampered, said):
    request = await sent(told("number.degraded"), receiver, "new", "old")

    with pytest.raises(WebhookVerificationError) as refused:
        verifier(key).verify(request.body, {**request.headers, **tampered})

    assert str(refused.value) == said


async def test_a_second_attempt_is_signed_anew_under_the_same_id(receiver):
    receiver.plan(answer("500 Oops"))
    message = told("number.degraded")
    with pytest.raises(Unavailable, match="500"):
        await sent(message, receiver, "new")

    await sent(message, receiver, "new")

    for request in receiver.requests:
        verifier("new").verify(request.body, request.headers)
    assert [request.headers["webhook-id"] for request in receiver.requests] == [ID, ID]

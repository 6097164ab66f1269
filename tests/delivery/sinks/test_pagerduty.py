"""The sink for PagerDuty, against a receiver on a socket that answers as its Events API v2 documents."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from monitor.delivery.endpoint import Endpoint
from monitor.delivery.people.notice import Item, News, Notice
from monitor.delivery.sink import DeliveryError, Refused, Throttled, Unavailable
from monitor.delivery.sinks.pagerduty import LONGEST_KEY, LONGEST_SUMMARY, PagerDutySink
from monitor.http.transport import open_transport
from tests.delivery.receiver import CLOSE, HANG, Receiver, answer

KEY = "0123456789abcdef0123456789abcdef"
AT = 1_800_000_000_123  # 15 January 2027, 08:00:00 UTC
INCIDENT = "main/+8613800000001/quality_rating"

TAKEN = answer("202 Accepted", body=b'{"status":"success","message":"Event processed","dedup_key":"k"}')
INVALID = answer(
    "400 Bad Request",
    body=b'{"status":"invalid event","message":"Event object is invalid","errors":["\'routing_key\' is wrong"]}',
)

Opener = Callable[..., PagerDutySink]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


@pytest.fixture
async def pager(receiver: Receiver) -> AsyncIterator[Opener]:
    """Opens sinks that send to the receiver."""
    async with AsyncExitStack() as opened:

        def endpoint(path: str, key: str) -> Endpoint:
            transport = open_transport(proxy=None, connections=1)
            url = f"http://127.0.0.1:{receiver.port}{path}"
            return Endpoint(url, transport=transport, now=lambda: AT, secrets=[key])

        def opener(*, key: str = KEY) -> PagerDutySink:
            ways = [endpoint(path, key) for path in ("/v2/enqueue", "/v2/change/enqueue")]
            sink = PagerDutySink("pager", *ways, routing_key=key)
            opened.push_async_callback(sink.aclose)
            return sink

        yield opener


def item(news: News = News.OPENED, *, incident: str = INCIDENT, **more: Any) -> Item:
    facts = {
        "account": "main",
        "appkey": "a",
        "number": "+8613800000001",
        "waba_id": "116960000086404",
        "attribute": "quality_rating",
        "after": "RED",
    }
    plain: dict[str, Any] = {
        "severity": "critical",
        "headline": "+8613800000001 is RED (was GREEN)",
        "details": ("app shop-one", "stop marketing"),
        "at": AT,
        "source": "/accounts/main/apps/a",
        "url": "https://numbers.example.com/numbers/main/a/116960000086404/%2B8613800000001",
        "facts": facts,
    }
    return Item(news=news, incident=incident, **{**plain, **more})


def notice(*items: Item, **more: Any) -> Notice:
    plain: dict[str, Any] = {
        "id": "n-1",
        "account": "main",
        "severity": "critical",
        "alarm": "critical",
        "title": "one number is RED",
        "more": "",
        "footer": "account main",
        "url": "https://numbers.example.com/",
    }
    return Notice(items=items, **{**plain, **more})


def sent(receiver: Receiver) -> list[tuple[str, str]]:
    """Of each request the path's end or the action, and the key."""
    return [
        (body.get("event_action", "change"), body.get("dedup_key", ""))
        for body in (json.loads(request.body) for request in receiver.requests)
    ]


async def test_trouble_is_a_trigger_with_all_that_pagerduty_has_fields_for(receiver, pager):
    receiver.plan(TAKEN)

    said = await pager().send(notice(item()))

    (request,) = receiver.requests
    assert request.line == "POST /v2/enqueue HTTP/1.1"
    assert json.loads(request.body) == {
        "routing_key": KEY,
        "event_action": "trigger",
        "dedup_key": INCIDENT,
        "payload": {
            "summary": "+8613800000001 is RED (was GREEN)",
            "source": "/accounts/main/apps/a",
            "severity": "critical",
            "timestamp": "2027-01-15T08:00:00.123Z",
            "component": "+8613800000001",
            "group": "116960000086404",
            "class": "quality_rating",
            "custom_details": {
                "account": "main",
                "appkey": "a",
                "number": "+8613800000001",
                "waba_id": "116960000086404",
                "attribute": "quality_rating",
                "after": "RED",
                "details": ["app shop-one", "stop marketing"],
            },
        },
        "links": [
            {
                "href": "https://numbers.example.com/numbers/main/a/116960000086404/%2B8613800000001",
                "text": "+8613800000001",
            }
        ],
        "client": "number-monitor",
        "client_url": "https://numbers.example.com/",
    }
    assert "Event processed" in said


async def test_what_is_not_known_is_left_out_but_the_source_is_always_there(receiver, pager):
    receiver.plan(TAKEN)

    await pager().send(notice(item(source="", url=None, facts={}), url=None))

    body = json.loads(receiver.requests[0].body)
    assert set(body) == {"routing_key", "event_action", "dedup_key", "payload", "links", "client"}
    assert set(body["payload"]) == {"summary", "source", "severity", "timestamp", "custom_details", "group"}
    assert (body["payload"]["source"], body["payload"]["group"], body["links"]) == ("main", "main", [])


@pytest.mark.parametrize(
    ("news", "severity", "action"),
    [
        (News.OPENED, "critical", "trigger"),
        (News.OPENED, "warning", "trigger"),
        (News.CHANGED, "warning", "trigger"),
        (News.REMINDER, "critical", "trigger"),
        (News.CLOSED, "info", "resolve"),
        (News.ONCE, "critical", "trigger"),
        (News.ONCE, "warning", "change"),
        (News.ONCE, "info", "change"),
        (News.OPENED, "info", "change"),
    ],
)
async def test_what_each_item_is_to_pagerduty(receiver, pager, news, severity, action):
    receiver.plan(TAKEN)

    await pager().send(notice(item(news, severity=severity)))

    assert sent(receiver) == [(action, "" if action == "change" else INCIDENT)]


async def test_what_is_told_once_goes_to_the_changes_which_call_nobody(receiver, pager):
    receiver.plan(TAKEN)

    await pager().send(notice(item(News.ONCE, severity="warning")))

    (request,) = receiver.requests
    body = json.loads(request.body)
    assert request.line == "POST /v2/change/enqueue HTTP/1.1"
    assert set(body) == {"routing_key", "payload", "links"}
    assert set(body["payload"]) == {"summary", "source", "timestamp", "custom_details"}


async def test_an_orchestration_which_takes_no_changes_gets_an_alert_of_that_severity(receiver, pager):
    receiver.plan(TAKEN)

    await pager(key="R" + KEY[1:]).send(notice(item(News.ONCE, severity="warning", incident="event-id")))

    body = json.loads(receiver.requests[0].body)
    assert (body["event_action"], body["dedup_key"], body["payload"]["severity"]) == ("trigger", "event-id", "warning")


async def test_a_test_is_an_alert_whatever_it_tells(receiver, pager):
    receiver.plan(TAKEN)

    await pager().send(notice(item(News.ONCE, severity="info"), title="[test] it is RED", is_test=True))

    assert sent(receiver) == [("trigger", INCIDENT)]
    assert receiver.requests[0].event["payload"]["summary"] == "[test] it is RED"


async def test_all_items_are_sent_in_their_order_not_only_those_that_a_text_shows(receiver, pager):
    receiver.plan(*[TAKEN] * 25)

    await pager().send(notice(*(item(incident=f"i-{each}") for each in range(25))))

    assert sent(receiver) == [("trigger", f"i-{each}") for each in range(25)]


async def test_a_key_that_is_too_long_becomes_a_digest_the_same_to_resolve(receiver, pager):
    receiver.plan(TAKEN, TAKEN)
    incident = "main/" + "x" * LONGEST_KEY
    sink = pager()

    await sink.send(notice(item(incident=incident)))
    await sink.send(notice(item(News.CLOSED, incident=incident), id="n-2"))

    (_, opened), (_, closed) = sent(receiver)
    assert (opened, len(opened)) == (closed, 64)


async def test_a_headline_that_is_too_long_is_cut(receiver, pager):
    receiver.plan(TAKEN)

    await pager().send(notice(item(headline="x" * 2000)))

    summary = json.loads(receiver.requests[0].body)["payload"]["summary"]
    assert summary == "x" * (LONGEST_SUMMARY - 1) + "…"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("200 OK", Unavailable),
        ("201 Created", Unavailable),
        ("301 Moved Permanently", Unavailable),
        ("400 Bad Request", Refused),
        ("401 Unauthorized", Unavailable),
        ("403 Forbidden", Unavailable),
        ("404 Not Found", Unavailable),
        ("413 Content Too Large", Refused),
        ("429 Too Many Requests", Throttled),
        ("500 Internal Server Error", Unavailable),
        ("503 Service Unavailable", Unavailable),
    ],
)
async def test_what_an_answer_means(receiver, pager, status, error):
    receiver.plan(answer(status, body=b"words"))

    with pytest.raises(error) as failure:
        await pager().send(notice(item()))

    assert type(failure.value) is error
    assert str(failure.value).startswith(f"http://127.0.0.1:{receiver.port} answered HTTP {status[:3]}: words")


@pytest.mark.parametrize(("header", "after"), [([], 60.0), (["Retry-After: 7"], 7.0)])
async def test_a_429_leaves_it_alone_for_a_minute_or_as_long_as_it_says(receiver, pager, header, after):
    receiver.plan(answer("429 Too Many Requests", *header))

    with pytest.raises(Throttled) as throttled:
        await pager().send(notice(item()))

    assert throttled.value.after == after


async def test_a_refusal_is_told_in_pagerdutys_own_words(receiver, pager):
    receiver.plan(INVALID)

    with pytest.raises(Refused) as refused:
        await pager().send(notice(item()))

    assert str(refused.value) == f"http://127.0.0.1:{receiver.port} answered HTTP 400: 'routing_key' is wrong"


async def test_an_item_that_is_refused_holds_up_no_other(receiver, pager):
    receiver.plan(INVALID, TAKEN, TAKEN)

    with pytest.raises(Refused) as refused:
        await pager().send(notice(*(item(incident=f"i-{each}") for each in range(3))))

    assert len(receiver.taken) == 2
    assert str(refused.value).endswith("'routing_key' is wrong (1 of 3 items were refused)")


@pytest.mark.parametrize("breaks", [answer("500 Oops"), answer("429 Slow"), CLOSE], ids=["500", "429", "closed"])
async def test_a_send_that_breaks_off_goes_on_where_it_was_and_forgets_no_refusal(receiver, pager, breaks):
    receiver.plan(INVALID, TAKEN, breaks, TAKEN)
    sink, given = pager(), notice(*(item(incident=f"i-{each}") for each in range(3)))
    with pytest.raises(DeliveryError):
        await sink.send(given)

    with pytest.raises(Refused, match="1 of 3"):
        await sink.send(given)

    assert [key for _, key in sent(receiver)] == ["i-0", "i-1", "i-2", "i-2"]


async def test_a_send_that_is_cancelled_goes_on_where_it_was(receiver, pager):
    receiver.plan(TAKEN, HANG, TAKEN)
    sink, given = pager(), notice(item(incident="i-0"), item(incident="i-1"))
    sending = asyncio.create_task(sink.send(given))
    await receiver.has(2)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)

    await sink.send(given)

    assert [key for _, key in sent(receiver)] == ["i-0", "i-1", "i-1"]


async def test_another_notice_begins_with_its_first_item(receiver, pager):
    receiver.plan(TAKEN, answer("500 Oops"), TAKEN)
    sink = pager()
    with pytest.raises(Unavailable):
        await sink.send(notice(item(incident="i-0"), item(incident="i-1")))

    await sink.send(notice(item(incident="j-0"), id="n-2"))

    assert sent(receiver)[-1] == ("trigger", "j-0")


@pytest.mark.parametrize("status", ["400 Bad Request", "500 Oops"])
async def test_the_routing_key_is_in_no_message(receiver, pager, status):
    receiver.plan(answer(status, body=json.dumps({"errors": [f"no service for {KEY}"]}).encode()))
    sink = pager()

    with pytest.raises(DeliveryError) as failure:
        await sink.send(notice(item()))

    assert KEY not in str(failure.value) + repr(sink)
    assert "no service for …" in str(failure.value)

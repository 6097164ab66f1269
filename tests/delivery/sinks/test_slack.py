"""The sink for Slack, against a receiver that answers as incoming webhooks do."""

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import given

from monitor.delivery.sink import DeliveryError, Gone, Refused, Throttled, Unavailable
from monitor.delivery.sinks.chat import ChatSink
from monitor.delivery.sinks.slack import Slack, mention, message
from tests.delivery.receiver import answer
from tests.delivery.robots import NAMES, NASTY, big, mixed, named, posted
from tests.delivery.samples import PAGE, item, notice

OK = answer("200 OK", "Content-Type: text/html", body=b"ok")
OURS = ("https://monitor.example.com/",)


@pytest.fixture
def slack(chat: Callable[..., ChatSink]) -> Callable[..., ChatSink]:
    """Opens sinks of Slack that send to the receiver."""
    return partial(chat, Slack())


def texts(sent: dict[str, Any]) -> list[str]:
    """All mrkdwn of a message, the fallback first."""
    found = [sent["text"]]
    for block in sent["blocks"]:
        found += [each["text"] for each in [block.get("text"), *block.get("elements", [])] if each]
    return found


async def test_a_notice_is_blocks_and_a_text_for_notifications(receiver, slack):
    receiver.plan(OK)

    said = await slack().send(mixed())

    sent = posted(receiver)
    assert said == f"http://127.0.0.1:{receiver.port} answered HTTP 200: ok"
    assert texts(sent) == [
        "+8613800000001 is RED (was GREEN)",
        "*+8613800000001 is RED (was GREEN)*",
        (
            f"🔴 *<{PAGE}|+8613800000001 is RED (was GREEN)>*\n"
            "· Acme Support · app Shop · WABA 1029\n"
            "· since 15 January 2027, 16:00 (3 minutes ago)\n"
            "· Pause marketing campaigns from this number and look at the templates sent in the last day."
        ),
        "🟡 *+8613800000003 is YELLOW (was GREEN)*\n· app Shop",
        f"🟢 *<{PAGE}|+8613800000002 is GREEN again (was RED for 3 hours)>*\n· app Shop · WABA 1029",
        "· and 2 more\n<https://monitor.example.com/|account main · data of 15 January 2027, 16:02>",
    ]


@pytest.mark.parametrize(
    ("entry", "shown"),
    [
        ("U0123ABCD", "<@U0123ABCD>"),
        ("@W0123ABCD", "<@W0123ABCD>"),
        ("S0123ABCD", "<!subteam^S0123ABCD>"),
        ("here", "<!here>"),
        ("@channel", "<!channel>"),
        ("everyone", "<!everyone>"),
        ("bob <!here>", "bob &lt;!here&gt;"),
    ],
)
def test_who_is_mentioned(entry, shown):
    assert mention(entry) == shown


async def test_people_are_mentioned_when_something_new_is_bad_enough(receiver, slack):
    receiver.plan(OK, OK)
    sink = slack(at=["here", "U0123ABCD"], at_on="critical")
    await sink.send(notice(alarm="critical"))
    await sink.send(notice(alarm="warning"))

    loud, quiet = (request.event for request in receiver.requests)
    assert loud["text"].startswith("<!here> <@U0123ABCD> +86")
    assert loud["blocks"][0]["text"]["text"].endswith("\n<!here> <@U0123ABCD>")
    assert not any("<!" in text or "<@" in text for text in texts(quiet))


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        ("400 Bad Request", b"invalid_payload", Refused),
        ("400 Bad Request", b"user_not_found", Refused),
        ("413 Content Too Large", b"", Refused),
        ("403 Forbidden", b"action_prohibited", Unavailable),
        ("403 Forbidden", b"invalid_token", Unavailable),
        ("404 Not Found", b"channel_not_found", Unavailable),
        ("404 Not Found", b"no_service", Unavailable),
        ("410 Gone", b"channel_is_archived", Gone),
        ("500 Server Error", b"rollup_error", Unavailable),
        ("200 OK", b"<html>Sign in to the network</html>", Unavailable),
        ("200 OK", b"", Unavailable),
    ],
)
async def test_what_an_answer_means(receiver, slack, status, body, error):
    receiver.plan(answer(status, body=body))

    with pytest.raises(DeliveryError) as raised:
        await slack().send(notice())

    assert type(raised.value) is error
    assert str(raised.value).endswith(f"answered HTTP {status[:3]}" + (f": {body.decode()}" if body else ""))


@pytest.mark.parametrize(("headers", "after"), [(["Retry-After: 30"], 30.0), ([], 60.0)])
async def test_slack_says_for_how_long_it_wants_less(receiver, slack, headers, after):
    receiver.plan(answer("429 Too Many Requests", *headers, body=b"rate_limited"))

    with pytest.raises(Throttled) as raised:
        await slack().send(notice())

    assert raised.value.after == after


async def test_the_webhooks_path_is_never_shown(receiver, slack):
    receiver.plan(answer("404 Not Found", body=b"no_service at /in/hunter2-path?token=hunter2-query"))
    sink = slack()

    with pytest.raises(Unavailable) as raised:
        await sink.send(notice())

    assert "hunter2" not in f"{raised.value} {sink!r}"


def harmless(sent: dict[str, Any]) -> bool:
    """Whether nothing but our own links stands between < and >, and no formatting but our own bold."""
    for text in texts(sent):
        tags = re.findall(r"<([^>]*)>?", text)
        bare = re.sub(r"<[^|>]*\||>", "", text)
        if not all(tag.startswith(OURS) for tag in tags) or re.search(r"[`~@]|https?://", bare):
            return False
        if re.search(r"&(?!amp;|lt;|gt;)", bare) or bare.count("*") not in {0, 2}:
            return False
    return True


@pytest.mark.parametrize("name", NASTY)
def test_no_name_breaks_the_markup_or_mentions_anyone(name):
    assert harmless(json.loads(msgspec.json.encode(message(named(name), ()))))


@given(NAMES)
def test_whatever_the_text_a_message_is_valid_within_the_limits_and_harmless(name):
    sent = json.loads(msgspec.json.encode(message(named(name), ())))

    assert harmless(sent)
    assert len(sent["blocks"]) <= 50
    assert all(len(text) <= 3000 for text in texts(sent))
    assert all(texts(sent)[1:])


@pytest.mark.parametrize("text", ["x" * 400, "&" * 400, "<" * 400])
def test_what_is_too_much_is_cut_and_says_so(text):
    sent = json.loads(msgspec.json.encode(message(big(text), ("here",))))

    assert len(sent["blocks"]) == 12
    assert all(len(each) <= 3000 for each in texts(sent))
    assert texts(sent)[2].endswith("\n…")


def test_a_link_with_a_query_is_one_link():
    sent = message(notice(item(url="https://monitor.example.com/?a=1&b=<|>")), ())

    assert "<https://monitor.example.com/?a=1&amp;b=%3C%7C%3E|" in texts(sent)[2]

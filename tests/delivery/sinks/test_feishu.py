"""The sink for Feishu and Lark, against a receiver that answers as a group's custom robot does."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given

from monitor.delivery.sink import DeliveryError, Gone, Refused, Throttled, Unavailable
from monitor.delivery.sinks.chat import ChatSink
from monitor.delivery.sinks.feishu import Feishu, mention, message
from tests.delivery.receiver import answer
from tests.delivery.robots import NAMES, NASTY, NOW, SECRET, big, mixed, named, posted, said
from tests.delivery.samples import PAGE, RECOVERED, notice

OK = said(StatusCode=0, StatusMessage="success", code=0, data={}, msg="success")
LINK = re.compile(r"\[[^\[\]]*\]\(https://monitor\.example\.com/[^()\s]*\)")


@pytest.fixture
def feishu(chat: Callable[..., ChatSink]) -> Callable[..., ChatSink]:
    """Opens sinks of Feishu that send to the receiver."""

    def opener(secret: str | None = None, **options) -> ChatSink:
        return chat(Feishu(lambda: NOW, secret), **options)

    return opener


def content(sent: dict[str, Any]) -> str:
    """The card's text."""
    (element,) = sent["card"]["elements"]
    return str(element["text"]["content"])


async def test_a_notice_is_one_card(receiver, feishu):
    receiver.plan(OK)

    words = await feishu().send(mixed())

    assert '"code": 0' in words
    assert posted(receiver) == {
        "msg_type": "interactive",
        "card": {
            "config": {"wide_screen_mode": True},
            "header": {
                "title": {"tag": "plain_text", "content": "+8613800000001 is RED (was GREEN)"},
                "template": "red",
            },
            "elements": [
                {
                    "tag": "div",
                    "text": {
                        "tag": "lark_md",
                        "content": f"🔴 **[+8613800000001 is RED (was GREEN)]({PAGE})**\n"
                        "· Acme Support · app Shop · WABA 1029\n"
                        "· since 15 January 2027, 16:00 (3 minutes ago)\n"
                        "· Pause marketing campaigns from this number and look at the templates sent in the last day."
                        "\n\n🟡 **+8613800000003 is YELLOW (was GREEN)**\n"
                        "· app Shop\n\n"
                        f"🟢 **[+8613800000002 is GREEN again (was RED for 3 hours)]({PAGE})**\n"
                        "· app Shop · WABA 1029\n\n"
                        "· and 2 more\n"
                        "[account main · data of 15 January 2027, 16:02](https://monitor.example.com/)",
                    },
                }
            ],
        },
    }


@pytest.mark.parametrize(
    ("told", "colour"),
    [
        (notice(), "red"),
        (notice(severity="warning"), "orange"),
        (notice(severity="info"), "blue"),
        (notice(RECOVERED, severity="info"), "green"),
    ],
)
def test_a_card_has_the_colour_of_its_news(told, colour):
    sent = json.loads(msgspec.json.encode(message(told, ())))

    assert sent["card"]["header"]["template"] == colour


async def test_a_message_is_signed_as_the_robot_documents(receiver, feishu):
    receiver.plan(OK)

    await feishu(secret=SECRET).send(notice())

    # The computation of the guide's own example in Python.
    timestamp = "1800000000"
    digest = hmac.new(f"{timestamp}\n{SECRET}".encode(), digestmod=hashlib.sha256).digest()
    sent = posted(receiver)
    assert (sent["timestamp"], sent["sign"]) == (timestamp, base64.b64encode(digest).decode())


async def test_without_a_secret_nothing_is_signed(receiver, feishu):
    receiver.plan(OK)

    await feishu().send(notice())

    assert posted(receiver).keys() == {"msg_type", "card"}


async def test_the_old_form_of_success_is_one(receiver, feishu):
    receiver.plan(said(Extra=None, StatusCode=0, StatusMessage="success"))

    await feishu().send(notice())


@pytest.mark.parametrize(
    ("entry", "shown"),
    [
        ("all", "<at id=all></at>"),
        ("@all", "<at id=all></at>"),
        ("ou_1234abcd", "<at id=ou_1234abcd></at>"),
        ("b6xxxxg8", "<at id=b6xxxxg8></at>"),
        ("x></at><at id=all>", "<at id=xatatidall></at>"),
    ],
)
def test_who_is_mentioned(entry, shown):
    assert mention(entry) == shown


async def test_people_are_mentioned_when_something_new_is_bad_enough(receiver, feishu):
    receiver.plan(OK, OK)
    sink = feishu(at=["all", "ou_1234abcd"])
    await sink.send(notice(alarm="critical"))
    await sink.send(notice(alarm="warning"))

    loud, quiet = (content(request.event) for request in receiver.requests)
    assert loud.startswith("<at id=all></at> <at id=ou_1234abcd></at>\n\n🔴")
    assert "<at" not in quiet


@pytest.mark.parametrize(
    ("status", "code", "words", "error"),
    [
        ("200 OK", 9499, "Bad Request", Refused),
        ("400 Bad Request", 9499, "Bad Request", Refused),
        ("200 OK", 19002, "params error, msg_type need", Refused),
        ("200 OK", 19036, "message too long", Refused),
        ("200 OK", 19001, "param invalid: incoming webhook access token invalid", Unavailable),
        ("400 Bad Request", 19001, "param invalid: incoming webhook access token invalid", Unavailable),
        ("200 OK", 19021, "sign match fail or timestamp is not within one hour from current time", Unavailable),
        ("200 OK", 19022, "Ip Not Allowed", Unavailable),
        ("200 OK", 19024, "Key Words Not Found", Unavailable),
        ("200 OK", 11232, "frequency limited psm[lark.oapi.app_platform_runtime]", Throttled),
        ("400 Bad Request", 99991400, "request trigger frequency limit", Throttled),
        ("200 OK", 77777, "what nobody documented", Unavailable),
        ("400 Bad Request", 77777, "what nobody documented", Refused),
        ("410 Gone", 77777, "gone", Gone),
    ],
)
async def test_what_a_code_means(receiver, feishu, status, code, words, error):
    receiver.plan(said(status, code=code, data={}, msg=words))

    with pytest.raises(DeliveryError, match=re.escape(words)) as raised:
        await feishu().send(notice())

    assert type(raised.value) is error


async def test_a_robot_that_was_too_fast_rests_for_a_minute(receiver, feishu):
    receiver.plan(said(code=11232, msg="frequency limited"))

    with pytest.raises(Throttled) as raised:
        await feishu().send(notice())

    assert raised.value.after == 60.0


@pytest.mark.parametrize("body", [b"<html>", b"", b"{}", b'{"code": null}', b'{"code": "zero"}', b"0"])
async def test_an_answer_without_a_code_is_no_success(receiver, feishu, body):
    receiver.plan(answer("200 OK", body=body))

    with pytest.raises(Unavailable):
        await feishu().send(notice())


async def test_neither_the_token_nor_the_secret_is_ever_shown(receiver, feishu):
    receiver.plan(said(code=19021, msg=f"sign match fail: hunter2-path {SECRET}"))
    sink = feishu(secret=SECRET)

    with pytest.raises(Unavailable, match="sign match fail: … …") as raised:
        await sink.send(notice())

    assert "hunter2" not in f"{raised.value} {sink!r}"


def harmless(sent: dict[str, Any]) -> bool:
    """Whether nothing is left of markup, links and mentions but ours."""
    bare = LINK.sub("", content(sent))
    return re.search(r"[@<>\[\]`~|\\]|://|&#?\w+;|(?<!\w)_|_(?!\w)", bare) is None and all(
        line.count("*") in {0, 4} and (not line or line.startswith(("🔴", "·", "data", "…")))
        for line in bare.splitlines()
    )


@pytest.mark.parametrize("name", NASTY)
def test_no_name_breaks_the_markup_or_mentions_anyone(name):
    assert harmless(json.loads(msgspec.json.encode(message(named(name), ()))))


@given(NAMES)
def test_whatever_the_text_a_message_is_valid_within_the_limit_and_harmless(name):
    body = msgspec.json.encode(message(named(name), ()))

    assert harmless(json.loads(body))
    assert len(body) <= 20_000


@pytest.mark.parametrize("text", ["x" * 400, "号" * 400, "\\" * 400, "😀" * 400])
def test_what_is_too_much_is_cut_at_whole_lines_and_says_so(text):
    body = msgspec.json.encode(message(big(text), ("all",)))

    lines = content(json.loads(body)).splitlines()
    assert len(body) <= 20_000
    assert "…" in lines
    assert len({line for line in lines if line.startswith("· ")}) == 1

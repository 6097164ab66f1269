"""The sink for DingTalk, against a receiver that answers as a group's custom robot does."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlsplit

import msgspec
import pytest
from hypothesis import given

from monitor.delivery.sink import DeliveryError, Gone, Refused, Throttled, Unavailable
from monitor.delivery.sinks.chat import ChatSink
from monitor.delivery.sinks.dingtalk import DingTalk, message
from tests.delivery.receiver import answer
from tests.delivery.robots import NAMES, NASTY, NOW, SECRET, big, mixed, named, posted, said
from tests.delivery.samples import PAGE, item, notice

OK = said(errcode=0, errmsg="ok")
LINK = re.compile(r"\[[^\[\]]*\]\(https://monitor\.example\.com/[^()\s]*\)")


@pytest.fixture
def dingtalk(chat: Callable[..., ChatSink]) -> Callable[..., ChatSink]:
    """Opens sinks of DingTalk that send to the receiver."""

    def opener(secret: str | None = None, **options) -> ChatSink:
        return chat(DingTalk(lambda: NOW, secret), **options)

    return opener


async def test_a_notice_is_one_markdown_message(receiver, dingtalk):
    receiver.plan(OK)

    words = await dingtalk().send(mixed())

    assert words.endswith('answered HTTP 200: {"errcode": 0, "errmsg": "ok"}')
    assert posted(receiver) == {
        "msgtype": "markdown",
        "markdown": {
            "title": "+8613800000001 is RED (was GREEN)",
            "text": "### +8613800000001 is RED (was GREEN)  \n\n"
            f"🔴 **[+8613800000001 is RED (was GREEN)]({PAGE})**  \n"
            "· Acme Support · app Shop · WABA 1029  \n"
            "· since 15 January 2027, 16:00 (3 minutes ago)  \n"
            "· Pause marketing campaigns from this number and look at the templates sent in the last day.  \n\n"
            "🟡 **+8613800000003 is YELLOW (was GREEN)**  \n"
            "· app Shop  \n\n"
            f"🟢 **[+8613800000002 is GREEN again (was RED for 3 hours)]({PAGE})**  \n"
            "· app Shop · WABA 1029  \n\n"
            "· and 2 more  \n"
            "[account main · data of 15 January 2027, 16:02](https://monitor.example.com/)  ",
        },
        "at": {"atMobiles": [], "atUserIds": [], "isAtAll": False},
    }


async def test_a_message_is_signed_as_the_robot_documents(receiver, dingtalk):
    receiver.plan(OK)

    await dingtalk(secret=SECRET).send(notice())

    # The computation of DingTalk's own example in Python.
    digest = hmac.new(SECRET.encode(), f"{NOW}\n{SECRET}".encode(), digestmod=hashlib.sha256).digest()
    sign = quote_plus(base64.b64encode(digest))
    target = receiver.requests[0].line.split(" ")[1]
    query = parse_qs(urlsplit(target).query, strict_parsing=True)
    assert query == {"token": ["hunter2-query"], "timestamp": [str(NOW)], "sign": parse_qs(f"sign={sign}")["sign"]}


async def test_without_a_secret_nothing_is_signed(receiver, dingtalk):
    receiver.plan(OK)

    await dingtalk().send(notice())

    assert receiver.requests[0].line == "POST /in/hunter2-path?token=hunter2-query HTTP/1.1"


async def test_people_are_mentioned_when_something_new_is_bad_enough(receiver, dingtalk):
    receiver.plan(OK, OK)
    sink = dingtalk(at=["13800000009", "+8613800000008", "+852-12345678", "manager7", "@all"], at_on="warning")
    await sink.send(notice(alarm="warning"))
    await sink.send(notice(alarm="info"))

    loud, quiet = (request.event for request in receiver.requests)
    assert loud["at"] == {
        "atMobiles": ["13800000009", "13800000008", "+852-12345678"],
        "atUserIds": ["manager7"],
        "isAtAll": True,
    }
    assert "\n@13800000009 @13800000008 @+852-12345678 @manager7 @all  \n" in loud["markdown"]["text"]
    assert quiet["at"] == {"atMobiles": [], "atUserIds": [], "isAtAll": False}
    assert "@" not in quiet["markdown"]["text"]


@pytest.mark.parametrize(
    ("code", "words", "error"),
    [
        (-1, "系统繁忙", Unavailable),
        (40035, "缺少参数 json", Refused),
        (310000, "sign not match", Unavailable),
        (310000, "keywords not in content", Unavailable),
        (310000, "ip 1.2.3.4 not in whitelist", Unavailable),
        (300001, "token is not exist", Unavailable),
        (300005, "token is not exist", Unavailable),
        (400013, "group is dissolved", Unavailable),
        (400102, "robot is disabled", Unavailable),
        (430102, "inappropriate text", Refused),
        (460101, "message too long, exceed 20000 bytes", Refused),
        (101002, "message is too long", Refused),
        (999999, "what nobody documented", Unavailable),
    ],
)
async def test_what_a_code_means(receiver, dingtalk, code, words, error):
    receiver.plan(said(errcode=code, errmsg=words))

    with pytest.raises(DeliveryError) as raised:
        await dingtalk().send(notice())

    assert type(raised.value) is error
    assert str(code) in str(raised.value)


async def test_a_code_may_be_written_as_a_text(receiver, dingtalk):
    """DingTalk's own example shows it so."""
    receiver.plan(said(errcode="0", errmsg="ok"))

    await dingtalk().send(notice())


@pytest.mark.parametrize("code", [130101, 410100, 660026])
async def test_a_robot_that_was_too_fast_rests_for_ten_minutes(receiver, dingtalk, code):
    receiver.plan(said(errcode=code, errmsg="send too fast, exceed 20 times per minute", status_=1111, wait=5))

    with pytest.raises(Throttled, match="exceed 20 times per minute") as raised:
        await dingtalk().send(notice())

    assert raised.value.after == 600.0


@pytest.mark.parametrize(
    ("planned", "error"),
    [
        (answer("200 OK", body=b"<html>"), Unavailable),
        (answer("200 OK", body=b"\xff{"), Unavailable),
        (answer("200 OK", body=b'{"errmsg": "ok"}'), Unavailable),
        (answer("200 OK", body=b"[0]"), Unavailable),
        (answer("204 No Content"), Unavailable),
        (said("500 Oops", errcode=0, errmsg="ok"), Unavailable),
        (answer("413 Content Too Large"), Refused),
        (answer("410 Gone"), Gone),
        (answer("403 Forbidden"), Unavailable),
        (answer("429 Too Many Requests"), Throttled),
    ],
)
async def test_what_an_answer_without_a_code_means(receiver, dingtalk, planned, error):
    receiver.plan(planned)

    with pytest.raises(DeliveryError) as raised:
        await dingtalk().send(notice())

    assert type(raised.value) is error


async def test_neither_the_token_nor_the_secret_is_ever_shown(receiver, dingtalk):
    receiver.plan(said(errcode=310000, errmsg=f"sign not match: hunter2-query, {SECRET}, /in/hunter2-path"))
    sink = dingtalk(secret=SECRET)

    with pytest.raises(Unavailable, match="sign not match: …, …, ") as raised:
        await sink.send(notice())

    assert "hunter2" not in f"{raised.value} {sink!r}"


def harmless(sent: dict[str, Any]) -> bool:
    """Whether nothing is left of markup, links and mentions but ours."""
    title, text = sent["markdown"]["title"], sent["markdown"]["text"]
    bare = LINK.sub("", text).replace(r"\_", "")
    starts = (line.lstrip("*") for line in bare.splitlines()[1:] if line)
    return (
        re.search(r"[@<>\[\]`~|\\]|://|(?<!\w)_|_(?!\w)", bare.replace("### ", "")) is None
        and "@" not in title
        and all(line.count("*") in {0, 4} for line in bare.splitlines())
        and all(line.startswith(("🔴", "·", "data", "…")) or not line.strip() for line in starts)
    )


@pytest.mark.parametrize("name", NASTY)
def test_no_name_breaks_the_markup_or_mentions_anyone(name):
    assert harmless(json.loads(msgspec.json.encode(message(named(name), ()))))


@given(NAMES)
def test_whatever_the_text_a_message_is_valid_within_the_limit_and_harmless(name):
    body = msgspec.json.encode(message(named(name), ()))

    assert harmless(json.loads(body))
    assert len(body) <= 20_000


@pytest.mark.parametrize("text", ["x" * 400, "号" * 400, "\\" * 400, "a_b" * 200, "😀" * 400])
def test_what_is_too_much_is_cut_at_whole_lines_and_says_so(text):
    body = msgspec.json.encode(message(big(text), ("13800000009",)))

    lines = json.loads(body)["markdown"]["text"].splitlines()
    assert len(body) <= 20_000
    assert "…  " in lines
    assert len({line for line in lines if line.startswith("· ")}) == 1
    assert lines[-1].endswith("(https://monitor.example.com/)  ")


def test_words_with_underscores_are_shown_as_they_are():
    sent = message(notice(item(headline="+86138 is RATE_LIMITED (was CONNECTED)")), ())

    assert r"RATE\_LIMITED" in json.dumps(sent).replace("\\\\", "\\")

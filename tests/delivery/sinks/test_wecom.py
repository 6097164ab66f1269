"""The sink for WeCom, against a receiver that answers as a group's robot does."""

import json
import re
from collections.abc import Callable
from functools import partial

import msgspec
import pytest
from hypothesis import given

from monitor.delivery.sink import DeliveryError, Gone, Refused, Throttled, Unavailable
from monitor.delivery.sinks.chat import ChatSink
from monitor.delivery.sinks.wecom import WeCom, message
from tests.delivery.receiver import answer
from tests.delivery.robots import NAMES, NASTY, big, mixed, named, posted, said
from tests.delivery.samples import PAGE, notice

OK = said(errcode=0, errmsg="ok")
LINK = re.compile(r"\[[^\[\]]*\]\(https://monitor\.example\.com/[^()\s]*\)")


@pytest.fixture
def wecom(chat: Callable[..., ChatSink]) -> Callable[..., ChatSink]:
    """Opens sinks of WeCom that send to the receiver."""
    return partial(chat, WeCom())


async def test_a_notice_is_one_markdown_message(receiver, wecom):
    receiver.plan(OK)

    words = await wecom().send(mixed())

    assert words.endswith('answered HTTP 200: {"errcode": 0, "errmsg": "ok"}')
    assert posted(receiver) == {
        "msgtype": "markdown",
        "markdown": {
            "content": "### +8613800000001 is RED (was GREEN)\n\n"
            f"🔴 [+8613800000001 is RED (was GREEN)]({PAGE})\n"
            "· Acme Support · app Shop · WABA 1029\n"
            "· since 15 January 2027, 16:00 (3 minutes ago)\n"
            "· Pause marketing campaigns from this number and look at the templates sent in the last day.\n\n"
            "🟡 **+8613800000003 is YELLOW (was GREEN)**\n"
            "· app Shop\n\n"
            f"🟢 [+8613800000002 is GREEN again (was RED for 3 hours)]({PAGE})\n"
            "· app Shop · WABA 1029\n\n"
            "· and 2 more\n"
            "[account main · data of 15 January 2027, 16:02](https://monitor.example.com/)"
        },
    }


async def test_people_are_mentioned_by_a_text_when_something_new_is_bad_enough(receiver, wecom):
    receiver.plan(OK, OK)
    sink = wecom(at=["13800000009", "+8613800000008", "zhangsan", "all"])
    await sink.send(notice(alarm="critical"))
    await sink.send(notice(alarm="warning"))

    loud, quiet = (request.event for request in receiver.requests)
    assert loud == {
        "msgtype": "text",
        "text": {
            "content": "+8613800000001 is RED (was GREEN)\n\n"
            f"🔴 +8613800000001 is RED (was GREEN)\n{PAGE}\n"
            "· Acme Support · app Shop · WABA 1029\n"
            "· since 15 January 2027, 16:00 (3 minutes ago)\n"
            "· Pause marketing campaigns from this number and look at the templates sent in the last day.\n\n"
            "account main · data of 15 January 2027, 16:02\nhttps://monitor.example.com/",
            "mentioned_list": ["zhangsan", "@all"],
            "mentioned_mobile_list": ["13800000009", "13800000008"],
        },
    }
    assert quiet["msgtype"] == "markdown"


@pytest.mark.parametrize(
    ("code", "words", "error"),
    [
        (-1, "system busy", Unavailable),
        (40008, "invalid message type", Refused),
        (40058, "markdown.content exceed max length 4096. invalid Request Parameter", Refused),
        (45002, "content size out of limit", Refused),
        (47001, "data format error", Refused),
        (93000, "invalid webhook url", Unavailable),
        (93008, "not in group", Unavailable),
        (88888, "what nobody documented", Unavailable),
    ],
)
async def test_what_a_code_means(receiver, wecom, code, words, error):
    receiver.plan(said(errcode=code, errmsg=words))

    with pytest.raises(DeliveryError, match=words) as raised:
        await wecom().send(notice())

    assert type(raised.value) is error


@pytest.mark.parametrize("code", [45009, 45033])
async def test_a_robot_that_was_too_fast_rests_for_a_minute(receiver, wecom, code):
    receiver.plan(said(errcode=code, errmsg="api freq out of limit"))

    with pytest.raises(Throttled, match="api freq out of limit") as raised:
        await wecom().send(notice())

    assert raised.value.after == 60.0


@pytest.mark.parametrize(
    ("planned", "error"),
    [
        (answer("200 OK", body=b"<html>"), Unavailable),
        (answer("200 OK", body=b"ok"), Unavailable),
        (answer("502 Bad Gateway"), Unavailable),
        (answer("413 Content Too Large"), Refused),
        (answer("410 Gone"), Gone),
    ],
)
async def test_what_an_answer_without_a_code_means(receiver, wecom, planned, error):
    receiver.plan(planned)

    with pytest.raises(DeliveryError) as raised:
        await wecom().send(notice())

    assert type(raised.value) is error


async def test_the_key_is_never_shown(receiver, wecom):
    receiver.plan(said(errcode=93000, errmsg="invalid webhook url: /in/hunter2-path?token=hunter2-query"))
    sink = wecom()

    with pytest.raises(Unavailable, match="invalid webhook url: …") as raised:
        await sink.send(notice())

    assert "hunter2" not in f"{raised.value} {sink!r}"


def harmless(text: str) -> bool:
    """Whether nothing is left of markup, links and mentions but ours."""
    bare = LINK.sub("", text).replace("### ", "", 1)
    bare = re.sub(r"(?m)^https://monitor\.example\.com/\S*$", "", bare)
    return re.search(r"[@<>\[\]`~|\\#]|://|&#?\w+;", bare) is None and all(
        line.count("*") in {0, 4} and (not line or line.startswith(("🔴", "·", "data", "…")))
        for line in bare.splitlines()[1:]
    )


@pytest.mark.parametrize("at", [(), ("all",)])
@pytest.mark.parametrize("name", NASTY)
def test_no_name_breaks_the_markup_or_mentions_anyone(name, at):
    sent = json.loads(msgspec.json.encode(message(named(name), at)))

    assert harmless(sent[sent["msgtype"]]["content"])


@given(NAMES)
def test_whatever_the_text_a_message_is_valid_within_its_limit_and_harmless(name):
    for at, limit in (((), 4096), (("all",), 2048)):
        sent = json.loads(msgspec.json.encode(message(named(name), at)))
        content = sent[sent["msgtype"]]["content"]

        assert harmless(content)
        assert len(content.encode()) <= limit


@pytest.mark.parametrize(("at", "limit"), [((), 4096), (("zhangsan",), 2048)])
@pytest.mark.parametrize("text", ["x" * 400, "号" * 400, "😀" * 400, "*" * 400, "x" * 100])
def test_what_is_too_much_is_cut_at_whole_lines_and_says_so(text, at, limit):
    sent = json.loads(msgspec.json.encode(message(big(text), at)))

    content = sent[sent["msgtype"]]["content"]
    assert len(content.encode()) <= limit
    assert "…" in content.splitlines()
    assert len({line for line in content.splitlines() if line.startswith("· ")}) <= 1

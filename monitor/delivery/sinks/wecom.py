"""
WeCom as a chat: a notice as one message by a group's robot.

WeCom has a notice when it answers HTTP 200 with `errcode` 0.  Markdown, unless somebody is to be mentioned: only plain
text takes mobile numbers and everybody, so then it is that.  Source: WeCom's pages on group robots (the messages, their
limits in bytes, 20 a minute) and on global codes.
"""

from collections.abc import Sequence

import msgspec

from monitor.delivery.endpoint import Answer, Endpoint
from monitor.delivery.people.notice import Notice
from monitor.delivery.sinks.chat import Post
from monitor.delivery.sinks.chat_text import Markup, composed, inert, link
from monitor.delivery.sinks.robot import Codes, mentioned, reply, words

MOST_MARKDOWN = 4096  # bytes of UTF-8
MOST_TEXT = 2048  # likewise

CODES = Codes(
    refused=frozenset(
        {
            40008,  # a type of message that is not known
            40033,  # signs that are not allowed
            40035,  # a parameter that is not allowed
            40058,  # likewise, and what is too long
            44004,  # nothing in it
            45002,  # too long
            47001,  # not the form that is wanted
        }
    ),
    throttled=frozenset({45009, 45033}),
    settings=frozenset({93000, 93004, 93008}),  # no such robot, switched off, not in the group
)


class _Reply(msgspec.Struct):
    errcode: int | None = None


class WeCom:
    """A group's robot; mentions mobile numbers, ids of users, or `all`."""

    def post(self, notice: Notice, at: Sequence[str]) -> Post:
        """See :class:`monitor.delivery.sinks.chat.Service`."""
        return Post(message(notice, at))

    def heard(self, endpoint: Endpoint, answer: Answer) -> str:
        """Likewise."""
        found = reply(answer, _Reply)
        return words(endpoint, answer, found.errcode if found else None, CODES)


def message(notice: Notice, at: Sequence[str]) -> dict[str, object]:
    """What is posted."""
    return _mentioning(notice, at) if at else _markdown(notice)


def _markdown(notice: Notice) -> dict[str, object]:
    lines = composed([f"### {inert(notice.title)}"], notice, MARKDOWN, MOST_MARKDOWN)
    return {"msgtype": "markdown", "markdown": {"content": "\n".join(lines)}}


def _mentioning(notice: Notice, at: Sequence[str]) -> dict[str, object]:
    mobiles, users, everybody = mentioned(at)
    text = {
        "content": "\n".join(composed([inert(notice.title)], notice, TEXT, MOST_TEXT)),
        "mentioned_list": [*users, *(["@all"] if everybody else [])],
        "mentioned_mobile_list": mobiles,
    }
    return {"msgtype": "text", "text": text}


def _headline(label: str, url: str | None) -> str:
    return link(label, url) if url else f"**{label}**"  # nothing says that a link may be bold as well


def _with_address(label: str, url: str | None) -> str:
    return f"{label}\n{url}" if url else label


def _size(line: str) -> int:
    return len(line.encode()) + 1


MARKDOWN = Markup(text=inert, headline=_headline, link=link, size=_size)
TEXT = Markup(text=inert, headline=_with_address, link=_with_address, size=_size)

"""
Feishu and Lark as a chat: a notice as one card by a group's custom robot.  The two differ in their hosts alone.

They have a notice when they answer HTTP 200 with `code` 0, in the old form `StatusCode` 0.  Source: their guide to
custom robots: the card, the signature, the limits (100 messages a minute, a body of 20 KB) and the codes.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence

import msgspec

from monitor.delivery.endpoint import Answer, Endpoint
from monitor.delivery.people.notice import Notice
from monitor.delivery.sinks.chat import Post
from monitor.delivery.sinks.chat_text import Markup, bold_link, composed, inert, link, plain
from monitor.delivery.sinks.plain import brings_relief
from monitor.delivery.sinks.robot import EVERYBODY, Codes, reply, words
from monitor.fleet.event import EventSeverity

MOST = 16_000  # bytes of the text in JSON: the body may have 20,000, with its title and its mentions

COLOURS: Mapping[EventSeverity, str] = {"critical": "red", "warning": "orange", "info": "blue"}
RELIEF = "green"

CODES = Codes(
    refused=frozenset(
        {
            9499,  # "Bad Request": the body's form, or over 20 KB
            19002,  # a parameter is missing
            19036,  # too long
            99991300,  # the body is no JSON
        }
    ),
    throttled=frozenset({11232, 99991400}),
    settings=frozenset(
        {
            19001,  # no such address
            19021,  # signature, or our clock
            19022,  # our IP
            19024,  # the robot's keyword is not in it
        }
    ),
)

_not_of_ids = re.compile(r"[^\w.+-]", re.ASCII)


class _Reply(msgspec.Struct):
    code: int | None = None
    old: int | None = msgspec.field(default=None, name="StatusCode")


class Feishu:
    """A custom robot; mentions open ids (`ou_…`), ids of users, or `all`."""

    def __init__(self, now: Callable[[], int], secret: str | None = None) -> None:
        """
        Args:
            now: Wall clock, milliseconds since 1970: what is signed.
            secret: Of a robot that wants messages signed.
        """
        self._now = now
        self._secret = secret

    def post(self, notice: Notice, at: Sequence[str]) -> Post:
        """See :class:`monitor.delivery.sinks.chat.Service`."""
        proof = signed(self._secret, self._now() // 1000) if self._secret else {}
        return Post({**proof, **message(notice, at)})

    def heard(self, endpoint: Endpoint, answer: Answer) -> str:
        """Likewise."""
        found = reply(answer, _Reply)
        code = (found.old if found.code is None else found.code) if found else None
        return words(endpoint, answer, code, CODES)


def signed(secret: str, timestamp: int) -> dict[str, str]:
    """
    What is added to the body: base64 of HMAC-SHA256, by the key `timestamp\\nsecret`, of nothing.

    Args:
        secret: The robot's.
        timestamp: Seconds since 1970; the receiver wants it within an hour of its own.
    """
    digest = hmac.digest(f"{timestamp}\n{secret}".encode(), b"", hashlib.sha256)
    return {"timestamp": str(timestamp), "sign": base64.b64encode(digest).decode()}


def message(notice: Notice, at: Sequence[str]) -> dict[str, object]:
    """What is posted: a card whose head has the colour of what is new."""
    mentions = " ".join(mention(entry) for entry in at)
    lines = composed([mentions] if mentions else [], notice, MARKUP, MOST)
    return {
        "msg_type": "interactive",
        "card": {
            "config": {"wide_screen_mode": True},
            "header": {"title": {"tag": "plain_text", "content": plain(notice.title)}, "template": _colour(notice)},
            "elements": [{"tag": "div", "text": {"tag": "lark_md", "content": "\n".join(lines).strip("\n")}}],
        },
    }


def mention(entry: str) -> str:
    """The mention for an entry of `at`."""
    name = "all" if entry in EVERYBODY else _not_of_ids.sub("", entry.removeprefix("@"))
    return f"<at id={name}></at>"


def _colour(notice: Notice) -> str:
    return RELIEF if brings_relief(notice) else COLOURS[notice.severity]


def _size(line: str) -> int:
    return len(msgspec.json.encode(line))  # its quotes count for the end of the line


MARKUP = Markup(text=inert, headline=bold_link, link=link, size=_size)

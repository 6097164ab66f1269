"""
DingTalk as a chat: a notice as one Markdown message by a group's custom robot.

DingTalk has a notice when it answers HTTP 200 with `errcode` 0.  Source: DingTalk's page on custom robots: the message,
the signature, the limits (20 messages a minute, or the robot is silenced for 10 minutes) and the codes.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence

import msgspec

from monitor.delivery.endpoint import Answer, Endpoint
from monitor.delivery.people.notice import Notice
from monitor.delivery.sinks.chat import Post
from monitor.delivery.sinks.chat_text import Markup, bold_link, composed, inert, link
from monitor.delivery.sinks.robot import Codes, mentioned, reply, words

MOST = 18_000  # bytes of the text in JSON: a message may have 20,000, its title and its mentions with it

CODES = Codes(
    refused=frozenset(
        {
            40035,  # the message lacks something
            400105,  # a type of message that is not known
            430101,  # links that are not safe
            430102,  # texts, pictures, contents that are not proper
            430103,
            430104,
            460101,  # too long
            101002,  # likewise
        }
    ),
    throttled=frozenset({130101, 410100, 660026}),
    settings=frozenset(
        {
            300001,  # no such token
            300005,  # likewise
            310000,  # signature, clock, keyword or IP
            400013,  # the group is dissolved
            400101,  # no such token
            400102,  # the robot is switched off
            400106,  # no such robot
        }
    ),
    rest=600.0,
)


class _Reply(msgspec.Struct):
    errcode: int | None = None


class DingTalk:
    """A custom robot; mentions mobile numbers, ids of users, or `all`."""

    def __init__(self, now: Callable[[], int], secret: str | None = None) -> None:
        """
        Args:
            now: Wall clock, milliseconds since 1970: what is signed.
            secret: Of a robot that wants messages signed: `SEC…`.
        """
        self._now = now
        self._secret = secret

    def post(self, notice: Notice, at: Sequence[str]) -> Post:
        """See :class:`monitor.delivery.sinks.chat.Service`."""
        return Post(message(notice, at), signed(self._secret, self._now()) if self._secret else None)

    def heard(self, endpoint: Endpoint, answer: Answer) -> str:
        """Likewise."""
        found = reply(answer, _Reply)
        return words(endpoint, answer, found.errcode if found else None, CODES)


def signed(secret: str, timestamp: int) -> dict[str, str]:
    """
    What is added to the address: base64 of HMAC-SHA256, by the secret, of `timestamp\\nsecret`.

    Args:
        secret: The robot's.
        timestamp: Milliseconds since 1970; DingTalk wants it within an hour of its own.
    """
    digest = hmac.digest(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256)
    return {"timestamp": str(timestamp), "sign": base64.b64encode(digest).decode()}


def message(notice: Notice, at: Sequence[str]) -> dict[str, object]:
    """What is posted.  Who is mentioned stands in the text too: DingTalk shows it only there."""
    mobiles, users, everybody = mentioned(at)
    mentions = " ".join(f"@{name}" for name in [*mobiles, *users, *(["all"] if everybody else [])])
    head = [f"### {_text(notice.title)}", *(["", mentions] if mentions else [])]
    return {
        "msgtype": "markdown",
        "markdown": {
            "title": inert(notice.title),  # of the notification
            "text": _joined(composed(head, notice, MARKUP, MOST)),
        },
        "at": {"atMobiles": mobiles, "atUserIds": users, "isAtAll": everybody},
    }


def _text(text: str) -> str:
    # What `inert` leaves of underscores is within words: DingTalk takes some of these for italics.
    return inert(text).replace("_", r"\_")


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(f"{line}  " if line else "" for line in lines)  # two spaces: here the line ends


def _size(line: str) -> int:
    return len(msgspec.json.encode(line)) + 2


MARKUP = Markup(text=_text, headline=bold_link, link=link, size=_size)

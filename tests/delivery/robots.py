"""What the tests of chat robots share: names as a vendor might send them, a robot's answers, an endpoint to it."""

import json
from typing import Any

from hypothesis import strategies as st

from monitor.delivery.endpoint import Endpoint
from monitor.delivery.people.notice import Notice
from monitor.http.transport import open_transport
from tests.delivery.receiver import Receiver, answer
from tests.delivery.samples import RECOVERED, YELLOW, item, notice

NOW = 1_800_000_000_123  # 15 January 2027, 08:00:00 UTC
SECRET = "SEChunter2-signing"

#: Names that are markup, a mention, a link, or the end of one, in some chat or other.
NASTY = (
    "**x** <@all> [click](http://evil.example) @13800000000 <!channel>",
    '<at id=all></at><at user_id="all">all</at>',
    "<@U0123ABCD> <!subteam^S0123ABCD> <!here|here> @here @channel @everyone",
    "&lt;@all&gt; &#64;all &commat;all &#60;!channel&#62;",
    "](http://evil.example) [x",
    "![](http://evil.example/x.png)",
    "<http://evil.example|Meta>",
    '<font color="warning">x</font>',
    "`code` ~~gone~~ _italic_ __bold__ ***",
    "\\*\\_\\[\\@all",
    "# heading",
    "> quote",
    "- list",
    "1. list",
    "| a | b |",
    "@all",
    "@13800000000",
    "www.evil.example evil.example mailto:a@evil.example",
    "line\n# two\r\n@all\u2028@all",
    '\ud800\x00\x1b[31m\u202e"}',
)

NAMES = st.text(max_size=60) | st.sampled_from(NASTY) | st.text(alphabet="*_[]()<>!@#&;:/\\`~|.\n all19", max_size=400)


def named(name: str) -> Notice:
    """A notice whose every text holds the name."""
    lines = (name, f"app {name}")
    one = item(headline=name, details=lines)
    return notice(
        one, item(headline=f"{name} is RED", details=lines, url=None), title=name, more=name, footer=f"data {name}"
    )


def big(text: str = "x" * 400) -> Notice:
    """A notice that is too much for every chat."""
    items = [item(headline=text, details=(text,) * 12)] * 12
    return notice(*items, title=text, more=text, footer=text)


def mixed() -> Notice:
    """A notice of three: new, less bad, over."""
    return notice(item(), YELLOW, RECOVERED, more="and 2 more")


def said(status: str = "200 OK", **body: Any) -> bytes:
    """A robot's answer in JSON."""
    return answer(status, "Content-Type: application/json", body=json.dumps(body).encode())


def endpoint(receiver: Receiver, *secrets: str) -> Endpoint:
    """The way to the receiver."""
    return Endpoint(receiver.url, transport=open_transport(proxy=None, connections=2), now=lambda: NOW, secrets=secrets)


def posted(receiver: Receiver) -> dict[str, Any]:
    """What the receiver was sent, once."""
    (request,) = receiver.requests
    return request.event

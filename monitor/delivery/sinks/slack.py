"""
Slack as a chat: a notice as one message by an incoming webhook.

Slack has a notice when it answers HTTP 200 with the body `ok`.  Source: Slack's pages on incoming webhooks, on
formatting text (`&`, `<` and `>` are all that must be escaped: mentions and links need the two) and on blocks.
"""

import re
from collections.abc import Sequence

from monitor.delivery.endpoint import Answer, Endpoint
from monitor.delivery.people.notice import Notice
from monitor.delivery.sink import Unavailable
from monitor.delivery.sinks.chat import Post
from monitor.delivery.sinks.chat_text import Markup, ending, fitted, full_width, item_lines, plain, unlinked
from monitor.delivery.sinks.robot import failure

SECTION = 3000  # characters of one section

_escaped = full_width("*`~@")  # Slack has no escape for these
_escaped.update({ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"})
_user = re.compile(r"[UW][A-Z0-9]+")
_group = re.compile(r"S[A-Z0-9]+")
_everybody = frozenset({"here", "channel", "everyone"})


class Slack:
    """An incoming webhook; mentions users (`U…`, `W…`), user groups (`S…`), `here`, `channel`, `everyone`."""

    def post(self, notice: Notice, at: Sequence[str]) -> Post:
        """See :class:`monitor.delivery.sinks.chat.Service`."""
        return Post(message(notice, at))

    def heard(self, endpoint: Endpoint, answer: Answer) -> str:
        """Likewise."""
        if not answer.is_success:
            raise failure(endpoint, answer)
        said = endpoint.said(answer)
        if answer.body.strip() != b"ok":
            raise Unavailable(said)
        return said


def message(notice: Notice, at: Sequence[str]) -> dict[str, object]:
    """What is posted: the blocks that are seen, and the text for notifications."""
    mentions = [mention(entry) for entry in at]
    title = escaped(notice.title)
    head = [f"*{title}*", *([" ".join(mentions)] if mentions else [])]
    items = ("\n".join(fitted(item_lines(item, MARKUP), SECTION, MARKUP)) for item in notice.shown)
    return {
        "text": " ".join([*mentions, title]),
        "blocks": [
            *(_section(text) for text in ("\n".join(head), *items)),
            {"type": "context", "elements": [_mrkdwn("\n".join(fitted(ending(notice, MARKUP), SECTION, MARKUP)))]},
        ],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def escaped(text: str) -> str:
    """A text that is not ours: no markup, no mention, no link."""
    return unlinked(plain(text)).translate(_escaped)


def mention(entry: str) -> str:
    """The mention for an entry of `at`; what Slack cannot mention stays text."""
    name = entry.removeprefix("@")
    if _user.fullmatch(name):
        return f"<@{name}>"
    if _group.fullmatch(name):
        return f"<!subteam^{name}>"
    return f"<!{name}>" if name in _everybody else escaped(entry)


def _link(label: str, url: str | None) -> str:
    return f"<{url.replace('&', '&amp;')}|{label}>" if url else label


def _headline(label: str, url: str | None) -> str:
    return f"*{_link(label, url)}*"


def _section(text: str) -> dict[str, object]:
    return {"type": "section", "text": _mrkdwn(text)}


def _mrkdwn(text: str) -> dict[str, object]:
    # Verbatim: only what is written between < and > is a link or a mention.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _size(line: str) -> int:
    return len(line) + 1


MARKUP = Markup(text=escaped, headline=_headline, link=_link, size=_size)

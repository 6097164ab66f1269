"""
A notice as lines for a group chat: the layout that all chats share, and what makes a text harmless in their markup.

Pure.  None of the robots documents how to escape its markup, so what could be markup, a mention or a link in a name is
shown in its full-width form: the reader sees the same sign, and the chat sees none of its own.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

from monitor.delivery.people.notice import Item, News, Notice
from monitor.fleet.event import EventSeverity
from monitor.views.escape import terminal, valid

LONGEST = 300  # characters of one text: so that a title alone fits wherever
LONGEST_URL = 500  # characters; a longer one is left out
CUT = "…"

SYMBOLS: Mapping[EventSeverity, str] = {"critical": "🔴", "warning": "🟡", "info": "\N{INFORMATION SOURCE}\ufe0f"}
NEWS_SYMBOLS: Mapping[News, str] = {News.CLOSED: "🟢", News.REMINDER: "🔔"}  #: go before the severity's


def full_width(signs: str) -> dict[int, str]:
    """The full-width forms of signs of ASCII, for `str.translate`."""
    return {ord(sign): chr(ord(sign) + 0xFEE0) for sign in signs}


_inert = full_width("*`~[]<>\\|#@")
_stop, _colon, _ampersand, _underscore = full_width(".:&_").values()

# A link that a chat makes by itself, of an address or of a name that looks like a host's; an entity that would be read
# as the sign it names; an underscore at a word's edge.  Within a word, as in RATE_LIMITED, it is no markup.
_addresses = re.compile(r":(?=//)|(?<=mailto):", re.IGNORECASE)
_hosts = re.compile(r"(?<=\w)\.(?=[^\W\d_]{2})")
_entities = re.compile(r"&(?=#?\w+;)")
_edges = re.compile(r"(?<!\w)_|_(?!\w)|(?<=_)_|_(?=_)")
_unsafe_in_url = re.compile(r"[^\w:/?#%&=.,;+~!$'-]", re.ASCII)


class Markup(NamedTuple):
    """How a chat writes what a notice has."""

    text: Callable[[str], str]  #: a text that is not ours, harmless
    headline: Callable[[str, str | None], str]  #: a harmless text that stands out, with an address behind it
    link: Callable[[str, str | None], str]  #: a harmless text with an address behind it
    size: Callable[[str], int]  #: what a line counts against the limit


def plain(text: str) -> str:
    """One line that any encoder takes, of a length that fits; nothing else is changed."""
    line = terminal(" ".join(text.split()))
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + CUT


def unlinked(text: str) -> str:
    """The text without what a chat would make a link of by itself, or words between underscores italics."""
    return _edges.sub(_underscore, _hosts.sub(_stop, _addresses.sub(_colon, text)))


def inert(text: str) -> str:
    """A text that is not ours for Markdown as chats read it: no markup, no mention, no link."""
    return unlinked(_entities.sub(_ampersand, plain(text))).translate(_inert)


def address(url: str | None) -> str | None:
    """A link's target, with nothing in it that a chat could take for its end; None for none."""
    if not url or len(url) > LONGEST_URL:
        return None
    return _unsafe_in_url.sub(lambda match: quote(match[0], safe=""), valid(url))


def link(label: str, url: str | None) -> str:
    """A harmless text with an address behind it, in Markdown."""
    return f"[{label}]({url})" if url else label


def bold_link(label: str, url: str | None) -> str:
    """The same, and it stands out."""
    return f"**{link(label, url)}**"


def symbol(item: Item) -> str:
    """What an item begins with."""
    return NEWS_SYMBOLS.get(item.news) or SYMBOLS[item.severity]


def item_lines(item: Item, markup: Markup) -> list[str]:
    """An item: its headline, then its details."""
    headline = markup.headline(markup.text(item.headline), address(item.url))
    # No line begins with a text that is not ours: it could look like a list or a heading.
    return [f"{symbol(item)} {headline}", *(f"· {markup.text(detail)}" for detail in item.details)]


def ending(notice: Notice, markup: Markup) -> list[str]:
    """What follows the items: how many are not shown, where it comes from, a link to the page."""
    more = [f"· {markup.text(notice.more)}"] if notice.more else []
    return [*more, markup.link(markup.text(notice.footer), address(notice.url))]


def composed(head: Sequence[str], notice: Notice, markup: Markup, limit: int) -> list[str]:
    """
    The whole message within `limit`: `head`, the items with an empty line before each, and the ending.

    What is too much is cut from the last items, whole lines at a time, and the cut is shown.
    """
    body = [line for item in notice.shown for line in ("", *item_lines(item, markup))]
    end = fitted(["", *ending(notice, markup)], limit - _length(head, markup), markup)
    return [*head, *fitted(body, limit - _length([*head, *end], markup), markup), *end]


def fitted(lines: Sequence[str], limit: int, markup: Markup) -> list[str]:
    """As many of the lines as fit, whole; the cut is shown."""
    if _length(lines, markup) <= limit:
        return list(lines)
    left = limit - _length([CUT], markup)
    if left < 0:
        return []
    kept: list[str] = []
    for line in lines:
        left -= _length([line], markup)
        if left < 0:
            break
        kept.append(line)
    return [*kept, CUT]


def _length(lines: Sequence[str], markup: Markup) -> int:
    return sum(markup.size(line) for line in lines)

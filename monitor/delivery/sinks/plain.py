"""
A notice as plain text: for receivers that know no markup, and for those whose markup is somebody else's work.

Pure.
"""

from collections.abc import Iterator, Mapping

from monitor.delivery.people.notice import Item, News, Notice
from monitor.fleet.event import EventSeverity

SYMBOLS: Mapping[EventSeverity, str] = {"critical": "▲", "warning": "◆", "info": "•"}
OVER = "✓"


def plain(notice: Notice) -> str:
    """The notice but for its title: items with their details below, what follows, where it comes from."""
    blocks = ["\n".join(_lines(item)) for item in notice.shown]
    if notice.more:
        blocks.append(notice.more)
    blocks.append("\n".join(line for line in (notice.footer, notice.url) if line))
    return "\n\n".join(blocks)


def symbol(item: Item) -> str:
    """What an item begins with."""
    return OVER if item.news is News.CLOSED else SYMBOLS[item.severity]


def brings_relief(notice: Notice) -> bool:
    """Whether it tells of nothing but what is over."""
    return bool(notice.items) and all(item.news is News.CLOSED for item in notice.items)


def _lines(item: Item) -> Iterator[str]:
    yield f"{symbol(item)} {item.headline}"
    for detail in item.details:
        yield f"  {detail}"
    if item.url:
        yield f"  {item.url}"

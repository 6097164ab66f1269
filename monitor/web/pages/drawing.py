"""
Where things stand on a timeline: spans and the moments below it, in hundredths of its width.

Pure but for the zone, in which days begin.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from monitor.views.timeline import Lane, Span

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000

#: What can be looked at, by the word in the address; None: all there is.
RANGES: Mapping[str, int | None] = {"24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY, "all": None}

_STEPS = (
    *(5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR),
    *(DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY, 365 * DAY),
)
_MOST_TICKS = 8

_LANE = {"desk": 940, "phone": 300}  # pixels that a lane has at least, on a desk and on a phone
_LETTER, _MARGINS = 8.5, 16  # pixels of a span's word


def usual_range(known: int) -> str:
    """The range for whoever asks for none, of a number that has been known for so many ms: a week, if it fills one."""
    return "7d" if known >= 7 * DAY else "all"


def drawn(lane: Lane, begin: int, now: int) -> list[dict[str, Any]]:
    """A lane's spans with their place and width in per cent, and the screens on which there is room for the word."""
    return [
        {
            "span": span,
            "x": _share(span.begin, begin, now),
            "width": _width(span, begin, now),
            "room": _room(span, begin, now),
        }
        for span in lane.spans
    ]


def ticks(begin: int, now: int, zone: tzinfo, written: Callable[[int, str], str]) -> list[dict[str, str]]:
    """
    Round moments of the zone between two, with their place in per cent.

    Args:
        begin, now: ms since 1970.
        zone: In which they are round.
        written: Writes a moment in a form of `strftime`.
    """
    step = next((step for step in _STEPS if (now - begin) / step <= _MOST_TICKS), _STEPS[-1])
    offset = datetime.fromtimestamp(begin / 1000, UTC).astimezone(zone).utcoffset()
    shift = int(offset.total_seconds() * 1000) if offset is not None else 0
    first = -(-(begin + shift) // step) * step - shift
    form = "%m-%d" if step >= DAY else "%H:%M"
    return [{"x": _share(at, begin, now), "text": written(at, form)} for at in range(first, now, step)]


def _share(at: int, begin: int, now: int) -> str:
    return f"{100 * (at - begin) / max(now - begin, 1):.2f}"


def _width(span: Span, begin: int, now: int) -> str:
    return f"{100 * (span.end - span.begin) / max(now - begin, 1):.2f}"


def _room(span: Span, begin: int, now: int) -> str:
    share = (span.end - span.begin) / max(now - begin, 1)
    wanted = _LETTER * max(len(span.word), 4) + _MARGINS
    if share * _LANE["phone"] >= wanted:
        return "phone"
    return "desk" if share * _LANE["desk"] >= wanted else ""

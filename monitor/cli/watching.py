"""What `numbers --watch` shows: the table, the worst first, drawn anew as the store changes."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from monitor.cli.symbols import symbols
from monitor.cli.tables import STYLES, lines
from monitor.fleet.moment import iso
from monitor.store.errors import StoreError
from monitor.views.columns import Times, number_columns
from monitor.views.escape import terminal

LOOK_EVERY = 2.0  # seconds between two looks,
REST = 4  # and so many times as long as one takes: 100,000 numbers must not keep a core busy

Item = Mapping[str, Any]
Look = Callable[[], Awaitable[Sequence[Item]]]


def can_watch(console: Console) -> bool:
    """Whether it can be drawn upon."""
    return console.is_terminal and not console.is_dumb_terminal


async def watch(look: Look, console: Console, zone: tzinfo, now: Callable[[], int]) -> None:
    """
    Show what `look` gives until cancelled; while the store cannot be read, what it gave last, with the reason.

    Args:
        look: Gives the numbers, the worst first; raises StoreError.
        console: A terminal.
        zone: Of the line that says when this was.
        now: The wall clock, in milliseconds since 1970.
    """
    numbers: Sequence[Item] = ()
    clock = asyncio.get_running_loop().time
    with Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            trouble, began = "", clock()
            try:
                numbers = await look()
            except StoreError as error:
                trouble = str(error)
            live.update(frame(numbers, console, Times(zone, now()), trouble), refresh=True)
            await asyncio.sleep(max(LOOK_EVERY, REST * (clock() - began)))


def frame(numbers: Sequence[Item], console: Console, times: Times, trouble: str = "") -> Group:
    """As many of the numbers as there is room for, under a line that counts them all."""
    head = [headline(numbers, console), Text(f"{_clock(times)}, Ctrl-C ends", style="dim")]
    head += [Text(terminal(trouble), style="bold red", no_wrap=True, overflow="ellipsis")] if trouble else []
    room = max(console.height - len(head) - 3, 1)  # the empty line, the titles, and the line about the rest
    shown = numbers if len(numbers) <= room + 1 else numbers[:room]
    rest = [Text(f"and {len(numbers) - len(shown)} more", style="dim")] if len(shown) < len(numbers) else []
    return Group(*head, Text(), *lines(shown, number_columns(times), console), *rest)


def headline(numbers: Sequence[Item], console: Console) -> Text:
    """`24 numbers: ✖ 2 critical, ▲ 1 warning`, in colours."""
    counts = Counter(str(number["severity"]) for number in numbers)
    text = Text(f"{len(numbers)} number{'' if len(numbers) == 1 else 's'}", style="bold", no_wrap=True)
    marks = symbols(console)
    worst_first = [word for word in STYLES if counts[word]]
    for place, word in enumerate(worst_first):
        text.append(", " if place else ": ")
        text.append(f"{marks[word]} {counts[word]} {word}", STYLES[word])
    return text


def _clock(times: Times) -> str:
    assert times.now is not None
    return f"{Times(times.zone).text(iso(times.now))} {times.zone}"

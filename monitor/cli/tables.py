"""
Print the API's objects: a table for people, JSON or CSV for programs.

On a terminal the table has colours, with a symbol beside every severity so that it reads without them, and gives up
columns rather than break lines; in a pipe it is plain text with every column.  Long cells are cut, times are those of
the people's zone, which the title names.
NO_COLOR is obeyed (by Rich).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Any, TextIO

import msgspec
import orjson
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from monitor.cli.formats import EventFormat, Format
from monitor.views.columns import Column, delivery_columns, event_columns, number_columns
from monitor.views.csv import numbers_csv
from monitor.views.escape import json_text, terminal

Item = Mapping[str, Any]

GAP = "  "
LEAST = 10  # cells that a column keeps which may be cut

#: Symbol and style of each severity.
LOOKS: Mapping[str, tuple[str, str]] = {
    "critical": ("✖", "bold red"),
    "warning": ("▲", "yellow"),
    "ok": ("●", "green"),
    "info": ("●", "cyan"),
    "unknown": ("○", "dim"),
}


def print_numbers(numbers: Sequence[Item], form: Format, out: TextIO, zone: tzinfo = UTC) -> None:
    """
    Print numbers in the order given.

    Args:
        numbers: As `views.numbers.number` makes them.
        form: Which form.
        out: Where to; colours, if it is a terminal.
        zone: In which people read times: a table's.  Programs get UTC.
    """
    match form:
        case Format.TABLE:
            _print_table(numbers, number_columns(zone), out)
        case Format.JSON:
            print_array(numbers, out)
        case Format.CSV:
            out.write(numbers_csv(numbers))


def print_events(events: Sequence[Item], form: EventFormat, out: TextIO, zone: tzinfo = UTC) -> None:
    """Print recorded events in the order given, as CloudEvents or as a table."""
    if form is EventFormat.JSON:
        print_array(events, out)
    else:
        _print_table(events, event_columns(zone), out)


def print_deliveries(deliveries: Sequence[Item], form: EventFormat, out: TextIO, zone: tzinfo = UTC) -> None:
    """Print deliveries in the order given, as the API's objects or as a table."""
    if form is EventFormat.JSON:
        print_array(deliveries, out)
    else:
        _print_table(deliveries, delivery_columns(zone), out)


def print_next_event(event: Item, form: EventFormat, out: TextIO, zone: tzinfo = UTC) -> None:
    """Print one more event: a line that fits under `print_events`' table, or a line of JSON."""
    if form is EventFormat.JSON:
        out.write(f"{_json(event)}\n")
    else:
        _print_table([event], event_columns(zone), out, titled=False)
    out.flush()


def print_array(items: Iterable[Item], out: TextIO) -> None:
    """One JSON array, an item a line."""
    opening = "["
    for item in items:
        out.write(f"{opening}{_json(item)}")
        opening = ",\n"
    out.write("[]\n" if opening == "[" else "]\n")


def _json(item: Item) -> str:
    return json_text(orjson.dumps(item).decode())


class _Cell(msgspec.Struct, frozen=True):
    text: str
    style: str = ""


def _print_table(items: Sequence[Item], columns: Sequence[Column], out: TextIO, *, titled: bool = True) -> None:
    console = Console(file=out, highlight=False)
    looks = LOOKS if console.is_terminal else {}
    rows = [[_cell(column, item, looks) for column in columns] for item in items]
    if titled:
        rows.insert(0, [_Cell(column.title, "bold") for column in columns])
    widths = [
        max([column.width, *(min(cell_len(row[place].text), column.most) for row in rows)])
        for place, column in enumerate(columns)
    ]
    if not console.is_terminal:
        out.writelines(f"{_plain_line(row, widths)}\n" for row in rows)
        return
    widths = fitted(columns, widths, console.width)
    for row in rows:
        console.print(_line(row, widths), soft_wrap=True)


def _cell(column: Column, item: Item, looks: Mapping[str, tuple[str, str]]) -> _Cell:
    text = terminal(column.text(item))
    symbol, style = looks.get(column.severity(item), ("", "")) if column.severity is not None else ("", "")
    return _Cell(f"{symbol} {text}" if column.marked and symbol else text, style)


def fitted(columns: Sequence[Column], widths: Sequence[int], room: int) -> list[int]:
    """
    Give each column its cells on a terminal that is `room` cells wide; 0 leaves the column out.

    First the columns that may be cut give way, then the least important are left out one by one; what is left gets
    back what is free.
    """
    least = [min(width, LEAST) if column.shrinks else width for column, width in zip(columns, widths, strict=True)]
    given = list(least)
    for place in sorted(range(len(columns)), key=lambda place: -columns[place].rank):
        if _total(given) <= room:
            break
        if columns[place].rank > 0:
            given[place] = 0
    for place, width in enumerate(widths):
        if given[place]:
            given[place] += max(0, min(width - given[place], room - _total(given)))
    return given


def _total(widths: Sequence[int]) -> int:
    shown = [width for width in widths if width]
    return sum(shown) + len(GAP) * (len(shown) - 1)


def _plain_line(row: Sequence[_Cell], widths: Sequence[int]) -> str:
    return GAP.join(_sized(cell.text, width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _line(row: Sequence[_Cell], widths: Sequence[int]) -> Text:
    line = Text()
    for cell, width in zip(row, widths, strict=True):
        if width:
            line.append(GAP if line else "")
            line.append(_sized(cell.text, width), cell.style)
    line.rstrip()
    return line


def _sized(text: str, width: int) -> str:
    if cell_len(text) > width:
        return f"{set_cell_size(text, width - 1)}…"
    return set_cell_size(text, width)

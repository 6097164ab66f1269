"""
Print the API's objects: a table for people, JSON or CSV for programs.

On a terminal the table has colours, with a symbol beside every severity so that it reads without them, and gives up
columns rather than break lines; times are told by how long ago they were.  In a pipe it is plain text with every
column, and times are those of the people's zone, which the title names.  Long cells are cut.
NO_COLOR is obeyed (by Rich).  JSON and CSV are UTF-8 whatever the terminal is.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Any, TextIO

import msgspec
import orjson
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from monitor.cli.formats import EventFormat, Format
from monitor.cli.symbols import is_unicode, symbols
from monitor.views.columns import Column, Times, delivery_columns, event_columns, number_columns
from monitor.views.csv import numbers_csv
from monitor.views.escape import json_text, terminal

Item = Mapping[str, Any]
Columns = Callable[[Times], Sequence[Column]]

GAP = "  "
LEAST = 10  # cells that a column keeps which may be cut

#: How each severity looks.
STYLES: Mapping[str, str] = {
    "critical": "bold red",
    "warning": "yellow",
    "ok": "green",
    "info": "cyan",
    "unknown": "dim",
}


def print_numbers(
    numbers: Sequence[Item],
    form: Format,
    out: TextIO,
    zone: tzinfo = UTC,
    now: int | None = None,
    columns: Columns = number_columns,
    none: str = "",
) -> None:
    """
    Print numbers in the order given.

    Args:
        numbers: As `views.numbers.number` makes them.
        form: Which form.
        out: Where to; colours, if it is a terminal.
        zone: In which people read times: a table's.  Programs get UTC.
        now: From when a terminal's table tells how long ago a time was, in milliseconds since 1970; None: it does not.
        columns: Of a table.
        none: What a terminal is told where there are none; a pipe gets the titles.
    """
    match form:
        case Format.TABLE:
            _print_table(numbers, columns, Times(zone, now), out, none=none)
        case Format.JSON:
            print_array(numbers, out)
        case Format.CSV:
            for_programs(out).write(numbers_csv(numbers))


def print_events(
    events: Sequence[Item],
    form: EventFormat,
    out: TextIO,
    zone: tzinfo = UTC,
    now: int | None = None,
    none: str = "",
) -> None:
    """Print recorded events in the order given, as CloudEvents or as a table; the rest is as for numbers."""
    if form is EventFormat.JSON:
        print_array(events, out)
    else:
        _print_table(events, event_columns, Times(zone, now), out, none=none)


def print_deliveries(
    deliveries: Sequence[Item],
    form: EventFormat,
    out: TextIO,
    zone: tzinfo = UTC,
    now: int | None = None,
    none: str = "",
) -> None:
    """Print deliveries in the order given, as the API's objects or as a table; the rest is as for numbers."""
    if form is EventFormat.JSON:
        print_array(deliveries, out)
    else:
        _print_table(deliveries, delivery_columns, Times(zone, now), out, none=none)


def print_next_event(event: Item, form: EventFormat, out: TextIO, zone: tzinfo = UTC) -> None:
    """Print one more event: a line that fits under `print_events`' table, or a line of JSON."""
    if form is EventFormat.JSON:
        for_programs(out).write(f"{_json(event)}\n")
    else:
        _print_table([event], event_columns, Times(zone), out, titled=False)
    out.flush()


def print_array(items: Iterable[Item], out: TextIO) -> None:
    """One JSON array, an item a line."""
    for_programs(out)
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


def for_programs(out: TextIO) -> TextIO:
    """The same, writing UTF-8: what a terminal's encoding lacks must not be lost to a program."""
    if isinstance(out, io.TextIOWrapper) and not is_unicode(out.encoding):
        out.reconfigure(encoding="utf-8")
    return out


def _print_table(
    items: Sequence[Item], columns: Columns, times: Times, out: TextIO, *, titled: bool = True, none: str = ""
) -> None:
    console = Console(file=out, highlight=False)
    if console.is_terminal and none and not items:
        console.print(Text(none, style="dim"), soft_wrap=True)
        return
    if console.is_terminal:
        for line in lines(items, columns(times), console, titled=titled):
            console.print(line, soft_wrap=True)
        return
    rows, widths = _rows(items, columns(Times(times.zone)), {}, titled=titled)
    out.writelines(f"{_plain_line(row, widths)}\n" for row in rows)


def lines(items: Sequence[Item], columns: Sequence[Column], console: Console, *, titled: bool = True) -> Iterator[Text]:
    """The table's lines for a terminal, none wider than it; columns with nothing in them give their room to others."""
    if titled:  # a line that comes later has to stand under the titles that there are
        columns = [column for column in columns if column.rank == 0 or any(column.text(item) for item in items)]
    rows, widths = _rows(items, columns, symbols(console), titled=titled)
    widths = fitted(columns, widths, console.width)
    for row in rows:
        yield _line(row, widths)


def _rows(
    items: Sequence[Item], columns: Sequence[Column], marks: Mapping[str, str], *, titled: bool
) -> tuple[list[list[_Cell]], list[int]]:
    """The cells, and how wide each column wants to be."""
    rows = [[_cell(column, item, marks) for column in columns] for item in items]
    if titled:
        rows.insert(0, [_Cell(column.title, "bold") for column in columns])
    widths = [
        max([column.width, *(min(cell_len(row[place].text), column.most) for row in rows)])
        for place, column in enumerate(columns)
    ]
    return rows, widths


def _cell(column: Column, item: Item, marks: Mapping[str, str]) -> _Cell:
    """`marks` by severity; none where there are no colours either."""
    text = terminal(column.text(item))
    word = column.severity(item) if column.severity is not None else ""
    if word not in marks:
        return _Cell(text)
    return _Cell(f"{marks[word]} {text}" if column.marked else text, STYLES[word])


def fitted(columns: Sequence[Column], widths: Sequence[int], room: int) -> list[int]:
    """
    Give each column its cells on a terminal that is `room` cells wide; 0 leaves the column out.

    First the columns that may be cut give way, then the least important are left out one by one.  What is free then is
    given back, first to those that lack the least.
    """
    least = [min(width, LEAST) if column.shrinks else width for column, width in zip(columns, widths, strict=True)]
    given = list(least)
    for place in sorted(range(len(columns)), key=lambda place: -columns[place].rank):
        if _total(given) <= room:
            break
        if columns[place].rank > 0:
            given[place] = 0
    lacking = [width - has for width, has in zip(widths, given, strict=True)]
    for place in sorted((place for place, has in enumerate(given) if has), key=lambda place: lacking[place]):
        given[place] += max(0, min(lacking[place], room - _total(given)))
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

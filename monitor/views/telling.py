"""
Which of the recorded events somebody looks at, and those events as CSV.

Pure.  As in `looking` it is all in the page's address, and a field that a form leaves empty is not asked about.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from monitor.fleet.event import EVENT_TYPES
from monitor.fleet.number import normalise
from monitor.views.escape import csv_cell
from monitor.views.filters import FilterError, sequence
from monitor.views.moment import moment

#: Columns of the CSV: of the CloudEvent itself, and of its data.
OF_EVENT = ("time", "type", "subject")
OF_DATA = ("severity", "account", "appkey", "app_name", "waba_id", "verified_name", "attribute", "before", "after")
AT_THE_END = ("hint", "id", "sequence")


class Telling(msgspec.Struct, frozen=True):
    """Which events; empty for all."""

    number: str = ""  #: or whatever else an event is about: a WABA, an appkey, an account
    type: str = ""
    account: str = ""
    appkey: str = ""
    since: str = ""  #: as it was asked: `24h`, or a time
    before: int | None = None  #: only sequences below this one: a further page

    def since_ms(self, now: int) -> int | None:
        """The earliest moment, ms since 1970; None for any."""
        return moment(self.since, now) if self.since else None


def telling(asked: Iterable[tuple[str, str]], now: int) -> Telling:
    """
    Read the query.

    Raises:
        FilterError: Something cannot be applied.
    """
    read: dict[str, Any] = {}
    for name, text in asked:
        if name not in Telling.__struct_fields__:
            known = ", ".join(Telling.__struct_fields__)
            raise FilterError(name, f"there is no filter {name!r} here; known are {known}")
        if name in read:
            raise FilterError(name, f"{name}: given twice; give it once")
        if text.strip():
            read[name] = _read(name, text.strip(), now)
    return msgspec.convert(read, Telling)


def events_csv(events: Sequence[Mapping[str, Any]], *, titles: bool) -> str:
    """Lines of CSV, safe to open in a spreadsheet; with their titles where wanted."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if titles:
        writer.writerow([*OF_EVENT, *OF_DATA, *AT_THE_END])
    writer.writerows([csv_cell(cell) for cell in _cells(event)] for event in events)
    return text.getvalue()


def _cells(event: Mapping[str, Any]) -> list[str]:
    data = event.get("data") or {}
    return [
        *(_text(event.get(name)) for name in OF_EVENT),
        *(_text(data.get(name)) for name in OF_DATA),
        *(_text(data.get("hint") if name == "hint" else event.get(name)) for name in AT_THE_END),
    ]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _read(name: str, text: str, now: int) -> str | int:
    try:
        if name == "before":
            return sequence(text)
        if name == "since":
            moment(text, now)
    except ValueError as error:
        raise FilterError(name, f"{name}: {error}") from error
    if name == "type" and text not in EVENT_TYPES:
        raise FilterError(name, f"type: there is no {text!r}; known are {', '.join(EVENT_TYPES)}")
    return normalise(text) if name == "number" else text

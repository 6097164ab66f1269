"""
The columns of the tables that people read on a terminal.

Pure: which texts stand in them, how bad each is, and what gives way where the terminal is narrow.  Colours, symbols
and the printing itself are the command line's.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any

import msgspec

from monitor.fleet.scales import QUALITY_SEVERITY, STATUS_SEVERITY, Severity, canonical_status
from monitor.views.relative import relative
from monitor.views.summary import summary

Item = Mapping[str, Any]  # one of the API's objects


class Column(msgspec.Struct, frozen=True):
    """One column of a table of API objects."""

    title: str
    text: Callable[[Item], str]  #: as the vendor gave it: the printer makes it harmless
    rank: int  #: 0 is never left out for want of width; of the others the highest goes first
    severity: Callable[[Item], str] | None = None  #: the word that says how bad a cell is; None: none says anything
    marked: bool = False  #: the symbol of the severity stands before the text
    width: int = 1  #: at least so wide: keeps lines that come one by one in their columns
    shrinks: bool = False  #: may be cut before a column is left out
    most: int = 60  #: cells; what is longer is for JSON and CSV, which keep all


CHANGED = "CHANGED"


def _severity(number: Item) -> str:
    return str(number["severity"])


def _quality_severity(number: Item) -> str:
    return QUALITY_SEVERITY.get(number["quality_rating"], Severity.UNKNOWN).word


def _status_severity(number: Item) -> str:
    return STATUS_SEVERITY.get(canonical_status(number["status"]), Severity.UNKNOWN).word


def _delivery_severity(delivery: Item) -> str:
    """How bad it looks: trouble is what is dead, and what was tried in vain."""
    if delivery["state"] == "waiting" and delivery["tries"]:
        return Severity.WARNING.word
    return {"dead": Severity.CRITICAL, "delivered": Severity.OK}.get(delivery["state"], Severity.UNKNOWN).word


def _tier(number: Item) -> str:
    return str(number["tier"]).removeprefix("TIER_").lower()


class Times(msgspec.Struct, frozen=True):
    """How times are told: in a zone, or by how long ago they were."""

    zone: tzinfo
    now: int | None = None  #: milliseconds since 1970, from which they are seen; None: they are told in the zone

    def title(self, title: str) -> str:
        """The column's title, with the zone where it matters."""
        return f"{title} ({self.zone})" if self.now is None else title

    def text(self, moment: str, length: int = 19) -> str:
        """`2026-11-23 16:00:12` of the API's time, to so many characters; or `3 min ago`."""
        at = datetime.fromisoformat(moment)
        if self.now is None:
            return at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")[:length]
        return relative(round(at.timestamp() * 1000), self.now)


def _changed(number: Item) -> str:
    """When what matters most of it changed last."""
    return str(max(number["since"]["quality_rating"], number["since"]["status"]))


def _data(name: str) -> Callable[[Item], str]:
    """A field of an event's `data`; not every event has it."""
    return lambda event: str(event["data"].get(name) or "")


def _briefly(event: Item) -> str:
    """The change without its attribute, where the words alone say which it is."""
    return summary(event).removeprefix("quality_rating ").removeprefix("status ")


def _app(item: Item) -> str:
    return str(item.get("app_name") or item.get("appkey") or "")


def first_look_columns(times: Times) -> tuple[Column, ...]:
    """Those of numbers that are looked at once: since when they are so is not known."""
    return tuple(column for column in number_columns(times) if not column.title.startswith(CHANGED))


def number_columns(times: Times) -> tuple[Column, ...]:
    """The columns of a table of numbers."""
    return (
        Column("SEVERITY", _severity, 0, _severity, marked=True),
        Column("NUMBER", lambda number: str(number["number"]), 0),
        Column("NAME", lambda number: str(number["verified_name"]), 3, shrinks=True),
        Column("QUALITY", lambda number: str(number["quality_rating"]), 0, _quality_severity),
        Column("STATUS", lambda number: str(number["status"]), 0, _status_severity),
        Column("TIER", _tier, 2),
        Column(times.title(CHANGED), lambda number: times.text(_changed(number), 16), 4),
        Column("APP", _app, 1, shrinks=True),
        Column("ACCOUNT", lambda number: str(number["account"]), 5, shrinks=True),
        Column("WABA", lambda number: str(number["waba_id"]), 6),
    )


def delivery_columns(times: Times) -> tuple[Column, ...]:
    """The columns of a table of deliveries; the event's id stays, since it is what one goes on with."""
    return (
        Column("STATE", lambda one: str(one["state"]), 0, _delivery_severity, marked=True),
        Column("SINK", lambda one: str(one["sink"]), 0),
        Column("EVENT", lambda one: str(one["event_id"]), 0),
        Column("TYPE", lambda one: str(one["type"]), 2),
        Column("SUBJECT", lambda one: str(one["subject"]), 1),
        Column(times.title("TIME"), lambda one: times.text(one["time"]), 3),
        Column("FAILED TRIES", lambda one: str(one["tries"] or ""), 4),
        Column(times.title("NEXT TRY"), lambda one: times.text(one["due"]) if one["due"] else "", 5),
        Column("REASON", lambda one: str(one["reason"]), 1, shrinks=True, most=300),  # the receiver's own words, whole
    )


def event_columns(times: Times) -> tuple[Column, ...]:
    """The columns of a table of events; each as wide as its title and what usually stands in it."""
    time = times.title("TIME")
    is_brief = times.now is not None
    usual = 10 if is_brief else max(19, len(time))
    return (
        Column(time, lambda event: times.text(event["time"]), 0, width=usual, shrinks=True),
        Column("SEVERITY", _data("severity"), 0, _data("severity"), marked=True, width=10),
        Column("TYPE", lambda event: str(event["type"]), 0, width=19),
        Column("SUBJECT", lambda event: str(event["subject"]), 0, width=15),
        Column("CHANGE", _briefly if is_brief else summary, 1, width=12 if is_brief else 32, shrinks=True),
        Column("APP", lambda event: _app(event["data"]), 2, width=10 if is_brief else 16, shrinks=True),
        Column("ACCOUNT", _data("account"), 3, shrinks=True),
    )

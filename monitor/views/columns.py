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


NO_SEVERITY = Severity.UNKNOWN.word


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


def _changed(zone: tzinfo) -> Callable[[Item], str]:
    return lambda number: _time(max(number["since"]["quality_rating"], number["since"]["status"]), zone)[:16]


def _time(moment: str, zone: tzinfo) -> str:
    """`2026-11-23 16:00:12` of the API's time, in the zone."""
    return datetime.fromisoformat(moment).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _data(name: str) -> Callable[[Item], str]:
    """A field of an event's `data`; not every event has it."""
    return lambda event: str(event["data"].get(name) or "")


def _app(item: Item) -> str:
    return str(item.get("app_name") or item.get("appkey") or "")


def number_columns(zone: tzinfo) -> tuple[Column, ...]:
    """The columns of a table of numbers, with times as people in the zone read them."""
    return (
        Column("SEVERITY", _severity, 0, _severity, marked=True),
        Column("NUMBER", lambda number: str(number["number"]), 0),
        Column("NAME", lambda number: str(number["verified_name"]), 3, shrinks=True),
        Column("QUALITY", lambda number: str(number["quality_rating"]), 0, _quality_severity),
        Column("STATUS", lambda number: str(number["status"]), 0, _status_severity),
        Column("TIER", _tier, 2),
        Column(f"CHANGED ({zone})", _changed(zone), 4),
        Column("APP", _app, 1, shrinks=True),
        Column("ACCOUNT", lambda number: str(number["account"]), 5, shrinks=True),
        Column("WABA", lambda number: str(number["waba_id"]), 6),
    )


def delivery_columns(zone: tzinfo) -> tuple[Column, ...]:
    """The columns of a table of deliveries, likewise; the event's id stays, since it is what one goes on with."""
    return (
        Column("STATE", lambda one: str(one["state"]), 0, _delivery_severity, marked=True),
        Column("SINK", lambda one: str(one["sink"]), 0),
        Column("EVENT", lambda one: str(one["event_id"]), 0),
        Column("TYPE", lambda one: str(one["type"]), 2),
        Column("SUBJECT", lambda one: str(one["subject"]), 1),
        Column(f"TIME ({zone})", lambda one: _time(one["time"], zone), 3),
        Column("FAILED TRIES", lambda one: str(one["tries"] or ""), 4),
        Column(f"NEXT TRY ({zone})", lambda one: _time(one["due"], zone) if one["due"] else "", 5),
        Column("REASON", lambda one: str(one["reason"]), 1, shrinks=True, most=300),  # the receiver's own words, whole
    )


def event_columns(zone: tzinfo) -> tuple[Column, ...]:
    """The columns of a table of events, likewise; each as wide as its title and what usually stands in it."""
    time = f"TIME ({zone})"
    return (
        Column(time, lambda event: _time(event["time"], zone), 0, width=max(19, len(time))),
        Column("SEVERITY", _data("severity"), 0, _data("severity"), marked=True, width=10),
        Column("TYPE", lambda event: str(event["type"]), 0, width=19),
        Column("SUBJECT", lambda event: str(event["subject"]), 0, width=15),
        Column("CHANGE", summary, 1, width=32),
        Column("APP", lambda event: _app(event["data"]), 2, width=16, shrinks=True),
        Column("ACCOUNT", _data("account"), 3, shrinks=True),
    )

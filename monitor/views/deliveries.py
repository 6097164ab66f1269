"""
A delivery as the API's object: an event on its way to a sink, or at its end.  Pure.

`state` is a word for people: `waiting`, `delivered`, `quiet` (people did not have to be told), `dead` (given up by us),
`discarded` (given up by hand).
"""

from collections.abc import Mapping
from typing import Any, Protocol

from monitor.fleet.cloudevent import SEQUENCE_DIGITS
from monitor.fleet.moment import iso
from monitor.views.filters import cursor

WAITING = "waiting"
QUIET = "quiet"  #: done without a message; the reason is why

#: What each state of the store is called.
STATES: Mapping[str, str] = {"open": WAITING, "done": "delivered", "dead": "dead", "discarded": "discarded"}


class Delivery(Protocol):
    """What the store keeps of a delivery: `monitor.store.deliveries.StoredDelivery`."""

    @property
    def sequence(self) -> int: ...
    @property
    def sink(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def tries(self) -> int: ...
    @property
    def due(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def time(self) -> int: ...
    @property
    def account(self) -> str: ...
    @property
    def appkey(self) -> str: ...
    @property
    def subject(self) -> str: ...


def delivery(one: Delivery) -> dict[str, Any]:
    """The API's object; `due` is null unless it waits, `tries` are the failed ones."""
    state = QUIET if one.state == "done" and one.reason else STATES[one.state]
    return {
        "event_id": one.id,
        "sequence": f"{one.sequence:0{SEQUENCE_DIGITS}d}",
        "type": one.type,
        "time": iso(one.time),
        "account": one.account,
        "appkey": one.appkey,
        "subject": one.subject,
        "sink": one.sink,
        "state": state,
        "tries": one.tries,
        "due": iso(one.due) if state == WAITING else None,
        "reason": one.reason,
    }


def place(one: Delivery) -> str:
    """The cursor of the page that follows this delivery."""
    return cursor((str(one.sequence), one.sink))

"""
An event as people's messages are made of: what a CloudEvent says, read back from its recorded body.

Pure.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from monitor.fleet.event import EventSeverity


class IncidentAction(msgspec.Struct, frozen=True):
    """What an event does to one incident."""

    id: str
    action: str  #: open, update, close


class Data(msgspec.Struct, frozen=True):
    """The `data` that most types have; `Fact.more` has the rest."""

    account: str
    severity: EventSeverity
    appkey: str = ""
    app_name: str = ""
    labels: Mapping[str, str] = {}
    number: str = ""
    waba_id: str = ""
    waba_name: str = ""
    verified_name: str = ""
    attribute: str | None = None
    before: Any = None
    after: Any = None
    state: Mapping[str, str] = {}
    hint_id: str = ""
    hint: str = ""
    incident: IncidentAction | None = None
    incidents: tuple[IncidentAction, ...] = ()
    test: bool = False


class _Envelope(msgspec.Struct, frozen=True):
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    data: Data


class _More(msgspec.Struct, frozen=True):
    data: dict[str, Any]


class Fact(msgspec.Struct, frozen=True):
    """One recorded event."""

    sequence: int  #: its place among all recorded events; 0 for one that only tries a sink
    id: str
    type: str
    source: str
    subject: str
    time: int  #: milliseconds since 1970
    data: Data
    body: bytes  #: the CloudEvent

    @property
    def incidents(self) -> tuple[IncidentAction, ...]:
        """All that it does to incidents; where it names one and lists several, that one is among them."""
        return self.data.incidents or ((self.data.incident,) if self.data.incident is not None else ())

    def more(self) -> Mapping[str, Any]:
        """The whole `data`: what only some types have is read when it is asked for."""
        return msgspec.json.decode(self.body, type=_More).data


def fact_of(sequence: int, body: bytes) -> Fact:
    """
    Read a recorded event.

    Raises:
        msgspec.ValidationError: It is no event of ours.
    """
    read = msgspec.json.decode(body, type=_Envelope)
    time = round(read.time.timestamp() * 1000)
    return Fact(sequence, read.id, read.type, read.source, read.subject, time, read.data, body)

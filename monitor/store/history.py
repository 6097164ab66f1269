"""Reading the recorded events."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, select

from monitor.fleet.masking import Look
from monitor.store.tables import event, meta


class StoredEvent(msgspec.Struct, frozen=True):
    """A recorded event, as its body tells it, with the columns that listings filter by."""

    sequence: int
    id: str
    time: int  #: milliseconds since 1970: the start of the answering call
    type: str
    account: str
    appkey: str  #: empty for what concerns the whole account
    body: bytes  #: the CloudEvent, one line of JSON


class EventQuery(msgspec.Struct, frozen=True):
    """Which events; what is None is not asked about."""

    since: int | None = None  #: not before this moment, milliseconds since 1970
    type: str | None = None
    number: str | None = None  #: the subject: as events spell it
    account: str | None = None
    appkey: str | None = None
    after: int | None = None  #: only sequences above this one,
    before: int | None = None  #: and below this one
    limit: int = 100
    newest_first: bool = False


_CONDITIONS: Mapping[str, Callable[[Any], ColumnElement[bool]]] = {
    "since": lambda moment: event.c.time >= moment,
    "type": lambda word: event.c.type == word,
    "number": lambda number: event.c.subject == number,
    "account": lambda name: event.c.account == name,
    "appkey": lambda appkey: event.c.appkey == appkey,
    "after": lambda sequence: event.c.sequence > sequence,
    "before": lambda sequence: event.c.sequence < sequence,
}


def find_events(connection: Connection, query: EventQuery) -> list[StoredEvent]:
    """The first `limit` events that fit, by sequence."""
    columns = (event.c.sequence, event.c.id, event.c.time, event.c.type, event.c.account, event.c.appkey, event.c.body)
    asked = {name: value for name in _CONDITIONS if (value := getattr(query, name)) is not None}
    fitting = select(*columns).where(*(_CONDITIONS[name](value) for name, value in asked.items()))
    order = event.c.sequence.desc() if query.newest_first else event.c.sequence
    rows = connection.execute(fitting.order_by(order).limit(query.limit)).all()
    return [StoredEvent(*row[:6], body=row.body.encode()) for row in rows]


def subjects(connection: Connection, look: Look) -> list[str]:
    """The subjects that begin and end so."""
    fits = (
        event.c.subject.startswith(look.head, autoescape=True),
        event.c.subject.endswith(look.tail, autoescape=True),
    )
    return list(connection.scalars(select(event.c.subject).where(*fits).distinct()))


def last_sequence(connection: Connection) -> int:
    """The sequence of the last event recorded; 0 before the first."""
    return int(connection.execute(select(meta.c.sequence)).scalar_one())

"""
The deliveries as an operator sees them: what went where, sending it again, giving it up.

What is changed by hand is changed a slice at a time, the earliest first, and never what was recorded after it began:
the daemon may be at work meanwhile.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, not_, or_, select, tuple_, union_all, update

from monitor.store.errors import UnknownEvent
from monitor.store.history import last_sequence
from monitor.store.outbox import REPLAYED
from monitor.store.tables import DeliveryState, delivery, event, literal

SLICE = 500  # rows in one transaction: a commit of the daemon never waits for long

Place = tuple[int, str]  #: what identifies a delivery: the event's sequence, and the sink


class StoredDelivery(msgspec.Struct, frozen=True):
    """An event on its way to a sink, or at its end."""

    sequence: int
    sink: str
    state: DeliveryState
    tries: int  #: failed ones
    due: int  #: of an open one: when it is tried next, milliseconds since 1970
    reason: str  #: why the last try failed, or why nothing was sent; empty when none did, or once it is delivered
    id: str  #: the event's
    type: str
    time: int  #: the event's, milliseconds since 1970
    account: str
    appkey: str  #: empty for what concerns the whole account
    subject: str

    @property
    def place(self) -> Place:
        """What identifies it."""
        return (self.sequence, self.sink)


class DeliveryQuery(msgspec.Struct, frozen=True):
    """Which deliveries; what is None is not asked about."""

    sink: str | None = None
    failed: bool | None = None  #: True: dead, or tried in vain and still to be made; False: the others
    since: int | None = None  #: of events not before this moment, milliseconds since 1970
    after: Place | None = None  #: only those that follow this one in the list
    limit: int = 100
    account: str | None = None  #: of events of this account,
    appkey: str | None = None  #: this app,
    number: str | None = None  #: this number,
    type: str | None = None  #: and this type


class Chosen(msgspec.Struct, frozen=True):
    """Which deliveries an operator means: all conditions given must fit."""

    ids: tuple[str, ...] = ()  #: of events
    since: int | None = None  #: of events not before this moment, milliseconds since 1970
    sink: str | None = None


_COLUMNS = (
    *(delivery.c.sequence, delivery.c.sink, delivery.c.state, delivery.c.tries, delivery.c.due, delivery.c.reason),
    *(event.c.id, event.c.type, event.c.time, event.c.account, event.c.appkey, event.c.subject),
)
_DEAD = delivery.c.state == literal(DeliveryState.DEAD)
_TRIED = and_(delivery.c.state == literal(DeliveryState.OPEN), delivery.c.tries > 0)
_PLACE = (delivery.c.sequence, delivery.c.sink)
# Few of very many: found by the indexes of what is open and of what is dead, never by looking at all.
_FAILED = union_all(select(*_PLACE).where(_TRIED), select(*_PLACE).where(_DEAD)).subquery("failed")


def find_deliveries(connection: Connection, query: DeliveryQuery) -> list[StoredDelivery]:
    """The first `limit` deliveries that fit: the newest event first, of one event by sink."""
    fitting = select(*_COLUMNS).join(event, event.c.sequence == delivery.c.sequence)
    if query.failed:
        fitting = fitting.join(
            _FAILED, and_(_FAILED.c.sequence == delivery.c.sequence, _FAILED.c.sink == delivery.c.sink)
        )
    elif query.failed is False:
        fitting = fitting.where(not_(or_(_TRIED, _DEAD)))
    if query.sink is not None:
        fitting = fitting.where(delivery.c.sink == query.sink)
    if query.since is not None:
        fitting = fitting.where(event.c.time >= query.since)
    of_event = {"account": query.account, "appkey": query.appkey, "subject": query.number, "type": query.type}
    fitting = fitting.where(*(event.c[name] == value for name, value in of_event.items() if value is not None))
    if query.after is not None:
        fitting = fitting.where(_follows(*query.after))
    rows: Iterable[Any] = connection.execute(
        fitting.order_by(delivery.c.sequence.desc(), delivery.c.sink).limit(query.limit)
    )
    return [StoredDelivery(row[0], row[1], DeliveryState(row[2]), *row[3:]) for row in rows]


class Slice(msgspec.Struct, frozen=True):
    """How far a change by hand has come."""

    changed: int
    last: Place | None  #: where the next slice begins; None when there is none


def bound(connection: Connection, chosen: Chosen) -> int:
    """
    The sequence up to which a change by hand reaches: that of the last event there is.

    Raises:
        UnknownEvent: one of the ids is no event's.
    """
    found = set(connection.scalars(select(event.c.id).where(event.c.id.in_(chosen.ids)))) if chosen.ids else set()
    if unknown := [each for each in chosen.ids if each not in found]:
        raise UnknownEvent(f"the store knows no event {', '.join(unknown)}")
    return last_sequence(connection)


def replay(connection: Connection, chosen: Chosen, until: int, after: Place | None, now: int) -> Slice:
    """
    Make a slice of the chosen due at once, as if never tried.

    Dead letters; with a span of time also what was delivered; with ids also what was discarded.  What is waiting
    stays as it is.

    Args:
        until: From `bound`.
        after: The `last` of the slice before.
        now: Milliseconds since 1970.
    """
    states = [DeliveryState.DEAD]
    if chosen.since is not None or chosen.ids:
        states.append(DeliveryState.DONE)
    if chosen.ids:
        states.append(DeliveryState.DISCARDED)
    again = {"state": DeliveryState.OPEN, "due": now, "tries": 0, "claimed_until": None, "reason": REPLAYED}
    return _change(connection, chosen, states, until, after, again)


def discard(connection: Connection, chosen: Chosen, until: int, after: Place | None) -> Slice:
    """Give up a slice of the chosen that wait or are dead; the events stay.  The arguments are `replay`'s."""
    states = [DeliveryState.OPEN, DeliveryState.DEAD]
    dropped = {"state": DeliveryState.DISCARDED, "claimed_until": None}
    return _change(connection, chosen, states, until, after, dropped)


def _change(
    connection: Connection,
    chosen: Chosen,
    states: list[DeliveryState],
    until: int,
    after: Place | None,
    values: dict[str, Any],
) -> Slice:
    meant = _meant(chosen).where(or_(*(delivery.c.state == literal(state) for state in states)))
    meant = meant.where(delivery.c.sequence <= until)
    if after is not None:
        meant = meant.where(
            or_(delivery.c.sequence > after[0], and_(delivery.c.sequence == after[0], delivery.c.sink > after[1]))
        )
    found = connection.execute(meant.order_by(*_PLACE).limit(SLICE))
    places = [(sequence, sink) for sequence, sink in found]
    if places:
        connection.execute(update(delivery).where(tuple_(*_PLACE).in_(places)).values(values))
    return Slice(len(places), places[-1] if len(places) == SLICE else None)


def _meant(chosen: Chosen) -> Select[int, str]:
    meant = select(*_PLACE)
    if chosen.sink is not None:
        meant = meant.where(delivery.c.sink == chosen.sink)
    if chosen.ids or chosen.since is not None:
        meant = meant.join(event, event.c.sequence == delivery.c.sequence)
    if chosen.ids:
        meant = meant.where(event.c.id.in_(chosen.ids))
    if chosen.since is not None:
        meant = meant.where(event.c.time >= chosen.since)
    return meant


def _follows(sequence: int, sink: str) -> ColumnElement[bool]:
    return or_(delivery.c.sequence < sequence, and_(delivery.c.sequence == sequence, delivery.c.sink > sink))

"""
What people are to be told, and what they know already.

Rows of the outbox that go to people wait until there is something to say: several become one message, some none.
`known_trouble` holds, per sink, what it has been told of each incident; it changes in the very transaction that marks
the rows, so that a crash leaves either both or neither.
"""

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import Connection, Update, case, delete, func, or_, select, union_all, update

from monitor.store.outbox import REPLAYED
from monitor.store.tables import DeliveryState, delivery, event, known_trouble, literal
from monitor.store.upsert import upsert

_OPEN = delivery.c.state == literal(DeliveryState.OPEN)
_SLICE = 500  # sequences in one statement: drivers limit parameters


class Waiting(msgspec.Struct, frozen=True):
    """A row of the outbox that has not been told, due or not."""

    sequence: int
    due: int  #: milliseconds since 1970
    tries: int
    replayed: bool
    body: bytes


class KnownTrouble(msgspec.Struct, frozen=True):
    """What a sink was told of one incident."""

    state: str  #: JSON; whoever wrote it reads it
    look_at: int | None  #: when to look at it again though nothing happens, milliseconds since 1970; None: never


class Conclusion(msgspec.Struct, frozen=True):
    """What became of some rows of one sink and account."""

    told: Sequence[int] = ()  #: sequences that a message carried
    quiet: Mapping[str, Sequence[int]] = {}  #: that nothing is said of, by the reason why
    held: Mapping[int, Sequence[int]] = {}  #: that wait, by the moment until which, milliseconds since 1970
    known: Mapping[str, KnownTrouble | None] = {}  #: by incident; None: forget it

    def __bool__(self) -> bool:
        return bool(self.told or self.quiet or self.held or self.known)


def agenda(connection: Connection, sink: str) -> dict[str, int]:
    """When to look at each account of which something waits or is known, milliseconds since 1970."""
    due = (
        select(event.c.account, func.min(delivery.c.due).label("at"))
        .join(delivery, event.c.sequence == delivery.c.sequence)
        .where(delivery.c.sink == sink, _OPEN)
        .group_by(event.c.account)
    )
    look = (
        select(known_trouble.c.account, func.min(known_trouble.c.look_at).label("at"))
        .where(known_trouble.c.sink == sink, known_trouble.c.look_at.is_not(None))
        .group_by(known_trouble.c.account)
    )
    moments: dict[str, int] = {}
    for account, at in connection.execute(union_all(due, look)):
        moments[account] = min(at, moments.get(account, at))
    return moments


def acquainted(connection: Connection, sink: str) -> list[str]:
    """The accounts of which a sink knows something."""
    asked = select(known_trouble.c.account).where(known_trouble.c.sink == sink).distinct()
    return list(connection.scalars(asked.order_by(known_trouble.c.account)))


def waiting(connection: Connection, sink: str, account: str, after: int, limit: int) -> list[Waiting]:
    """The first `limit` rows after a sequence that wait for this sink, of one account, by sequence."""
    rows = connection.execute(
        select(delivery.c.sequence, delivery.c.due, delivery.c.tries, delivery.c.reason, event.c.body)
        .join(event, event.c.sequence == delivery.c.sequence)
        .where(delivery.c.sink == sink, _OPEN, delivery.c.sequence > after, event.c.account == account)
        .order_by(delivery.c.sequence)
        .limit(limit)
    )
    return [Waiting(row[0], row[1], row[2], row[3].startswith(REPLAYED), row[4].encode()) for row in rows]


def known(connection: Connection, sink: str, account: str) -> dict[str, str]:
    """What a sink knows of an account's incidents: the state by incident."""
    rows = connection.execute(
        select(known_trouble.c.incident, known_trouble.c.state).where(
            known_trouble.c.sink == sink, known_trouble.c.account == account
        )
    )
    return {row.incident: row.state for row in rows}


def conclude(connection: Connection, sink: str, account: str, concluded: Conclusion) -> None:
    """Write down what became of rows and what the sink knows now."""
    done = update(delivery).values(state=DeliveryState.DONE, claimed_until=None)
    _change(connection, sink, concluded.told, done.values(reason=""))
    for reason, sequences in concluded.quiet.items():
        _change(connection, sink, sequences, done.values(reason=reason))
    for until, sequences in concluded.held.items():
        # A row that waits for another try keeps its moment.
        later = update(delivery).values(due=until).where(or_(delivery.c.tries == 0, delivery.c.due < until))
        _change(connection, sink, sequences, later)
    put = upsert(connection.dialect.name, known_trouble)
    for incident, state in concluded.known.items():
        place = {"sink": sink, "account": account, "incident": incident}
        if state is None:
            connection.execute(delete(known_trouble).filter_by(**place))
        else:
            connection.execute(put, {**place, "state": state.state, "look_at": state.look_at})


def put_off(connection: Connection, sink: str, dues: Mapping[int, int], reason: str) -> None:
    """The sink did not take them: by sequence, the moment of the next try.  What was replayed stays so."""
    is_replayed = delivery.c.reason.startswith(REPLAYED, autoescape=True)
    said = case((is_replayed, f"{REPLAYED}: {reason}"), else_=reason)
    by_due: dict[int, list[int]] = {}
    for sequence, due in dues.items():
        by_due.setdefault(due, []).append(sequence)
    for due, sequences in by_due.items():
        _change(connection, sink, sequences, update(delivery).values(due=due, tries=delivery.c.tries + 1, reason=said))


def give_up(connection: Connection, sink: str, sequences: Sequence[int], reason: str) -> None:
    """They become dead letters."""
    dead = update(delivery).values(state=DeliveryState.DEAD, tries=delivery.c.tries + 1, reason=reason)
    _change(connection, sink, sequences, dead)


def _change(connection: Connection, sink: str, sequences: Sequence[int], change: Update) -> None:
    for first in range(0, len(sequences), _SLICE):
        some = sequences[first : first + _SLICE]
        connection.execute(change.where(delivery.c.sink == sink, delivery.c.sequence.in_(some), _OPEN))

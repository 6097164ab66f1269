"""
The outbox: which event has still to go to which sink.

A row is recorded with its event, claimed for a while, sent outside any transaction, and marked.  A process that dies
between sending and marking lets its claim expire: the event is sent again, under the same id.
Among the rows of one sink and subject only the earliest open one can be claimed, so a subject's events arrive in
order, and a subject that is stuck holds up no other.
"""

from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select, true, update

from monitor.store.tables import DeliveryState, delivery, event, literal

REPLAYED = "replayed"  #: the reason of a row that somebody made due again by hand
CLAIM = 60_000  #: milliseconds that a claim lasts: twice what a sink may take to answer


class Due(msgspec.Struct, frozen=True):
    """A delivery to make now."""

    sequence: int
    sink: str
    subject: str
    tries: int  #: failed ones so far
    time: int  #: the event's, milliseconds since 1970
    body: bytes  #: the CloudEvent, one line of JSON
    account: str  #: the event's


class Backlog(msgspec.Struct, frozen=True):
    """How far behind a sink is."""

    waiting: int = 0
    oldest: int | None = None  #: the time of the first event that waits; None when none does
    dead: int = 0  #: dead letters


_OPEN = delivery.c.state == literal(DeliveryState.OPEN)
_DEAD = delivery.c.state == literal(DeliveryState.DEAD)
_EARLIER = delivery.alias("earlier")
_FIRST_OF_ITS_SUBJECT = ~exists().where(
    _EARLIER.c.sink == delivery.c.sink,
    _EARLIER.c.subject == delivery.c.subject,
    _EARLIER.c.state == literal(DeliveryState.OPEN),
    _EARLIER.c.sequence < delivery.c.sequence,
)
_DUE = (
    select(
        *(delivery.c.sequence, delivery.c.sink, delivery.c.subject, delivery.c.tries),
        *(event.c.time, event.c.body, event.c.account),
    )
    .join(event, event.c.sequence == delivery.c.sequence)
    .where(_OPEN, _FIRST_OF_ITS_SUBJECT)
    .order_by(delivery.c.sequence)
    .with_for_update(of=delivery, skip_locked=True)  # several workers on one PostgreSQL; SQLite has one writer anyway
)


def claim(
    connection: Connection, sink: str, limit: int, now: int, accounts: Collection[str] | None = None
) -> list[Due]:
    """
    Take up to `limit` deliveries that are due, one of a subject at most; they are ours for `CLAIM`.

    Args:
        accounts: Of events of these alone; None: of all.
    """
    due = _DUE.where(
        delivery.c.sink == sink,
        _about(accounts),
        or_(delivery.c.due <= now, delivery.c.tries == 0),  # new, and recorded before the clock was set back
        or_(delivery.c.claimed_until.is_(None), delivery.c.claimed_until <= now),
    )
    rows = connection.execute(due.limit(limit)).all()
    claimed = [Due(*row[:5], body=row.body.encode(), account=row.account) for row in rows]
    if claimed:
        sequences = [each.sequence for each in claimed]
        connection.execute(update(delivery).where(_of(sink, sequences)).values(claimed_until=now + CLAIM))
    return claimed


def delivered(connection: Connection, sink: str, sequences: Sequence[int]) -> None:
    """The sink took them."""
    done = update(delivery).values(state=DeliveryState.DONE, claimed_until=None, reason="")
    connection.execute(done.where(_of(sink, sequences)))


def postpone(connection: Connection, sink: str, sequence: int, due: int, reason: str) -> None:
    """The sink did not take it: once more at `due`, milliseconds since 1970."""
    later = update(delivery).values(due=due, tries=delivery.c.tries + 1, claimed_until=None, reason=reason)
    connection.execute(later.where(_of(sink, [sequence]), _OPEN))


def bury(connection: Connection, sink: str, sequence: int, reason: str) -> None:
    """Give it up: a dead letter.  The subject's next event becomes claimable."""
    dead = update(delivery).values(
        state=DeliveryState.DEAD, tries=delivery.c.tries + 1, claimed_until=None, reason=reason
    )
    connection.execute(dead.where(_of(sink, [sequence]), _OPEN))


def hasten(connection: Connection, sink: str, now: int) -> None:
    """Make due at once what has been tried before and waits for its next try: the sink works again."""
    waiting = and_(delivery.c.sink == sink, _OPEN, delivery.c.tries > 0, delivery.c.due > now)
    connection.execute(update(delivery).where(waiting).values(due=now))


def release(connection: Connection, sink: str | None, accounts: Collection[str] | None = None) -> None:
    """
    Make the claims of a process that is no more claimable at once.

    Args:
        sink: Of this one alone; None: of all.
        accounts: On events of these alone; None: of all.
    """
    claimed = and_(_OPEN, delivery.c.claimed_until.is_not(None), true() if sink is None else delivery.c.sink == sink)
    if accounts is not None:
        theirs = select(event.c.sequence).where(event.c.account.in_(sorted(accounts)))
        claimed = and_(claimed, delivery.c.sequence.in_(theirs))
    connection.execute(update(delivery).where(claimed).values(claimed_until=None))


def backlog(
    connection: Connection, now: int | None = None, accounts: Collection[str] | None = None
) -> dict[str, Backlog]:
    """
    Every sink that has something waiting or dead.

    Args:
        now: Milliseconds since 1970: leave out what is held back until later and was not tried yet, as calm for
            people demands.
        accounts: Of events of these alone; None: of all.
    """
    if accounts is not None:
        return _backlog_of(connection, now, accounts)
    late = true() if now is None else or_(delivery.c.due <= now, delivery.c.tries > 0)
    first = (
        select(delivery.c.sink, func.count().label("waiting"), func.min(delivery.c.sequence).label("sequence"))
        .where(_OPEN, late)
        .group_by(delivery.c.sink)
        .subquery()
    )
    waiting = select(first.c.sink, first.c.waiting, event.c.time).join(event, event.c.sequence == first.c.sequence)
    dead = select(delivery.c.sink, func.count()).where(_DEAD).group_by(delivery.c.sink)
    found = {sink: Backlog(count, oldest) for sink, count, oldest in connection.execute(waiting)}
    for sink, count in connection.execute(dead):
        found[sink] = msgspec.structs.replace(found.get(sink, Backlog()), dead=count)
    return found


def _backlog_of(connection: Connection, now: int | None, accounts: Collection[str]) -> dict[str, Backlog]:
    """The same, of events of these accounts alone: each row is looked up in `event`, whose account it does not have."""
    late = true() if now is None else or_(delivery.c.due <= now, delivery.c.tries > 0)
    theirs = delivery.join(event, event.c.sequence == delivery.c.sequence)
    waiting = (
        select(delivery.c.sink, func.count(), func.min(event.c.time))
        .select_from(theirs)
        .where(_OPEN, late, _about(accounts))
        .group_by(delivery.c.sink)
    )
    dead = select(delivery.c.sink, func.count()).select_from(theirs).where(_DEAD, _about(accounts))
    found = {sink: Backlog(count, oldest) for sink, count, oldest in connection.execute(waiting)}
    for sink, count in connection.execute(dead.group_by(delivery.c.sink)):
        found[sink] = msgspec.structs.replace(found.get(sink, Backlog()), dead=count)
    return found


def owed(connection: Connection, sinks: Collection[str]) -> list[str]:
    """The accounts of whose events some are still to be delivered to these sinks."""
    theirs = event.join(delivery, delivery.c.sequence == event.c.sequence)
    waiting = select(event.c.account).select_from(theirs).where(_OPEN, delivery.c.sink.in_(sorted(sinks)))
    return list(connection.scalars(waiting.distinct()))


def _about(accounts: Collection[str] | None) -> ColumnElement[bool]:
    return true() if accounts is None else event.c.account.in_(sorted(accounts))


def _of(sink: str, sequences: Sequence[int]) -> ColumnElement[bool]:
    return and_(delivery.c.sink == sink, delivery.c.sequence.in_(sequences))

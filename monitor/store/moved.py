"""
A store that was moved to another database says so itself, and nobody uses it any more.

The copy goes on with its identity and its sequence: were both to go on, two different events would have one id.  A
table says it that no other store has, so that every version of the tables can say so, and so that backups say it too.
"""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, insert, inspect, select, update

from monitor.store.errors import StoreMoved
from monitor.store.leases import NOBODY
from monitor.store.tables import TEXT, lease

#: One row: where to, as messages name it, and when.
moved = Table(
    "moved",
    MetaData(),  # of its own: it is not one of the tables that a store is made with
    Column("target", TEXT, nullable=False),
    Column("at", BigInteger, nullable=False),
)

_HOLDER = "moved"  # no process is called so
_FOR_EVER = 2**62


def moved_to(connection: Connection) -> str | None:
    """Where the store was moved to; None where it is in use."""
    return connection.scalar(select(moved.c.target)) if inspect(connection).has_table(moved.name) else None


def refuse_moved(connection: Connection, store: str) -> None:
    """Raise StoreMoved where the store is in use no longer."""
    if not inspect(connection).has_table(moved.name):
        return
    target, at = connection.execute(select(moved.c.target, moved.c.at)).one()
    day = datetime.fromtimestamp(at / 1000, UTC).date()
    raise StoreMoved(
        f"store {store} was moved to {target} on {day}: name that one in store.url; "
        "if it is lost, `number-monitor store keep` lets this one go on"
    )


def mark_moved(connection: Connection, target: str, at: int) -> None:
    """
    Let nobody use the store any more, not even a process that was stopped meanwhile and wakes up.

    Args:
        target: Where it is from now on, without a secret.
        at: Milliseconds since 1970.
    """
    unmark_moved(connection)
    moved.create(connection)
    connection.execute(insert(moved).values(target=target, at=at))
    connection.execute(update(lease).values(holder=_HOLDER, epoch=lease.c.epoch + 1, until=_FOR_EVER))


def unmark_moved(connection: Connection) -> None:
    """Let it be used again; nothing where it is in use."""
    moved.drop(connection, checkfirst=True)
    connection.execute(update(lease).where(lease.c.holder == _HOLDER).values(holder=NOBODY, until=0))

"""
Leases: which process owns which account, where several share a store.

An account's credentials, budget, moves and incidents are account-wide, so one process at a time polls it.  A lease is a
row with a holder and an end, told by the database's clock alone.  Every change of hands raises its epoch, and what
comes of a poll is recorded in a transaction that has looked at the epoch and holds the row until its end: who takes the
lease meanwhile waits for that transaction, and an owner that was stopped in the middle and wakes up later finds another
epoch and writes nothing.

A lease whose time is over still is its holder's as long as nobody has taken it: nobody else has written anything.
The owner for its part stops acting long before others may take over: `ACT_FOR` after it began to ask for its last
renewal, by a clock of its own that never jumps (`tenure`).
"""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, or_, select, update

from monitor.store.errors import LeaseLost, StoreInUse
from monitor.store.tables import lease, replica
from monitor.store.upsert import upsert

TTL = 20_000  #: milliseconds that a lease lasts
RENEW_EVERY = 5.0  #: seconds
ACT_FOR = 12.0  #: seconds that an owner acts after it asked for a renewal
_FORGET_AFTER = 3_600_000  # milliseconds after which a process that is no more is not remembered

NOBODY = ""


class Replica(msgspec.Struct, frozen=True):
    """A process that shares the store, and lives."""

    holder: str  #: random, made with the process
    name: str  #: for people: the machine's, the pod's
    age: int  #: milliseconds since it was first seen


class Owned(msgspec.Struct, frozen=True):
    """An account that somebody has owned."""

    account: str
    holder: str  #: who owns it now; `NOBODY` when its lease has ended
    epoch: int  #: how often it has changed hands


class View(msgspec.Struct, frozen=True):
    """Who is there, and who owns what, at one moment."""

    replicas: tuple[Replica, ...]  #: that live, the asking one among them
    owned: tuple[Owned, ...]

    def epochs(self, holder: str) -> dict[str, int]:
        """What a process owns: the epoch by account."""
        return {each.account: each.epoch for each in self.owned if each.holder == holder}


class Leases:
    """The statements; all run in the transaction that is open."""

    def __init__(self, dialect: str, clock: ColumnElement[int]) -> None:
        """
        Args:
            dialect: The database's name for itself, as SQLAlchemy spells it.
            clock: What a statement says for the database's clock, milliseconds since 1970.
        """
        self._clock = clock
        self._renew = update(lease).values(until=clock + TTL)
        self._appear = upsert(dialect, replica, lambda new: {"name": new["name"], "until": new["until"]})
        free = or_(lease.c.holder == NOBODY, lease.c.until <= clock)
        self._take = upsert(
            dialect,
            lease,
            lambda new: {"holder": new["holder"], "epoch": lease.c.epoch + 1, "until": new["until"]},
            only=free,
        ).returning(lease.c.account, lease.c.epoch)

    def renew(self, connection: Connection, holder: str, name: str) -> View:
        """
        Say that this process lives, and renew all its leases.

        Returns:
            Who is there now; what the process owns is among it.
        """
        alive = {"holder": holder, "name": name, "since": self._clock, "until": self._clock + TTL}
        connection.execute(self._appear.values(alive))
        connection.execute(self._renew.where(lease.c.holder == holder))
        connection.execute(delete(replica).where(replica.c.until < self._clock - _FORGET_AFTER))
        return self.view(connection)

    def view(self, connection: Connection) -> View:
        """Who is there, and who owns what."""
        living = select(replica.c.holder, replica.c.name, self._clock - replica.c.since)
        rows: Any = connection.execute(living.where(replica.c.until > self._clock).order_by(replica.c.holder))
        replicas = tuple(Replica(holder, name, max(age, 0)) for holder, name, age in rows)
        owned = select(lease.c.account, lease.c.holder, lease.c.epoch, lease.c.until > self._clock)
        rows = connection.execute(owned.order_by(lease.c.account))
        return View(replicas, tuple(Owned(row[0], row[1] if row[3] else NOBODY, row[2]) for row in rows))

    def take(self, connection: Connection, holder: str, accounts: Collection[str]) -> dict[str, int]:
        """
        Take what nobody owns of these accounts.

        Returns:
            The epoch by account, of those that were taken; the others somebody owns.
        """
        taken: dict[str, int] = {}
        for account in sorted(accounts):  # in one order, so that two that take several never wait for each other
            row = {"account": account, "holder": holder, "epoch": 1, "until": self._clock + TTL}
            taken.update((name, epoch) for name, epoch in connection.execute(self._take.values(row)))
        return taken

    def give(self, connection: Connection, holder: str, accounts: Collection[str] | None = None) -> None:
        """Let others take these accounts at once; None: all, since the process ends."""
        given = update(lease).values(holder=NOBODY, until=0).where(lease.c.holder == holder)
        if accounts is None:
            connection.execute(delete(replica).where(replica.c.holder == holder))
            connection.execute(given)
        else:
            connection.execute(given.where(lease.c.account.in_(sorted(accounts))))


def check(connection: Connection, holder: str, epochs: Mapping[str, int]) -> None:
    """
    Make sure that accounts are owned still, and stay so until the end of the transaction that is open.

    Args:
        holder: Who.
        epochs: By account.

    Raises:
        LeaseLost: One is not: somebody else has taken it over.
    """
    # The row is locked: whoever takes the lease waits for this transaction, or this one sees that it is taken.
    owned = select(lease.c.account, lease.c.epoch).where(lease.c.holder == holder, lease.c.account.in_(sorted(epochs)))
    rows = connection.execute(owned.order_by(lease.c.account).with_for_update(read=True))
    found = {row.account: row.epoch for row in rows}
    for account, epoch in epochs.items():
        if found.get(account) != epoch:
            raise LeaseLost(f"{of(account)} is another process's now: nothing of it is recorded here")


def check_unowned(connection: Connection, clock: ColumnElement[int], store: str) -> None:
    """
    Make sure that nobody is at work, as tables are to be changed.

    Raises:
        StoreInUse: somebody is.
    """
    at_work = select(lease.c.account).where(lease.c.holder != NOBODY, lease.c.until > clock).limit(1)
    if connection.execute(at_work).first() is not None:
        raise StoreInUse(f"store {store} is in use by an older number-monitor: stop it first")


def of(account: str) -> str:
    """An account for a message; the empty one stands for all of a store."""
    return f"account {account}" if account else "the store"

"""
What one process asks of another, through the store that they share: a row that the other finds, takes and answers.

Who asks names an account, whose owner it is for, or a process.  A request is taken once.  One that nobody has taken by
its end is nobody's any more; one that has been taken is carried out, whether or not somebody still waits for it.
"""

import uuid
from collections.abc import Awaitable, Callable, Collection
from typing import Any, Protocol, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, update

from monitor.store.tables import request
from monitor.store.writer import Work

T = TypeVar("T")

_FORGET_AFTER = 600_000  # milliseconds after which nobody waits for an answer any more
_NOBODY = ""


class Asked(msgspec.Struct, frozen=True):
    """A request, for whoever is to carry it out."""

    id: str
    account: str  #: empty where it is for this very process
    kind: str
    body: str


class Progress(msgspec.Struct, frozen=True):
    """What became of a request so far."""

    taken: bool
    answer: str | None


class Reads(Protocol):
    """Asks the store something: `StoreReader`'s."""

    def __call__(self, question: Callable[[Connection], T], /) -> Awaitable[T]:
        """Raises StoreError."""


class Writes(Protocol):
    """Has the writer do some work: `Store`'s."""

    def __call__(self, work: Work[T], /) -> Awaitable[T]:
        """In a transaction; raises StoreError."""


class Requests:
    """Those of one process, and those for it.  All methods raise StoreError."""

    def __init__(
        self,
        holder: str,
        *,
        read: Reads,
        write: Writes,
        clock: ColumnElement[int],
        new_id: Callable[[], uuid.UUID] = uuid.uuid4,
    ) -> None:
        """
        Args:
            holder: This process, as its leases have it.
            clock: What a statement says for the database's clock, milliseconds since 1970.
            new_id: Makes what nobody else is called.
        """
        self._holder = holder
        self._read = read
        self._write = write
        self._clock = clock
        self._new_id = new_id

    async def ask(self, kind: str, body: str, *, within: int, account: str = "", holder: str = "") -> str:
        """
        Ask the owner of an account, or a process.

        Args:
            within: Milliseconds in which it has to be taken.

        Returns:
            The request's id.
        """
        identity = str(self._new_id())
        row = {
            "id": identity,
            "account": account,
            "holder": holder,
            "kind": kind,
            "body": body,
            "until": self._clock + within,
            "taken_by": _NOBODY,
        }

        def work(connection: Connection) -> None:
            connection.execute(delete(request).where(request.c.until < self._clock - _FORGET_AFTER))
            connection.execute(insert(request).values(row))

        await self._write(work)
        return identity

    async def progress(self, identity: str) -> Progress:
        """What became of it."""
        asked = select(request.c.taken_by, request.c.answer).where(request.c.id == identity)
        row = await self._read(lambda connection: connection.execute(asked).first())
        return Progress(taken=False, answer=None) if row is None else Progress(row.taken_by != _NOBODY, row.answer)

    async def withdraw(self, identity: str) -> bool:
        """Have it not done; False when it has been taken already."""
        untaken = and_(request.c.id == identity, request.c.taken_by == _NOBODY)
        gone = delete(request).where(untaken).returning(request.c.id)
        return await self._write(lambda connection: connection.execute(gone).first() is not None)

    async def take(self, accounts: Collection[str]) -> list[Asked]:
        """
        What this process is asked, as the owner of these accounts or by itself; nobody else gets it from now on.

        Where there is nothing nothing is written.
        """
        ours = or_(request.c.holder == self._holder, request.c.account.in_(sorted(accounts)))
        waiting = and_(request.c.taken_by == _NOBODY, request.c.until > self._clock, ours)
        look = select(request.c.id).where(waiting).limit(1)
        if await self._read(lambda connection: connection.execute(look).first()) is None:
            return []
        columns: Any = (request.c.id, request.c.account, request.c.kind, request.c.body)
        taken = update(request).where(waiting).values(taken_by=self._holder).returning(*columns)
        return await self._write(lambda connection: [Asked(*row) for row in connection.execute(taken)])

    async def answer(self, identity: str, answer: str) -> None:
        """Answer a request that was taken."""
        answered = update(request).where(request.c.id == identity).values(answer=answer)
        await self._write(lambda connection: connection.execute(answered))

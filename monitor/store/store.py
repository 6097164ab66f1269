"""
The store: what lasts over a restart.

What `record` has returned is on the disk; what it has not is not there at all.  Every event is recorded exactly once
and keeps its id; its deliveries are made at least once.  A call that cannot be served raises a `StoreError` of one
line, changes nothing, and may be made again: the store comes back by itself when its database does.
"""

import asyncio
import contextlib
import os
import socket
import time
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Self, TypeVar

from sqlalchemy import Connection, case, update

from monitor.fleet.decision import Decision
from monitor.fleet.event import Event
from monitor.store import outbox, pauses, people, prune, tables
from monitor.store.address import database_at
from monitor.store.beside import StoreBeside
from monitor.store.bulk import bulk_raise
from monitor.store.database import Database
from monitor.store.errors import StoreError, StoreUnavailable
from monitor.store.outbox import Due
from monitor.store.ownership import Ownership
from monitor.store.people import Conclusion
from monitor.store.preparing import prepare, when_free
from monitor.store.reader import StoreReader
from monitor.store.recorder import Recorded, Recorder, Routed
from monitor.store.requests import Requests
from monitor.store.snapshots import AppKey
from monitor.store.upsert import insert_if_absent, upsert
from monitor.store.writer import Work, Writer

T = TypeVar("T")
Routes = Callable[[Event], Sequence[str]]  #: the names of the sinks that an event goes to

ANSWER_WITHIN = 15.0  # seconds that a call may take, waiting for its turn included
CLOSE_WITHIN = 1.0  # seconds that a step of closing takes at most: a clean stop has 8 for everything
LAST_WRITES = 3.0  # seconds that the writer gets for what is queued, and to tidy up
QUEUE = 1024  # calls that may wait for the writer; further ones wait to be let in

_TOUCH = update(tables.meta).values(sequence=tables.meta.c.sequence)


def _nothing(_: object) -> None:
    """Nobody wants to know."""


class Store(StoreReader):
    """A store that this process alone writes; made by `open`."""

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        now: Callable[[], int],
        monotonic: Callable[[], float] = time.monotonic,
        new_id: Callable[[], uuid.UUID] = uuid.uuid4,
        on_commit: Callable[[float], None] = _nothing,
        on_state: Callable[[bool], None] = _nothing,
        wait: float = 30.0,
        alone: bool = True,
    ) -> Self:
        """
        Open a store to write; make or migrate its tables where needed.

        Args:
            url: `sqlite:////data/number-monitor.db`, as SQLAlchemy spells it.
            now: Milliseconds since 1970.
            monotonic: Seconds.
            new_id: The identity of a store that has to be made.
            on_commit: Is given the seconds that each transaction took.  Called by the event loop.
            on_state: Is given True when the store works (again), False when it stops working.  Likewise.
            wait: Seconds to wait while another process has the store.
            alone: Whether no other process may write it meanwhile.  Where False and the database can be shared, only
                what is of the accounts that `ownership` has taken can be written.

        Raises:
            StoreInUse: another process has it still.
            StoreUnavailable, StoreCorrupt, StoreTooNew, StoreMoved: as their names say.
        """
        database = database_at(url, monotonic)
        await database.acquire(wait)
        loop = asyncio.get_running_loop()
        writer = Writer(
            database, monotonic=monotonic, on_commit=_called_by(loop, on_commit), on_state=_called_by(loop, on_state)
        )
        writer.start()
        try:
            prepared = await when_free(
                lambda: asyncio.wrap_future(writer.submit(lambda connection: prepare(connection, database, new_id))),
                monotonic,
                wait,
            )
        except BaseException:
            await asyncio.to_thread(writer.stop)
            database.release()
            raise
        store = cls(database, writer, *prepared, now)
        if database.shared:
            await store._share(alone=alone, wait=wait, monotonic=monotonic)
        return store

    @staticmethod
    async def open_readonly(url: str) -> StoreReader:
        """
        Open a store to read, also while a daemon writes it: no lock is taken, nothing can be written.

        Raises:
            StoreUnavailable, StoreCorrupt, StoreTooNew, StoreMoved: as their names say.
        """
        reader = StoreReader(database_at(url, time.monotonic))
        try:
            await reader.check()
        except BaseException:
            await reader.close()
            raise
        return reader

    @staticmethod
    async def open_beside(url: str, *, now: Callable[[], int]) -> StoreBeside:
        """
        Open a store for an operator's small changes, also while a daemon writes it: no lock is taken.

        Args:
            url: As `open`'s.
            now: Milliseconds since 1970.

        Raises:
            StoreUnavailable, StoreCorrupt, StoreTooNew, StoreMoved: as their names say.
        """
        database = database_at(url, time.monotonic)
        reader = StoreReader(database)
        try:
            await reader.check()
            database.opened()  # it is there, and is not to be made
        finally:
            await reader.close()
        writer = Writer(database, monotonic=time.monotonic, on_commit=_nothing, on_state=_nothing)
        writer.start()
        return StoreBeside(database, writer, now)

    def __init__(
        self, database: Database, writer: Writer, store_id: str, was_copy: bool, now: Callable[[], int]
    ) -> None:
        """Take over what `open` has prepared."""
        super().__init__(database)
        self.store_id = store_id  #: random, made with the store, part of every event's id
        self.was_copy = was_copy  #: until now it was a backup: the identity is new, and the sequence has leapt
        self._writer = writer
        self._set_last_success = bulk_raise(writer.dialect, tables.app, tables.app.c.last_success)
        self._recorder = Recorder(store_id, writer.dialect, now)
        self._save_roster = upsert(writer.dialect.name, tables.roster)
        self._pause_sink = insert_if_absent(writer.dialect.name, tables.paused_sink)
        self._now = now
        self._room = asyncio.Semaphore(QUEUE)
        self._noted: dict[AppKey, int] = {}
        #: The leases of this process; None where one process alone can have the store open.
        self.ownership: Ownership | None = None
        #: What such processes ask of each other; None likewise.
        self.requests: Requests | None = None

    @property
    def up(self) -> bool:
        """Whether the last transaction went through; `flush` finds out whether a store that was down is back."""
        return self._writer.up

    async def record(self, decision: Decision, routes: Routes, *, everything: bool = False) -> tuple[Recorded, ...]:
        """
        Write a decision in one transaction: app, account, events, and a delivery for each event and sink.

        `after` gets the version after `before`'s.  An entry that is the same object as before is not written.

        Args:
            routes: Is asked once for each event, at once, by the caller.
            everything: Write every entry, since `before` is not what the store holds (a recording has failed).

        Raises:
            StoreConflict: the app has moved since `before` was read; nothing was written.
            LeaseLost: another process owns the account; nothing was written.
        """
        routed = _routed(decision.events, routes)
        recorded = await self._write_of(
            {decision.app.account},
            lambda connection: self._recorder.decision(connection, decision, routed, everything=everything),
        )
        self._noted.pop(decision.app.key, None)
        return recorded

    async def tell(self, events: Sequence[Event], routes: Routes) -> tuple[Recorded, ...]:
        """
        Write events that come from no app's poll, in one transaction.

        Args:
            routes: As in `record`.
        """
        routed = _routed(events, routes)
        accounts = {event.account for event in events}
        return await self._write_of(accounts, lambda connection: self._recorder.events(connection, routed))

    def note_success(self, key: AppKey, last_success: int) -> None:
        """Remember the start of an unchanged answer until the next `flush`; writes nothing."""
        self._noted[key] = last_success

    async def flush(self) -> None:
        """Write what was noted.  While the store is down, see whether it is back, though nothing was noted."""
        noted, self._noted = self._noted, {}
        ours = self._ours()
        rows = [
            {"account": account, "appkey": appkey, "last_success": moment}
            for (account, appkey), moment in noted.items()
            if ours is None or account in ours
        ]
        try:
            if rows:
                await self._write(lambda connection: self._set_last_success.execute(connection, rows))
            elif not self._writer.up:
                await self._write(lambda connection: connection.execute(_TOUCH))
        except BaseException:
            self._noted = noted | self._noted
            raise

    async def claim(self, sink: str, limit: int, now: int) -> list[Due]:
        """
        Take deliveries that are due, one of a subject at most; unmarked, they come again after `outbox.CLAIM`.

        Where several processes share the store, an account's owner alone gets them: that keeps them in order.
        """
        ours = self._ours()
        if ours is not None and not ours:
            return []
        return await self._write_of(ours or (), lambda connection: outbox.claim(connection, sink, limit, now, ours))

    async def delivered(self, sink: str, sequences: Sequence[int]) -> None:
        """The sink took them."""
        await self._write(lambda connection: outbox.delivered(connection, sink, sequences))

    async def postpone(self, sink: str, sequence: int, due: int, reason: str) -> None:
        """The sink did not take it; it is tried again at `due`, milliseconds since 1970."""
        await self._write(lambda connection: outbox.postpone(connection, sink, sequence, due, reason))

    async def bury(self, sink: str, sequence: int, reason: str) -> None:
        """Give it up: it becomes a dead letter, and the subject's next event can be claimed."""
        await self._write(lambda connection: outbox.bury(connection, sink, sequence, reason))

    async def hasten(self, sink: str, now: int) -> None:
        """Make due at once what waits for another try: the sink works again."""
        await self._write(lambda connection: outbox.hasten(connection, sink, now))

    async def release(self, sink: str) -> None:
        """Make the claims of a process that is no more claimable at once; for the start, before the first claim."""
        ours = self._ours()
        await self._write(lambda connection: outbox.release(connection, sink, ours))

    async def release_of(self, accounts: Collection[str]) -> None:
        """The same for all sinks, and for what these accounts' last owner had claimed."""
        await self._write_of(accounts, lambda connection: outbox.release(connection, None, accounts))

    def epoch(self, account: str) -> int | None:
        """How often the account had changed hands when it became ours; None while it is not ours to deliver for."""
        return 0 if self.ownership is None else self.ownership.epoch(account)

    async def conclude(self, sink: str, account: str, concluded: Conclusion, epoch: int) -> None:
        """
        Write down what became of the rows of a sink for people, and what it knows now, in one transaction.

        Args:
            epoch: Of the account, when that was found out or told.

        Raises:
            LeaseLost: The account has changed hands since: what its owner knows is not to be touched.
        """

        def work(connection: Connection) -> None:
            people.conclude(connection, sink, account, concluded)

        await self._write(work if self.ownership is None else self.ownership.unchanged(account, epoch, work))

    async def put_off(self, sink: str, dues: Mapping[int, int], reason: str) -> None:
        """A sink for people did not take these: by sequence, when to try again, milliseconds since 1970."""
        await self._write(lambda connection: people.put_off(connection, sink, dues, reason))

    async def give_up(self, sink: str, sequences: Sequence[int], reason: str) -> None:
        """They become dead letters."""
        await self._write(lambda connection: people.give_up(connection, sink, sequences, reason))

    async def pause_sink(self, name: str, reason: str) -> None:
        """Note that a sink gets nothing from now on until it is resumed; one that is paused keeps its reason."""
        row = {"sink": name, "reason": reason, "at": self._now()}
        await self._write(lambda connection: connection.execute(self._pause_sink, row))

    async def resume_sink(self, name: str) -> bool:
        """Let a sink go on, with what waits due at once; False when it was not paused."""
        return await self._write(lambda connection: pauses.resume(connection, name, self._now()))

    async def save_roster(self, account: str, source: str, body: bytes) -> None:
        """
        Keep the list of apps that a source gave, instead of its last one.

        Raises:
            LeaseLost: Another process owns the account: it has read a newer one, perhaps.
        """
        row = {"account": account, "source": source, "at": self._now(), "body": body}
        await self._write_of({account}, lambda connection: connection.execute(self._save_roster, row))

    async def begin_after(self, sequence: int) -> None:
        """The next event's sequence is above this one, and above the last one's in any case."""
        last = tables.meta.c.sequence
        raised = update(tables.meta).values(sequence=case((last < sequence, sequence), else_=last))
        await self._write(lambda connection: connection.execute(raised))

    async def prune(self, now: int, retention: int) -> int:
        """
        Forget events and tombstones older than the retention, in slices; other calls come in between.

        Args:
            now: Milliseconds since 1970.
            retention: Milliseconds.

        Returns:
            How many were forgotten.
        """
        before = now - retention
        forgotten = 0
        while events := await self._write(lambda connection: prune.prune_events(connection, before)):
            forgotten += events
        while tombstones := await self._write(lambda connection: prune.prune_tombstones(connection, before)):
            forgotten += tombstones
        return forgotten

    async def close(self) -> None:
        """
        Write what was noted, finish what is queued, and let go of the store; done twice it does nothing.

        A database that hangs is not waited for: what it has not taken by then is not recorded, and the lock stays with
        the process, which still may write.
        """
        if self._closed:
            return
        with contextlib.suppress(StoreError, TimeoutError):
            async with asyncio.timeout(CLOSE_WITHIN):
                await self.flush()
        if self.ownership is not None:
            with contextlib.suppress(StoreError, TimeoutError):  # then they end by themselves
                async with asyncio.timeout(CLOSE_WITHIN):
                    await self.ownership.end()
        self._closed = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_WITHIN):
                await super().close()  # first, since the last connection tidies up, which a reader may not
        if await asyncio.to_thread(self._writer.stop, LAST_WRITES):
            self._database.release()

    async def _share(self, *, alone: bool, wait: float, monotonic: Callable[[], float]) -> None:
        self.ownership = Ownership(
            self._write_at_once, self._database, self._writer.dialect.name, alone=alone, monotonic=monotonic
        )
        self.requests = Requests(self.ownership.holder, read=self._read, write=self._write, clock=self._database.clock)
        if alone:
            try:
                await self.ownership.begin_alone(wait, f"process {os.getpid()} on {socket.gethostname()}")
            except BaseException:
                await self.close()
                raise

    def _ours(self) -> Collection[str] | None:
        return None if self.ownership is None else self.ownership.accounts()

    async def _write_of(self, accounts: Collection[str], work: Work[T]) -> T:
        """Write what only the owner of these accounts may."""
        self._check_open()
        return await self._write(work if self.ownership is None else self.ownership.fenced(accounts, work))

    async def _write_at_once(self, work: Work[T]) -> T:
        """Write before all that waits."""
        self._check_open()
        return await asyncio.wrap_future(self._writer.submit(work, urgent=True))

    async def _write(self, work: Work[T]) -> T:
        """What has not been begun in time is not done any more; what has been may still come to its end."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN), self._room:
                self._check_open()
                return await asyncio.wrap_future(self._writer.submit(work))
        except TimeoutError:
            self._writer.has_not_answered()
            raise StoreUnavailable(
                f"store {self._database} has not answered for {ANSWER_WITHIN:g} s: look at its disk, or its server"
            ) from None


def _routed(events: Sequence[Event], routes: Routes) -> list[Routed]:
    """Ask where each event goes: by the caller, as routes belong to the event loop."""
    return [(event, tuple(routes(event))) for event in events]


def _called_by(loop: asyncio.AbstractEventLoop, callback: Callable[[T], None]) -> Callable[[T], None]:
    """The callback, to be called from any thread and run by the loop."""

    def call(value: T) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            loop.call_soon_threadsafe(callback, value)

    return call

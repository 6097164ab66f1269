"""
Reading a store, also while another process writes it.

Each question runs in a thread on a connection that cannot write, so that a long listing holds up neither a commit nor
the event loop, and sees the store as it was at one moment.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from monitor.fleet.masking import Look
from monitor.fleet.snapshot import AccountState, Snapshot
from monitor.store import changes, deliveries, history, outbox, pauses, people, schema, size, snapshots
from monitor.store.changes import Changes, Known
from monitor.store.database import Database
from monitor.store.deliveries import DeliveryQuery, Place, StoredDelivery
from monitor.store.errors import StoreUnavailable
from monitor.store.history import EventQuery, StoredEvent
from monitor.store.outbox import Backlog
from monitor.store.pauses import PausedSink
from monitor.store.people import Waiting
from monitor.store.snapshots import AppKey, Restored
from monitor.store.tables import masking, roster

T = TypeVar("T")

ANSWER_WITHIN = 60.0  # seconds that a question may take: the start asks for everything that is known


class StoreReader:
    """What a store can be asked."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._readers = database.reading()
        self._closed = False
        self._threads = ThreadPoolExecutor(database.readers, thread_name_prefix="store-reader")

    @property
    def place(self) -> str:
        """Where the store is, without a secret."""
        return str(self._database)

    async def check(self) -> None:
        """Refuse a store that this version cannot read: StoreUnavailable, StoreCorrupt or StoreTooNew."""
        await self._read(lambda connection: schema.check_readable(connection, str(self._database)))

    async def restore(self, accounts: Collection[str] | None = None) -> Restored:
        """Everything that was known when the store was last written; of these accounts alone where some are given."""
        return await self._read(lambda connection: snapshots.restore(connection, str(self._database), accounts))

    async def changes(self, accounts: Collection[str], known: Known) -> Changes:
        """What is recorded of these accounts' apps and not known yet; `known` must not change meanwhile."""
        return await self._read(lambda connection: changes.find(connection, str(self._database), accounts, known))

    async def restore_account(self, name: str) -> AccountState:
        """What the store holds of an account as a whole; a new state when it holds nothing."""
        return await self._read(lambda connection: snapshots.restore_account(connection, str(self._database), name))

    async def restore_app(self, key: AppKey) -> Snapshot:
        """What the store holds of one app; an empty snapshot when it holds nothing."""
        return await self._read(lambda connection: snapshots.restore_app(connection, str(self._database), key))

    async def events(
        self,
        *,
        since: int | None = None,
        type: str | None = None,  # noqa: A002 - the contract's word for it
        number: str | None = None,
        account: str | None = None,
        appkey: str | None = None,
        after: int | None = None,
        before: int | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> list[StoredEvent]:
        """The first `limit` events that fit, by sequence; the arguments are those of `EventQuery`."""
        query = EventQuery(since, type, number, account, appkey, after, before, limit, newest_first)
        return await self._read(lambda connection: history.find_events(connection, query))

    async def subjects(self, look: Look) -> list[str]:
        """The subjects of recorded events that begin and end so."""
        return await self._read(lambda connection: history.subjects(connection, look))

    async def masking_key(self) -> bytes:
        """The key by which numbers are masked: the same for as long as the store lives."""
        return await self._read(lambda connection: bytes(connection.execute(select(masking.c.key)).scalar_one()))

    async def last_sequence(self) -> int:
        """The sequence of the last event recorded; 0 before the first."""
        return await self._read(history.last_sequence)

    async def size(self) -> int:
        """Bytes that the database takes."""
        return await self._read(size.size)

    async def backlog(self, now: int | None = None) -> Mapping[str, Backlog]:
        """How far behind each sink is; a sink with nothing waiting and nothing dead is not listed."""
        ours = self._ours()
        return await self._read(lambda connection: outbox.backlog(connection, now, ours))

    async def agenda(self, sink: str) -> Mapping[str, int]:
        """When a sink for people is to be looked after, by account, milliseconds since 1970."""
        ours, moments = self._ours(), await self._read(lambda connection: people.agenda(connection, sink))
        return {account: at for account, at in moments.items() if ours is None or account in ours}

    async def acquainted(self, sink: str) -> list[str]:
        """The accounts of which a sink for people knows something, whoever owns them."""
        return await self._read(lambda connection: people.acquainted(connection, sink))

    async def waiting(self, sink: str, account: str, after: int, limit: int) -> list[Waiting]:
        """The first `limit` rows after a sequence that a sink has not been told, due or not."""
        return await self._read(lambda connection: people.waiting(connection, sink, account, after, limit))

    async def known(self, sink: str, account: str) -> Mapping[str, str]:
        """What a sink knows of an account's incidents: the state by incident."""
        return await self._read(lambda connection: people.known(connection, sink, account))

    async def deliveries(
        self,
        *,
        sink: str | None = None,
        failed: bool | None = None,
        since: int | None = None,
        account: str | None = None,
        appkey: str | None = None,
        number: str | None = None,
        type: str | None = None,  # noqa: A002 - the contract's word for it
        after: Place | None = None,
        limit: int = 100,
    ) -> list[StoredDelivery]:
        """The first `limit` deliveries that fit, the newest event first; the arguments are `DeliveryQuery`'s."""
        query = DeliveryQuery(sink, failed, since, after, limit, account, appkey, number, type)
        return await self._read(lambda connection: deliveries.find_deliveries(connection, query))

    async def paused_sinks(self) -> Mapping[str, PausedSink]:
        """The sinks that get nothing until they are resumed."""
        return await self._read(pauses.paused)

    async def roster(self, account: str, source: str) -> bytes | None:
        """The last list of apps that a source gave; None when none was saved."""
        saved = select(roster.c.body).where(roster.c.account == account, roster.c.source == source)
        return await self._read(lambda connection: connection.scalar(saved))

    def _ours(self) -> Collection[str] | None:
        """The accounts whose deliveries concern whoever asks; None: all."""
        return None

    async def close(self) -> None:
        """Wait for the questions under way and close the connections."""
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(None, self._shut)

    def _shut(self) -> None:
        self._threads.shutdown()
        self._readers.dispose()

    async def _read(self, question: Callable[[Connection], T]) -> T:
        self._check_open()
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, question)
        except TimeoutError:
            raise StoreUnavailable(
                f"store {self._database} has not answered for {ANSWER_WITHIN:g} s: look at its disk, or its server"
            ) from None

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailable(f"store {self._database} is closed: the program is stopping")

    def _ask(self, question: Callable[[Connection], T]) -> T:
        try:
            with self._readers.connect() as connection:
                return question(connection)
        except DBAPIError as error:
            if not self._database.heals:  # the connections may be what is wrong: the next question opens others
                self._readers.dispose()
            raise self._database.explain(error) from error

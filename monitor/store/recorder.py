"""
Writing down a decision: what is known, what is to be told, and to whom.

Runs in the writer's thread, inside its transaction.  An event gets its id and its place in the sequence here, in the
transaction that records it, and nowhere else.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Dialect, and_, bindparam, delete, update

from monitor.fleet import cloudevent
from monitor.fleet.app import App
from monitor.fleet.decision import Decision
from monitor.fleet.event import Event
from monitor.fleet.snapshot import AccountState, Snapshot
from monitor.store import tables
from monitor.store.bulk import bulk_insert, bulk_upsert
from monitor.store.errors import StoreConflict
from monitor.store.snapshots import EntryRow, account_columns, app_columns, entry_rows, gone_keys
from monitor.store.tables import DeliveryState
from monitor.store.upsert import insert_if_absent, upsert


class Recorded(msgspec.Struct, frozen=True):
    """An event that is on the disk."""

    sequence: int  #: its place among all events of this store, from 1
    id: str
    event: Event
    body: bytes  #: the CloudEvent, one line of JSON


#: An event, and the names of the sinks that it goes to.
Routed = tuple[Event, Sequence[str]]

_APP_KEY = and_(tables.app.c.account == bindparam("of_account"), tables.app.c.appkey == bindparam("of_appkey"))
_APP_SEEN = and_(_APP_KEY, tables.app.c.version == bindparam("seen"))
_UPDATE_APP = update(tables.app).where(_APP_SEEN)
_DELETE_APP = delete(tables.app).where(_APP_SEEN)
_UPDATE_ACCOUNT = update(tables.account).where(
    tables.account.c.account == bindparam("of_account"), tables.account.c.version == bindparam("seen")
)
_DELETE_ENTRIES = delete(tables.entry).where(
    tables.entry.c.account == bindparam("of_account"), tables.entry.c.appkey == bindparam("of_appkey")
)
_DELETE_ENTRY = _DELETE_ENTRIES.where(
    tables.entry.c.waba_id == bindparam("of_waba_id"), tables.entry.c.number == bindparam("of_number")
)


class Recorder:
    """Writes decisions and events into one store."""

    def __init__(self, store_id: str, dialect: Dialect, now: Callable[[], int]) -> None:
        self._store_id = store_id
        self._now = now
        self._insert_app = insert_if_absent(dialect.name, tables.app)
        self._insert_account = insert_if_absent(dialect.name, tables.account)
        self._put_entries = bulk_upsert(dialect, tables.entry)
        self._insert_events = bulk_insert(dialect, tables.event)
        self._insert_deliveries = bulk_insert(dialect, tables.delivery)
        self._count = upsert(
            dialect.name,
            tables.occurrence,
            lambda new: {"events": tables.occurrence.c.events + new["events"]},
        ).returning(tables.occurrence.c.identity, tables.occurrence.c.events)
        self._take_sequence = (
            update(tables.meta)
            .values(sequence=tables.meta.c.sequence + bindparam("events"))
            .returning(tables.meta.c.sequence)
        )

    def decision(
        self, connection: Connection, decision: Decision, routed: Sequence[Routed], *, everything: bool
    ) -> tuple[Recorded, ...]:
        """
        Write a decision's app, account, events and deliveries.

        Args:
            routed: The decision's events, each with its sinks.
            everything: Write every entry, as `before` is not what the store holds.

        Raises:
            StoreConflict: the app has moved since `before` was read.
        """
        self._write_app(connection, decision, everything=everything)
        if decision.account_after is not decision.account_before:
            self._write_account(connection, decision.app.account, decision.account_before, decision.account_after)
        return self.events(connection, routed)

    def _write_account(self, connection: Connection, name: str, before: AccountState, after: AccountState) -> None:
        columns = account_columns(after, version=before.version + 1)
        if before.version == 0:
            written = connection.execute(self._insert_account, {"account": name, **columns}).rowcount
        else:
            of = {"of_account": name, "seen": before.version}
            written = connection.execute(_UPDATE_ACCOUNT, {**columns, **of}).rowcount
        if written == 0:
            raise StoreConflict(f"account {name} has moved on from version {before.version}")

    def events(self, connection: Connection, routed: Sequence[Routed]) -> tuple[Recorded, ...]:
        """Write events, in the order given, and a delivery for each event and sink."""
        if not routed:
            return ()
        last = connection.execute(self._take_sequence, {"events": len(routed)}).scalar_one()
        ids = self._ids(connection, [event for event, _ in routed])
        recorded = tuple(
            Recorded(sequence, id_, event, cloudevent.body(event, id=id_, sequence=sequence))
            for sequence, id_, (event, _) in zip(range(last - len(routed) + 1, last + 1), ids, routed, strict=True)
        )
        self._insert_events.execute(connection, [_event_columns(each) for each in recorded])
        now = self._now()
        deliveries = [
            _delivery_columns(each, sink, now)
            for each, (_, sinks) in zip(recorded, routed, strict=True)
            for sink in sinks
        ]
        self._insert_deliveries.execute(connection, deliveries)
        return recorded

    def _ids(self, connection: Connection, events: Sequence[Event]) -> list[str]:
        """Give each event the id that follows from its identity and from how many that identity has had."""
        identities = [cloudevent.identity(event) for event in events]
        keys = [_hashed(identity) for identity in identities]
        more = Counter(keys)
        rows = connection.execute(self._count, [{"identity": key, "events": count} for key, count in more.items()])
        had = {key: total - more[key] for key, total in rows}
        ids = []
        for key, identity in zip(keys, identities, strict=True):
            had[key] += 1
            ids.append(cloudevent.event_id(self._store_id, identity, had[key]))
        return ids

    def _write_app(self, connection: Connection, decision: Decision, *, everything: bool) -> None:
        app, before, after = decision.app, decision.before, decision.after
        key = {"of_account": app.account, "of_appkey": app.appkey}
        if after is None:
            gone = connection.execute(_DELETE_APP, {**key, "seen": before.version}).rowcount
            if gone == 0 and before.version > 0:
                raise _conflict(app, before)
            return
        columns = app_columns(app, after, version=before.version + 1)
        if before.version == 0:
            row = {"account": app.account, "appkey": app.appkey, **columns}
            written = connection.execute(self._insert_app, row).rowcount
        else:
            written = connection.execute(_UPDATE_APP, {**columns, **key, "seen": before.version}).rowcount
        if written == 0:
            raise _conflict(app, before)
        if everything:
            connection.execute(_DELETE_ENTRIES, key)
            before = Snapshot()
        self._write_entries(connection, key, gone_keys(before, after), entry_rows(app.key, before, after))

    def _write_entries(
        self, connection: Connection, app: Mapping[str, str], gone: Sequence[tuple[str, str]], rows: Sequence[EntryRow]
    ) -> None:
        if gone:
            keys: list[dict[str, Any]] = [{**app, "of_waba_id": waba, "of_number": number} for waba, number in gone]
            connection.execute(_DELETE_ENTRY, keys)
        self._put_entries.execute(connection, rows)


def _conflict(app: App, before: Snapshot) -> StoreConflict:
    return StoreConflict(f"app {app.appkey} of account {app.account} has moved on from version {before.version}")


def _hashed(identity: tuple[str, ...]) -> bytes:
    """16 bytes that stand for an identity; JSON keeps ("a", "bc") and ("ab", "c") apart."""
    return hashlib.blake2b(msgspec.json.encode(identity), digest_size=16).digest()


def _event_columns(recorded: Recorded) -> dict[str, Any]:
    event = recorded.event
    return {
        "sequence": recorded.sequence,
        "id": recorded.id,
        "time": event.time,
        "type": event.type,
        "account": event.account,
        "appkey": event.appkey,
        "subject": event.subject,
        "body": recorded.body.decode(),
    }


def _delivery_columns(recorded: Recorded, sink: str, due: int) -> dict[str, Any]:
    return {
        "sequence": recorded.sequence,
        "sink": sink,
        "subject": recorded.event.subject,
        "state": DeliveryState.OPEN.value,
        "due": due,
        "tries": 0,
        "claimed_until": None,
        "reason": "",
    }

"""
Snapshots and account states as rows, and back.

A snapshot is one row of `app` and one of `entry` for each entry and tombstone.  What has a column of its own is not in
the JSON beside it, so that nothing is stored twice.  Only what is another object than before is written.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, and_, func, select, true
from sqlalchemy.sql.expression import FromClause

from monitor.fleet.answer import Row
from monitor.fleet.app import App
from monitor.fleet.snapshot import AccountState, Entry, EntryKey, Gone, Since, Snapshot
from monitor.fleet.words import key_of, shared
from monitor.store.errors import StoreCorrupt
from monitor.store.tables import account, app, entry

AppKey = tuple[str, str]  #: (account, appkey)
EntryRow = dict[str, Any]  #: the columns of `entry`
Which = Callable[[FromClause], ColumnElement[bool]]  #: the rows of `app`, and of `entry` likewise


PIECE = 100  # apps whose entries are read at once


class Restored(msgspec.Struct, frozen=True):
    """Everything that was known when the store was last written."""

    snapshots: Mapping[AppKey, Snapshot]
    apps: Mapping[AppKey, App]  #: the same apps, as the roster described them when they were last recorded
    accounts: Mapping[str, AccountState]


#: What stands for "the same as *now*"; no text of the vendor's holds a NUL, no moment is before 1970.
_AS_NOW = Row("\0", "", "", "", "", "", "", "", "", "")
_AS_SINCE = Since(-1, -1, -1)

_app = msgspec.json.Decoder(App).decode
_header = msgspec.json.Decoder(Snapshot).decode
_account = msgspec.json.Decoder(AccountState).decode
_entries = msgspec.json.Decoder(list[Entry]).decode
_graves = msgspec.json.Decoder(list[Gone]).decode


def app_columns(described: App, snapshot: Snapshot, version: int) -> dict[str, Any]:
    """The row of `app` but for its key."""
    header = replace(snapshot, entries={}, gone={}, version=0, digest=b"", last_success=None)
    return {
        "version": version,
        "last_success": snapshot.last_success,
        "digest": snapshot.digest,
        "described": _json(described),
        "state": _json(header),
    }


def account_columns(state: AccountState, version: int) -> dict[str, Any]:
    """The row of `account` but for its key."""
    return {"version": version, "state": _json(replace(state, version=0))}


def entry_rows(key: AppKey, before: Snapshot, after: Snapshot) -> list[EntryRow]:
    """The rows of `entry` for the entries and tombstones that are other objects than before."""
    changed: list[tuple[EntryKey, int | None, Entry | Gone]] = [
        (place, None, each) for place, each in after.entries.items() if before.entries.get(place) is not each
    ]
    changed += [(place, each.gone_at, each) for place, each in after.gone.items() if before.gone.get(place) is not each]
    return [
        {
            "account": key[0],
            "appkey": key[1],
            "waba_id": waba_id,
            "number": number,
            "gone_at": gone_at,
            "state": _json(_abridged(each)),
        }
        for (waba_id, number), gone_at, each in changed
    ]


def gone_keys(before: Snapshot, after: Snapshot) -> list[EntryKey]:
    """Which rows of `entry` there are no more: neither entry nor tombstone is left."""
    old = before.entries.keys() | before.gone.keys()
    return sorted(old - after.entries.keys() - after.gone.keys())


def restore(connection: Connection, store: str, of: Collection[str] | None = None) -> Restored:
    """Read everything, or all of these accounts; StoreCorrupt names the store when a row cannot be read."""
    accounts = select(account.c.account, account.c.version, account.c.state).where(_of(account, of))
    try:
        states = {
            name: replace(_account(state), version=version) for name, version, state in connection.execute(accounts)
        }
    except msgspec.MsgspecError as error:
        raise _damaged(store, error) from error
    return replace(restore_where(connection, store, lambda table: _of(table, of)), accounts=states)


def restore_where(connection: Connection, store: str, which: Which) -> Restored:
    """Read the apps that a condition finds, without their accounts; raises as `restore`."""
    try:
        described = connection.execute(select(app.c.account, app.c.appkey, app.c.described).where(which(app)))
        apps = {(name, appkey): _app(text) for name, appkey, text in described}
        return Restored(_snapshots(connection, which(app), which(entry)), apps, {})
    except msgspec.MsgspecError as error:
        raise _damaged(store, error) from error


def restore_account(connection: Connection, store: str, name: str) -> AccountState:
    """Read one account; a new state when it is not there."""
    found = connection.execute(select(account.c.version, account.c.state).where(account.c.account == name)).first()
    try:
        return AccountState() if found is None else replace(_account(found.state), version=found.version)
    except msgspec.MsgspecError as error:
        raise _damaged(store, error) from error


def restore_app(connection: Connection, store: str, key: AppKey) -> Snapshot:
    """Read one app; an empty snapshot when it is not there."""
    try:
        return _snapshots(connection, _is(app, key), _is(entry, key)).get(key, Snapshot())
    except msgspec.MsgspecError as error:
        raise _damaged(store, error) from error


def _of(table: FromClause, accounts: Collection[str] | None) -> ColumnElement[bool]:
    """The rows of these accounts; None: all."""
    return true() if accounts is None else table.c.account.in_(sorted(accounts))


def _is(table: FromClause, key: AppKey) -> ColumnElement[bool]:
    return and_(table.c.account == key[0], table.c.appkey == key[1])


def _snapshots(
    connection: Connection, of_apps: ColumnElement[bool], of_entries: ColumnElement[bool]
) -> dict[AppKey, Snapshot]:
    headers = select(app.c.account, app.c.appkey, app.c.version, app.c.last_success, app.c.digest, app.c.state)
    headers = headers.where(of_apps)
    entries: dict[AppKey, dict[EntryKey, Entry]] = {}
    gone: dict[AppKey, dict[EntryKey, Gone]] = {}
    moments: dict[Since, Since] = {}
    for of, states in _states(connection, and_(entry.c.gone_at.is_(None), of_entries)):
        kept = [_whole(each, moments) for each in _entries(states)]
        entries[of] = {key_of(each.now): each for each in kept}
    for of, states in _states(connection, and_(entry.c.gone_at.is_not(None), of_entries)):
        graves = [replace(grave, entry=_whole(grave.entry, moments)) for grave in _graves(states)]
        gone[of] = {key_of(grave.entry.now): grave for grave in graves}
    return {
        (name, appkey): replace(
            _header(state),
            entries=entries.get((name, appkey), {}),
            gone=gone.get((name, appkey), {}),
            version=version,
            digest=digest,
            last_success=last_success,
        )
        for name, appkey, version, last_success, digest, state in connection.execute(headers)
    }


def _states(connection: Connection, which: ColumnElement[bool]) -> Iterator[tuple[AppKey, str]]:
    """
    The JSON of these rows of `entry`, one array an app.

    The database joins the texts: a tenth of the time that a row for each takes.  Read piece by piece, since all at once
    would take more memory than what is kept of them, and keep it for good.
    """
    states = func.aggregate_strings(entry.c.state, ",")
    rows = select(entry.c.account, entry.c.appkey, states).where(which).group_by(entry.c.account, entry.c.appkey)
    for name, appkey, joined in connection.execute(rows, execution_options={"yield_per": PIECE}):
        yield (name, appkey), f"[{joined}]"


def _abridged(each: Entry | Gone) -> Entry | Gone:
    """Without what is *told* where that is what is *now*, as is the rule: a third less to write and to read."""
    if isinstance(each, Gone):
        return replace(each, entry=_abridged(each.entry))
    if each.told is each.now:
        each = replace(each, told=_AS_NOW)
    return replace(each, told_since=_AS_SINCE) if each.told_since is each.since else each


def _whole(entry: Entry, moments: dict[Since, Since]) -> Entry:
    """
    The entry as it is kept in memory: what is equal to something that is kept already is the same object.

    Args:
        entry: As it was read.
        moments: What entries before it shared; grows with it.
    """
    now = shared(entry.now)
    as_now = entry.told.number == _AS_NOW.number or entry.told == entry.now
    since = moments.setdefault(entry.since, entry.since)
    as_since = entry.told_since == _AS_SINCE
    return replace(
        entry,
        now=now,
        told=now if as_now else shared(entry.told),
        since=since,
        told_since=since if as_since else moments.setdefault(entry.told_since, entry.told_since),
        first_seen=since.status if entry.first_seen == since.status else entry.first_seen,
    )


def _json(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()


def _damaged(store: str, error: Exception) -> StoreCorrupt:
    return StoreCorrupt(f"store {store} holds a row that cannot be read ({error}): put a backup in its place")

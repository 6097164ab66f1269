"""What is recorded of some accounts' apps, as far as it differs from what is known already."""

from collections.abc import Collection, Iterator, Mapping

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, select
from sqlalchemy.sql.expression import FromClause

from monitor.fleet.app import App
from monitor.fleet.snapshot import Snapshot
from monitor.store import history, snapshots
from monitor.store.snapshots import AppKey
from monitor.store.tables import app

PIECE = 500  # apps of an account that are named in one question; more of them, and the account is read as a whole

Known = Mapping[AppKey, tuple[int, int | None]]  #: by app its version, and its last success in ms since 1970


class Changes(msgspec.Struct, frozen=True):
    """Of one moment."""

    sequence: int  #: of the last event that all this is true for
    changed: Mapping[AppKey, tuple[App, Snapshot]]  #: new, or of another version
    moved: Mapping[AppKey, int]  #: nothing but the last success is another: when that was, ms since 1970
    gone: Collection[AppKey]


def find(connection: Connection, store: str, accounts: Collection[str], known: Known) -> Changes:
    """
    Compare.

    Args:
        store: For a message.
        accounts: Which; what is known of others is gone.
        known: What is known already.

    Raises:
        StoreCorrupt: A row cannot be read.
    """
    sequence = history.last_sequence(connection)
    columns = select(app.c.account, app.c.appkey, app.c.version, app.c.last_success)
    rows = connection.execute(columns.where(app.c.account.in_(sorted(accounts)))).all()
    found = {(row.account, row.appkey): (row.version, row.last_success) for row in rows}
    other = [key for key, (version, _) in found.items() if key not in known or known[key][0] != version]
    moved = {
        key: last_success
        for key, (version, last_success) in found.items()
        if last_success is not None and key in known and known[key][0] == version and known[key][1] != last_success
    }
    changed: dict[AppKey, tuple[App, Snapshot]] = {}
    for which in _questions(other):
        restored = snapshots.restore_where(connection, store, which)
        changed.update((key, (restored.apps[key], restored.snapshots[key])) for key in restored.apps)
    return Changes(sequence, changed, moved, known.keys() - found.keys())


def _questions(keys: Collection[AppKey]) -> Iterator[snapshots.Which]:
    """Conditions on the tables of apps and entries that together find these apps."""
    by_account: dict[str, list[str]] = {}
    for account, appkey in keys:
        by_account.setdefault(account, []).append(appkey)
    for account, appkeys in sorted(by_account.items()):

        def which(table: FromClause, account: str = account, appkeys: list[str] = appkeys) -> ColumnElement[bool]:
            whole = table.c.account == account
            return whole if len(appkeys) > PIECE else and_(whole, table.c.appkey.in_(sorted(appkeys)))

        yield which

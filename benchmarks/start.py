"""
How soon is there something to see?

Our side: from the start of the process, with 5,000 apps in an `apps_file` and 100,000 numbers in SQLite, to the last
byte of the first scrape that has them all; the other side is the same with nothing to watch.  `--version`, and
`healthcheck` against that daemon, beside an interpreter that does nothing.

Targets: 2.5 s to the first full scrape, 0.15 s for `--version`, 0.3 s for `healthcheck`.
"""

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from benchmarks import fleets
from benchmarks.apart import apart
from benchmarks.configuration import write_configuration
from benchmarks.figures import Figure, Spread, spread
from benchmarks.fixed_vendor import free_port
from benchmarks.stores import fill_store

APPS = 5_000
STARTS, COMMANDS = 5, 10  #: repetitions
NOBODY = "http://127.0.0.1:9"  #: a vendor that refuses every call: what is shown is what was restored
MOST = 60.0  #: seconds that a start may take at all


def run() -> list[Figure]:
    """Measure."""
    with tempfile.TemporaryDirectory(prefix="number-monitor-bench-") as name:
        filled, empty = Path(name, "filled"), Path(name, "empty")
        for directory, apps in ((filled, APPS), (empty, 0)):
            directory.mkdir()
            known = [fleets.app(index) for index in range(apps)]
            apart(fill_store, directory / "kept.db", [(app, fleets.body(index)) for index, app in enumerate(known)])
        starts = spread([_start(filled, APPS) for _ in range(STARTS + 1)][1:], "s")
        nothing = spread([_start(empty, 0) for _ in range(STARTS)], "s")
        with _daemon(empty, 0):
            healthcheck = _command("-m", "monitor", "--config", str(empty / "number-monitor.yml"), "healthcheck")
    version = _command("-m", "monitor", "--version")
    interpreter = _command("-c", "pass")
    return [
        _figure(
            "start to the first full scrape, 5,000 apps, 100,000 numbers", starts, nothing, "nothing to watch", 2.5
        ),
        _figure("--version", version, interpreter, "python -c pass", 0.15),
        _figure("healthcheck", healthcheck, interpreter, "python -c pass", 0.3),
    ]


def _figure(question: str, ours: Spread, theirs: Spread, against: str, target: float) -> Figure:
    return Figure(
        question=question,
        ours=ours,
        theirs=theirs,
        against=against,
        value=ours.median,
        unit="s",
        aim="at most",
        target=target,
    )


def _start(directory: Path, apps: int) -> float:
    with _daemon(directory, apps) as began:
        return time.perf_counter() - began


@contextmanager
def _daemon(directory: Path, apps: int) -> Iterator[float]:
    """Run it with a store as it was filled, until it has shown all; the moment at which it was started."""
    for old in directory.glob("number-monitor.db*"):
        old.unlink()
    shutil.copyfile(directory / "kept.db", directory / "number-monitor.db")
    port = free_port()
    known = [(fleets.appkey(index), f"shop-{index}") for index in range(apps)]
    path = write_configuration(directory, NOBODY, apps=known, port=port, rate=20, interval="60s")
    began = time.perf_counter()
    daemon = subprocess.Popen(
        [sys.executable, "-m", "monitor", "--config", str(path), "--log-level", "error", "run"],
        stdout=subprocess.DEVNULL,
    )
    try:
        _until(lambda: _get(port, "/-/ready") is not None, began)
        _until(lambda: _get(port, "/-/ready" if not apps else "/metrics", expected=apps * fleets.NUMBERS), began)
        yield began
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait()


def _until(condition: Callable[[], object], began: float) -> None:
    while not condition():
        if time.perf_counter() - began > MOST:
            raise TimeoutError(f"nothing to see after {MOST:g} s")
        time.sleep(0.01)


def _get(port: int, path: str, expected: int = 0) -> bytes | None:
    """The body; None while there is none that is good and has all numbers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
    except OSError:
        return None
    finally:
        connection.close()
    whole = body.count(b"\nnxcloud_number_status{") >= expected
    return body if answer.status == 200 and whole else None


def _command(*arguments: str) -> Spread:
    found = [_seconds((sys.executable, *arguments)) for _ in range(COMMANDS + 1)]
    return spread(found[1:], "s")


def _seconds(command: Sequence[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began

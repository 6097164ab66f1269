"""
Toward the largest: 100 accounts of 1,000 apps, asked every 60 s, in daemons that share a PostgreSQL.

First the calls: as many a second, from accounts of 100 apps that are asked every 6 s, so that seconds show what
minutes would.  One daemon is given more and more accounts; then two share them, and answers begin to change.  Then the
size: 25 accounts of 1,000 apps, half a million numbers, lose their daemon, and another takes them over.

The vendor (nginx), PostgreSQL and the daemons share the machine; the CPU time of each is told apart.  docs/scale.md
says what the figures mean for fleets that this machine cannot hold.
"""

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import msgspec

from benchmarks import fleets
from benchmarks.daemons import Samples, samples_in
from benchmarks.figures import Figure
from benchmarks.fixed_vendor import FixedVendor, told_vendor
from benchmarks.large import MB, Done, Held, Loss, Window, figure_of_rounds, figures_of_calls, figures_of_loss
from benchmarks.machine import cpu_of
from benchmarks.many import Answers, Many, until
from benchmarks.replicas import Replica, replica
from benchmarks.rounds import lease_round
from benchmarks.server import bytes_of, usual_server, work_of
from tests.postgresql import PostgresqlServer

ACCOUNTS, APPS, INTERVAL = 100, 100, 6.0  #: of the calls; as many a second as of 1,000 apps every 60 s
STEPS = (25, 50, 75)  #: accounts of one daemon
CHANGES = ((0, 20.0), (1, 60.0), (5, 30.0))  #: apps of each account whose answer changes in so many seconds
LOST, APPS_OF_LOST, INTERVAL_OF_LOST = 25, 1_000, 60.0
SETTLE = 45.0  #: seconds that a first round may be felt: what is left of the budget works off what it held up
LATE = "number_monitor_poll_lateness_seconds_bucket"


def run() -> list[Figure]:
    """Measure."""
    with tempfile.TemporaryDirectory(prefix="number-monitor-bench-") as name, usual_server() as server:
        rounds = lease_round(server, 1), lease_round(server, ACCOUNTS)
        windows = _calls(server, Path(name))
        loss = _loss(server, Path(name))
    return [*figures_of_calls(windows), figure_of_rounds(ACCOUNTS, *rounds), *figures_of_loss(loss)]


class _Fleet(msgspec.Struct):
    many: Many
    answers: Answers
    vendor: FixedVendor
    path: Path


@contextmanager
def _fleet(server: PostgresqlServer, directory: Path, accounts: int, apps: int, interval: float) -> Iterator[_Fleet]:
    answers = Answers(apps)
    many = Many(server, accounts, apps)
    many.fill(answers)
    with told_vendor(answers.all()) as vendor:
        yield _Fleet(many, answers, vendor, many.configure(directory, vendor, interval))


def _calls(server: PostgresqlServer, directory: Path) -> list[Window]:
    """With one daemon at each step, then with two at each share of changes."""
    windows = []
    with _fleet(server, directory, ACCOUNTS, APPS, INTERVAL) as fleet, replica(fleet.path) as first:
        many = fleet.many
        for step in STEPS:
            many.free(many.names[:step])
            _until_watched([first], step)
            _settle([first])
            windows.append(_window([first], fleet, step, 0, CHANGES[0][1]))
            if windows[-1].late > 1:
                break
        with replica(fleet.path) as second:
            many.take_away(many.names)
            _until_watched([first], 0)
            many.free(many.names)
            _until_watched([first, second], ACCOUNTS // 2)
            _settle([first, second])
            windows += [_window([first, second], fleet, ACCOUNTS, changes, wait) for changes, wait in CHANGES]
    return windows


def _window(daemons: Sequence[Replica], fleet: _Fleet, accounts: int, changes: int, seconds: float) -> Window:
    """Watch them for some seconds, in which so many apps of each account change."""
    many = fleet.many
    before = [_samples(daemon) for daemon in daemons]
    time.sleep(1)  # what these scrapes cost is not counted
    for daemon in daemons:
        daemon.probe()
    began = time.perf_counter()
    work, vendor, cpu = work_of(many.server, many.database), cpu_of(fleet.vendor.pid), [each.cpu for each in daemons]
    for _ in range(changes):
        fleet.answers.change(fleet.vendor)
        time.sleep(seconds / changes)
    if not changes:
        time.sleep(seconds)
    took = time.perf_counter() - began
    spent = [each.cpu - earlier for each, earlier in zip(daemons, cpu, strict=True)]
    done = (work_of(many.server, many.database) - work).each(took)
    vendor = (cpu_of(fleet.vendor.pid) - vendor) / took
    each = []
    for daemon, earlier, cores in zip(daemons, before, spent, strict=True):
        told, after = daemon.probed(), _samples(daemon)
        calls = after["number_monitor_calls_total", ""] - earlier["number_monitor_calls_total", ""]
        cost = Held(took, cores, told.held, told.busy, told.memory / MB)
        each.append(Done(calls / took, cores / took, _late(earlier, after), cost))
    window = Window(accounts, changes * INTERVAL / (APPS * seconds), each, done, vendor)
    _say(window)
    return window


def _loss(server: PostgresqlServer, directory: Path) -> Loss:
    with ExitStack() as running, _fleet(server, directory, LOST, APPS_OF_LOST, INTERVAL_OF_LOST) as fleet:
        many, tables = fleet.many, bytes_of(server, fleet.many.database)
        first = running.enter_context(replica(fleet.path))
        with _cost(first) as given:
            many.free(many.names)
            _until_watched([first], LOST, APPS_OF_LOST)
        second = running.enter_context(replica(fleet.path))
        time.sleep(5)  # it stands by
        with _cost(second) as taken:
            began = time.perf_counter()
            first.kill()
            until(lambda: many.hands == 2)
            leases = time.perf_counter() - began
            until(lambda: second.shown == LOST * APPS_OF_LOST)
            shown = time.perf_counter() - began
            _until_watched([second], LOST, APPS_OF_LOST)
        scrape = _ask(second, "/metrics?part=fleet")
        third = running.enter_context(replica(fleet.path))
        page, again = (_ask(third, "/") for _ in range(2))
        apps = LOST * APPS_OF_LOST
        numbers = apps * fleets.NUMBERS
        size = (tables["app"] + tables["entry"]) / numbers
        loss = Loss(LOST, apps, numbers, given[0], leases, shown, taken[0], scrape, page, again, size)
    _say(loss)
    return loss


@contextmanager
def _cost(daemon: Replica) -> Iterator[list[Held]]:
    """What it costs a daemon; known at the end."""
    found: list[Held] = []
    daemon.probe()
    began, cpu = time.perf_counter(), daemon.cpu
    yield found
    seconds, spent, told = time.perf_counter() - began, daemon.cpu - cpu, daemon.probed()
    found.append(Held(seconds, spent, told.held, told.busy, told.memory / MB))


def _ask(daemon: Replica, path: str) -> Held:
    """What an answer costs."""
    with _cost(daemon) as cost, httpx.stream("GET", f"http://{daemon.address}{path}", timeout=120) as answer:
        size = sum(len(piece) for piece in answer.iter_raw())
    return msgspec.structs.replace(cost[0], sent=size)


def _samples(daemon: Replica) -> Samples:
    return samples_in(httpx.get(f"http://{daemon.address}/metrics?part=daemon", timeout=120).text)


def _until_watched(daemons: Sequence[Replica], accounts: int, apps: int = APPS) -> None:
    """Wait until each polls the apps of so many accounts."""
    until(lambda: all(_samples(daemon).get(("number_monitor_apps", ""), 0) == accounts * apps for daemon in daemons))


def _settle(daemons: Sequence[Replica]) -> None:
    """Wait until calls begin in time, for a while."""
    end = time.monotonic() + SETTLE
    while time.monotonic() < end:
        before = [_samples(daemon) for daemon in daemons]
        time.sleep(5)
        if all(_late(earlier, _samples(daemon)) <= 0.5 for daemon, earlier in zip(daemons, before, strict=True)):
            return


def _late(before: Samples, after: Samples) -> float:
    """The bound of the bucket that holds 99 % of the calls' latenesses, seconds."""
    counts = {float(bound): after[name, bound] - before.get((name, bound), 0) for name, bound in after if name == LATE}
    return min(bound for bound, count in counts.items() if count >= 0.99 * counts[float("inf")])


def _say(what: Window | Loss) -> None:
    """All of it, to whoever waits."""
    print(msgspec.json.encode(what).decode(), file=sys.stderr, flush=True)

"""What was measured of a large fleet, and the figures that are made of it."""

from collections.abc import Sequence

import msgspec

from benchmarks.figures import Figure, one
from benchmarks.rounds import Round
from benchmarks.server import Work

MB = 1_000_000


class Held(msgspec.Struct, frozen=True):
    """What something has cost a daemon."""

    seconds: float
    cpu: float  #: seconds
    held: float  #: how long its loop was held at most, ms; what else the machine did is in it
    busy: float  #: the same by the loop's own CPU time
    memory: float  #: MB that it has then
    sent: int = 0  #: bytes, packed, where it was asked for something


class Done(msgspec.Struct, frozen=True):
    """What one daemon did in a window."""

    calls: float  #: a second
    cores: float
    late: float  #: seconds within which 99 % of the calls began: a bucket's bound
    cost: Held


class Window(msgspec.Struct, frozen=True):
    """What all did in some seconds."""

    accounts: int
    changed: float  #: share of the answers
    daemons: Sequence[Done]
    database: Work  #: a second
    vendor: float  #: cores

    @property
    def calls(self) -> float:
        """A second."""
        return sum(daemon.calls for daemon in self.daemons)

    @property
    def a_core(self) -> float:
        """Calls a second that a core of a daemon is good for."""
        return self.calls / sum(daemon.cores for daemon in self.daemons)

    @property
    def late(self) -> float:
        """Of the daemon that is later."""
        return max(daemon.late for daemon in self.daemons)


class Loss(msgspec.Struct, frozen=True):
    """A daemon died, and another took over."""

    accounts: int
    apps: int  #: of all of them
    numbers: int
    first: Held  #: the first daemon, when it was given all
    leases: float  #: seconds until the other had the leases
    shown: float  #: seconds until it showed everything
    taken: Held  #: until it asked for everything
    scrape: Held
    page: Held  #: the first page of a third daemon, which watches nothing of it
    again: Held  #: the same once more
    tables: float  #: bytes a number in PostgreSQL


def figures_of_calls(windows: Sequence[Window]) -> list[Figure]:
    """Of one daemon, of two, and of PostgreSQL meanwhile."""
    alone = [window for window in windows if len(window.daemons) == 1]
    together = [window for window in windows if len(window.daemons) == 2]
    kept = [window for window in alone if window.late <= 1]
    most = kept[-1] if kept else alone[0]
    return [
        _figure(
            f"calls a second a core of a daemon, {most.accounts} accounts, {most.calls:,.0f} calls a second",
            most.a_core,
            "calls/s",
            other=(most.database.cpu, "cores", "PostgreSQL meanwhile"),
            note=", ".join(f"{window.accounts} accounts: {_said(window)}" for window in alone),
        ),
        _figure(
            "the same, two daemons that share 100 accounts",
            together[0].a_core,
            "calls/s",
            other=(together[0].database.cpu, "cores", "PostgreSQL meanwhile"),
            note=_said(together[0]),
        ),
        _figure("99 % of their calls begin within", together[0].late, "s", target=1.0, note="a bucket's bound"),
        *(
            _figure(
                f"PostgreSQL's log, {window.changed:.1%} of the answers changed",
                window.database.wal / MB,
                "MB/s",
                other=(window.database.cpu, "cores", "its CPU"),
                note=f"{window.database.rows:,.0f} rows and {window.database.commits:.1f} transactions a second, "
                f"{window.calls:,.0f} calls a second, {window.a_core:,.0f} a core",
            )
            for window in together
        ),
    ]


def figure_of_rounds(accounts: int, of_one: Round, of_all: Round) -> Figure:
    """Of the leases."""
    return _figure(
        f"a round of leases, {accounts} accounts",
        of_all.seconds * 1000,
        "ms",
        other=(of_one.seconds * 1000, "ms", "1 account"),
        note=f"every 5 s; {of_all.cpu * 1000:.1f} ms of PostgreSQL's CPU time",
    )


def _said(window: Window) -> str:
    cores = " and ".join(f"{daemon.cores:.2f}" for daemon in window.daemons)
    busy = max(daemon.cost.busy for daemon in window.daemons)
    return f"{window.calls:,.0f} calls/s in {cores} cores, 99 % within {window.late:g} s, own hold {busy:.0f} ms"


def figures_of_loss(loss: Loss) -> list[Figure]:
    """Of what a daemon takes over, and of what it then is asked for."""
    what = f"{loss.accounts} accounts, {loss.apps:,} apps, {loss.numbers:,} numbers"
    taken, scrape = loss.taken, loss.scrape
    return [
        _figure(
            f"a daemon dies: {what} are shown again after",
            loss.shown,
            "s",
            target=30.0,
            other=(loss.leases, "s", "of it until the leases end"),
        ),
        _figure(
            "the same: all of them have a seat in the schedule again after",
            taken.seconds,
            "s",
            note=f"{taken.cpu:.1f} s of CPU time; the one that died had needed {loss.first.seconds:.1f} s for them",
        ),
        _figure("longest hold of the loop meanwhile, its own CPU time", taken.busy, "ms", target=20.0),
        _figure("memory of the daemon that watches them", taken.memory, "MB"),
        _figure(
            "a scrape of them, gzip",
            scrape.seconds,
            "s",
            note=f"{scrape.sent / MB:.0f} MB sent, {scrape.cpu:.1f} s of CPU time, own hold {scrape.busy:.0f} ms",
        ),
        _figure(
            "the first page of a daemon that watches none of them",
            loss.page.seconds,
            "s",
            other=(loss.again.seconds, "s", "once more"),
            note=f"{loss.page.cpu:.1f} s of CPU time, own hold {loss.page.busy:.0f} ms, {loss.page.memory:.0f} MB",
        ),
        _figure("PostgreSQL's tables, a number", loss.tables, "bytes"),
    ]


def _figure(
    question: str,
    value: float,
    unit: str,
    *,
    target: float | None = None,
    other: tuple[float, str, str] | None = None,
    note: str = "",
) -> Figure:
    return Figure(
        question=question,
        ours=one(value, unit),
        theirs=None if other is None else one(other[0], other[1]),
        against="" if other is None else other[2],
        value=value,
        unit=unit,
        aim="for information" if target is None else "at most",
        target=target,
        note=note,
    )

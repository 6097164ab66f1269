"""Stand-ins for what delivery works with; each keeps what it was given."""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from prometheus_client import generate_latest
from structlog.testing import CapturingLogger
from structlog.typing import FilteringBoundLogger

from monitor.delivery.sink import Message
from monitor.fleet.event import EVENT_TYPES
from monitor.metrics.instruments import Instruments, Registry
from monitor.store.errors import StoreUnavailable
from monitor.store.outbox import Backlog, Due
from monitor.store.people import Conclusion, Waiting


def body(sequence: int, *, kind: str = "number.degraded", severity: str = "critical") -> bytes:
    """A CloudEvent as short as one can be."""
    return json.dumps({"id": f"id-{sequence}", "type": kind, "data": {"severity": severity}}).encode()


def message(sequence: int, subject: str = "+861") -> Message:
    return Message(sequence, f"id-{sequence}", body(sequence), subject, 0, 0)


class Clock:
    """Both clocks; they stand still until told."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def now(self) -> int:
        return round(self.seconds * 1000)

    def monotonic(self) -> float:
        return self.seconds


class Pauses:
    """
    Waits that take no time: a wait for something that does not happen ends at once, its seconds later.

    After so many waits, or when nothing is left to be done, `stop` is called, which ends the test's run.
    """

    def __init__(self, clock: Clock, most: int, done: Callable[[], bool], stop: Callable[[], None]) -> None:
        self.clock = clock
        self.left = most
        self.done = done
        self.stop = stop
        self.waited: list[float] = []

    async def __call__(self, event: asyncio.Event, seconds: float) -> None:
        await asyncio.sleep(0)
        if event.is_set():
            return
        self.waited.append(round(seconds, 3))
        self.clock.seconds += seconds
        self.left -= 1
        if self.left <= 0 or self.done():
            self.stop()


@dataclass
class Row:
    """A delivery as the store keeps it."""

    sequence: int
    subject: str
    due: int = 0
    tries: int = 0
    claimed: bool = False
    state: str = "open"
    reason: str = ""


class FakeStore:
    """The outbox of one sink, with the store's rules: of a subject the earliest open row alone can be claimed."""

    def __init__(self, rows: Iterable[tuple[int, str]] = ()) -> None:
        self.rows = [Row(sequence, subject) for sequence, subject in rows]
        self.failing: set[str] = set()  # names of calls that find the store down
        self.claims: list[int] = []
        self.paused: dict[str, str] = {}
        self.tenure: int | None = 0  # of every account

    def add(self, sequence: int, subject: str) -> None:
        self.rows.append(Row(sequence, subject))

    async def claim(self, sink: str, limit: int, now: int) -> list[Due]:
        self._check("claim")
        first: dict[str, Row] = {}
        for row in self.rows:
            if row.state == "open":
                first.setdefault(row.subject, row)
        due = [row for row in first.values() if row.due <= now and not row.claimed][:limit]
        for row in due:
            row.claimed = True
        self.claims.append(len(due))
        return [Due(row.sequence, sink, row.subject, row.tries, 0, body(row.sequence), "main") for row in due]

    def epoch(self, account: str) -> int | None:
        return self.tenure

    async def release(self, sink: str) -> None:
        self._check("release")
        for row in self.rows:
            row.claimed = False

    async def delivered(self, sink: str, sequences: Sequence[int]) -> None:
        self._check("delivered")
        for sequence in sequences:
            self._settle(sequence, "done", "")

    async def postpone(self, sink: str, sequence: int, due: int, reason: str) -> None:
        self._check("postpone")
        row = self.row(sequence)
        row.due, row.reason, row.claimed, row.tries = due, reason, False, row.tries + 1

    async def bury(self, sink: str, sequence: int, reason: str) -> None:
        self._check("bury")
        self._settle(sequence, "dead", reason)

    async def hasten(self, sink: str, now: int) -> None:
        self._check("hasten")
        for row in self.rows:
            if row.state == "open" and row.tries:
                row.due = min(row.due, now)

    async def pause_sink(self, name: str, reason: str) -> None:
        self._check("pause_sink")
        self.paused[name] = reason

    async def resume_sink(self, name: str) -> None:
        self._check("resume_sink")
        self.paused.pop(name, None)

    async def paused_sinks(self) -> dict[str, str]:
        self._check("paused_sinks")
        return dict(self.paused)

    async def agenda(self, sink: str) -> dict[str, int]:
        self._check("agenda")
        return {}

    async def acquainted(self, sink: str) -> list[str]:
        self._check("acquainted")
        return []

    async def waiting(self, sink: str, account: str, after: int, limit: int) -> list[Waiting]:
        self._check("waiting")
        return []

    async def known(self, sink: str, account: str) -> dict[str, str]:
        self._check("known")
        return {}

    async def conclude(self, sink: str, account: str, concluded: Conclusion, epoch: int) -> None:
        self._check("conclude")

    async def put_off(self, sink: str, dues: Mapping[int, int], reason: str) -> None:
        self._check("put_off")

    async def give_up(self, sink: str, sequences: Sequence[int], reason: str) -> None:
        self._check("give_up")

    async def backlog(self, now: int) -> dict[str, Backlog]:
        self._check("backlog")
        waiting = [row for row in self.rows if row.state == "open"]
        dead = sum(row.state == "dead" for row in self.rows)
        return {"hook": Backlog(len(waiting), waiting[0].sequence * 1000 if waiting else None, dead)}

    def row(self, sequence: int) -> Row:
        return next(row for row in self.rows if row.sequence == sequence)

    def all_settled(self) -> bool:
        return all(row.state != "open" for row in self.rows)

    def recover(self) -> bool:
        """It is up again; whether all is settled."""
        self.failing.clear()
        return self.all_settled()

    @property
    def states(self) -> list[str]:
        return [row.state for row in self.rows]

    def _settle(self, sequence: int, state: str, reason: str) -> None:
        row = self.row(sequence)
        row.state, row.reason, row.claimed = state, reason, False

    def _check(self, call: str) -> None:
        if call in self.failing:
            raise StoreUnavailable("store is locked")


class FakeSink:
    """Keeps what it took; `answer` says of each send what becomes of it, by raising or not."""

    def __init__(
        self,
        answer: Callable[[Sequence[Message]], None] = lambda _: None,
        *,
        batch: int = 1,
        concurrency: int = 1,
        limit: float | None = None,
        name: str = "hook",
    ) -> None:
        self.name = name
        self.batch = batch
        self.concurrency = concurrency
        self.limit = limit
        self.answer = answer
        self.asked: list[list[int]] = []
        self.took: list[int] = []
        self.closed = False

    async def send(self, messages: Sequence[Message]) -> str:
        sequences = [message.sequence for message in messages]
        self.asked.append(sequences)
        self.answer(messages)
        self.took += sequences
        return ""

    async def aclose(self) -> None:
        self.closed = True


def instruments() -> tuple[Instruments, Callable[[], list[str]]]:
    """(instruments, a function that gives all samples as text lines)."""
    registry = Registry()
    made = Instruments(registry, version="1", revision="", failure_reasons=(), event_types=EVENT_TYPES, attributes=())
    return made, lambda: generate_latest(registry).decode().splitlines()


def capturing() -> tuple[FilteringBoundLogger, CapturingLogger]:
    """(a log, what keeps its calls)."""
    logged = CapturingLogger()
    log = structlog.wrap_logger(logged, processors=[], wrapper_class=structlog.make_filtering_bound_logger(0))
    return log, logged

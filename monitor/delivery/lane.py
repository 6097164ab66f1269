"""
One sink's way out: claims what is due from the store, sends it outside any transaction, marks what became of it.

Delivered at least once: a message is marked only when the sink has it, and what a crash leaves unmarked is sent again
under the same id.  Per subject in the order of recording; a subject whose message is put off waits, the others go on.
Several sends may be under way, never two of a subject: a claim has one message of each, and none of a subject that is
claimed still.  None is begun of an account that another process watches by then.  Nothing cancels a send but its own
deadline and the end of the process.
Memory holds one claim and what is under way, however long the sink or the store is down.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import msgspec
import structlog

from monitor.delivery.attempt import attempt
from monitor.delivery.gate import Gate, Pauses
from monitor.delivery.schedule import DAY, DOWN_AFTER, pause_for, retry_in
from monitor.delivery.sink import Message, Sink
from monitor.metrics.instruments import Instruments
from monitor.store.errors import StoreError
from monitor.store.outbox import Due

CLAIM = 200  # messages at once; a message is a kilobyte or two
LOOK_EVERY = 15.0  # seconds, for what became due without our knowing: rows of an earlier process
STORE_AWAY = 2.0  # seconds until a store that failed is asked again
PAUSED = "paused"  # what has been said in the log

Pause = Callable[[asyncio.Event, float], Awaitable[None]]


class _Identified(msgspec.Struct):
    """As much of a CloudEvent as sinks need beside its body."""

    id: str


class Outbox(Pauses, Protocol):
    """Where deliveries wait: `monitor.store.store.Store`.  All raise StoreError."""

    async def claim(self, sink: str, limit: int, now: int) -> Sequence[Due]:
        """Rows that are due, oldest first: of each subject the earliest that is open, when it is due."""

    def epoch(self, account: str) -> int | None:
        """How often the account had changed hands when it became ours; None: it is another process's."""

    async def release(self, sink: str) -> None:
        """Give claimed rows back as they were."""

    async def delivered(self, sink: str, sequences: Sequence[int]) -> None:
        """The sink has them."""

    async def postpone(self, sink: str, sequence: int, due: int, reason: str) -> None:
        """One more attempt failed; the next is at `due`."""

    async def bury(self, sink: str, sequence: int, reason: str) -> None:
        """Given up: a dead letter."""

    async def hasten(self, sink: str, now: int) -> None:
        """Whatever is put off is due now."""


async def pause(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, so many seconds at most."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


class Lane:
    """The task of one sink."""

    def __init__(
        self,
        sink: Sink,
        *,
        store: Outbox,
        instruments: Instruments,
        now: Callable[[], int],
        monotonic: Callable[[], float],
        random: Callable[[], float],
        log: structlog.typing.FilteringBoundLogger,
        on_progress: Callable[[], None],
        pause: Pause = pause,
    ) -> None:
        """
        Args:
            sink: Where to.
            store: Where from.
            instruments: Our own metrics.
            now: Wall clock, milliseconds since 1970.
            monotonic: Seconds.
            random: Evenly from 0 to 1, for the jitter.
            log: For a sink that fails and for what is given up.
            on_progress: Called when the backlog has changed.
            pause: Waits for an event, so many seconds at most.
        """
        self._sink = sink
        self._store = store
        self._instruments = instruments
        self._now = now
        self._monotonic = monotonic
        self._random = random
        self._log = log.bind(sink=sink.name)
        self._on_progress = on_progress
        self._pause = pause
        self._woken = asyncio.Event()
        self._stopping = asyncio.Event()
        self._gate = Gate(sink.name, store)
        self._under_way: dict[asyncio.Task[None], Sequence[Message]] = {}
        self._unmarked: set[int] = set()  # the sink has them, the store does not know yet
        self._astray = True  # rows may be claimed that nobody sends: by an earlier process, or since the store failed
        self._held_until = float("-inf")  # monotonic: the sink asked to be left alone, or is down
        self._pauses = 0  # times in a row that it was left alone for being down
        self._soonest: int | None = None  # when the next message that was put off is due
        self._failing: set[str] = set()  # subjects that failed since the last success;
        self._stuck: set[str] = set()  # those that have been hastened and stayed: their fault is not the sink's
        self._hasten = True  # at the next success; at the start, for what an earlier process has put off
        self._said = ""  # of the present trouble, in the log

    def wake(self) -> None:
        """Something was recorded."""
        self._woken.set()

    def take_over(self) -> None:
        """More is ours: what another process has put off is due at the next success, as at the start."""
        self._hasten = True
        self._woken.set()

    def resume(self) -> None:
        """If the sink is paused, send to it again."""
        self._gate.open()
        self._woken.set()

    def stop(self) -> None:
        """Send nothing more; `run` returns when the sends that are under way have ended and are marked."""
        self._stopping.set()
        self._woken.set()

    async def run(self) -> None:
        """Deliver until stopped; cancelled, what is under way is dropped and stays due."""
        try:
            await self._run()
            await self._all_ended()
        except StoreError as error:
            self._say("deliveries wait for the store", str(error))
        except Exception:  # noqa: BLE001  # likewise
            self._log.exception("delivering broke")
        finally:
            dropped = list(self._under_way)
            for task in dropped:
                task.cancel()
            await asyncio.gather(*dropped, return_exceptions=True)

    async def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                busy = await self._round()
            except StoreError as error:
                self._say("deliveries wait for the store", str(error))
                self._astray = True
                await self._pause(self._stopping, STORE_AWAY)
                continue
            except Exception:  # noqa: BLE001  # the top of the task: whatever broke, the other messages go on
                self._log.exception("delivering broke")
                self._astray = True
                await self._pause(self._stopping, LOOK_EVERY)
                continue
            if self._is_held():
                await self._pause(self._stopping, self._held_until - self._monotonic())
            elif not busy:
                await self._pause(self._woken, self._idle_seconds())

    async def _round(self) -> bool:
        """Claim once and deliver that; False when nothing was due."""
        self._look_at_ended()
        if self._astray:
            await self._all_ended()
        await self._mark()
        if not await self._gate.settle():
            if self._said != PAUSED:
                self._log.warning("sink is paused: nothing is sent to it until it is resumed")
            self._said = PAUSED
            return False
        if self._astray:
            await self._store.release(self._sink.name)
            self._astray = False
        # One that fails is asked with few messages, one at a time: most would only be put off.
        limit, size = (DOWN_AFTER, 1) if self._failing else (CLAIM, self._sink.batch)
        now = self._now()
        if self._soonest is not None and self._soonest <= now:
            self._soonest = None
        # A claim that has run out while its message is still under way, or waited long for its turn, comes again.
        sending = {message.sequence for messages in self._under_way.values() for message in messages}
        rows = await self._store.claim(self._sink.name, limit, now)
        claimed = [row for row in rows if row.sequence not in sending]
        epochs = {row.account: self._store.epoch(row.account) for row in claimed}
        sent = 0
        while sent < len(claimed) and await self._may_send():
            some = claimed[sent : sent + size]
            # The account's next owner sends what was claimed and not sent: we do not, if it has one by now.
            ours = [row for row in some if self._store.epoch(row.account) == epochs[row.account] is not None]
            if ours:
                self._send([_message(row) for row in ours])
            sent += len(some)
        if sent < len(claimed) or self._sink.concurrency == 1 or self._failing:
            await self._all_ended()
        if sent < len(claimed):
            await self._store.release(self._sink.name)
        return sent > 0

    async def _may_send(self) -> bool:
        """Wait until one more send may be under way; whether it still should."""
        while len(self._under_way) >= (1 if self._failing else self._sink.concurrency):
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
            self._look_at_ended()
        return self._gate.is_open and not self._stopping.is_set() and not self._is_held()

    def _send(self, messages: Sequence[Message]) -> None:
        task = asyncio.create_task(self._deliver(messages))
        task.add_done_callback(lambda _: self._woken.set())  # the next of its subjects can be claimed
        self._under_way[task] = messages

    async def _all_ended(self) -> None:
        if self._under_way:
            await asyncio.wait(self._under_way)
            self._look_at_ended()

    def _look_at_ended(self) -> None:
        """Forget the sends that have ended; raises what the store made of them."""
        ended = [task for task in self._under_way if task.done()]
        for task in ended:
            del self._under_way[task]
        if ended:
            self._on_progress()
        for error in [task.exception() for task in ended]:
            if error is not None:
                raise error

    async def _deliver(self, messages: Sequence[Message]) -> None:
        outcome = await attempt(self._sink.send(messages), self._sink.limit, self._log)
        match outcome.kind:
            case "taken":
                await self._succeeded(messages)
            case "refused":
                self._count_failure("refused", messages)
                await self._bury(messages, outcome.text)
            case "gone":
                self._count_failure("refused", messages)
                self._shut(outcome.text)
            case _:
                if outcome.kind == "throttled":
                    self._hold(min(outcome.after, DAY))
                await self._failed(outcome.kind, outcome.text, messages, after=outcome.after)

    async def _succeeded(self, messages: Sequence[Message]) -> None:
        self._unmarked.update(message.sequence for message in messages)
        self._instruments.deliveries.labels(self._sink.name).inc(len(messages))
        await self._mark()
        subjects = {message.subject for message in messages}
        if self._failing - self._stuck - subjects or self._stuck & subjects:
            self._hasten = True
        if self._said:
            self._log.info("deliveries go on")
        self._said = ""
        self._pauses = 0
        self._stuck = (self._stuck | self._failing) - subjects
        self._failing = set()
        if self._hasten:
            await self._store.hasten(self._sink.name, self._now())
            self._hasten = False

    async def _mark(self) -> None:
        if marked := sorted(self._unmarked):
            await self._store.delivered(self._sink.name, marked)
            self._unmarked.difference_update(marked)

    async def _failed(self, reason: str, text: str, messages: Sequence[Message], *, after: float = 0.0) -> None:
        self._count_failure(reason, messages)
        self._say("deliveries fail", text, first=messages[0].sequence)
        self._failing.update(message.subject for message in messages)
        if len(self._failing - self._stuck) >= DOWN_AFTER and not self._is_held():
            self._pauses += 1
            self._hold(pause_for(self._pauses))
        for message in messages:
            wait = retry_in(message.tries + 1, self._random(), after=after)
            if wait is None:
                await self._bury([message], text)
                continue
            due = self._now() + round(wait * 1000)
            self._soonest = due if self._soonest is None else min(self._soonest, due)
            await self._store.postpone(self._sink.name, message.sequence, due, text)

    async def _bury(self, messages: Sequence[Message], text: str) -> None:
        for message in messages:
            self._failing.discard(message.subject)
            self._stuck.discard(message.subject)
            await self._store.bury(self._sink.name, message.sequence, text)
            self._instruments.deliveries_dead.labels(self._sink.name).inc()
            self._log.error("delivery given up", sequence=message.sequence, subject=message.subject, reason=text)

    def _shut(self, text: str) -> None:
        if self._gate.is_open:
            self._log.error("sink paused: nothing is sent to it until it is resumed or a reload", reason=text)
        self._gate.shut(text)
        self._astray = True  # what was claimed waits unclaimed
        self._said = PAUSED

    def _count_failure(self, reason: str, messages: Sequence[Message]) -> None:
        self._instruments.delivery_failures.labels(self._sink.name, reason).inc(len(messages))

    def _say(self, what: str, text: str, **more: object) -> None:
        """Log a trouble once, until it is another one or over."""
        trouble = text.partition(": ")[0]  # what follows are the receiver's words, which may differ each time
        if trouble != self._said:
            self._log.warning(what, reason=text, **more)
            self._said = trouble

    def _hold(self, seconds: float) -> None:
        self._held_until = max(self._held_until, self._monotonic() + seconds)

    def _is_held(self) -> bool:
        return self._monotonic() < self._held_until

    def _idle_seconds(self) -> float:
        if self._soonest is None or not self._gate.is_open:
            return LOOK_EVERY
        return min(max((self._soonest - self._now()) / 1000, 0.0), LOOK_EVERY)


def _message(due: Due) -> Message:
    event = msgspec.json.decode(due.body, type=_Identified)
    return Message(due.sequence, event.id, due.body, due.subject, due.time, due.tries)

"""
The task of one sink for people: looks what waits, puts it together, sends it, and writes down what became of it.

Delivered at least once: rows and what the sink knows are marked in one transaction once the receiver has the message,
so that a crash between the two sends the same again.  One message at a time; memory holds one account's lines, however
long the sink is down.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec
import structlog

from monitor.delivery.gate import Gate, Pauses
from monitor.delivery.lane import Pause, pause
from monitor.delivery.people.course import Known
from monitor.delivery.people.digest import Baseline, Digest
from monitor.delivery.people.fact import fact_of
from monitor.delivery.people.gathering import Gathering, Lasting, Part, Plan, look_at
from monitor.delivery.people.notice import Notice, NoticeSink
from monitor.delivery.people.rules import Rules
from monitor.delivery.schedule import DAY, pause_for, retry_in
from monitor.delivery.sink import DeliveryError, Gone, Refused, Throttled
from monitor.metrics.instruments import Instruments
from monitor.store.errors import StoreError
from monitor.store.people import Conclusion, KnownTrouble, Waiting

PAGE = 500  # rows at once; a row is a kilobyte or two
LOOK_EVERY = 15.0  # seconds, for what became due without our knowing
STORE_AWAY = 2.0  # seconds until a store that failed is asked again
MINUTE = 60.0
PAUSED = "paused"  # what has been said in the log

Worded = Callable[[Digest], Notice]


class Inbox(Pauses, Protocol):
    """Where rows wait and what is known is kept: `monitor.store.store.Store`.  All raise StoreError."""

    async def agenda(self, sink: str) -> Mapping[str, int]:
        """When to look at each account, milliseconds since 1970."""

    async def waiting(self, sink: str, account: str, after: int, limit: int) -> Sequence[Waiting]:
        """The first rows after a sequence that wait, due or not."""

    async def known(self, sink: str, account: str) -> Mapping[str, str]:
        """The state by incident."""

    async def conclude(self, sink: str, account: str, concluded: Conclusion) -> None:
        """What became of rows, and what is known now."""

    async def put_off(self, sink: str, dues: Mapping[int, int], reason: str) -> None:
        """By sequence, when to try again."""

    async def give_up(self, sink: str, sequences: Sequence[int], reason: str) -> None:
        """Dead letters."""

    async def hasten(self, sink: str, now: int) -> None:
        """Whatever waits for another try is due now."""


class _Row(msgspec.Struct, frozen=True):
    """A row that waits, without its body."""

    due: int
    tries: int


class Desk:
    """The way out of one sink for people; `rules` may be replaced while it runs."""

    def __init__(
        self,
        sink: NoticeSink,
        *,
        rules: Rules,
        worded: Worded,
        lasting: Lasting,
        store: Inbox,
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
            rules: What it wants, and when.
            worded: Puts a digest into words.
            lasting: Whether trouble lasts, before somebody is reminded of it.
            store: Where from.
            instruments: Our own metrics.
            now: Wall clock, milliseconds since 1970.
            monotonic: Seconds.
            random: Evenly from 0 to 1, for the jitter.
            log: For a sink that fails and for what is given up.
            on_progress: Called when the backlog has changed.
            pause: Waits for an event, so many seconds at most.
        """
        self.rules = rules
        self.worded = worded
        self._sink = sink
        self._lasting = lasting
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
        self._unmarked: list[tuple[str, Conclusion]] = []  # the sink has them, the store does not know yet
        self._sent: deque[float] = deque(maxlen=sink.per_minute)  # monotonic: the last messages
        self._last_told: dict[str, int] = {}  # by account
        self._not_before: dict[str, int] = {}  # likewise: look at it again then
        self._held_until = float("-inf")  # monotonic: the sink asked to be left alone, or is down
        self._pauses = 0  # times in a row that it was left alone for being down
        self._hasten = True  # at the next success; at the start, for what an earlier process has put off
        self._said = ""  # of the present trouble, in the log

    def wake(self) -> None:
        """Something was recorded."""
        self._woken.set()

    def resume(self) -> None:
        """If the sink is paused, send to it again."""
        self._gate.open()
        self._woken.set()

    def stop(self) -> None:
        """Send nothing more; `run` returns when the message that is under way has been sent and marked."""
        self._stopping.set()
        self._woken.set()

    async def run(self) -> None:
        """Deliver until stopped; cancelled, what is under way is dropped and stays due."""
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                seconds = await self._round()
            except StoreError as error:
                self._say("deliveries wait for the store", str(error))
                await self._pause(self._stopping, STORE_AWAY)
            except Exception:  # noqa: BLE001  # the top of the task: whatever broke, the other accounts go on
                self._log.exception("delivering broke")
                await self._pause(self._stopping, LOOK_EVERY)
            else:
                await self._pause(self._stopping if self._is_held() else self._woken, seconds)

    async def _round(self) -> float:
        """Look after every account whose time has come; the seconds until the next one's."""
        await self._mark()
        if not await self._gate.settle():
            if self._said != PAUSED:
                self._log.warning("sink is paused: nothing is sent to it until it is resumed")
            self._said = PAUSED
            return LOOK_EVERY
        if self._is_held():
            return self._held_until - self._monotonic()
        now = self._now()
        agenda = await self._store.agenda(self._sink.name)
        self._forget(agenda, now)
        moments = {account: max(at, self._not_before.get(account, 0)) for account, at in agenda.items()}
        for account in sorted(moments, key=moments.__getitem__):
            if moments[account] > now or self._is_held() or self._stopping.is_set() or not self._gate.is_open:
                break
            self._not_before[account] = now + 1000
            await self._serve(account)
        left = [max(at, self._not_before.get(account, 0)) for account, at in agenda.items()]
        if self._is_held():
            return self._held_until - self._monotonic()
        return min(max((min(left, default=now + round(LOOK_EVERY * 1000)) - self._now()) / 1000, 0.05), LOOK_EVERY)

    async def _serve(self, account: str) -> None:
        """Look at all that waits for one account; send what there is to tell."""
        now = self._now()
        known = await self._known(account)
        seen = {incident: self._lasting(each.told) for incident, each in known.items() if each.told is not None}
        gathering = Gathering(
            known,
            rules=self.rules,
            lasting=lambda trouble: seen.get(trouble.incident),
            now=now,
            last_told=self._last_told.get(account),
        )
        rows: dict[int, _Row] = {}
        last = 0
        while page := await self._store.waiting(self._sink.name, account, last, PAGE):
            # Off the loop: thousands that wait take longer to read than it may be held.
            await asyncio.to_thread(_add, gathering, page)
            rows.update({row.sequence: _Row(row.due, row.tries) for row in page})
            last = page[-1].sequence
            if len(page) < PAGE:
                break
        plan = await asyncio.to_thread(gathering.plan)
        concluded = Conclusion(quiet=plan.quiet, held=_moved(plan, rows), known=self._kept(plan.known))
        if concluded:
            await self._store.conclude(self._sink.name, account, concluded)
            self._on_progress()
        if plan.again_at is not None:
            self._not_before[account] = plan.again_at
        if plan.parts:
            await self._tell(account, plan.parts, rows)

    async def _known(self, account: str) -> dict[str, Known]:
        states = await self._store.known(self._sink.name, account)
        known: dict[str, Known] = {}
        for incident, state in states.items():
            try:
                known[incident] = msgspec.json.decode(state, type=Known)
            except msgspec.ValidationError as error:
                self._log.error("what is known of an incident cannot be read", incident=incident, reason=str(error))
        return known

    async def _tell(self, account: str, parts: Sequence[Part], rows: Mapping[int, _Row]) -> None:
        """Send one message; where it is refused as a whole, each of its parts by itself."""
        if not await self._may_send():
            return
        sequences = sorted({sequence for part in parts for sequence in part.sequences})
        notice = self.worded(digest_of(account, self._now(), parts))
        self._sent.append(self._monotonic())
        try:
            async with asyncio.timeout(self._sink.limit):
                await self._sink.send(notice)
        except Refused as error:
            await self._refused(account, parts, rows, str(error))
        except Throttled as error:
            await self._failed("throttled", str(error), sequences, rows, after=error.after)
        except TimeoutError:
            await self._failed("timeout", "no answer in time", sequences, rows)
        except Gone as error:
            self._count_failure("refused", len(sequences))
            self._shut(str(error))
        except DeliveryError as error:
            await self._failed("unavailable", str(error), sequences, rows)
        except Exception as error:  # noqa: BLE001  # a fault of the sink's code must not lose the message
            self._log.exception("sink broke")
            await self._failed("unavailable", f"{type(error).__name__} in the sink", sequences, rows)
        else:
            await self._succeeded(account, parts, sequences)

    async def _may_send(self) -> bool:
        """Wait for the pace of the sink; whether it still should."""
        if len(self._sent) == self._sent.maxlen:
            await self._pause(self._stopping, max(0.0, self._sent[0] + MINUTE - self._monotonic()))
        return self._gate.is_open and not self._stopping.is_set() and not self._is_held()

    async def _succeeded(self, account: str, parts: Sequence[Part], sequences: Sequence[int]) -> None:
        known = {incident: state for part in parts for incident, state in part.known.items()}
        self._unmarked.append((account, Conclusion(told=sequences, known=self._kept(known))))
        self._last_told[account] = self._now()
        self._instruments.deliveries.labels(self._sink.name).inc(len(sequences))
        if self._said:
            self._log.info("deliveries go on")
        self._said = ""
        self._pauses = 0
        await self._mark()
        if self._hasten:
            await self._store.hasten(self._sink.name, self._now())
            self._hasten = False

    async def _mark(self) -> None:
        while self._unmarked:
            account, concluded = self._unmarked[0]
            await self._store.conclude(self._sink.name, account, concluded)
            self._unmarked.pop(0)
            self._on_progress()

    async def _refused(self, account: str, parts: Sequence[Part], rows: Mapping[int, _Row], text: str) -> None:
        if len(parts) > 1:
            for part in parts:
                await self._tell(account, [part], rows)
            return
        (part,) = parts
        self._count_failure("refused", max(1, len(part.sequences)))
        self._log.error("delivery given up", sequences=len(part.sequences), account=account, reason=text)
        if part.sequences:
            await self._bury(part.sequences, text)
        else:  # nothing was new: as good as told, or it would be tried for ever
            self._unmarked.append((account, Conclusion(known=self._kept(part.known))))
            await self._mark()

    async def _failed(
        self, reason: str, text: str, sequences: Sequence[int], rows: Mapping[int, _Row], *, after: float = 0.0
    ) -> None:
        self._count_failure(reason, max(1, len(sequences)))
        self._say("deliveries fail", text)
        self._hasten = True
        self._pauses += 1
        self._held_until = self._monotonic() + max(pause_for(self._pauses), min(after, DAY))
        now = self._now()
        dues: dict[int, int] = {}
        given_up: list[int] = []
        for sequence in sequences:
            row = rows[sequence]
            if row.tries and row.due > now:
                continue  # its own next try has not come: it only went with others
            wait = retry_in(row.tries + 1, self._random(), after=after)
            if wait is None:
                given_up.append(sequence)
            else:
                dues[sequence] = now + round(wait * 1000)
        if given_up:
            self._log.error("delivery given up", sequences=len(given_up), reason=text)
            await self._bury(given_up, text)
        if dues:
            await self._store.put_off(self._sink.name, dues, text)
        self._on_progress()

    async def _bury(self, sequences: Sequence[int], text: str) -> None:
        await self._store.give_up(self._sink.name, sequences, text)
        self._instruments.deliveries_dead.labels(self._sink.name).inc(len(sequences))
        self._on_progress()

    def _shut(self, text: str) -> None:
        if self._gate.is_open:
            self._log.error("sink paused: nothing is sent to it until it is resumed or a reload", reason=text)
        self._gate.shut(text)
        self._said = PAUSED

    def _kept(self, known: Mapping[str, Known | None]) -> dict[str, KnownTrouble | None]:
        return {
            incident: None
            if state is None
            else KnownTrouble(msgspec.json.encode(state).decode(), look_at(state, self.rules))
            for incident, state in known.items()
        }

    def _forget(self, agenda: Mapping[str, int], now: int) -> None:
        """Accounts of which nothing is left need not be remembered."""
        for moments in (self._not_before, self._last_told):
            for account in [each for each, at in moments.items() if each not in agenda and at < now - 60_000]:
                del moments[account]

    def _count_failure(self, reason: str, count: int) -> None:
        self._instruments.delivery_failures.labels(self._sink.name, reason).inc(count)

    def _say(self, what: str, text: str) -> None:
        """Log a trouble once, until it is another one or over."""
        trouble = text.partition(": ")[0]
        if trouble != self._said:
            self._log.warning(what, reason=text)
            self._said = trouble

    def _is_held(self) -> bool:
        return self._monotonic() < self._held_until


def digest_of(account: str, at: int, parts: Sequence[Part]) -> Digest:
    """One message's worth of parts."""
    baselines = [part.line for part in parts if isinstance(part.line, Baseline)]
    return Digest(
        account=account,
        at=at,
        sequences=tuple(sorted({sequence for part in parts for sequence in part.sequences})),
        lines=tuple(part.line for part in parts if not isinstance(part.line, Baseline)),
        baseline=baselines[0] if baselines else None,
    )


def _add(gathering: Gathering, page: Sequence[Waiting]) -> None:
    for row in page:
        gathering.add(fact_of(row.sequence, row.body), replayed=row.replayed)


def _moved(plan: Plan, rows: Mapping[int, _Row]) -> dict[int, Sequence[int]]:
    """The rows that are held until another moment than before."""
    moved = {until: [each for each in held if rows[each].due != until] for until, held in plan.held.items()}
    return {until: sequences for until, sequences in moved.items() if sequences}

"""
Handing one message to a receiver for people, and what becomes of it: told, tried again later, in parts, or given up.

Rows and what the sink knows are marked in one transaction once the receiver has the message, so that a crash between
the two sends the same again.  While the store is away, what is told is remembered, and marked before anything else.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence

import msgspec
import structlog

from monitor.delivery.attempt import attempt
from monitor.delivery.gate import Gate
from monitor.delivery.lane import Pause
from monitor.delivery.people.course import Known
from monitor.delivery.people.digest import Baseline, Digest
from monitor.delivery.people.gathering import Part, look_at
from monitor.delivery.people.inbox import Inbox
from monitor.delivery.people.notice import News, Notice, NoticeSink
from monitor.delivery.people.rules import Rules
from monitor.delivery.schedule import DAY, pause_for, retry_in
from monitor.metrics.instruments import Instruments
from monitor.store.errors import LeaseLost
from monitor.store.people import Conclusion, KnownTrouble

MINUTE = 60.0
PAUSED = "paused"  # what has been said in the log


class Tried(msgspec.Struct, frozen=True):
    """A row that waits, without its body."""

    due: int  #: milliseconds since 1970
    tries: int


class Message(msgspec.Struct, frozen=True):
    """What is to be told of one account now."""

    account: str
    parts: Sequence[Part]
    rows: Mapping[int, Tried]  #: by sequence, all that waits
    rules: Rules  #: by which it was gathered
    epoch: int  #: of the account, when it was

    @property
    def sequences(self) -> tuple[int, ...]:
        """All rows that it tells."""
        return tuple(sorted({sequence for part in self.parts for sequence in part.sequences}))


class Handover:
    """The last step of one sink's desk."""

    def __init__(
        self,
        sink: NoticeSink,
        *,
        store: Inbox,
        instruments: Instruments,
        now: Callable[[], int],
        monotonic: Callable[[], float],
        random: Callable[[], float],
        log: structlog.typing.FilteringBoundLogger,
        on_progress: Callable[[], None],
        pause: Pause,
        stopping: asyncio.Event,
    ) -> None:
        """
        Args:
            sink: Where to.
            store: Where it is marked.
            instruments: Our own metrics.
            now: Wall clock, milliseconds since 1970.
            monotonic: Seconds.
            random: Evenly from 0 to 1, for the jitter.
            log: For a sink that fails and for what is given up.
            on_progress: Called when the backlog has changed.
            pause: Waits for an event, so many seconds at most.
            stopping: Set: nothing more is sent.
        """
        self.gate = Gate(sink.name, store)
        self._sink = sink
        self._store = store
        self._instruments = instruments
        self._now = now
        self._monotonic = monotonic
        self._random = random
        self._log = log
        self._on_progress = on_progress
        self._pause = pause
        self._stopping = stopping
        self._unmarked: deque[tuple[str, Conclusion, int]] = deque()  # the sink has them, the store does not know yet
        self._sent: deque[float] = deque(maxlen=sink.per_minute)  # monotonic: the last messages
        self._last_told: dict[str, int] = {}  # by account
        self._held_until = float("-inf")  # monotonic: the sink asked to be left alone, or is down
        self._pauses = 0  # times in a row that it was left alone for being down
        self._hasten = True  # at the next success; at the start, for what an earlier process has put off
        self._said = ""  # of the present trouble, in the log

    @property
    def held_for(self) -> float:
        """Seconds for which the receiver is left alone; 0 when it is not."""
        return max(0.0, self._held_until - self._monotonic())

    @property
    def may_go_on(self) -> bool:
        """Whether something may be sent now."""
        return self.gate.is_open and not self._stopping.is_set() and not self.held_for

    def last_told(self, account: str) -> int | None:
        """When something was last sent about it, milliseconds since 1970; None: not lately, by this process."""
        return self._last_told.get(account)

    def hasten(self) -> None:
        """Make what is put off due at the next success."""
        self._hasten = True

    def forget(self, before: int) -> None:
        """Accounts of which nothing was sent since that moment need not be remembered."""
        self._last_told = {account: at for account, at in self._last_told.items() if at >= before}

    async def tell(self, message: Message, worded: Callable[[Digest], Notice]) -> None:
        """Send it, if that may be; where it is refused as a whole, each of its parts by itself."""
        if not await self._in_pace() or self._store.epoch(message.account) != message.epoch:
            return  # whoever watches the account by now tells it
        notice = worded(digest_of(message.account, self._now(), message.parts))
        self._sent.append(self._monotonic())
        outcome = await attempt(self._sink.send(notice), self._sink.limit, self._log)
        match outcome.kind:
            case "taken":
                await self._succeeded(message)
            case "refused" if len(message.parts) > 1:
                for alone in _taken_apart(message):
                    await self.tell(alone, worded)
            case "refused":
                await self._give_up(message, outcome.text)
            case "gone":
                self._count_failure("refused", message)
                self._shut(outcome.text)
            case _:
                await self._failed(outcome.kind, outcome.text, message, after=outcome.after)

    async def mark(self) -> None:
        """Write down what the receiver has; raises StoreError, and may be called again."""
        while self._unmarked:
            account, concluded, epoch = self._unmarked[0]
            try:
                await self._store.conclude(self._sink.name, account, concluded, epoch)
            except LeaseLost as error:  # its next owner has told the same, and knows more by now
                self._log.info("what was told is not marked", account=account, reason=str(error))
            self._unmarked.popleft()
            self._on_progress()

    def say(self, what: str, text: str = "") -> None:
        """Log a trouble once, until it is another one or over."""
        trouble = f"{what}: {text.partition(': ')[0]}"  # what follows are the receiver's words
        if trouble != self._said:
            self._log.warning(what, **({"reason": text} if text else {}))
            self._said = trouble

    def say_paused(self) -> None:
        """Log that nothing is sent, once."""
        if self._said != PAUSED:
            self._log.warning("sink is paused: nothing is sent to it until it is resumed")
            self._said = PAUSED

    async def _in_pace(self) -> bool:
        """Wait for the pace of the sink; whether to send still."""
        if self.may_go_on and len(self._sent) == self._sent.maxlen:
            await self._pause(self._stopping, max(0.0, self._sent[0] + MINUTE - self._monotonic()))
        return self.may_go_on

    async def _succeeded(self, message: Message) -> None:
        known = {incident: state for part in message.parts for incident, state in part.known.items()}
        concluded = Conclusion(told=message.sequences, known=kept(known, message.rules))
        self._unmarked.append((message.account, concluded, message.epoch))
        self._last_told[message.account] = self._now()
        self._instruments.deliveries.labels(self._sink.name).inc(len(message.sequences))
        if self._said:
            self._log.info("deliveries go on")
        self._said = ""
        self._pauses = 0
        await self.mark()
        if self._hasten:
            await self._store.hasten(self._sink.name, self._now())
            self._hasten = False

    async def _give_up(self, message: Message, text: str) -> None:
        """It will never be taken.  What people know already goes on without these words; new trouble stays unknown."""
        (part,) = message.parts
        self._count_failure("refused", message)
        self._log.error("delivery given up", sequences=len(part.sequences), account=message.account, reason=text)
        if part.sequences:
            await self._bury(part.sequences, text)
        if not isinstance(part.line, Baseline) and part.line.news is not News.OPENED:
            concluded = Conclusion(known=kept(part.known, message.rules))
            self._unmarked.append((message.account, concluded, message.epoch))
            await self.mark()

    async def _failed(self, reason: str, text: str, message: Message, *, after: float = 0.0) -> None:
        self._count_failure(reason, message)
        self.say("deliveries fail", text)
        self._hasten = True
        self._pauses += 1
        self._held_until = self._monotonic() + max(pause_for(self._pauses), min(after, DAY))
        now, draw = self._now(), self._random()
        dues: dict[int, int] = {}
        given_up: list[int] = []
        for sequence in message.sequences:
            row = message.rows[sequence]
            if row.tries and row.due > now:
                continue  # its own next try has not come: it only went with others
            wait = retry_in(row.tries + 1, draw, after=after)
            if wait is None:
                given_up.append(sequence)
            else:
                dues[sequence] = now + round(wait * 1000)
        if given_up:
            self._log.error("delivery given up", sequences=len(given_up), account=message.account, reason=text)
            await self._bury(given_up, text)
        if dues:
            await self._store.put_off(self._sink.name, dues, text)
        self._on_progress()

    async def _bury(self, sequences: Sequence[int], text: str) -> None:
        await self._store.give_up(self._sink.name, sequences, text)
        self._instruments.deliveries_dead.labels(self._sink.name).inc(len(sequences))
        self._on_progress()

    def _shut(self, text: str) -> None:
        self._log.error("sink paused: nothing is sent to it until it is resumed or a reload", reason=text)
        self.gate.shut(text)
        self._said = PAUSED

    def _count_failure(self, reason: str, message: Message) -> None:
        self._instruments.delivery_failures.labels(self._sink.name, reason).inc(max(1, len(message.sequences)))


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


def kept(known: Mapping[str, Known | None], rules: Rules) -> dict[str, KnownTrouble | None]:
    """What is known, as the store keeps it."""
    return {
        incident: None if state is None else KnownTrouble(msgspec.json.encode(state).decode(), look_at(state, rules))
        for incident, state in known.items()
    }


def _taken_apart(message: Message) -> Sequence[Message]:
    """Each part by itself; a row of several is done with the last of them."""
    alone: list[Message] = []
    taken: set[int] = set()
    for part in reversed(message.parts):
        own = part._replace(sequences=tuple(each for each in part.sequences if each not in taken))
        taken.update(part.sequences)
        alone.append(msgspec.structs.replace(message, parts=(own,)))
    return alone[::-1]

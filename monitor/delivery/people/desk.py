"""
The task of one sink for people: looks what waits, puts it together, hands it over.

Delivered at least once.  One message at a time; memory holds what is to be told of one account, and two numbers for
every row that waits, however long the sink is down.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
import structlog

from monitor.delivery.lane import Pause, pause
from monitor.delivery.people.course import Known
from monitor.delivery.people.digest import Digest
from monitor.delivery.people.fact import fact_of
from monitor.delivery.people.gathering import Gathering, Lasting, Plan, is_to_remind_of
from monitor.delivery.people.handover import Handover, Message, Tried, kept
from monitor.delivery.people.inbox import Inbox
from monitor.delivery.people.notice import Notice, NoticeSink
from monitor.delivery.people.rules import Rules
from monitor.metrics.instruments import Instruments
from monitor.store.errors import LeaseLost, StoreError
from monitor.store.people import Conclusion, Waiting

PAGE = 500  # rows at once; a row is a kilobyte or two
LOOK_EVERY = 15.0  # seconds, for what became due without our knowing
STORE_AWAY = 2.0  # seconds until a store that failed is asked again
SOONEST = 1000  # ms between two looks at one account,
SHARE = 20  # and that many times what the look took: thousands of rows that are held cost a twentieth of the time,
LONGEST = 15_000  # ms at most

Worded = Callable[[Digest], Notice]


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
        self.worded = worded
        self._rules = rules
        self._name = sink.name
        self._lasting = lasting
        self._store = store
        self._now = now
        self._monotonic = monotonic
        self._log = log.bind(sink=sink.name)
        self._on_progress = on_progress
        self._pause = pause
        self._woken = asyncio.Event()
        self._stopping = asyncio.Event()
        self._handover = Handover(
            sink,
            store=store,
            instruments=instruments,
            now=now,
            monotonic=monotonic,
            random=random,
            log=self._log,
            on_progress=on_progress,
            pause=pause,
            stopping=self._stopping,
        )
        self._not_before: dict[str, int] = {}  # by account: look at it again then
        self._anew: set[str] | None = None  # accounts to be looked at by new rules, once ours; None: all of them

    @property
    def rules(self) -> Rules:
        """What the sink wants, and when."""
        return self._rules

    @rules.setter
    def rules(self, rules: Rules) -> None:
        self._rules = rules
        self._anew = None

    def wake(self) -> None:
        """Something was recorded."""
        self._woken.set()

    def take_over(self) -> None:
        """More is ours: what another process has put off is due at the next success, as at the start."""
        self._handover.hasten()
        self._woken.set()

    def resume(self) -> None:
        """If the sink is paused, send to it again."""
        self._handover.gate.open()
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
                self._handover.say("deliveries wait for the store", str(error))
                await self._pause(self._stopping, STORE_AWAY)
            except Exception:  # noqa: BLE001  # the top of the task
                self._log.exception("delivering broke")
                await self._pause(self._stopping, LOOK_EVERY)
            else:
                await self._pause(self._stopping if self._handover.held_for else self._woken, seconds)
        with contextlib.suppress(StoreError):  # what is told and not marked is told again after the start
            await self._handover.mark()

    async def _round(self) -> float:
        """Look after every account whose time has come; the seconds until the next one's."""
        await self._handover.mark()
        if not await self._handover.gate.settle():
            self._handover.say_paused()
            return LOOK_EVERY
        if self._handover.held_for:
            return self._handover.held_for
        now = self._now()
        moments = await self._moments(now)
        for account in sorted(moments, key=moments.__getitem__):
            if moments[account] > now or not self._handover.may_go_on:
                break
            moments[account] = await self._look(account)
        if self._handover.held_for:
            return self._handover.held_for
        next_at = min(moments.values(), default=now + round(LOOK_EVERY * 1000))
        return min(max((next_at - self._now()) / 1000, 0.05), LOOK_EVERY)

    async def _moments(self, now: int) -> dict[str, int]:
        """When to look at each account, milliseconds since 1970."""
        agenda = dict(await self._store.agenda(self._name))
        self._not_before = {account: at for account, at in self._not_before.items() if account in agenda or at > now}
        self._handover.forget(now - 60_000)
        if self._anew is None:
            self._anew = {*agenda, *await self._store.acquainted(self._name)}
        agenda |= {account: now for account in self._anew if self._store.epoch(account) is not None}
        return {account: max(at, self._not_before.get(account, 0)) for account, at in agenda.items()}

    async def _look(self, account: str) -> int:
        """Look at all that waits for one account, send what there is to tell; when to look again at the earliest."""
        self._not_before[account] = self._now() + SOONEST
        epoch = self._store.epoch(account)
        if epoch is None:  # another process's, since the agenda was read
            return self._not_before[account]
        try:
            await self._serve(account, epoch)
        except LeaseLost as error:
            self._log.info("another process tells of the account", account=account, reason=str(error))
        except StoreError:
            raise
        except Exception:  # noqa: BLE001  # whatever broke, the other accounts go on
            self._log.exception("delivering broke", account=account)
            self._not_before[account] = self._now() + round(LOOK_EVERY * 1000)
        return self._not_before[account]

    async def _serve(self, account: str, epoch: int) -> None:
        rules, now, began = self._rules, self._now(), self._monotonic()
        known = await self._known(account)
        seen = {
            incident: self._lasting(each.told)
            for incident, each in known.items()
            if each.told is not None and is_to_remind_of(each, rules, now)
        }
        last_told = self._handover.last_told(account)
        if last_told is None:  # by an earlier process, perhaps
            last_told = max((each.at for each in known.values()), default=None)
        gathering = Gathering(
            known, rules=rules, lasting=lambda trouble: seen.get(trouble.incident), now=now, last_told=last_told
        )
        rows = await self._gather(account, gathering)
        plan = await asyncio.to_thread(gathering.plan)
        pause = min(round((self._monotonic() - began) * 1000 * SHARE), LONGEST)
        self._not_before[account] = max(plan.again_at or 0, now + max(SOONEST, pause))
        changed: dict[str, Known | None] = {}
        if self._anew is not None and account in self._anew:
            changed |= known  # when to look at it again is what its rules say
        concluded = Conclusion(quiet=plan.quiet, held=_moved(plan, rows), known=kept(changed | dict(plan.known), rules))
        if concluded:
            await self._store.conclude(self._name, account, concluded, epoch)
            self._on_progress()
        if self._anew is not None and rules is self._rules:
            self._anew.discard(account)
        if plan.parts:
            await self._handover.tell(Message(account, plan.parts, rows, rules, epoch), self.worded)

    async def _gather(self, account: str, gathering: Gathering) -> dict[int, Tried]:
        """Add all that waits; one that cannot be read is given up."""
        rows: dict[int, Tried] = {}
        last = 0
        while page := await self._store.waiting(self._name, account, last, PAGE):
            # Off the loop: thousands that wait take longer to read than it may be held.
            unreadable = await asyncio.to_thread(_add, gathering, page)
            if unreadable:
                self._log.error("events cannot be read and are given up", account=account, sequences=unreadable)
                await self._store.give_up(self._name, unreadable, "the recorded event cannot be read")
            rows.update((row.sequence, Tried(row.due, row.tries)) for row in page if row.sequence not in unreadable)
            last = page[-1].sequence
            if len(page) < PAGE:
                break
        return rows

    async def _known(self, account: str) -> dict[str, Known]:
        states = await self._store.known(self._name, account)
        known: dict[str, Known] = {}
        for incident, state in states.items():
            try:
                known[incident] = msgspec.json.decode(state, type=Known)
            except msgspec.DecodeError as error:
                self._log.error("what is known of an incident cannot be read", incident=incident, reason=str(error))
        return known


def _add(gathering: Gathering, page: Iterable[Waiting]) -> list[int]:
    """Add these rows; those that cannot be read."""
    unreadable: list[int] = []
    for row in page:
        try:
            fact = fact_of(row.sequence, row.body)
        except msgspec.DecodeError:
            unreadable.append(row.sequence)
        else:
            gathering.add(fact, replayed=row.replayed)
    return unreadable


def _moved(plan: Plan, rows: Mapping[int, Tried]) -> dict[int, Sequence[int]]:
    """The rows that are held until another moment than before."""
    moved = {until: [each for each in held if rows[each].due != until] for until, held in plan.held.items()}
    return {until: sequences for until, sequences in moved.items() if sequences}

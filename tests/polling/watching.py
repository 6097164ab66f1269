"""A little watch to poll with: a vendor that answers as told, a store that remembers, the real fleet and metrics."""

import asyncio
import time
from collections.abc import Callable, Sequence

import structlog

from monitor.fleet.answer import Answer, FailureReason, Row, Unchanged
from monitor.fleet.app import App
from monitor.fleet.cloudevent import body
from monitor.fleet.decision import Decision
from monitor.fleet.event import EVENT_TYPES, Event
from monitor.fleet.fleet import Fleet
from monitor.fleet.policy import Policy
from monitor.fleet.snapshot import AccountState, Snapshot
from monitor.metrics.exposition import Exposition
from monitor.metrics.instruments import Instruments, Registry
from monitor.phonelist.client import Reply
from monitor.phonelist.errors import PhoneListError
from monitor.polling.account import AccountPolling
from monitor.polling.asking import Asking
from monitor.polling.budget import Budget
from monitor.polling.ledger import Ledger
from monitor.polling.rules import Rules
from monitor.store.errors import StoreError
from monitor.store.recorder import Recorded

Said = list[Row] | PhoneListError | Exception


def row(number: str = "+8613800000001", **words: str) -> Row:
    usual = {
        "number": number,
        "waba_id": "1169",
        "waba_name": "GLORY",
        "verified_name": "GLORY JACK",
        "quality_rating": "GREEN",
        "status": "CONNECTED",
        "tier": "TIER_1K",
        "name_status": "APPROVED",
        "code_verification_status": "VERIFIED",
        "register_status": "5",
    }
    return Row(**{**usual, **words})


class Vendor:
    """Answers each app what it was told to; remembers who was asked, and with which digest."""

    def __init__(self, now: Callable[[], int]) -> None:
        self.says: dict[str, Said] = {}
        self.asked: list[tuple[str, bytes]] = []
        self.hold: asyncio.Event | None = None
        self._now = now

    async def ask(self, appkey: str, known: bytes = b"") -> Reply:
        self.asked.append((appkey, known))
        started = self._now()
        if self.hold is not None:
            await self.hold.wait()
        said = self.says[appkey]
        if isinstance(said, Exception):
            raise said
        digest = repr(said).encode()
        outcome = Unchanged(started) if digest == known else Answer(started, digest, tuple(said))
        return Reply(outcome, 0.0, 0.01, len(digest))


class Store:
    """Remembers what was recorded; down, it refuses."""

    def __init__(self) -> None:
        self.down = False
        self.refusal: StoreError | None = None
        self.up = True  # as far as the store knows
        self.hold: asyncio.Event | None = None  # what is being recorded waits for it
        self.recorded: list[Decision] = []
        self.everything: list[bool] = []
        self.noted: dict[tuple[str, str], int] = {}
        self.sequence = 0

    async def record(
        self, decision: Decision, routes: Callable[[Event], Sequence[str]], *, everything: bool = False
    ) -> tuple[Recorded, ...]:
        if self.hold is not None:
            await self.hold.wait()
        if self.down:
            raise StoreError("the store is down")
        if self.refusal is not None:
            raise self.refusal
        self.recorded.append(decision)
        self.everything.append(everything)
        return tuple(self._record(event) for event in decision.events)

    def note_success(self, key: tuple[str, str], last_success: int) -> None:
        self.noted[key] = last_success

    async def restore_account(self, name: str) -> AccountState:
        return AccountState()

    async def restore_app(self, key: tuple[str, str]) -> Snapshot:
        return Snapshot()

    def _record(self, event: Event) -> Recorded:
        self.sequence += 1
        return Recorded(self.sequence, str(self.sequence), event, body(event, id="x", sequence=self.sequence))


class Watch:
    """One account with its parts, and a clock that a test moves."""

    def __init__(self, *appkeys: str, rules: Rules = Rules(rate=10_000), policy: Policy = Policy()) -> None:  # noqa: B008
        self.moved = 0.0  # seconds
        self.may_ask = True
        self.store = Store()
        self.vendor = Vendor(self.now)
        self.fleet = Fleet()
        self.registry = Registry()
        self.instruments = Instruments(
            self.registry,
            version="0",
            revision="",
            failure_reasons=[reason.value for reason in FailureReason],
            event_types=EVENT_TYPES,
            attributes=["status"],
        )
        self.instruments.add_account("main")
        self.exposition = Exposition(number_series=["quality_rating", "status", "tier", "severity", "info"])
        self.log = structlog.testing.LogCapture()
        log = structlog.wrap_logger(None, processors=[self.log])
        self.woken = 0
        self.hastened: list[tuple[str, ...]] = []
        self.shown: list[tuple[str, str]] = []
        self.ledger = Ledger(
            fleet=self.fleet,
            store=self.store,  # type: ignore[arg-type]  # what the ledger asks of a store
            exposition=self.exposition,
            instruments=self.instruments,
            routes=lambda _event: ("stdout",),
            on_recorded=self._wake,
            on_shown=self.shown.append,
            now=self.now,
            log=log,
        )
        self.budget = Budget(
            rate=rules.rate, concurrency=rules.concurrency, monotonic=self.monotonic, waiting=self.instruments.store_up
        )
        asking = Asking(
            "main",
            vendor=self.vendor,
            budget=self.budget,
            timeout=rules.timeout,
            retries=rules.retries,
            interval=rules.interval / 1000,
            instruments=self.instruments,
            now=self.now,
            monotonic=self.monotonic,
            random=lambda: 1.0,
            log=log,
            may_ask=lambda: self.may_ask,
        )
        self.account = AccountPolling(
            "main",
            rules=rules,
            policy=policy,
            asking=asking,
            budget=self.budget,
            fleet=self.fleet,
            ledger=self.ledger,
            hasten=lambda account, appkeys: self.hastened.append((account, *appkeys)),
            now=self.now,
            monotonic=self.monotonic,
            log=log,
        )
        for appkey in appkeys:
            self.fleet.add(App("main", appkey))
            self.vendor.says[appkey] = [row()]

    def now(self) -> int:
        return int((time.time() + self.moved) * 1000)

    def monotonic(self) -> float:
        return time.monotonic() + self.moved

    async def poll(self, appkey: str) -> Decision | None:
        """Poll an app an interval later."""
        self.moved += self.account.rules.interval / 1000
        return await self.account.poll(App("main", appkey), self.now())

    def numbers(self, appkey: str) -> int:
        """How many numbers of an app are known."""
        watched = self.fleet.get(("main", appkey))
        assert watched is not None
        return len(watched.snapshot.entries)

    def events(self) -> list[str]:
        """The types of the events recorded so far."""
        return [event.type for decision in self.store.recorded for event in decision.events]

    def sample(self, name: str, **labels: str) -> float | None:
        """A sample of our own metrics."""
        value: float | None = self.registry.get_sample_value(name, {"account": "main", **labels})
        return value

    def text(self) -> str:
        """The fleet's metrics."""
        return b"".join(self.exposition.pieces(openmetrics=False)).decode()

    def _wake(self) -> None:
        self.woken += 1

"""
One account's polls: ask, decide, record, show.

Asking runs side by side within the budget.  A decision is made in one go and known to the account's next one at once,
so that moves, incidents and account-wide judgements see true siblings.  An answer for an app that has left is dropped.
Success, failure and what a breaker holds off take the same path.
"""

import asyncio
import math
from collections.abc import Callable, Sequence

import msgspec
import structlog

from monitor.fleet.answer import Answer, Failure, FailureReason, Outcome, Unchanged
from monitor.fleet.app import App
from monitor.fleet.decide import decide, decide_acceptance, decide_removal
from monitor.fleet.decision import Decision, Why
from monitor.fleet.fleet import Fleet, Watched
from monitor.fleet.policy import Policy
from monitor.fleet.scales import Severity
from monitor.fleet.snapshot import Snapshot, SuspicionReason
from monitor.polling.asking import Asking
from monitor.polling.breaker import Breaker
from monitor.polling.budget import Budget
from monitor.polling.ledger import Judge, Ledger
from monitor.polling.recent import Poll, kept, polls
from monitor.polling.rules import Rules

AppKey = tuple[str, str]

SUSPECT = {  #: why an answer is held back, in words
    SuspicionReason.EMPTY: "it lists no number of an app that had some",
    SuspicionReason.MANY_MISSING: "many numbers are missing from it",
    SuspicionReason.MANY_UNKNOWN: "many numbers have lost their rating or status in it",
    SuspicionReason.MANY_LOST: "many numbers are missing from it or have lost their rating or status",
}


class AccountPolling:
    """Polls the apps of one account.  One poll at a time per app."""

    def __init__(
        self,
        name: str,
        *,
        rules: Rules,
        policy: Policy,
        asking: Asking,
        budget: Budget,
        fleet: Fleet,
        ledger: Ledger,
        hasten: Callable[[str, Sequence[str]], None],
        now: Callable[[], int],
        monotonic: Callable[[], float],
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        """
        Args:
            name: The account's.
            rules: Intervals and limits.
            policy: What `decide` goes by.
            asking: The way to the vendor.
            budget: Its turns.
            fleet: What is known.
            ledger: Records and shows decisions.
            hasten: Is given the account and the appkeys that are due at once: what held them off is over.
            now: Wall clock, ms since 1970.
            monotonic: Seconds.
            log: For what went wrong with an answer.
        """
        self.name = name
        self.rules = rules
        self.first_tries = 0  #: how many apps have had their first try, those that have left since included
        self.stretch = 1.0  #: what every interval is multiplied by to fit the budget
        self._policy = policy
        self._asking = asking
        self._budget = budget
        self._fleet = fleet
        self._ledger = ledger
        self._hasten = hasten
        self._now = now
        self._monotonic = monotonic
        self._log = log.bind(account=name)
        self._breaker = Breaker()
        self._polling: dict[str, asyncio.Lock] = {}
        self._recent: dict[str, bytes] = {}  # by appkey, as `recent` keeps it
        self._asked: dict[str, float] = {}  # when each app was last asked or held off, monotonic seconds
        self._let_go = False

    def reconfigure(self, policy: Policy) -> None:
        """Judge by this policy from the next poll on."""
        self._policy = policy

    def reconnect(self, rules: Rules, policy: Policy, asking: Asking, budget: Budget) -> None:
        """Ask another way from the next poll on; the breaker starts closed, since the credentials may be new."""
        self.rules, self._policy, self._asking, self._budget = rules, policy, asking, budget
        self._breaker = Breaker()

    def interval(self, app: App) -> int:
        """From one regular poll of the app to the next, ms: as configured, stretched to the budget."""
        return int((app.interval_ms or self.rules.interval) * self.stretch)

    def interval_of(self, watched: Watched) -> int:
        """The same, or less while a number of the app is in trouble."""
        regular, degraded = self.interval(watched.app), self.rules.degraded_interval
        if degraded is None or degraded >= regular or not in_trouble(watched.snapshot):
            return regular
        return degraded

    @property
    def held_by(self) -> str | None:
        """Why the account's calls are held off: throttled, auth or unreachable; None while they are made."""
        if self._budget.pause_left:
            return "throttled"
        if self._breaker.reason is None:
            return None
        return "auth" if self._breaker.reason is FailureReason.AUTH else "unreachable"

    def recent(self, appkey: str) -> list[Poll]:
        """The app's last polls, the newest first."""
        return polls(self._recent.get(appkey, b""))

    @property
    def standstill(self) -> float:
        """Seconds for which polls have been waiting longer than calls, their pace and pauses explain."""
        return self._budget.standstill - self.rules.timeout - 1 / self.rules.rate

    def tried(self, appkey: str) -> bool:
        """Whether the app had its first try."""
        return appkey in self._asked

    async def poll(self, app: App, due: int | None = None) -> Decision | None:
        """
        Poll the app once.

        Args:
            app: Which.
            due: The moment it was due, ms since 1970.  None: now, on somebody's word: nothing but a breaker of the
                account holds it off.

        Returns:
            What was decided; None when nothing was: too soon after the last poll, unchanged, or the app has left.

        Raises:
            BudgetClosedError: The daemon is stopping.
        """
        async with self._polling.setdefault(app.appkey, asyncio.Lock()):
            watched = self._fleet.get(app.key)
            if watched is None:
                self._polling.pop(app.appkey, None)
                return None
            if due is None:
                self._breaker.forget(app.appkey)
            elif self._deferred(watched):
                return None
            outcome = self._held_off(app) or await self._ask(watched, due)
            return await self._settle(app, outcome)

    def close(self) -> None:
        """Start no call any more; whoever waits for a turn is told so."""
        self._budget.close()

    def let_go(self) -> None:
        """The account is another process's: start no call any more, and make nothing of those that are under way."""
        self._let_go = True
        self.close()

    def show(self, key: AppKey) -> None:
        """Show an app as it is known: it is new, or its name or labels changed."""
        self._ledger.show(key, stale_after=self.rules.stale_after)

    async def accept(self) -> list[App]:
        """Believe what is held back in this account; returns the apps that concerns, to be polled."""
        suspects = [watched.app for watched in self._fleet.watched(self.name) if watched.snapshot.suspicion is not None]
        for app in suspects:
            await self._apply(app, self._decided(decide_acceptance))
        return suspects

    async def remove(self, app: App) -> bool:
        """The app has left: its incidents close, its series end.  False when that could not be recorded yet."""
        if not await self._ledger.remove(app.key, self._decided(decide_removal)):
            return False
        self._polling.pop(app.appkey, None)
        self._asked.pop(app.appkey, None)
        self._recent.pop(app.appkey, None)
        self._breaker.forget(app.appkey)
        return True

    def _deferred(self, watched: Watched) -> bool:
        """Too soon after the last poll; or an extra poll of a degraded app that would make others wait."""
        app, last = watched.app, self._asked.get(watched.app.appkey)
        if last is None:
            return False
        elapsed = (self._monotonic() - last) * 1000
        interval = self.interval_of(watched)
        if elapsed < interval / 2:
            return True
        extra = elapsed < self.interval(app) - interval / 2
        return extra and not self._budget.idle

    def _held_off(self, app: App) -> Failure | None:
        seconds = self.interval(app) / 1000
        failure = self._breaker.holds_off(app.appkey, seconds, self._monotonic())
        if failure is None:
            return None
        self._note_try(app.appkey, self._monotonic())
        held_off = msgspec.structs.replace(failure, started=self._now(), held_off=True)
        self._note(app.appkey, held_off)
        return held_off

    async def _ask(self, watched: Watched, due: int | None) -> Outcome:
        app = watched.app
        interval = self.interval(app)
        late = 0.0 if due is None else max(0.0, (self._now() - due) / 1000)
        waiting_since = self._monotonic()
        known = watched.snapshot.digest if self._fleet.settled(app.key, self._now()) else b""
        asked = await self._asking.ask(
            app.appkey, known, limit=waiting_since + interval / 1000 - late, patience=interval / 2000
        )
        self._note_try(app.appkey, asked.first_call_at)
        self._note(app.appkey, asked.outcome, asked.size, asked.seconds)
        if due is not None:
            self._ledger.note_lateness(self.name, late + asked.first_call_at - waiting_since)
        if isinstance(asked.outcome, Failure) and not asked.outcome.held_off:
            apps = self._fleet.count(self.name)
            self._breaker.failed(app.appkey, asked.outcome, interval=interval / 1000, now=self._monotonic(), apps=apps)
        elif not isinstance(asked.outcome, Failure):
            self._make_up(self._breaker.succeeded(app.appkey))
        return asked.outcome

    def _note_try(self, appkey: str, moment: float) -> None:
        self.first_tries += appkey not in self._asked
        self._asked[appkey] = moment

    def _note(self, appkey: str, outcome: Outcome, size: int = 0, seconds: float = 0.0) -> None:
        self._recent[appkey] = kept(self._recent.get(appkey, b""), outcome, size=size, seconds=seconds)

    async def _settle(self, app: App, outcome: Outcome) -> Decision | None:
        if self._let_go:
            return None
        self._ledger.note_poll(self.name, outcome)
        if self._fleet.get(app.key) is None:
            return None
        if isinstance(outcome, Unchanged) and self._fleet.settled(app.key, outcome.started):
            self._ledger.unchanged(app.key, outcome.started)
            return None

        def judged(watched: Watched) -> Decision:
            siblings = self._fleet.siblings(watched.app)
            return decide(watched.app, watched.snapshot, outcome, siblings, self._policy, self._now())

        decision = await self._apply(app, judged)
        if decision is not None:
            self._explain(decision, outcome)
            if decision.why is Why.HELD_BACK:
                self._ledger.note_suspect(self.name)
            if isinstance(outcome, Failure) and decision.account_after.unreachable is not None:
                self._breaker.account_unreachable(outcome)
        return decision

    async def _apply(self, app: App, judged: Judge) -> Decision | None:
        return await self._ledger.apply(app.key, judged, stale_after=self.rules.stale_after)

    def _decided(self, rule: "Callable[..., Decision]") -> Judge:
        def judged(watched: Watched) -> Decision:
            siblings = self._fleet.siblings(watched.app)
            return rule(watched.app, watched.snapshot, siblings, self._policy, self._now())

        return judged

    def _make_up(self, appkeys: Sequence[str]) -> None:
        """Have these polled at once: their last poll was held off, and need not have been."""
        for appkey in appkeys:
            self._asked[appkey] = -math.inf  # it was not asked: nothing to keep a distance from
        if appkeys:
            self._hasten(self.name, appkeys)

    def _explain(self, decision: Decision, outcome: Outcome) -> None:
        """Say once what was wrong with an answer, and once that it is over."""
        log = self._log.bind(appkey=decision.app.appkey)
        for warning in decision.warnings:
            log.warning(warning)
        self._explain_suspicion(decision, log)
        before = decision.before.failure
        if isinstance(outcome, Failure):
            if before is None or (before.reason, before.code) != (outcome.reason, outcome.code):
                log.warning("poll failed", reason=outcome.reason.value, code=outcome.code, error=outcome.text)
            return
        if before is not None:
            log.info("poll succeeded again", failures=decision.before.failures)
        if isinstance(outcome, Answer) and outcome.left_out and outcome.digest != decision.before.digest:
            log.warning("rows left out: no object or no number", rows=outcome.left_out, kept=len(outcome.rows))

    def _explain_suspicion(self, decision: Decision, log: structlog.typing.FilteringBoundLogger) -> None:
        """Say once why answers are held back, and once that they are believed again."""
        before, after = decision.before.suspicion, decision.after.suspicion if decision.after is not None else None
        if after is not None and (before is None or before.reason is not after.reason):
            log.warning(
                f"answer held back: {SUSPECT[after.reason]}",
                reason=after.reason.value,
                known=len(decision.before.entries),
                missing=after.missing,
                unknown=after.unknown,
            )
        elif before is not None and after is None:
            log.info("answers are believed again", held_back=before.polls)


def in_trouble(snapshot: Snapshot) -> bool:
    """Whether a number of the app is in trouble, as `degraded_interval` means it."""
    return any(entry.severity >= Severity.WARNING for entry in snapshot.entries.values())

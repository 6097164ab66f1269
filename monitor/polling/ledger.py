"""
Where a decision becomes a fact: recorded in the store, then shown by the fleet and the exposition.

Deciding runs ahead of recording: a decision is known to the account's next one at once, and shown and told when the
store has it.  While the store is down *now* is still shown, nothing unrecorded is told, and the app stays unsettled, so
that its next poll decides again.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec
import structlog

from monitor.fleet.answer import Failure, FailureReason, Outcome
from monitor.fleet.app import App
from monitor.fleet.decision import Decision
from monitor.fleet.event import Event
from monitor.fleet.fleet import Fleet, Watched
from monitor.fleet.snapshot import AccountState, Snapshot
from monitor.metrics.exposition import Exposition
from monitor.metrics.instruments import Instruments
from monitor.store.errors import LeaseLost, StoreConflict, StoreError
from monitor.store.recorder import Recorded
from monitor.store.store import Store

AppKey = tuple[str, str]

Judge = Callable[[Watched], Decision]

A_TURN = 5  #: decisions in one turn of the loop; one takes half a millisecond when 20 numbers have changed
CONFLICTS = 3  #: times a decision is made anew because the store's row had moved


class Ledger:
    """What happens to a decision; shared by all accounts."""

    def __init__(
        self,
        *,
        fleet: Fleet,
        store: Store,
        exposition: Exposition,
        instruments: Instruments,
        routes: Callable[[Event], Sequence[str]],
        on_recorded: Callable[[], None],
        on_shown: Callable[[AppKey], None],
        now: Callable[[], int],
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        """
        Args:
            fleet: What is known.
            store: What lasts.
            exposition: The text of `/metrics`.
            instruments: Our own metrics.
            routes: The sinks that want an event.
            on_recorded: Called when events were recorded, to wake the dispatcher.
            on_shown: Called with the key of an app whose snapshot is another one now.
            now: Wall clock, ms since 1970.
            log: For a store that is down.
        """
        self._fleet = fleet
        self._store = store
        self._exposition = exposition
        self._instruments = instruments
        self.routes = routes
        self._on_recorded = on_recorded
        self._on_shown = on_shown
        self._now = now
        self._log = log
        self._this_turn = 0  # decisions made in this turn of the loop
        self._kept: dict[str, AccountState] = {}  # of each account, what the store has
        self._lives = Counter[str]()  # of each account, how often it was forgotten

    async def apply(self, key: AppKey, judged: Judge, *, stale_after: int) -> Decision | None:
        """
        Decide about an app, record that, show it.

        Args:
            key: The app.
            judged: Decides, from what is known at that moment; called anew when the store's row had moved.
            stale_after: ms without a believed answer after which the app's number series are withdrawn.

        Returns:
            The decision; None when the app has left, or is another process's to decide about.
        """
        for _ in range(CONFLICTS):
            await self._take_turn()
            watched = self._fleet.get(key)
            if watched is None:
                return None
            decision = judged(watched)
            if watched.recorded and not durable(decision):
                self._fleet.replace(decision.app, decision.after or watched.snapshot)
                self._show(decision, stale_after)
                return decision
            if not self._store.up:  # known to be down: waiting for it would hold up the account's other apps
                self._give_up(decision, stale_after)
                return decision
            decision = self._ahead(decision)
            life = self._lives[key[0]]
            outcome = await self._record(decision, everything=not watched.recorded)
            if self._lives[key[0]] != life:  # what is known of the account by now did not come of this decision
                break
            if isinstance(outcome, StoreConflict):
                await self._return_to_store(watched.app)
                continue
            if isinstance(outcome, LeaseLost):
                self._log.info("decision dropped", account=key[0], appkey=key[1], reason=str(outcome))
                break
            if isinstance(outcome, StoreError):
                self._log.error("decision not recorded", account=key[0], appkey=key[1], error=str(outcome))
                self._give_up(decision, stale_after)
                return decision
            self._keep(decision)
            self._show(decision, stale_after)
            self._recorded(outcome)
            self._count_unmapped(decision)
            return decision
        else:
            self._log.error(
                "store keeps changing under us: is a second process writing?", account=key[0], appkey=key[1]
            )
        return None

    async def remove(self, key: AppKey, judged: Judge) -> bool:
        """
        End an app's series at once, and record that it has left.

        Args:
            key: The app.
            judged: Decides about its removal.

        Returns:
            False: that could not be recorded yet, and the app is still known.
        """
        self._exposition.remove(key)
        await self.apply(key, judged, stale_after=0)
        if self._fleet.get(key) is None:
            return True
        self._exposition.remove(key)
        return False

    def forget(self, account: str) -> None:
        """Another process watches the account: show nothing of it, and remember nothing; the store keeps all."""
        for app in self._fleet.apps(account):
            self._exposition.remove(app.key)
        self._fleet.forget(account)
        self._kept.pop(account, None)
        self._lives[account] += 1

    async def tell(self, events: Sequence[Event]) -> None:
        """
        Record events that come from no poll, and have them delivered.

        Raises:
            StoreError: They are not recorded.
        """
        self._recorded(await self._store.tell(events, self.routes))

    def unchanged(self, key: AppKey, started: int) -> None:
        """The very answer of last time, and nothing waits: only the moment of success moves."""
        self._fleet.seen(key, started)
        self._store.note_success(key, started)
        self._exposition.succeeded(key, started)

    def show(self, key: AppKey, *, stale_after: int) -> None:
        """Render an app from what is known of it."""
        watched = self._fleet.get(key)
        if watched is not None:
            self._render(watched.app, watched.snapshot, stale_after)

    def note_poll(self, account: str, outcome: Outcome) -> None:
        """Count a poll, and its failure."""
        self._instruments.polls.labels(account).inc()
        if isinstance(outcome, Failure):
            self._instruments.poll_failures.labels(account, outcome.reason.value).inc()

    def note_suspect(self, account: str) -> None:
        """An answer was held back."""
        self._instruments.suspect_answers.labels(account).inc()

    def note_lateness(self, account: str, seconds: float) -> None:
        """A poll's first call started so long after it was due."""
        self._instruments.poll_lateness.labels(account).observe(seconds)

    async def _take_turn(self) -> None:
        """
        A few decisions a turn of the loop: in a storm all that is in flight is answered and recorded at once.

        What need not wait does not: an answer that waits beside others that are decided leaves holes in the memory.
        """
        while self._this_turn >= A_TURN:  # noqa: ASYNC110 - a turn of the loop is what it waits for
            await asyncio.sleep(0)
        if not self._this_turn:
            asyncio.get_running_loop().call_soon(self._next_turn)
        self._this_turn += 1

    def _next_turn(self) -> None:
        self._this_turn = 0

    async def _record(self, decision: Decision, *, everything: bool) -> tuple[Recorded, ...] | StoreError:
        try:
            return await self._store.record(decision, self.routes, everything=everything)
        except StoreError as error:
            return error

    def _ahead(self, decision: Decision) -> Decision:
        """
        Let the fleet run ahead of the store, so that the next decision of the account sees this one.

        The store takes decisions in the order in which they are given, many in one transaction; nothing is told and
        no metric shows it before it has this one.
        """
        account, before, after = decision.app.account, decision.before, decision.after
        self._kept.setdefault(account, decision.account_before)
        state = decision.account_after
        if state is not decision.account_before:
            state = msgspec.structs.replace(state, version=decision.account_before.version + 1)
            self._fleet.replace_account(account, state)
        if after is not None:
            after = msgspec.structs.replace(after, version=before.version + 1)
            self._fleet.replace(decision.app, after, recorded=False)
        return msgspec.structs.replace(decision, after=after, account_after=state)

    def _keep(self, decision: Decision) -> None:
        """The store has it."""
        self._kept[decision.app.account] = decision.account_after
        if decision.after is not None:
            self._fleet.record(decision.app.key, decision.after)
        else:
            self._fleet.remove(decision.app.key)

    def _give_up(self, decision: Decision, stale_after: int) -> None:
        """The store does not have it: show what is *now*; what was to be told is to be decided again."""
        account = decision.app.account
        self._fleet.replace_account(account, self._kept.get(account, decision.account_before))
        if self._fleet.get(decision.app.key) is not None and decision.unrecorded is not None:
            self._fleet.replace(decision.app, decision.unrecorded, recorded=False)
        self._show(decision, stale_after)

    async def _return_to_store(self, app: App) -> None:
        """Something else was recorded meanwhile, or what this was decided from was not: take what the store has."""
        account, life = app.account, self._lives[app.account]
        self._fleet.replace_account(account, self._kept.get(account, AccountState()))
        state, snapshot = await self._store.restore_account(account), await self._store.restore_app(app.key)
        if self._lives[account] != life:
            return
        if state.version > self._kept.get(account, AccountState()).version:  # a commit that nobody heard the end of
            self._kept[account] = state
            self._fleet.replace_account(account, state)
        if self._fleet.get(app.key) is not None:
            self._fleet.replace(app, snapshot)

    def _show(self, decision: Decision, stale_after: int) -> None:
        key = decision.app.key
        watched = self._fleet.get(key)
        if watched is None:
            self._exposition.remove(key)
            return
        shown = watched.snapshot
        if watched.recorded and shown.last_success is not None and shown.last_success != decision.before.last_success:
            self._store.note_success(key, shown.last_success)
        self._render(watched.app, shown, stale_after)
        self._on_shown(key)

    def _render(self, app: App, shown: Snapshot, stale_after: int) -> None:
        withdrawn = shown.last_success is not None and self._now() - shown.last_success > stale_after
        self._exposition.replace(app, shown, withdrawn=withdrawn)

    def _recorded(self, recorded: Sequence[Recorded]) -> None:
        for one in recorded:
            self._instruments.events.labels(one.event.account, one.event.type, one.event.severity).inc()
        if recorded:
            self._on_recorded()

    def _count_unmapped(self, decision: Decision) -> None:
        for attribute, _word in decision.account_after.unmapped - decision.account_before.unmapped:
            self._instruments.unmapped_values.labels(decision.app.account, attribute).inc()


def durable(decision: Decision) -> bool:
    """
    Whether anything was decided that a restart must not forget.

    That an app fails, and for what, is remembered, and that it does no longer: most apps failing is the account's
    trouble.  A failure more in a row, or a later success, is not worth a write.
    """
    before, after = decision.before, decision.after
    if decision.events or after is None or decision.account_after is not decision.account_before:
        return True
    if before.version == 0 or _failing_for(before) != _failing_for(after):
        return True
    passing = msgspec.structs.replace(
        after,
        version=before.version,
        digest=before.digest,
        last_success=before.last_success,
        failures=before.failures,
        failure=before.failure,
        failing_since=before.failing_since,
        last_answer=before.last_answer,
        due_at=before.due_at,
    )
    return passing != before


def _failing_for(snapshot: Snapshot) -> FailureReason | None:
    return None if snapshot.failure is None else snapshot.failure.reason

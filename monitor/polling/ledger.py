"""
Where a decision becomes a fact: recorded in the store, then shown by the fleet and the exposition.

While the store is down *now* is still shown, nothing unrecorded is told, and the app stays unsettled, so that its next
poll decides again.  Callers hold the account's lock.
"""

from collections.abc import Callable, Sequence

import msgspec
import structlog

from monitor.fleet.answer import Failure, FailureReason, Outcome
from monitor.fleet.app import App
from monitor.fleet.decision import Decision
from monitor.fleet.event import Event
from monitor.fleet.fleet import Fleet, Watched
from monitor.fleet.snapshot import Snapshot
from monitor.metrics.exposition import Exposition
from monitor.metrics.instruments import Instruments
from monitor.store.errors import StoreConflict, StoreError
from monitor.store.recorder import Recorded
from monitor.store.store import Store

AppKey = tuple[str, str]

Judge = Callable[[Watched], Decision]

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

    async def apply(self, key: AppKey, judged: Judge, *, stale_after: int) -> Decision | None:
        """
        Decide about an app, record that, show it.

        Args:
            key: The app.
            judged: Decides, from what is known at that moment; called anew when the store's row had moved.
            stale_after: ms without a believed answer after which the app's number series are withdrawn.

        Returns:
            The decision; None when the app has left.
        """
        for _ in range(CONFLICTS):
            watched = self._fleet.get(key)
            if watched is None:
                return None
            decision = judged(watched)
            if watched.recorded and not durable(decision):
                self._show(decision, decision.after, recorded=True, stale_after=stale_after)
                return decision
            if not self._store.up:  # known to be down: waiting for it would hold up the account's other apps
                self._show(decision, decision.unrecorded, recorded=False, stale_after=stale_after)
                return decision
            try:
                recorded = await self._store.record(decision, self.routes, everything=not watched.recorded)
            except StoreConflict:
                self._fleet.replace(watched.app, await self._store.restore_app(key))
                continue
            except StoreError as error:
                self._log.error("decision not recorded", account=key[0], appkey=key[1], error=str(error))
                self._show(decision, decision.unrecorded, recorded=False, stale_after=stale_after)
                return decision
            self._take_over_account(decision)
            after = decision.after and msgspec.structs.replace(decision.after, version=decision.before.version + 1)
            self._show(decision, after, recorded=True, stale_after=stale_after)
            self._recorded(recorded)
            self._count_unmapped(decision)
            return decision
        self._log.error("store keeps changing under us: is a second process writing?", account=key[0], appkey=key[1])
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

    async def tell(self, events: Sequence[Event]) -> None:
        """
        Record events that come from no poll, and have them delivered.

        Raises:
            StoreError: They are not recorded.
        """
        self._recorded(await self._store.tell(events, None, self.routes))

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

    def _show(self, decision: Decision, shown: Snapshot | None, *, recorded: bool, stale_after: int) -> None:
        key = decision.app.key
        if shown is None:
            self._exposition.remove(key)
            self._fleet.remove(key)
            return
        self._fleet.replace(decision.app, shown, recorded=recorded)
        if recorded and shown.last_success is not None and shown.last_success != decision.before.last_success:
            self._store.note_success(key, shown.last_success)
        self._render(decision.app, shown, stale_after)
        self._on_shown(key)

    def _render(self, app: App, shown: Snapshot, stale_after: int) -> None:
        withdrawn = shown.last_success is not None and self._now() - shown.last_success > stale_after
        self._exposition.replace(app, shown, withdrawn=withdrawn)

    def _take_over_account(self, decision: Decision) -> None:
        before, after = decision.account_before, decision.account_after
        if after is not before:
            self._fleet.replace_account(
                decision.app.account, msgspec.structs.replace(after, version=before.version + 1)
            )

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

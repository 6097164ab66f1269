"""
All polling: the accounts' apps on one schedule, from the first round to the last open call.

Knows when; what to believe and tell is decided elsewhere.  A poll that breaks is counted and logged and the next one
comes when it is due.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence

import structlog

from monitor.fleet.app import App
from monitor.fleet.decision import Decision
from monitor.fleet.fleet import Fleet
from monitor.metrics.instruments import Instruments
from monitor.polling.account import AccountPolling
from monitor.polling.budget import BudgetClosedError
from monitor.polling.schedule import Schedule
from monitor.polling.seat import phase
from monitor.polling.turns import Turns

AppKey = tuple[str, str]

POLL_NOW_EVERY = 5.0  #: seconds between two polls of an app on somebody's word
STUCK_AFTER = 60_000  #: ms that a due job may wait to be fired before polling counts as stuck
LAST_CALLS = 5.0  #: seconds that open calls get when the daemon stops
LAST_COMMITS = 2.0  #: seconds that commits get after them
LOOK_AT_BUDGETS = 5.0  #: seconds between two looks at what holds accounts off


class UnknownAppError(Exception):
    """No such app in the roster."""


class TooSoonError(Exception):
    """The app was polled on somebody's word just now; `wait` is in seconds."""

    def __init__(self, wait: float) -> None:
        self.wait = wait
        super().__init__(f"asked for less than {POLL_NOW_EVERY:.0f} s ago: try again in {wait:.1f} s")


class Polling:
    """The watch itself."""

    def __init__(
        self,
        *,
        fleet: Fleet,
        instruments: Instruments,
        now: Callable[[], int],
        monotonic: Callable[[], float],
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        """
        Args:
            fleet: What is known; its apps are those that are polled.
            instruments: Our own metrics.
            now: Wall clock, ms since 1970.
            monotonic: Seconds.
            log: For what is stretched, held off or broken.
        """
        self._fleet = fleet
        self._instruments = instruments
        self._now = now
        self._monotonic = monotonic
        self._log = log
        self._accounts: dict[str, AccountPolling] = {}
        self._schedule = Schedule(self._due, now=now, monotonic=monotonic, log=log)
        self._running: set[asyncio.Task[object]] = set()
        self._asked_for: dict[AppKey, float] = {}
        self._held: dict[str, str | None] = {}
        self._leaving: dict[AppKey, App] = {}
        self._watch: asyncio.Task[None] | None = None
        self._stopping = False

    def start(self) -> None:
        """Begin to fire what is due."""
        self._schedule.start()
        self._watch = asyncio.create_task(self._look_at_accounts(), name="look-at-accounts")

    async def stop(self) -> None:
        """Start no call; give open ones 5 s, then drop them unjudged; let commits finish."""
        self._stopping = True
        self._schedule.pause()
        if self._watch is not None:
            self._watch.cancel()
        for account in self._accounts.values():
            account.close()
        if self._running:
            _done, open_calls = await asyncio.wait(self._running, timeout=LAST_CALLS)
            if open_calls:
                self._log.warning("open calls dropped", calls=len(open_calls))
                for task in open_calls:
                    task.cancel()
                await asyncio.wait(open_calls, timeout=LAST_COMMITS)
        self._schedule.stop()

    def add_account(self, account: AccountPolling) -> None:
        """Poll this account's apps from now on; it has none yet."""
        self._accounts[account.name] = account

    def account(self, name: str) -> AccountPolling | None:
        """The account of this name, if it is polled."""
        return self._accounts.get(name)

    async def remove_account(self, name: str) -> None:
        """Poll it no more: all its apps have left."""
        await self.set_apps(name, ())
        account = self._accounts.pop(name, None)
        if account is not None:
            account.close()

    def let_go(self, name: str) -> None:
        """Poll it no more: another process does.  What is under way goes on, and changes nothing."""
        for app in self._fleet.apps(name):
            self._schedule.unseat(app.key)
            self._asked_for.pop(app.key, None)
            self._leaving.pop(app.key, None)
        self._held.pop(name, None)
        account = self._accounts.pop(name, None)
        if account is not None:
            account.let_go()

    async def set_apps(self, account: str, apps: Collection[App]) -> None:
        """
        Take the account's list as it is now: the new are polled at once, the gone end, the rest keep their seats.

        Of an account that is not polled here, or no longer, nothing is taken.
        """
        polling = self._accounts.get(account)
        if polling is None:
            return
        wanted = {app.key: app for app in apps}
        for app in [app for app in self._fleet.apps(account) if app.key not in wanted]:
            await self._remove(polling, app)
        new, turns = set(), Turns(self._monotonic)
        for app in wanted.values():
            if self._accounts.get(account) is not polling:
                return
            if self._fleet.get(app.key) is None:
                new.add(app.key)
            self._take(polling, app)
            await turns.give_way()
        if self._accounts.get(account) is not polling:
            return
        self._instruments.apps.labels(account).set(len(wanted))
        self._stretch(polling)
        await self._seat(polling, wanted.values(), first_round=new)

    async def follow_rules(self, account: str) -> None:
        """The account's rules changed: its apps are due by the new ones."""
        polling = self._accounts[account]
        self._stretch(polling)
        await self._seat(polling, self._fleet.apps(account), first_round=())

    async def poll_now(self, account: str, appkey: str) -> Decision | None:
        """
        Poll an app on somebody's word; waits for the poll that runs, if one does.

        Raises:
            UnknownAppError: No such app.
            TooSoonError: Less than 5 s since the last such poll of the app.
            BudgetClosedError: The daemon is stopping.
        """
        key = (account, appkey)
        watched = self._fleet.get(key)
        polling = self._accounts.get(account)
        if watched is None or polling is None:
            raise UnknownAppError(f"no app {appkey!r} in account {account!r}")
        now = self._monotonic()
        wait = self._asked_for.get(key, -POLL_NOW_EVERY) + POLL_NOW_EVERY - now
        if wait > 0:
            raise TooSoonError(wait)
        self._asked_for[key] = now
        return await self._tracked(polling.poll(watched.app))

    async def accept(self, account: str) -> int:
        """
        Believe what is held back in an account, and poll its suspect apps now.

        Returns:
            How many apps that concerns.

        Raises:
            UnknownAppError: No such account.
        """
        polling = self._accounts.get(account)
        if polling is None:
            raise UnknownAppError(f"no account {account!r}")
        apps = await polling.accept()
        polls = [asyncio.ensure_future(self._tracked(polling.poll(app))) for app in apps]
        if polls:
            await asyncio.wait(polls)
        return len(apps)

    def stuck(self) -> str | None:
        """Why polling counts as stuck; None while it goes on.  What the vendor or a pause holds up is not stuck."""
        overdue = self._schedule.overdue()
        if overdue > STUCK_AFTER:
            return f"the scheduler is stuck: a poll has been due for {overdue / 1000:.0f} s and was not started"
        for name, polling in self._accounts.items():
            if polling.standstill * 1000 > STUCK_AFTER:
                return f"polls of account {name} are stuck: they wait for a turn, and no call begins or ends"
        return None

    def untried(self) -> int:
        """How many apps have not had their first try."""
        tried = ((self._accounts.get(app.account), app.appkey) for app in self._fleet.apps())
        return sum(polling is None or not polling.tried(appkey) for polling, appkey in tried)

    @property
    def first_tries(self) -> int:
        """Changes with every app that is tried for the first time."""
        return sum(polling.first_tries for polling in self._accounts.values())

    def next_poll(self, key: AppKey) -> int | None:
        """When an app is due next, ms since 1970."""
        return self._schedule.next_poll(key)

    def shown(self, key: AppKey) -> None:
        """An app's snapshot is another one: an app in trouble may be due more often."""
        watched = self._fleet.get(key)
        polling = self._accounts.get(key[0])
        if watched is not None and polling is not None:
            self._schedule.reseat(key, interval=polling.interval_of(watched))

    def hasten(self, account: str, appkeys: Sequence[str]) -> None:
        """Poll these apps of an account at once, as fast as its rate allows; then they are due as they were."""
        polling = self._accounts.get(account)
        if polling is None:  # let go meanwhile
            return
        begin, rate = self._now(), polling.rules.rate
        for turn, appkey in enumerate(appkeys):
            self._schedule.hasten((account, appkey), first=begin + int(turn * 1000 / rate))

    async def retry_removals(self) -> None:
        """Record what could not be recorded when apps left."""
        for app in list(self._leaving.values()):
            polling = self._accounts.get(app.account)
            if polling is None or await polling.remove(app):
                self._leaving.pop(app.key, None)

    def _take(self, polling: AccountPolling, app: App) -> None:
        watched = self._fleet.get(app.key)
        if watched is None:
            self._fleet.add(app)
        elif watched.app != app:
            self._fleet.update(app)
        elif self._leaving.pop(app.key, None) is None:
            return  # known as it is
        self._leaving.pop(app.key, None)
        polling.show(app.key)

    async def _remove(self, polling: AccountPolling, app: App) -> None:
        self._schedule.unseat(app.key)
        self._asked_for.pop(app.key, None)
        if not await polling.remove(app):
            self._leaving[app.key] = app

    async def _due(self, key: AppKey, due: int) -> None:
        watched, polling = self._fleet.get(key), self._accounts.get(key[0])
        if watched is None or polling is None:
            return
        try:
            await self._tracked(polling.poll(watched.app, due))
        except BudgetClosedError:
            return
        except asyncio.CancelledError:
            if not self._stopping:
                raise
        except Exception:  # noqa: BLE001  # the top of a poll: whatever broke, the next poll comes when it is due
            self._log.exception("poll broke", account=key[0], appkey=key[1])
            self._instruments.polls.labels(key[0]).inc()
            self._instruments.poll_failures.labels(key[0], "internal").inc()

    async def _tracked(self, poll: Awaitable[Decision | None]) -> Decision | None:
        task = asyncio.current_task()
        assert task is not None, "polls run in tasks"
        self._running.add(task)
        try:
            return await poll
        finally:
            self._running.discard(task)

    def _stretch(self, polling: AccountPolling) -> None:
        apps = list(self._fleet.apps(polling.name))
        stretch = polling.rules.stretch(apps)
        if stretch > 1 and stretch != polling.stretch:
            self._log.warning(
                "more apps than the rate limit can ask: the interval is stretched",
                account=polling.name,
                apps=len(apps),
                rate_limit=polling.rules.rate,
                interval_seconds=round(polling.rules.interval * stretch / 1000, 1),
            )
        polling.stretch = stretch
        self._instruments.poll_interval.labels(polling.name).set(polling.rules.interval * stretch / 1000)
        self._instruments.rate_limit.labels(polling.name).set(polling.rules.rate)

    async def _seat(self, polling: AccountPolling, apps: Collection[App], first_round: Collection[AppKey]) -> None:
        begin, turn, turns = self._now(), 0, Turns(self._monotonic)
        for app in sorted(apps, key=lambda app: (self._seen(app.key), phase(*app.key))):
            if self._accounts.get(polling.name) is not polling:
                return
            watched = self._fleet.get(app.key)
            interval = polling.interval(app) if watched is None else polling.interval_of(watched)
            if app.key in first_round or self._schedule.next_poll(app.key) is None:
                first = begin + int(turn * 1000 / polling.rules.rate)
                turn += 1
                self._schedule.seat(app.key, interval=interval, first=first)
            else:
                self._schedule.reseat(app.key, interval=interval)
            await turns.give_way()

    def _seen(self, key: AppKey) -> int:
        """When the app answered last, ms since 1970: who has waited longest is asked first."""
        watched = self._fleet.get(key)
        return watched.snapshot.last_success or 0 if watched is not None else 0

    async def _look_at_accounts(self) -> None:
        while True:
            for name, polling in list(self._accounts.items()):
                held = polling.held_by
                if held == self._held.get(name):
                    continue
                for reason in filter(None, (self._held.get(name), held)):
                    self._instruments.account_paused.labels(name, reason).set(reason == held)
                self._held[name] = held
                if held:
                    self._log.warning("account's calls are held off", account=name, reason=held)
                else:
                    self._log.info("account's calls go on", account=name)
            await asyncio.sleep(LOOK_AT_BUDGETS)

"""
The accounts as the configuration wants them: a client for each, its budget, and what polls through them.

Part of the composition root.  An account whose connection changed gets a new client; the old one is closed once its
last call must be over, for a call in flight is never cancelled.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial

import structlog

from monitor.daemon import conversion
from monitor.fleet.decide import decide_removal
from monitor.fleet.decision import Decision
from monitor.fleet.fleet import Fleet, Watched
from monitor.fleet.policy import Policy
from monitor.http.certificates import Certificates
from monitor.metrics.instruments import Instruments
from monitor.phonelist.client import PhoneList
from monitor.phonelist.renewal import RenewedPhoneList
from monitor.polling.account import AccountPolling
from monitor.polling.asking import Asking
from monitor.polling.budget import Budget
from monitor.polling.ledger import Ledger
from monitor.polling.polling import Polling
from monitor.polling.rules import Rules
from monitor.settings.model import Account, Settings


class Vendors:
    """All accounts' clients."""

    def __init__(
        self,
        *,
        polling: Polling,
        fleet: Fleet,
        ledger: Ledger,
        instruments: Instruments,
        certificates: Certificates,
        environ: Mapping[str, str],
        now: Callable[[], int],
        monotonic: Callable[[], float],
        random: Callable[[], float],
        log: structlog.typing.FilteringBoundLogger,
        acts_for: Callable[[str], bool] = lambda _account: True,
    ) -> None:
        """
        Args:
            polling: Is given each account.
            fleet: What is known, accounts of an earlier configuration included.
            ledger: Records and shows what the accounts' polls decide.
            instruments: Our own metrics.
            certificates: For all clients; one that replaces another has them as they are by then.
            environ: For the proxies.
            now: Wall clock, ms since 1970.
            monotonic: Seconds.
            random: From 0 up to, not including, 1.
            log: For what goes wrong with an account.
            acts_for: Whether an account is this process's to ask for at this moment.
        """
        self._acts_for = acts_for
        self._polling = polling
        self._fleet = fleet
        self._ledger = ledger
        self._instruments = instruments
        self._certificates = certificates
        self._environ = environ
        self._now = now
        self._monotonic = monotonic
        self._random = random
        self._log = log
        self._clients: dict[str, RenewedPhoneList] = {}
        self._connections: dict[str, tuple[Account, Rules]] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def check(self, settings: Settings) -> None:
        """
        See whether every account could be connected.

        Raises:
            UnusableProxy: A proxy's address cannot be used.
        """
        for account in settings.accounts:
            conversion.proxy_of(account, self._environ)

    async def take_over(self, settings: Settings, policy: Policy) -> None:
        """Poll the accounts of this configuration, and no other, by its rules; their apps are the roster's to tell."""
        for account in settings.accounts:
            if self._take_over(account, conversion.rules_of(settings, account), policy):
                await self._polling.follow_rules(account.name)
        wanted = {account.name for account in settings.accounts}
        for name in {*self._fleet.accounts, *self._clients} - wanted:
            await self._leave(name, policy)

    def let_go(self, name: str) -> None:
        """Another process watches the account: forget it, and record nothing of it."""
        self._polling.let_go(name)
        self._ledger.forget(name)
        self._instruments.remove_account(name)
        client = self._clients.pop(name, None)
        if client is not None:
            self._close_later(client, self._connections.pop(name)[1].timeout, name)

    async def close(self) -> None:
        """Close every client."""
        for task in self._closing:
            task.cancel()
        for client in self._clients.values():
            await client.aclose()

    def _take_over(self, account: Account, rules: Rules, policy: Policy) -> bool:
        """Connect the account anew, or for the first time; False when nothing of its connection changed."""
        polling = self._polling.account(account.name)
        if polling is not None and self._connections[account.name] == (_connection(account), rules):
            polling.reconfigure(policy)
            return False
        self._instruments.add_account(account.name)
        client = self._client(account, rules)
        budget = self._budget(account.name, rules)
        asking = self._asking(account.name, client, budget, rules)
        if polling is None:
            polling = self._account(account.name, rules, policy, asking, budget)
            self._polling.add_account(polling)
        else:
            polling.reconnect(rules, policy, asking, budget)
            self._close_later(self._clients[account.name], rules.timeout, account.name)
        self._clients[account.name] = client
        self._connections[account.name] = (_connection(account), rules)
        return True

    async def _leave(self, name: str, policy: Policy) -> None:
        """The account is configured no more: its apps have left, those that only the store remembers too."""
        if self._polling.account(name) is not None:
            await self._polling.remove_account(name)
        self._instruments.add_account(name)  # for the events of the last apps
        for app in self._fleet.apps(name):
            await self._ledger.remove(app.key, lambda watched: self._removed(watched, policy))
        self._instruments.remove_account(name)
        client = self._clients.pop(name, None)
        if client is not None:
            self._close_later(client, self._connections.pop(name)[1].timeout, name)

    def _removed(self, watched: Watched, policy: Policy) -> Decision:
        siblings = self._fleet.siblings(watched.app)
        return decide_removal(watched.app, watched.snapshot, siblings, policy, self._now())

    def _budget(self, name: str, rules: Rules) -> Budget:
        waiting = self._instruments.polls_waiting.labels(name)
        return Budget(rate=rules.rate, concurrency=rules.concurrency, monotonic=self._monotonic, waiting=waiting)

    def _asking(self, name: str, client: RenewedPhoneList, budget: Budget, rules: Rules) -> Asking:
        return Asking(
            name,
            vendor=client,
            budget=budget,
            timeout=rules.timeout,
            retries=rules.retries,
            interval=rules.interval / 1000,
            instruments=self._instruments,
            now=self._now,
            monotonic=self._monotonic,
            random=self._random,
            log=self._log,
            may_ask=partial(self._acts_for, name),
        )

    def _account(self, name: str, rules: Rules, policy: Policy, asking: Asking, budget: Budget) -> AccountPolling:
        return AccountPolling(
            name,
            rules=rules,
            policy=policy,
            asking=asking,
            budget=budget,
            fleet=self._fleet,
            ledger=self._ledger,
            hasten=self._polling.hasten,
            now=self._now,
            monotonic=self._monotonic,
            log=self._log,
        )

    def _client(self, account: Account, rules: Rules) -> RenewedPhoneList:
        def client() -> PhoneList:
            return conversion.client_of(account, rules, self._environ, self._now, self._certificates.context())

        return RenewedPhoneList(client, account=account.name, log=self._log)

    def _close_later(self, client: RenewedPhoneList, timeout: float, name: str) -> None:
        async def close() -> None:
            try:
                await asyncio.sleep(timeout + 1)
            finally:
                await client.aclose()
                if name not in self._clients:  # the last calls have been counted by now
                    self._instruments.remove_account(name)

        task = asyncio.create_task(close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def _connection(account: Account) -> Account:
    """What of an account decides how it is connected: not its apps."""
    return account.model_copy(update={"apps": (), "apps_file": None, "apps_url": None})

"""One round over every app, without a store: what `poll` prints."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping

import msgspec
import structlog
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from monitor import __version__
from monitor.clock import monotonic, wall_clock
from monitor.daemon import conversion
from monitor.fleet.answer import Failure, Outcome
from monitor.fleet.app import App
from monitor.fleet.decide import decide
from monitor.fleet.policy import Policy
from monitor.fleet.siblings import NoSiblings
from monitor.fleet.snapshot import Snapshot
from monitor.metrics.instruments import Instruments, Registry
from monitor.phonelist.client import PhoneList
from monitor.polling.asking import Asking
from monitor.polling.breaker import Breaker
from monitor.polling.budget import Budget
from monitor.polling.rules import Rules
from monitor.roster.file import read_apps_file
from monitor.roster.merge import merge
from monitor.settings.model import Account, Settings

ROUND = 86_400.0  # seconds: a round is shorter, so that a breaker which opens stays open
LONGEST_PAUSE = 10.0  # seconds that a round waits when the vendor throttles


class Polled(msgspec.Struct, frozen=True):
    """An app after its poll."""

    app: App
    snapshot: Snapshot
    failure: Failure | None  #: why it could not be polled


async def poll_round(
    settings: Settings, environ: Mapping[str, str], *, account: str | None, appkey: str | None
) -> list[Polled]:
    """
    Poll every app once, within each account's budget; with a progress bar on a terminal.

    Args:
        settings: Which accounts and apps.
        environ: For the proxies.
        account, appkey: Only these; None: all.

    Raises:
        RosterError: A list of apps cannot be read.
        CannotCallOut: A proxy's address cannot be used, or certificates not be read.
    """
    wanted = []
    for configured in settings.accounts:
        if account in (None, configured.name):
            apps = [app for app in await _apps(configured) if appkey in (None, app.appkey)]
            wanted += [(configured, apps)] if apps else []
    console = Console(stderr=True)
    columns = (TextColumn("polling"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=sum(len(apps) for _, apps in wanted))
        rounds = await asyncio.gather(
            *(_account(settings, one, apps, environ, lambda: progress.advance(bar)) for one, apps in wanted)
        )
    return [polled for one in rounds for polled in one]


async def _apps(account: Account) -> tuple[App, ...]:
    file = read_apps_file(account.apps_file, account.name) if account.apps_file is not None else []
    url = await conversion.apps_url_of(account.apps_url).read(account.name) if account.apps_url is not None else []
    return merge(conversion.configured_apps(account), file, url)


async def _account(
    settings: Settings, account: Account, apps: list[App], environ: Mapping[str, str], advance: Callable[[], None]
) -> list[Polled]:
    rules, policy = conversion.rules_of(settings, account), conversion.policy_of(settings)
    client = conversion.client_of(account, rules, environ, wall_clock)
    asked = _Round(account.name, client, rules, len(apps))
    waiting, polled = iter(apps), []

    async def work() -> None:
        for app in waiting:
            polled.append(_polled(app, await asked.poll(app), policy))
            advance()

    try:
        await asyncio.gather(*(work() for _ in range(min(rules.concurrency, len(apps)))))
    finally:
        await client.aclose()
    return polled


class _Round:
    """One account's calls: refused credentials are not tried for every app, and a long pause is not waited out."""

    def __init__(self, account: str, client: PhoneList, rules: Rules, apps: int) -> None:
        instruments = _instruments()
        waiting = instruments.polls_waiting.labels(account)
        self._rules = rules
        self._apps = apps
        self._breaker = Breaker()
        self._budget = Budget(rate=rules.rate, concurrency=rules.concurrency, monotonic=monotonic, waiting=waiting)
        self._asking = Asking(
            account,
            vendor=client,
            budget=self._budget,
            timeout=rules.timeout,
            retries=rules.retries,
            interval=rules.interval / 1000,
            instruments=instruments,
            now=wall_clock,
            monotonic=monotonic,
            random=random.random,
            log=_SILENT,
        )

    async def poll(self, app: App) -> Outcome:
        held_off = self._breaker.holds_off(app.appkey, ROUND, monotonic())
        if held_off is not None:
            return held_off
        limit = monotonic() + self._rules.interval / 1000
        outcome = (await self._asking.ask(app.appkey, b"", limit=limit, patience=LONGEST_PAUSE)).outcome
        if isinstance(outcome, Failure):
            self._breaker.failed(app.appkey, outcome, interval=ROUND, now=monotonic(), apps=self._apps)
        else:
            self._breaker.succeeded(app.appkey)
        return outcome


def _polled(app: App, outcome: Outcome, policy: Policy) -> Polled:
    """What a first answer says of each number: as `run` sees an app that it meets for the first time."""
    if isinstance(outcome, Failure):
        return Polled(app, Snapshot(), outcome)
    decision = decide(app, Snapshot(), outcome, NoSiblings(), policy, outcome.started)
    return Polled(app, decision.after or Snapshot(), None)


def _instruments() -> Instruments:
    """For what polling counts and nobody reads here."""
    return Instruments(Registry(), version=__version__, revision="", failure_reasons=(), event_types={}, attributes=())


_SILENT: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
    structlog.ReturnLogger(), wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL)
)

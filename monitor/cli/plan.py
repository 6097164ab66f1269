"""
What a configuration will do for one account: apps, calls a minute against the budget, series.  Pure.

A list that does not fit the budget is polled more slowly by `run`, which says so; here it is a reason to refuse, since
whoever configured it can still change it.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from monitor.cli.lists import Listed
from monitor.fleet.app import App
from monitor.polling.rules import BUDGET_SHARE, Rules
from monitor.roster.merge import merge
from monitor.settings.durations import spelled
from monitor.settings.model import Account, Settings

ASSUMED_LATENCY = 0.3  # seconds of one call; `check --live` shows the real one
ASSUMED_NUMBERS = 20  # of one app
SERIES_OF_APP = 5  # up, numbers, suspect, last success, info
SERIES_OF_ACCOUNT = 120  # counts by value, and the daemon's own counters and histograms
ROUNDING = 1e-9


@dataclass(frozen=True)
class Plan:
    """One account as it will be polled.  Rates are calls a minute."""

    account: Account
    settings: Settings
    lists: tuple[Listed, ...]

    @cached_property
    def apps(self) -> tuple[App, ...]:
        """The apps of the lists that are known, merged as `run` does."""
        return merge(*(listed.apps or () for listed in self.lists))

    @cached_property
    def asked(self) -> float:
        """What the apps' intervals ask for."""
        return 60 * Rules(interval=self.settings.poll.interval_ms).demand(self.apps)

    @property
    def by_rate(self) -> float:
        """What the rate carries, the share for retries and probes aside."""
        return 60 * self.account.rate_limit * BUDGET_SHARE

    @property
    def by_concurrency(self) -> float:
        """What so many calls at once carry at the assumed latency."""
        return 60 * self.settings.poll.concurrency / ASSUMED_LATENCY

    @property
    def why_not(self) -> str | None:
        """Why the configured intervals cannot be kept, and what would help; None when they can."""
        carried = min(self.by_rate, self.by_concurrency)
        if self.asked <= carried * (1 + ROUNDING):
            return None
        if self.by_rate <= self.by_concurrency:
            limit, remedy = self._rate, f"raise rate_limit to {math.ceil(self.asked / 60 / BUDGET_SHARE)}"
        else:
            limit = self._concurrency
            remedy = f"raise poll.concurrency to {math.ceil(self.asked / 60 * ASSUMED_LATENCY)}"
        return (
            f"{_counted(len(self.apps), 'app')} ask for {_figure(self.asked)} calls a minute, but {limit}; "
            f"make the intervals {_figure(math.ceil(self.asked / carried * 10) / 10)} times as long, or {remedy}"
        )

    def lines(self) -> Iterator[str]:
        """What will be done, for people; the first line is a heading."""
        yield f"account {self.account.name}: {_counted(len(self.apps), 'app')} at {self.account.base_url}"
        for listed in self.lists:
            asked = "asked by run, and by check --live" if listed.apps is None else _counted(len(listed.apps), "app")
            yield f"  apps: {listed.source}, {asked}"
        calls = f"{_figure(self.asked)} calls a minute"
        most = _figure(self.asked * (1 + self.settings.poll.retries))
        yield f"  polls: {self._cadence}; {calls}, {most} if each needs every retry"
        yield f"  budget: {self._rate}; {self._concurrency}"
        yield f"  series: {self._series}"

    @property
    def _cadence(self) -> str:
        own = sum(app.interval_ms is not None for app in self.apps)
        every = f"each app every {spelled(self.settings.poll.interval_ms)}"
        return f"{every}, {own} at an interval of its own" if own else every

    @property
    def _rate(self) -> str:
        kept = f"{1 - BUDGET_SHARE:.0%} kept for retries and probes"
        return f"rate_limit {self.account.rate_limit:g} a second carries {_figure(self.by_rate)} a minute ({kept})"

    @property
    def _concurrency(self) -> str:
        latency = f"{ASSUMED_LATENCY * 1000:.0f} ms a call"
        return (
            f"concurrency {self.settings.poll.concurrency} carries {_figure(self.by_concurrency)} a minute at {latency}"
        )

    @property
    def _series(self) -> str:
        each = len(self.settings.metrics.number_series)
        total = len(self.apps) * (ASSUMED_NUMBERS * each + SERIES_OF_APP) + SERIES_OF_ACCOUNT
        return (
            f"about {total}, at {ASSUMED_NUMBERS} numbers an app "
            f"({each} a number, {SERIES_OF_APP} an app, {SERIES_OF_ACCOUNT} the account)"
        )


def place_lines(settings: Settings) -> Iterator[str]:
    """Where things are, for people."""
    yield f"configuration: {settings.path}"
    for path in settings.exposed:
        yield f"  warning: {path} holds a secret and can be read by every user of this machine: chmod o-r"
    yield f"store: {settings.store.url}, events kept {spelled(settings.store.retention_ms)}"
    yield f"web: {', '.join(settings.web.listen)}{_access(settings)}"
    for warning in settings.web_config.warnings:
        yield f"  not done: {warning}"
    if settings.events.sinks:
        yield f"events: stdout, {', '.join(f'{sink.name} ({sink.type})' for sink in settings.events.sinks)}"
    if settings.events.maintenance:
        yield f"maintenance: {_counted(len(settings.events.maintenance), 'window')}"
    if settings.events.heartbeat is not None:
        yield f"heartbeat: every {spelled(settings.events.heartbeat.every_ms)}"


def _access(settings: Settings) -> str:
    config = settings.web_config
    told = [
        *(["TLS"] if config.tls else []),
        *(["client certificates"] if config.tls and config.tls.client_certificate != "none" else []),
        *([_counted(len(config.users), "user")] if config.users else []),
        *([_counted(len(settings.web.writers), "writer")] if settings.web.writers else []),
    ]
    return f" ({', '.join(told)})" if told else ""


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _figure(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")

"""How one account wants to be polled, as the configuration says it; and what that asks of its budget.  Pure."""

from collections.abc import Iterable

import msgspec

from monitor.fleet.app import App

BUDGET_SHARE = 0.9  #: of the rate that regular polls may use: the rest is for retries and probes


class Rules(msgspec.Struct, frozen=True):
    """One account's polling rules.  Durations are milliseconds unless named otherwise."""

    interval: int = 60_000
    degraded_interval: int | None = None  #: for apps with a number in trouble, from spare budget only
    timeout: float = 10.0  #: one call, seconds
    concurrency: int = 16
    retries: int = 2
    rate: float = 20.0  #: calls a second
    stale_after: int = 86_400_000

    def demand(self, apps: Iterable[App]) -> float:
        """Calls a second that the configured intervals ask for."""
        return sum(1000 / (app.interval_ms or self.interval) for app in apps)

    def stretch(self, apps: Iterable[App]) -> float:
        """What every interval is multiplied by so that the list fits the budget: 1 when it fits as it is."""
        return max(1.0, self.demand(apps) / (self.rate * BUDGET_SHARE))

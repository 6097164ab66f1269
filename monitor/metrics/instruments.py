"""
The daemon's own metrics: every `number_monitor_*`, and the process's, in a registry of their own.

Every label set that is known beforehand starts at 0 with `add_account` and `add_sink`, so that a rate sees the first
increment.  Gauges of something measured have no sample until it was; a time stamp of 0 says there is none.
Imports nothing of ours: what there is to count comes in as words.
"""

import platform
from collections.abc import Iterable, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.samples import Sample

PAUSES = ("throttled", "auth", "unreachable")
DELIVERY_FAILURES = ("refused", "throttled", "unavailable", "timeout")

CALL_SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # around 300 ms, up to the time-out
LATENESS_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0)  # 1 s is the target, a minute a lost poll
COMMIT_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)  # one fsync is 1 to 10 ms


class Registry(CollectorRegistry):
    """
    A registry whose families carry no `_created` samples, and no time stamp of 0.

    prometheus-client switches `_created` off for the whole process only (`disable_created_metrics`), which would
    reach into everybody else's registries; leaving them out here concerns ours alone.
    """

    def collect(self) -> Iterable[Metric]:
        """What there is to say now."""
        for family in super().collect():
            said = Metric(family.name, family.documentation, family.type, family.unit)
            said.samples = [sample for sample in family.samples if _says_something(sample)]
            yield said


def _says_something(sample: Sample) -> bool:
    if sample.name.endswith("_timestamp_seconds"):
        return bool(sample.value != 0)
    return not sample.name.endswith("_created")


class Instruments:
    """
    Every metric of the daemon itself; its attributes are prometheus-client's own objects.

    Rooms count what they do: `instruments.polls.labels(account).inc()`.
    """

    def __init__(
        self,
        registry: Registry,
        *,
        version: str,
        revision: str,
        failure_reasons: Iterable[str],
        event_types: Mapping[str, Iterable[str]],
        attributes: Iterable[str],
    ) -> None:
        """
        Register everything; no account and no sink is known yet.

        Args:
            registry: Where `/metrics` collects.
            version: Of the program.
            revision: Of its source; empty when unknown.
            failure_reasons: Every reason for which a poll can fail.
            event_types: Every type of event with the severities it can have.
            attributes: Every attribute of a number that can hold a word nobody documented.
        """
        self._failure_reasons = tuple(failure_reasons)
        self._events = tuple((kind, severity) for kind, severities in event_types.items() for severity in severities)
        self._attributes = tuple(attributes)

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"number_monitor_{name}", text, labels, registry=registry)

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"number_monitor_{name}", text, labels, registry=registry)

        def histogram(name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(f"number_monitor_{name}", text, labels, buckets=buckets, registry=registry)

        self.polls = counter("polls_total", "Polls: one an app and interval, retries included.", "account")
        self.calls = counter("calls_total", "Single calls to the vendor, retries and probes included.", "account")
        self.poll_failures = counter("poll_failures_total", "Failed polls, by reason.", "account", "reason")
        self.call_duration = histogram(
            "call_duration_seconds", "Duration of single calls, from connect to the last byte.", CALL_SECONDS, "account"
        )
        self.poll_lateness = histogram(
            "poll_lateness_seconds", "How long after its due time a poll began.", LATENESS_SECONDS, "account"
        )
        self.poll_interval = gauge(
            "poll_interval_seconds", "Interval at which each app is polled; stretched when over the budget.", "account"
        )
        self.rate_limit = gauge("rate_limit_calls_per_second", "Calls a second that are allowed.", "account")
        self.polls_waiting = gauge("polls_waiting", "Polls that are due and wait for the budget.", "account")
        self.account_paused = gauge(
            "account_paused", "1 while polling is held off for this reason.", "account", "reason"
        )
        self.apps = gauge("apps", "Apps that are watched.", "account")
        self.app_source_up = gauge(
            "app_source_up", "1 the last read of this list of apps succeeded, else 0.", "account", "source"
        )
        self.app_source_last_success = gauge(
            "app_source_last_success_timestamp_seconds",
            "When this list of apps was last read, in seconds since 1970.",
            "account",
            "source",
        )
        self.suspect_answers = counter("suspect_answers_total", "Answers that were held back.", "account")
        self.unmapped_values = counter(
            "unmapped_values_total", "First sights of a word nobody documented.", "account", "attribute"
        )
        self.events = counter("events_total", "Recorded events.", "account", "type", "severity")
        self.deliveries = counter("deliveries_total", "Events delivered.", "sink")
        self.delivery_failures = counter(
            "delivery_failures_total", "Attempts to deliver that failed, by reason.", "sink", "reason"
        )
        self.deliveries_dead = counter("deliveries_dead_total", "Deliveries that were given up.", "sink")
        self.delivery_backlog = gauge("delivery_backlog", "Deliveries that wait.", "sink")
        self.delivery_oldest = gauge(
            "delivery_oldest_timestamp_seconds",
            "When the oldest event that waits was recorded, in seconds since 1970; none while nothing waits.",
            "sink",
        )
        self.dead_letters = gauge("dead_letters", "Deliveries given up that are still kept.", "sink")
        self.store_up = gauge("store_up", "1 the store takes writes, 0 it does not.")
        self.store_commit_duration = histogram(
            "store_commit_duration_seconds", "Duration of the store's transactions.", COMMIT_SECONDS
        )
        self.config_reload_successful = gauge(
            "config_last_reload_successful", "1 the configuration in force is the one on disk, 0 the last was refused."
        )
        self.config_reload_success_time = gauge(
            "config_last_reload_success_timestamp_seconds",
            "When a configuration was last taken over, in seconds since 1970.",
        )
        self.lease_held = gauge(
            "lease_held", "1 this process watches the account, else 0; only where processes share a store.", "account"
        )
        self.lease_epoch = gauge(
            "lease_epoch",
            "How often the account has changed hands, as far as is known; only where processes share a store.",
            "account",
        )
        self.clock_skew = gauge("clock_skew_seconds", "The vendor's Date less our clock.", "account")
        Info("number_monitor_build", "Version of the program and of what runs it.", registry=registry).info(
            {"version": version, "revision": revision, "python": platform.python_version()}
        )
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)

    def add_account(self, name: str) -> None:
        """Everything that can be counted for an account of this name starts at 0; a known account goes on."""
        for metric in (
            self.polls,
            self.calls,
            self.call_duration,
            self.poll_lateness,
            self.polls_waiting,
            self.apps,
            self.suspect_answers,
        ):
            metric.labels(name)
        for reason in self._failure_reasons:
            self.poll_failures.labels(name, reason)
        for reason in PAUSES:
            self.account_paused.labels(name, reason)
        for attribute in self._attributes:
            self.unmapped_values.labels(name, attribute)
        for kind, severity in self._events:
            self.events.labels(name, kind, severity)

    def remove_account(self, name: str) -> None:
        """No sample of this account is left."""
        for metric in (
            self.polls,
            self.calls,
            self.poll_failures,
            self.call_duration,
            self.poll_lateness,
            self.poll_interval,
            self.rate_limit,
            self.polls_waiting,
            self.account_paused,
            self.apps,
            self.app_source_up,
            self.app_source_last_success,
            self.suspect_answers,
            self.unmapped_values,
            self.events,
            self.clock_skew,
        ):
            metric.remove_by_labels({"account": name})

    def remove_lease(self, account: str) -> None:
        """No sample is left of who watches this account, which is no longer configured."""
        for metric in (self.lease_held, self.lease_epoch):
            metric.remove_by_labels({"account": account})

    def add_sink(self, name: str) -> None:
        """Everything that can be counted for a sink of this name starts at 0; a known sink goes on."""
        for metric in (
            self.deliveries,
            self.deliveries_dead,
            self.delivery_backlog,
            self.dead_letters,
        ):
            metric.labels(name)
        for reason in DELIVERY_FAILURES:
            self.delivery_failures.labels(name, reason)

    def remove_sink(self, name: str) -> None:
        """No sample of this sink is left."""
        for metric in (
            self.deliveries,
            self.delivery_failures,
            self.deliveries_dead,
            self.delivery_backlog,
            self.delivery_oldest,
            self.dead_letters,
        ):
            metric.remove_by_labels({"sink": name})

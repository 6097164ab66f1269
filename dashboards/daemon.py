"""Daemon: whether number-monitor itself does its work, and what holds it up."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row
from grafana_foundation_sdk.builders.heatmap import Panel as Heatmap
from grafana_foundation_sdk.builders.stat import Panel as Stat
from grafana_foundation_sdk.builders.statetimeline import Panel as Timeline
from grafana_foundation_sdk.builders.timeseries import Panel as Graph
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from dashboards.panels import (
    DAEMON,
    bars,
    board,
    buckets,
    colour,
    figure,
    graph,
    heat,
    mark,
    mark_at,
    now,
    query,
    timeline,
)
from dashboards.queries import ANY_ACCOUNT, alike, grown, of_daemon, one, quantile, rate, selector
from dashboards.states import COLOURS, mapping, yes_or_no
from dashboards.variables import daemons, several
from monitor.fleet.scales import Severity

GREEN, YELLOW, RED = (COLOURS[severity] for severity in (Severity.OK, Severity.WARNING, Severity.CRITICAL))
NO_DAEMON = "no daemon is scraped"
NO_SINK = "no sink is configured"
ANY_SINK = 'sink=~"$sink"'

Panels = Iterator[Stat | Graph | Timeline | Heatmap]


def daemon() -> Dashboard:
    """The dashboard."""
    made = board(
        "Numbers: daemon",
        DAEMON,
        "Whether number-monitor itself does its work: polls, the vendor's answers, the budget of calls, deliveries, "
        "the store and the process.",
    )
    for variable in (
        *daemons("number_monitor_build_info"),
        several("account", "Account", f"label_values({selector('number_monitor_polls_total')}, account)"),
        several("sink", "Sink", f"label_values({selector('number_monitor_delivery_backlog')}, sink)"),
    ):
        made.with_variable(variable)
    _annotate(made)
    for headline in _headlines():
        made.with_panel(headline)
    for title, panels in (
        ("Polls", _polls()),
        ("Budget of calls", _budget()),
        ("Answers and lists of apps", _answers()),
        ("Events and deliveries", _deliveries()),
        ("Store and process", _process()),
        ("Replicas", _replicas()),
        ("Scrapes", _scrapes()),
    ):
        made.with_row(Row(title))
        for panel in panels:
            made.with_panel(panel)
    return made


def _annotate(made: Dashboard) -> None:
    reloaded = alike("number_monitor_config_last_reload_success_timestamp_seconds")
    refused = f"{alike('number_monitor_config_last_reload_successful')} == 0"
    started = of_daemon(f"1000 * {selector('process_start_time_seconds')}")
    made.annotation(mark_at("Configuration taken over", f"1000 * {reloaded}", "blue", text="It is in force."))
    made.annotation(mark("Configuration refused", refused, "red", text="The one before stays in force."))
    made.annotation(mark_at("Start", started, "purple", text="{{instance}}"))


def _headlines() -> list[Stat]:
    failed = f"sum(rate({selector('number_monitor_poll_failures_total', ANY_ACCOUNT)}[$__rate_interval]))"
    polled = f"sum(rate({selector('number_monitor_polls_total', ANY_ACCOUNT)}[$__rate_interval]))"
    return [
        figure("Daemons", "Daemons that are scraped.", nothing=NO_DAEMON, steps={0: RED, 1: GREEN})
        .unit("none")
        .with_target(now(f"count({selector('number_monitor_build_info')})")),
        figure(
            "Store",
            "Whether the store takes writes. While it does not, polls go on, and what they find waits.",
            nothing=NO_DAEMON,
            steps={0: RED, 1: GREEN},
        )
        .mappings(yes_or_no("takes writes", "does not"))
        .with_target(now(f"min({selector('number_monitor_store_up')})")),
        figure(
            "Configuration",
            "Whether the configuration in force is the one on disk, or the last reload was refused.",
            nothing=NO_DAEMON,
            steps={0: RED, 1: GREEN},
        )
        .mappings(yes_or_no("in force", "refused"))
        .with_target(now(f"min({selector('number_monitor_config_last_reload_successful')})")),
        figure(
            "Polls that fail",
            "Share of the polls that failed.",
            nothing="no poll",
            steps={0: GREEN, 0.01: YELLOW, 0.1: RED},
        )
        .unit("percentunit")
        .decimals(1)
        .with_target(now(f"{failed} / ({polled} > 0)")),
        figure(
            "Waiting to be delivered",
            "Events that wait in all sinks. Some are normal: messages to people wait until things have settled.",
            nothing=NO_SINK,
            steps={0: GREEN, 100: YELLOW, 1000: RED},
        )
        .unit("none")
        .with_target(now(f"sum({alike('number_monitor_delivery_backlog', ANY_SINK)})")),
        figure(
            "Dead letters",
            "Deliveries that were given up and are kept: number-monitor deliveries --failed lists them.",
            nothing=NO_SINK,
            steps={0: GREEN, 1: RED},
        )
        .unit("none")
        .with_target(now(f"sum({alike('number_monitor_dead_letters', ANY_SINK)})")),
    ]


def _polls() -> Panels:
    yield (
        graph(
            "Polls and failures",
            "Polls a second of each account, and below the line those that failed, by reason.",
            nothing=NO_DAEMON,
            unit="ops",
        )
        .with_target(query(rate("account", "number_monitor_polls_total", ANY_ACCOUNT), "{{account}}"))
        .with_target(
            query(
                f"-({rate('reason', 'number_monitor_poll_failures_total', ANY_ACCOUNT)} > 0)",
                "failed: {{reason}}",
            )
        )
    )
    yield heat(
        "Duration of calls",
        "How long single calls to the vendor took, from connect to the last byte.",
        nothing="no call",
        unit="s",
    ).with_target(buckets(rate("le", "number_monitor_call_duration_seconds_bucket", ANY_ACCOUNT)))
    lateness = "number_monitor_poll_lateness_seconds"
    yield (
        graph(
            "Lateness of polls",
            "How long after its due time a poll began: the middle one, and the one that 99 % are quicker than. "
            "A second is fine; what is constantly late asks for more budget.",
            nothing="no poll",
            unit="s",
        )
        .with_target(query(quantile(0.5, "account, le", lateness, ANY_ACCOUNT), "{{account}} middle"))
        .with_target(query(quantile(0.99, "account, le", lateness, ANY_ACCOUNT), "{{account}} 99 %"))
    )
    yield graph(
        "Interval of polls",
        "At which interval each app is polled. Longer than configured: the budget is too small, so it is stretched.",
        nothing=NO_DAEMON,
        unit="s",
    ).with_target(query(one("number_monitor_poll_interval_seconds", ANY_ACCOUNT), "{{account}}"))


def _budget() -> Panels:
    limit = one("number_monitor_rate_limit_calls_per_second", ANY_ACCOUNT)
    yield (
        graph(
            "Calls against the limit",
            "Calls a second, retries and probes included, and dashed what is allowed.",
            nothing=NO_DAEMON,
            unit="reqps",
        )
        .span(8)
        .with_target(query(rate("account", "number_monitor_calls_total", ANY_ACCOUNT), "{{account}}"))
        .with_target(query(limit, "{{account}} limit"))
        .override_by_regexp(
            "/ limit$/",
            [
                DynamicConfigValue("custom.lineStyle", {"fill": "dash", "dash": [10, 10]}),
                DynamicConfigValue("custom.fillOpacity", 0),
                *colour(RED),
            ],
        )
    )
    yield (
        graph(
            "Polls that wait",
            "Polls that are due and wait for the budget of calls.",
            nothing=NO_DAEMON,
            unit="none",
        )
        .span(8)
        .with_target(query(one("number_monitor_polls_waiting", ANY_ACCOUNT), "{{account}}"))
    )
    yield (
        timeline(
            "Pauses",
            "Whether polling is held off: throttled by the vendor, credentials refused (auth), or the vendor cannot "
            "be reached.",
            nothing=NO_DAEMON,
            mappings=mapping({0: ("goes on", GREEN), 1: ("paused", RED)}),
        )
        .span(8)
        .height(8)
        .with_target(query(one("number_monitor_account_paused", ANY_ACCOUNT), "{{account}}: {{reason}}"))
    )


def _answers() -> Panels:
    yield (
        bars(
            graph(
                "Held back and undocumented in an hour",
                "Answers that were held back as suspect, and words of the vendor that were met for the first time.",
                nothing=NO_DAEMON,
                unit="none",
            ),
            each="1h",
        )
        .span(8)
        .decimals(0)
        .with_target(
            query(grown("account", "number_monitor_suspect_answers_total", ANY_ACCOUNT), "{{account}}: held back")
        )
        .with_target(
            query(
                f"{grown('account, attribute', 'number_monitor_unmapped_values_total', ANY_ACCOUNT)} > 0",
                "{{account}}: new word of {{attribute}}",
            )
        )
    )
    yield (
        timeline(
            "Lists of apps",
            "Whether the last read of each list of apps, a file or an address, succeeded. After a failed read the "
            "last list stays.",
            nothing="no app is listed by a file or an address",
            mappings=yes_or_no("read", "failed"),
        )
        .span(8)
        .height(8)
        .with_target(query(one("number_monitor_app_source_up", ANY_ACCOUNT), "{{account}}: {{source}}"))
    )
    yield (
        graph(
            "Clock",
            "The vendor's time less ours. Signatures are refused when it is over a minute.",
            nothing="no answer yet",
            unit="s",
        )
        .span(8)
        .with_target(query(one("number_monitor_clock_skew_seconds", ANY_ACCOUNT), "{{account}}"))
    )


def _deliveries() -> Panels:
    recorded = grown("type", "number_monitor_events_total", ANY_ACCOUNT)
    yield (
        bars(
            graph(
                "Events in an hour",
                "Events that were recorded in the hour up to each bar, by type.",
                nothing="no event was recorded yet",
                unit="none",
            ),
            each="1h",
        )
        .decimals(0)
        .with_target(query(f"{recorded} > 0", "{{type}}"))
    )
    yield (
        graph(
            "Deliveries",
            "Events delivered a second by sink, and below the line attempts that failed, by reason.",
            nothing=NO_SINK,
            unit="ops",
        )
        .with_target(query(rate("sink", "number_monitor_deliveries_total", ANY_SINK), "{{sink}}"))
        .with_target(
            query(
                f"-({rate('sink, reason', 'number_monitor_delivery_failures_total', ANY_SINK)} > 0)",
                "{{sink}} failed: {{reason}}",
            )
        )
    )
    yield (
        graph("Backlog", "Deliveries that wait, by sink.", nothing=NO_SINK, unit="none")
        .span(8)
        .with_target(query(alike("number_monitor_delivery_backlog", ANY_SINK), "{{sink}}"))
    )
    oldest = alike("number_monitor_delivery_oldest_timestamp_seconds", ANY_SINK)
    yield (
        graph(
            "Oldest that waits",
            "Age of the oldest event that a sink has not delivered. No line: nothing waits.",
            nothing="nothing waits",
            unit="s",
        )
        .span(8)
        .with_target(query(f"time() - {oldest}", "{{sink}}"))
    )
    yield (
        graph(
            "Dead letters",
            "Deliveries that were given up and are kept, by sink.",
            nothing=NO_SINK,
            unit="none",
        )
        .span(8)
        .with_target(query(alike("number_monitor_dead_letters", ANY_SINK), "{{sink}}"))
    )


def _process() -> Panels:
    commit = "number_monitor_store_commit_duration_seconds"
    yield (
        graph(
            "Commits of the store",
            "How long the store's transactions took: the middle one, and the one that 99 % are quicker than.",
            nothing="nothing was committed",
            unit="s",
        )
        .span(8)
        .with_target(query(quantile(0.5, "le", commit), "middle"))
        .with_target(query(quantile(0.99, "le", commit), "99 %"))
    )
    memory = of_daemon(selector("process_resident_memory_bytes"))
    yield (
        graph("Memory", "Resident memory of each daemon.", nothing=NO_DAEMON, unit="bytes")
        .span(8)
        .with_target(query(memory, "{{instance}}"))
    )
    cpu = of_daemon(f"rate({selector('process_cpu_seconds_total')}[$__rate_interval])")
    yield (
        graph("CPU", "Share of one processor that each daemon uses.", nothing=NO_DAEMON, unit="percentunit")
        .span(8)
        .with_target(query(cpu, "{{instance}}"))
    )


def _replicas() -> Panels:
    yield (
        timeline(
            "Who watches which account",
            "Replicas that share a store (PostgreSQL) watch each account one at a time. Where one is cut off from the "
            "store, two watch it for the moments until that one notices.",
            nothing="no store is shared: one daemon watches all its accounts",
            mappings=mapping({1: ("watches", GREEN), 0: ("stands by", COLOURS[Severity.UNKNOWN])}),
        )
        .span(12)
        .height(8)
        .with_target(query(selector("number_monitor_lease_held", ANY_ACCOUNT), "{{account}}: {{instance}}"))
    )


def _scrapes() -> Panels:
    def of_ours(metric: str) -> str:
        return f"{selector(metric)} and on (instance) {selector('number_monitor_build_info')}"

    yield graph(
        "Series of a scrape",
        "How many series each job takes from each daemon. The fleet's job has a limit: beyond it Prometheus takes "
        "nothing.",
        nothing=NO_DAEMON,
        unit="none",
    ).with_target(query(of_ours("scrape_samples_scraped"), "{{job}} {{instance}}"))
    yield graph(
        "Duration of scrapes",
        "How long Prometheus takes to ask each daemon and to read its answer.",
        nothing=NO_DAEMON,
        unit="s",
    ).with_target(query(of_ours("scrape_duration_seconds"), "{{job}} {{instance}}"))

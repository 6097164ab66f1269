"""Fleet: how all numbers do, and which of them need somebody now."""

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row
from grafana_foundation_sdk.builders.stat import Panel as Stat
from grafana_foundation_sdk.builders.statetimeline import Panel as Timeline
from grafana_foundation_sdk.builders.table import Panel as Table
from grafana_foundation_sdk.builders.timeseries import Panel as Graph
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from dashboards.panels import (
    FLEET,
    NUMBER,
    bars,
    board,
    colour,
    coloured,
    columns,
    figure,
    graph,
    link,
    listing,
    now,
    query,
    rows,
    stacked,
    tiles,
    timeline,
)
from dashboards.queries import (
    ANY_ACCOUNT,
    APP,
    ENTRY,
    best,
    grown,
    one,
    selector,
    tier,
    with_app_name,
    with_names,
)
from dashboards.states import (
    CANNOT_SEND,
    COLOURS,
    QUALITY,
    QUALITY_COLOURS,
    RATED,
    SEVERITY,
    STATE,
    STATUS_COLOURS,
    TIER,
)
from dashboards.variables import daemons, hidden, several
from monitor.fleet.scales import Severity

GREEN, YELLOW, RED, GREY = (
    COLOURS[severity] for severity in (Severity.OK, Severity.WARNING, Severity.CRITICAL, Severity.UNKNOWN)
)

NO_NUMBERS = "no numbers: nothing was polled yet, or no daemon is scraped"
SHOWN_TILES = 200  # worst first; more would be too small to read
SHOWN_LINES = 25

SAID = one("nxcloud_number_severity", ANY_ACCOUNT)
TROUBLE = best(ENTRY, "nxcloud_number_severity", ANY_ACCOUNT, above=f" > {int(Severity.WARNING) - 1}")
AGE = f"time() - {best(APP, 'nxcloud_app_last_success_timestamp_seconds', ANY_ACCOUNT)}"

#: The worst first by what was told; of those equally bad first the worst rating, then the worst status.
WORST = (
    f"topk({SHOWN_LINES}, 100 * {SAID} + 11 * {one('nxcloud_number_quality_rating', ANY_ACCOUNT)}"
    f" + {one('nxcloud_number_status', ANY_ACCOUNT)})"
)
OF_THE_WORST = (ANY_ACCOUNT, 'number=~"$worst"')


def fleet() -> Dashboard:
    """The dashboard."""
    made = board(
        "Numbers: fleet",
        FLEET,
        "How all numbers do, where the trouble is, and which numbers need somebody now. "
        "States are those of each app's last believed answer; severity is what the events have told.",
    )
    for variable in (
        *daemons("nxcloud_app_up|number_monitor_build_info"),
        several("account", "Account", f"label_values({selector('nxcloud_app_info')}, account)"),
        hidden(
            several("worst", "Worst numbers", f"query_result({WORST})").regex('/number="([^"]+)"/').all_value("")
        ).description("The numbers of the time line: all that this query gives"),
    ):
        made.with_variable(variable)
    for headline in _headlines():
        made.with_panel(headline)
    made.with_row(Row("Where the trouble is")).with_panel(_map()).with_panel(_worst()).with_panel(_attention())
    made.with_row(Row("How it goes"))
    made.with_panel(_qualities()).with_panel(_degradations()).with_panel(_tiers()).with_panel(_statuses())
    return made.with_row(Row("Apps that do not answer")).with_panel(_failing())


def _headlines() -> list[Stat]:
    ratings, states = "nxcloud_numbers_by_quality_rating", "nxcloud_numbers_by_status"
    rated = one(ratings, ANY_ACCOUNT, f'quality_rating=~"{RATED}"')
    green = one(ratings, ANY_ACCOUNT, 'quality_rating="GREEN"')
    red = one(ratings, ANY_ACCOUNT, 'quality_rating="RED"')
    unable = one(states, ANY_ACCOUNT, f'status=~"{CANNOT_SEND}"')
    return [
        figure(
            "Numbers",
            "Entries of all apps that are exposed. A number that two apps list is two entries.",
            nothing="no daemon",
            steps={0: "blue"},
        )
        .unit("none")
        .with_target(now(f"sum({one(ratings, ANY_ACCOUNT)})")),
        figure(
            "Share GREEN",
            "GREEN among the numbers that have a rating; those that are not rated count neither way.",
            nothing="none is rated",
            steps={0: RED, 0.9: YELLOW, 0.97: GREEN},
        )
        .unit("percentunit")
        .decimals(1)
        .with_target(now(f"sum({green}) / (sum({rated}) > 0)")),
        figure(
            "RED now",
            "Numbers whose quality rating is RED in the last answer, before any dwell or `ignore`.",
            nothing="no daemon",
            steps={0: GREEN, 1: RED},
        )
        .unit("none")
        .with_target(now(f"sum({red})")),
        figure(
            "Cannot send",
            "Numbers whose status lets them send nothing: from PENDING to BANNED. A new number is PENDING for a while.",
            nothing="no daemon",
            steps={0: GREEN, 1: RED},
        )
        .unit("none")
        .with_target(now(f"sum({unable})")),
        figure(
            "Apps failing",
            "Apps whose last poll failed or was held off. Their numbers show the last state known.",
            nothing="no app was tried",
            steps={0: GREEN, 1: YELLOW},
        )
        .unit("none")
        .with_target(now(f"sum({one('nxcloud_app_up', ANY_ACCOUNT)} == bool 0)")),
        figure(
            "Oldest data",
            "Age of the oldest believed answer of any app. Yellow after 3 polls of a minute, red after 15 minutes.",
            nothing="no answer yet",
            steps={0: GREEN, 180: YELLOW, 900: RED},
        )
        .unit("s")
        .decimals(0)
        .with_target(now(f"max({AGE})")),
    ]


def _map() -> Stat:
    worst = f"({best(APP, 'nxcloud_number_severity', ANY_ACCOUNT)} or {best(APP, 'nxcloud_app_up', ANY_ACCOUNT)} * 0)"
    return (
        tiles(
            "Apps by their worst number",
            f"One tile an app, coloured by the severity of its worst number; grey while nothing is known of it. "
            f"The {SHOWN_TILES} worst. A tile leads to the app's numbers.",
            nothing=NO_NUMBERS,
            mappings=SEVERITY,
        )
        .height(6)
        .with_target(
            now(f"topk({SHOWN_TILES}, {with_app_name(worst, ANY_ACCOUNT)})", "{{app_name}} ({{account}}/{{appkey}})")
        )
        .data_links(
            [
                link(
                    "Its numbers",
                    NUMBER,
                    {"account": "__field.labels.account", "app": "__field.labels.appkey"},
                )
            ]
        )
    )


def _worst() -> Timeline:
    return (
        timeline(
            f"The {SHOWN_LINES} worst numbers",
            "Severity over time of the numbers that are the worst at the end of the time shown: by severity, then "
            "by quality rating, then by status. Where fewer are in trouble, healthy ones fill up.",
            nothing=NO_NUMBERS,
            mappings=SEVERITY,
        )
        .height(14)
        .with_target(
            query(
                with_names(
                    one("nxcloud_number_severity", *OF_THE_WORST),
                    "app_name, verified_name",
                    *OF_THE_WORST,
                ),
                "{{number}} {{verified_name}} ({{app_name}})",
            )
        )
        .data_links(
            [
                link(
                    "This number",
                    NUMBER,
                    {
                        "account": "__field.labels.account",
                        "app": "__field.labels.appkey",
                        "number": "__field.labels.number",
                    },
                )
            ]
        )
    )


def _attention() -> Table:
    def of_those(left: str) -> str:
        return f"{left} and on ({ENTRY}) {TROUBLE}"

    table = listing(
        "Numbers needing attention",
        "Every number whose severity is warning or critical, the worst first. The number leads to its history. "
        "Known trouble (`ignore` in the configuration) is not in it.",
        nothing="No number is in trouble.",
        first="Severity",
    ).height(10)
    queries = (
        with_names(TROUBLE, "app_name, verified_name, waba_name", ANY_ACCOUNT),
        of_those(best(ENTRY, "nxcloud_number_quality_rating", ANY_ACCOUNT)),
        of_those(best(ENTRY, "nxcloud_number_status", ANY_ACCOUNT)),
        of_those(f"max by ({ENTRY}) ({tier(ANY_ACCOUNT)})"),
        f"0 * {TROUBLE} + on ({APP}) group_left () ({AGE})",
    )
    for expr in queries:
        table.with_target(rows(expr))
    names = {
        "Value #A": "Severity",
        "number": "Number",
        "verified_name": "Verified name",
        "Value #B": "Quality rating",
        "Value #C": "Status",
        "Value #D": "Tier",
        "Value #E": "Age of data",
        "app_name": "App",
        "appkey": "Appkey",
        "account": "Account",
        "waba_name": "WABA",
        "waba_id": "WABA id",
    }
    chosen = {
        "account": "__data.fields.Account",
        "app": "__data.fields.Appkey",
        "number": "__data.fields.Number",
    }
    return (
        columns(table, names)
        .override_by_name("Severity", [*coloured(SEVERITY), DynamicConfigValue("custom.width", 100)])
        .override_by_name("Quality rating", coloured(QUALITY))
        .override_by_name("Status", coloured(STATE))
        .override_by_name("Tier", [DynamicConfigValue("mappings", TIER), DynamicConfigValue("unit", "locale")])
        .override_by_name("Age of data", [DynamicConfigValue("unit", "s"), DynamicConfigValue("decimals", 0)])
        .override_by_name("Number", [DynamicConfigValue("links", [link("This number", NUMBER, chosen).build()])])
    )


def _qualities() -> Graph:
    panel = graph(
        "Numbers by quality rating",
        "How many numbers have which rating. OTHER are words that nobody documented.",
        nothing=NO_NUMBERS,
        unit="none",
    )
    for word, shade in {**QUALITY_COLOURS, "UNKNOWN": GREY, "OTHER": "purple"}.items():
        panel.override_by_name(word, colour(shade))
    counted = one("nxcloud_numbers_by_quality_rating", ANY_ACCOUNT)
    return stacked(panel).with_target(query(f"sum by (quality_rating) ({counted})", "{{quality_rating}}"))


def _degradations() -> Graph:
    def hourly(kind: str) -> str:
        return grown("severity", "number_monitor_events_total", ANY_ACCOUNT, f'type="{kind}"')

    panel = graph(
        "Degradations and recoveries in an hour",
        "Events of the hour up to each bar: number.degraded by severity, and below the line number.recovered.",
        nothing="no event was recorded yet, or the job of the daemon is not picked",
        unit="none",
    )
    return (
        bars(panel, each="1h")
        .decimals(0)
        .with_target(query(hourly("number.degraded"), "{{severity}}"))
        .with_target(query(f"-{hourly('number.recovered')}", "recovered"))
        .override_by_name("critical", colour(RED))
        .override_by_name("warning", colour(YELLOW))
        .override_by_name("info", colour("blue"))
        .override_by_name("recovered", colour(GREEN))
    )


def _tiers() -> Graph:
    panel = graph(
        "Numbers by tier",
        "How many numbers have which messaging tier. The tier is the business portfolio's limit: its numbers share it. "
        "NONE states no tier, OTHER are words that nobody documented.",
        nothing=NO_NUMBERS,
        unit="none",
    )
    counted = one("nxcloud_numbers_by_tier", ANY_ACCOUNT)
    return stacked(panel).with_target(query(f"sum by (tier) ({counted}) > 0", "{{tier}}"))


def _statuses() -> Graph:
    panel = graph(
        "Numbers by status",
        "How many numbers have which status; the darker colours cannot send.",
        nothing=NO_NUMBERS,
        unit="none",
    )
    for word, shade in {**STATUS_COLOURS, "UNKNOWN": GREY, "OTHER": "purple"}.items():
        panel.override_by_name(word, colour(shade))
    counted = one("nxcloud_numbers_by_status", ANY_ACCOUNT)
    return stacked(panel).with_target(query(f"sum by (status) ({counted}) > 0", "{{status}}"))


def _failing() -> Table:
    reasons = best(f"{APP}, reason, code", "nxcloud_app_failure_info", ANY_ACCOUNT)
    failing = f"({best(APP, 'nxcloud_app_up', ANY_ACCOUNT)} == 0)"
    table = listing(
        "Apps that fail",
        "Apps whose last poll failed, with the reason, the vendor's code or HTTP status, and the age of what is shown "
        "of them. An app that never answered has no age.",
        nothing="Every app answers.",
        first="Age of data",
    ).height(7)
    for expr in (
        f"{reasons} and on ({APP}) {failing}",
        with_app_name(failing, ANY_ACCOUNT),
        f"{failing} + on ({APP}) group_left () ({AGE})",
    ):
        table.with_target(rows(expr))
    names = {
        "app_name": "App",
        "appkey": "Appkey",
        "account": "Account",
        "reason": "Reason",
        "code": "Code",
        "Value #C": "Age of data",
    }
    return columns(table, names, hidden=("Value #A", "Value #B")).override_by_name(
        "Age of data", [DynamicConfigValue("unit", "s"), DynamicConfigValue("decimals", 0)]
    )

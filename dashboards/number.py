"""Number: what became of one number, in every app that lists it."""

from grafana_foundation_sdk.builders.dashboard import Dashboard, QueryVariable, Row
from grafana_foundation_sdk.builders.stat import Panel as Stat
from grafana_foundation_sdk.builders.statetimeline import Panel as Timeline
from grafana_foundation_sdk.builders.table import Panel as Table
from grafana_foundation_sdk.builders.timeseries import Panel as Graph
from grafana_foundation_sdk.models.dashboard import ValueMapping

from dashboards.panels import (
    NUMBER,
    board,
    columns,
    figure,
    graph,
    listing,
    mark,
    now,
    query,
    rows,
    thresholds,
    timeline,
)
from dashboards.queries import APP, before, best, one, selector, tier
from dashboards.states import COLOURS, QUALITY, SEVERITY, STATE, TIER, TIER_STEPS, mapping
from dashboards.variables import daemons, queried, several
from monitor.fleet.scales import Severity

ACCOUNT = 'account="$account"'
APPS = (ACCOUNT, 'appkey=~"$app"')
CHOSEN = (*APPS, 'number="$number"')
NOT_LISTED = "not listed: no app had this number in the time shown"

#: The apps that listed the number at some moment of the time before.
ITS_APPS = f"max by ({APP}) (max_over_time({selector('nxcloud_number_severity', *CHOSEN)}[$__range]))"
AGE = f"time() - {best(APP, 'nxcloud_app_last_success_timestamp_seconds', *APPS)} and on ({APP}) {ITS_APPS}"


def number() -> Dashboard:
    """The dashboard."""
    made = board(
        "Numbers: number",
        NUMBER,
        "What became of one number: its quality rating, status, severity and tier over time, in every app that lists "
        "it, and how old what is known of it is.",
    )
    for variable in (
        *daemons("nxcloud_app_up|number_monitor_lease_epoch"),
        queried("account", "Account", f"label_values({selector('nxcloud_app_info')}, account)"),
        _app(),
        _number(),
    ):
        made.with_variable(variable)
    _annotate(made)
    for headline in _headlines():
        made.with_panel(headline)
    made.with_panel(_about())
    made.with_row(Row("Over time"))
    for history in _histories():
        made.with_panel(history)
    return made.with_row(Row("What is known of it")).with_panel(_age()).with_panel(_answers())


def _app() -> QueryVariable:
    """Apps by name; what is picked is the appkey."""
    names = best("appkey, app_name", "nxcloud_app_info", ACCOUNT)
    return several("app", "App", f'query_result(label_join({names}, "text", " ", "app_name", "appkey"))').regex(
        '/appkey="(?<value>[^"]+)|text="(?<text>[^"]+)/g'
    )


def _number() -> QueryVariable:
    """Numbers with their verified names; what is picked is the number."""
    names = best("number, verified_name", "nxcloud_number_info", *APPS)
    return queried(
        "number", "Number", f'query_result(label_join({names}, "text", " ", "number", "verified_name"))'
    ).regex('/number="(?<value>[^"]+)|text="(?<text>[^"]+)/g')


def _annotate(made: Dashboard) -> None:
    """Marks where a state became worse within a step; unknown is no verdict, so a change from it is none."""
    for name, metric, worse, shade in (
        ("Quality rating fell", "nxcloud_number_quality_rating", ">", "orange"),
        ("Status got worse", "nxcloud_number_status", ">", "red"),
        ("Tier lowered", "nxcloud_number_tier", "<", "purple"),
    ):
        expr = f"{one(metric, *CHOSEN)} {worse} ({before(metric, *CHOSEN)} > 0)"
        made.annotation(mark(name, expr, shade, text="{{number}} in {{appkey}}"))


def _headlines() -> list[Stat]:
    """What holds now, the worst where several apps list the number."""

    def state(title: str, description: str, metric: str, mappings: list[ValueMapping]) -> Stat:
        panel = figure(title, description, nothing="not listed", steps={0: COLOURS[Severity.UNKNOWN]})
        return panel.mappings(mappings).with_target(now(f"max({one(metric, *CHOSEN)})"))

    steps = {0: COLOURS[Severity.OK], 180: COLOURS[Severity.WARNING], 900: COLOURS[Severity.CRITICAL]}
    return [
        state(
            "Severity",
            "How much the state that was told matters, after the configuration's `severity` and `ignore`.",
            "nxcloud_number_severity",
            SEVERITY,
        ),
        state("Quality rating", "As of the last believed answer.", "nxcloud_number_quality_rating", QUALITY),
        state(
            "Status",
            "As of the last believed answer; in the darker colours it cannot send.",
            "nxcloud_number_status",
            STATE,
        ),
        figure(
            "Tier",
            "Unique recipients in 24 hours outside service windows. It is the business portfolio's limit, which the "
            "portfolio's numbers share.",
            nothing="no tier is stated",
            steps=TIER_STEPS,
        )
        .unit("locale")
        .mappings(TIER)
        .with_target(now(f"max({tier(*CHOSEN)})")),
        figure(
            "Age of data",
            "Since the last believed answer of an app that lists it, the oldest of several.",
            nothing="not listed",
            steps=steps,
        )
        .unit("s")
        .decimals(0)
        .with_target(now(f"max({AGE})")),
        figure(
            "Apps that list it",
            "One normally. While a number moves, two list it for a time.",
            nothing="not listed",
            steps={0: "blue"},
        )
        .unit("none")
        .with_target(now(f"count({one('nxcloud_number_severity', *CHOSEN)})")),
    ]


def _about() -> Table:
    names = {
        "number": "Number",
        "verified_name": "Verified name",
        "name_status": "Name status",
        "code_verification_status": "Code verification",
        "register_status": "Registration",
        "waba_name": "WABA",
        "waba_id": "WABA id",
        "app_name": "App",
        "appkey": "Appkey",
    }
    table = listing(
        "Names and further states",
        "In the vendor's words, a row for each app that lists the number.",
        nothing=NOT_LISTED,
    ).height(4)
    table.with_target(rows(best(", ".join(names), "nxcloud_number_info", *CHOSEN)))
    return columns(table, names, hidden=("Value", "Value #A"))


def _histories() -> list[Timeline]:
    def history(title: str, description: str, expr: str, mappings: list[ValueMapping]) -> Timeline:
        panel = timeline(title, description, nothing=NOT_LISTED, mappings=mappings).height(4)
        return panel.with_target(query(expr, "{{appkey}}"))

    return [
        history(
            "Quality rating",
            "As of each answer, undamped; a line for each app that lists the number.",
            one("nxcloud_number_quality_rating", *CHOSEN),
            QUALITY,
        ),
        history(
            "Status",
            "As of each answer, undamped; in the darker colours it cannot send.",
            one("nxcloud_number_status", *CHOSEN),
            STATE,
        ),
        history(
            "Severity",
            "What the events have told: it follows the states after their dwell.",
            one("nxcloud_number_severity", *CHOSEN),
            SEVERITY,
        ),
        history(
            "Tier",
            "Unique recipients in 24 hours outside service windows, the business portfolio's limit.",
            tier(*CHOSEN),
            TIER,
        )
        .unit("locale")
        .thresholds(thresholds(TIER_STEPS)),
    ]


def _age() -> Graph:
    return (
        graph(
            "Age of data",
            "Since the last believed answer of each app that lists the number. It rises while an app fails or is held "
            "back as suspect, and what is shown above stands still.",
            nothing=NOT_LISTED,
            unit="s",
        )
        .height(6)
        .with_target(query(AGE, "{{appkey}}"))
    )


def _answers() -> Timeline:
    up, suspect = one("nxcloud_app_up", *APPS), one("nxcloud_app_suspect", *APPS)
    return (
        timeline(
            "Do its apps answer?",
            "Whether the last poll of each app that lists the number succeeded, and whether the answer was believed: "
            "one in which too much is missing is held back at first.",
            nothing=NOT_LISTED,
            mappings=mapping(
                {
                    1: ("answers", COLOURS[Severity.OK]),
                    2: ("held back", COLOURS[Severity.WARNING]),
                    0: ("fails", COLOURS[Severity.CRITICAL]),
                }
            ),
        )
        .span(12)
        .height(6)
        .with_target(query(f"({up} + {up} * {suspect}) and on ({APP}) {ITS_APPS}", "{{appkey}}"))
    )

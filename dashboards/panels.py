"""
The kinds of panels that the dashboards are made of, and the dashboard around them.

A panel begins with what it is called, what it tells and what it says while there is nothing to tell; its place and its
queries come from the dashboard's own file.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from grafana_foundation_sdk.builders import dashboard, heatmap, prometheus, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders.common import (
    GraphThresholdsStyleConfig,
    ReduceDataOptions,
    StackingConfig,
    TableSortByFieldState,
    VizLegendOptions,
    VizTooltipOptions,
)
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    BigValueJustifyMode,
    BigValueTextMode,
    GraphDrawStyle,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    LineInterpolation,
    SortOrder,
    StackingMode,
    TimelineValueAlignment,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    DataTransformerConfig,
    DynamicConfigValue,
    FieldColorModeId,
    Threshold,
    ThresholdsMode,
    ValueMapping,
)
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from dashboards.states import COLOURS
from dashboards.variables import SOURCE
from monitor.fleet.scales import Severity

SCHEMA = 39  #: a Grafana brings older dashboards up to its own schema, but newer ones not down
TAG = "number-monitor"
FLEET, NUMBER, DAEMON = "number-monitor-fleet", "number-monitor-number", "number-monitor-daemon"  #: uids
STEP = "1m"  #: the least between two points: as scraped; so `$__rate_interval` holds 4 scrapes whatever the data source

Steps = Mapping[int, str] | Mapping[float, str]  #: from which value on which colour


def query(expr: str, legend: str = "__auto") -> prometheus.Dataquery:
    """What is drawn over time."""
    return prometheus.Dataquery().datasource(SOURCE).expr(expr).legend_format(legend).range()


def now(expr: str, legend: str = "__auto") -> prometheus.Dataquery:
    """What holds at the end of the time shown."""
    return prometheus.Dataquery().datasource(SOURCE).expr(expr).legend_format(legend).instant()


def rows(expr: str) -> prometheus.Dataquery:
    """Rows of a table, as of the end of the time shown."""
    return now(expr).format(PromQueryFormat.TABLE)


def buckets(expr: str) -> prometheus.Dataquery:
    """A histogram over time."""
    return query(expr, "{{le}}").format(PromQueryFormat.HEATMAP)


def thresholds(steps: Steps) -> dashboard.ThresholdsConfig:
    """Colours by value; the first holds for everything below the second."""
    found = [Threshold(color=colour, value=value) for value, colour in steps.items()]
    found[0].value = None
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(found)


def figure(title: str, description: str, *, nothing: str, steps: Steps) -> stat.Panel:
    """One figure, coloured by how bad it is."""
    return (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .no_value(nothing)
        .interval(STEP)
        .thresholds(thresholds(steps))
        .color_scheme(dashboard.FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .reduce_options(ReduceDataOptions().calcs(["lastNotNull"]).values(False))
        .graph_mode(BigValueGraphMode.NONE)
        .color_mode(BigValueColorMode.VALUE)
        .span(4)
        .height(4)
    )


def tiles(title: str, description: str, *, nothing: str, mappings: list[ValueMapping]) -> stat.Panel:
    """A coloured tile for each series, with its name."""
    return (
        figure(title, description, nothing=nothing, steps={0: COLOURS[Severity.UNKNOWN]})
        .mappings(mappings)
        .color_mode(BigValueColorMode.BACKGROUND_SOLID)
        .text_mode(BigValueTextMode.NAME)
        .justify_mode(BigValueJustifyMode.CENTER)
        .span(24)
    )


def timeline(title: str, description: str, *, nothing: str, mappings: list[ValueMapping]) -> statetimeline.Panel:
    """A bar for each series, coloured by the state it was in; equal states that follow each other are one."""
    return (
        statetimeline.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .no_value(nothing)
        .interval(STEP)
        .mappings(mappings)
        .thresholds(thresholds({0: COLOURS[Severity.UNKNOWN]}))
        .color_scheme(dashboard.FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .merge_values(True)
        .show_value(VisibilityMode.AUTO)
        .align_value(TimelineValueAlignment.LEFT)
        .row_height(0.8)
        .per_page(25)
        .legend(VizLegendOptions().show_legend(False).display_mode(LegendDisplayMode.LIST))
        .tooltip(VizTooltipOptions().mode(TooltipDisplayMode.SINGLE))
        .span(24)
    )


def graph(title: str, description: str, *, nothing: str, unit: str) -> timeseries.Panel:
    """Lines over time."""
    return (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .no_value(nothing)
        .interval(STEP)
        .unit(unit)
        .color_scheme(dashboard.FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC_BY_NAME))
        .thresholds(thresholds({0: "green"}))
        .thresholds_style(GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.OFF))
        .axis_soft_min(0)
        .line_width(1)
        .fill_opacity(10)
        .show_points(VisibilityMode.NEVER)
        .legend(VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM))
        .tooltip(VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))
        .span(12)
        .height(8)
    )


def stacked(panel: timeseries.Panel) -> timeseries.Panel:
    """Its lines as layers of a whole that stays as it is between two scrapes."""
    return (
        panel.stacking(StackingConfig().mode(StackingMode.NORMAL).group("A"))
        .fill_opacity(60)
        .line_interpolation(LineInterpolation.STEP_AFTER)
    )


def bars(panel: timeseries.Panel, *, each: str) -> timeseries.Panel:
    """A stacked bar for each span of time."""
    return (
        panel.interval(each)
        .draw_style(GraphDrawStyle.BARS)
        .stacking(StackingConfig().mode(StackingMode.NORMAL).group("A"))
        .fill_opacity(80)
    )


def heat(title: str, description: str, *, nothing: str, unit: str) -> heatmap.Panel:
    """A histogram over time: the darker, the more."""
    panel = heatmap.Panel().title(title).description(description).datasource(SOURCE).no_value(nothing).interval(STEP)
    return (
        panel.unit(unit)
        .calculate(False)
        .color(heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Blues").steps(64))
        .y_axis(heatmap.YAxisConfig().unit(unit))
        .cell_gap(1)
        .tooltip(heatmap.HeatmapTooltip().mode(TooltipDisplayMode.SINGLE).y_histogram(True))
        .span(12)
        .height(8)
    )


def listing(title: str, description: str, *, nothing: str, first: str = "") -> table.Panel:
    """A table, sorted by the column that is called `first`, the highest at the top; an empty cell is a dash."""
    panel = table.Panel().title(title).description(description).datasource(SOURCE).no_value(nothing).span(24)
    panel.show_header(True).unit("none").thresholds(thresholds({0: "green"}))
    panel.override_by_regexp(".+", [DynamicConfigValue("noValue", "–")])
    return panel.sort_by([TableSortByFieldState().display_name(first).desc(True)]) if first else panel


def columns(panel: table.Panel, names: Mapping[str, str], hidden: Sequence[str] = ()) -> table.Panel:
    """Join the queries of a table into rows; its columns in this order under these names."""
    return panel.transformations(
        [
            DataTransformerConfig(id_val="merge", options={}),
            DataTransformerConfig(
                id_val="organize",
                options={
                    "excludeByName": dict.fromkeys(("Time", *hidden), True),
                    "indexByName": {name: index for index, name in enumerate(names)},
                    "renameByName": {name: shown for name, shown in names.items() if name != shown},
                },
            ),
        ]
    )


def coloured(mappings: list[ValueMapping]) -> list[DynamicConfigValue]:
    """A column of states: the whole cell in the state's colour."""
    return [
        DynamicConfigValue("mappings", mappings),
        DynamicConfigValue("custom.cellOptions", {"type": "color-background", "mode": "basic"}),
        DynamicConfigValue("thresholds", thresholds({0: "transparent"}).build()),
    ]


def colour(name: str) -> list[DynamicConfigValue]:
    """One series in a colour of its own."""
    return [DynamicConfigValue("color", {"mode": "fixed", "fixedColor": name})]


def link(title: str, uid: str, chosen: Mapping[str, str]) -> dashboard.DashboardLink:
    """
    From a tile or a cell to another dashboard: the same daemon and the same time, and these variables.

    The values are percent-encoded by Grafana: the plus sign of a number would arrive as a space.
    """
    kept = [f"${{{name}:queryparam}}" for name in ("datasource", "job", "instance")]
    given = [f"var-{name}=${{{value}:percentencode}}" for name, value in chosen.items()]
    return dashboard.DashboardLink(title).url(f"/d/{uid}?{'&'.join([*kept, *given])}&${{__url_time_range}}")


def mark(name: str, expr: str, shade: str, *, text: str) -> dashboard.AnnotationQuery:
    """A mark, called as what happened, at every moment at which the query gives something."""
    return (
        dashboard.AnnotationQuery()
        .name(name)
        .datasource(SOURCE)
        .enable(True)
        .icon_color(shade)
        .expr(expr)
        .title_format(name)
        .text_format(text)
        .step("60s")
    )


def mark_at(name: str, expr: str, shade: str, *, text: str) -> dashboard.AnnotationQuery:
    """A mark at the moments that the query gives, in milliseconds since 1970."""
    return mark(name, expr, shade, text=text).use_value_for_time(True)


def board(title: str, uid: str, description: str) -> dashboard.Dashboard:
    """An empty dashboard that leads to the others with its variables and its time."""
    others = dashboard.DashboardLink("number-monitor").type(DashboardLinkType.DASHBOARDS).tags([TAG])
    return (
        dashboard.Dashboard(title)
        .uid(uid)
        .description(description)
        .tags([TAG])
        .readonly()
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .time("now-6h", "now")
        .refresh("1m")
        .timezone("browser")
        .annotations([])
        .link(others.as_dropdown(False).include_vars(True).keep_time(True).icon("external link"))
    )


def contents(made: dashboard.Dashboard) -> dict[str, Any]:
    """
    The JSON that Grafana imports: panels and queries numbered, of the schema that many versions take.

    The SDK would put links and annotations into a menu (`placement`); they belong in sight.  And it makes one kind of
    links, where those of fields are but a title and an address.
    """
    found: dict[str, Any] = json.loads(json.dumps(made.build(), cls=JSONEncoder))
    for shown in (*found["links"], *found["annotations"]["list"]):
        del shown["placement"]
    for number, panel in enumerate(found["panels"], 1):
        panel["id"] = number
        for links in _links(panel.get("fieldConfig", {})):
            links[:] = [{"title": link["title"], "url": link["url"]} for link in links]
        for letter, target in zip("ABCDEFGHIJKL", panel.get("targets", ()), strict=False):
            target["refId"] = letter
    return {"id": None, **found, "schemaVersion": SCHEMA}


def _links(config: Mapping[str, Any]) -> Iterator[list[Any]]:
    """The lists of links of a panel's fields."""
    yield config.get("defaults", {}).get("links", [])
    for rule in config.get("overrides", ()):
        yield from (own["value"] for own in rule["properties"] if own["id"] == "links")

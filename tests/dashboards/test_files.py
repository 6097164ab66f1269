"""The JSON that users import is what the source makes, and what every Grafana of the last years takes."""

import json

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.__main__ import texts
from tests.dashboards.boards import HERE, NAMES, load, panels, variables

by_name = pytest.mark.parametrize("name", NAMES)


@by_name
def test_the_file_is_what_the_source_makes(name):
    written = (HERE / f"{name}.json").read_text(encoding="utf-8")

    assert written == texts()[f"{name}.json"], "python -m dashboards writes it anew"


def test_there_is_no_other_file():
    assert {path.name for path in HERE.glob("*.json")} == set(texts())


@by_name
def test_it_is_classic_json_for_any_grafana(name):
    dashboard = load(name)

    assert (dashboard["id"], dashboard["uid"], dashboard["schemaVersion"]) == (None, f"number-monitor-{name}", 39)
    assert not {"__inputs", "__requires", "apiVersion", "spec", "version"} & set(dashboard)
    assert {"title", "tags", "panels", "templating", "annotations", "time", "refresh"} <= set(dashboard)


@by_name
def test_grafanas_own_model_reads_it_and_loses_nothing(name):
    written = load(name)

    read = json.loads(json.dumps(Dashboard.from_json(written), cls=JSONEncoder))
    assert lost(written, read) == []


def lost(written, read, path=""):
    """Where something that was written is not read, or read as something else."""
    match written, read:
        case dict(), dict():
            pairs = [(f"{path}.{key}", written[key], read.get(key)) for key in written]
        case list(), list() if len(written) == len(read):
            pairs = [(f"{path}[{place}]", written[place], read[place]) for place in range(len(written))]
        case _:
            return [] if written == read else [path]
    return [where for inner, one, other in pairs for where in lost(one, other, inner)]


@by_name
def test_panels_and_queries_are_told_apart_by_number_and_letter(name):
    dashboard = load(name)
    letters = [[target["refId"] for target in panel["targets"]] for panel in panels(dashboard)]

    assert [panel["id"] for panel in dashboard["panels"]] == list(range(1, len(dashboard["panels"]) + 1))
    assert letters == [list("ABCDEFGH"[: len(panel)]) for panel in letters]


@by_name
def test_panels_lie_side_by_side_without_overlapping(name):
    taken = [
        (x, y)
        for place in (panel["gridPos"] for panel in load(name)["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len(taken) == len(set(taken))
    assert {x for x, _ in taken} == set(range(24))


@by_name
def test_every_panel_says_what_it_means_that_there_is_no_data(name):
    assert [panel["title"] for panel in panels(load(name)) if not panel["fieldConfig"]["defaults"].get("noValue")] == []


@by_name
def test_no_empty_cell_of_a_table_says_what_the_empty_table_says(name):
    for panel in panels(load(name)):
        if panel["type"] == "table":
            first = panel["fieldConfig"]["overrides"][0]
            assert first["matcher"] == {"id": "byRegexp", "options": ".+"}
            assert first["properties"] == [{"id": "noValue", "value": "–"}]


@by_name
def test_the_cursor_is_shared_and_nothing_can_be_edited_by_mistake(name):
    dashboard = load(name)

    assert (dashboard["graphTooltip"], dashboard["editable"]) == (1, False)


@by_name
def test_the_other_dashboards_are_reached_with_variables_and_time(name):
    (link,) = load(name)["links"]

    assert (link["type"], link["tags"], link["includeVars"], link["keepTime"]) == (
        "dashboards",
        ["number-monitor"],
        True,
        True,
    )


def links(name):
    """The links in tiles, bars and cells."""
    for panel in panels(load(name)):
        config = panel["fieldConfig"]
        found = [config["defaults"].get("links", [])]
        found += [own["value"] for rule in config["overrides"] for own in rule["properties"] if own["id"] == "links"]
        yield from (link for several in found for link in several)


def addresses(name):
    return [link["url"] for link in links(name)]


@by_name
def test_links_of_fields_are_a_title_and_an_address(name):
    assert [link for link in links(name) if set(link) != {"title", "url"}] == []


def test_tiles_bars_and_the_table_lead_to_a_number_with_daemon_and_time_kept():
    found = addresses("fleet")

    assert len(found) == 3
    for url in found:
        assert url.startswith("/d/number-monitor-number?${datasource:queryparam}&${job:queryparam}&")
        assert url.endswith("&${__url_time_range}")


def test_what_a_link_chooses_are_variables_of_the_dashboard_it_leads_to():
    known = {variable["name"] for variable in variables(load("number"))}

    chosen = {part.split("=")[0] for url in addresses("fleet") for part in url.split("?")[1].split("&") if "=" in part}
    assert {name.removeprefix("var-") for name in chosen} <= known


def test_a_number_in_a_link_keeps_its_plus_sign():
    values = [part.split("=")[1] for url in addresses("fleet") for part in url.split("&") if part.startswith("var-")]

    assert values
    assert all(value.endswith(":percentencode}") for value in values)


@by_name
def test_columns_of_tables_are_named_after_fields_that_the_queries_give(name):
    for panel in panels(load(name)):
        for step in panel.get("transformations", ()):
            if step["id"] == "organize":
                renamed = step["options"]["renameByName"]
                shown = set(renamed.values()) | (set(step["options"]["indexByName"]) - set(renamed))
                styled = {rule["matcher"]["options"] for rule in panel["fieldConfig"]["overrides"]} - {".+"}
                assert styled <= shown

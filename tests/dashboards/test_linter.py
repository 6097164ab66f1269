"""
The 17 rules of Grafana's dashboard-linter.

Each test is called as the linter calls the rule.  The linter looks at some kinds of panels only; here each rule holds
for every panel of every dashboard, and nothing is excluded.
"""

import promql_parser as promql
import pytest

from tests.dashboards.boards import (
    NAMES,
    RATE_INTERVAL,
    annotations,
    asked,
    function,
    load,
    panels,
    parsed,
    selectors,
    targets,
    variables,
    walk,
)

UNITS = frozenset({"none", "short", "locale", "percentunit", "s", "bytes", "ops", "reqps"})  # the linter's that we use
COUNTER_FUNCTIONS = frozenset({"rate", "irate", "increase"})

by_name = pytest.mark.parametrize("name", NAMES)
every_target = pytest.mark.parametrize("target", [target for name in NAMES for target in targets(name)], ids=str)


@by_name
def test_template_datasource_rule(name):
    (variable,) = variables(load(name), "datasource")

    assert (variable["name"], variable["label"], variable["query"]) == ("datasource", "Data source", "prometheus")


def assert_template(name, variable, label):
    (found,) = [each for each in variables(load(name)) if each["name"] == variable]

    assert found["datasource"]["uid"] in {"$datasource", "${datasource}"}
    assert (found["label"], found["multi"], found["allValue"]) == (label, True, ".+")


@by_name
def test_template_job_rule(name):
    assert_template(name, "job", "Job")


@by_name
def test_template_instance_rule(name):
    assert_template(name, "instance", "Instance")


@by_name
def test_template_label_promql_rule(name):
    for variable in variables(load(name)):
        called, expr, _ = asked(variable["query"])
        assert called in {"label_names", "label_values", "metrics", "query_result"}
        assert selectors(parsed(expr))


@by_name
def test_template_on_time_change_reload_rule(name):
    assert {variable["refresh"] for variable in variables(load(name))} == {2}


@by_name
def test_panel_datasource_rule(name):
    for panel in panels(load(name)):
        sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
        assert {source["uid"] for source in sources} == {"${datasource}"}


@by_name
def test_panel_title_description_rule(name):
    assert [panel for panel in panels(load(name)) if not panel["title"] or not panel["description"]] == []


@by_name
def test_panel_units_rule(name):
    for panel in panels(load(name)):
        defaults = panel["fieldConfig"]["defaults"]
        assert defaults.get("mappings") or defaults.get("unit") in UNITS, panel["title"]


@by_name
def test_panel_no_targets_rule(name):
    assert [panel["title"] for panel in panels(load(name)) if not panel["targets"]] == []


@by_name
def test_target_logql_rules_find_no_logql_to_judge(name):
    """`target-logql-rule` and `target-logql-auto-rule`: nothing here asks Loki."""
    dashboard = load(name)
    sources = [target["datasource"]["type"] for panel in panels(dashboard) for target in panel["targets"]]
    sources += [variable["query"] for variable in variables(dashboard, "datasource")]

    assert set(sources) == {"prometheus"}


@every_target
def test_target_promql_rule(target):
    assert selectors(parsed(target.expr))


@every_target
def test_target_rate_interval_rule(target):
    own = promql.parse_duration(RATE_INTERVAL)
    for part, parents in walk(parsed(target.expr)):
        if isinstance(part, promql.MatrixSelector) and part.range != own:
            assert function(parents[-1]) not in {"", "rate", "irate"}


def assert_matcher(target, label):
    for part, _ in selectors(parsed(target.expr)):
        matchers = [(each.name, each.op, each.value) for each in part.matchers.matchers]
        assert (label, promql.MatchOp.Re, f"${label}") in matchers


@every_target
def test_target_job_rule(target):
    assert_matcher(target, "job")


@every_target
def test_target_instance_rule(target):
    assert_matcher(target, "instance")


@every_target
def test_target_counter_agg_rule(target):
    for part, parents in selectors(parsed(target.expr)):
        if part.name.endswith(("_total", "_bucket", "_sum", "_count")):
            assert isinstance(parents[-1], promql.MatrixSelector)
            assert function(parents[-2]) in COUNTER_FUNCTIONS


@by_name
def test_uneditable_dashboard(name):
    assert load(name)["editable"] is False


@pytest.mark.parametrize("target", [target for name in NAMES for target in annotations(name)], ids=str)
def test_annotations_keep_to_the_rules_of_targets(target):
    assert_matcher(target, "job")
    assert_matcher(target, "instance")

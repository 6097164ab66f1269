"""
What the queries ask for exists, and is asked for as the metrics mean it.

`given` follows each query from its selectors outwards and knows at every point which labels there are, so that a
label that is misspelt anywhere, in a matcher, a grouping, a join or a legend, is found.
"""

import re
from typing import Any

import promql_parser as promql
import pytest

from monitor.fleet.event import EVENT_TYPES
from monitor.fleet.scales import QUALITY_RATING, STATUS
from tests.dashboards import exposed
from tests.dashboards.boards import (
    NAMES,
    Target,
    annotations,
    children,
    everything,
    function,
    load,
    parsed,
    questions,
    selectors,
    targets,
    variables,
    walk,
)

LABELS = exposed.labels()
ONE_PROCESS = re.compile(
    r"(process|scrape)_.*|number_monitor_(build_info|store_up|lease_held|config_last_reload_successful)"
)

each_query = pytest.mark.parametrize("target", everything(), ids=str)
each_drawn = pytest.mark.parametrize(
    "target", [target for name in NAMES for target in (*targets(name), *annotations(name))], ids=str
)


def given(expr):
    """The labels that the result of an expression has; asserts that every label it names is there."""
    match expr:
        case promql.VectorSelector():
            found = labels_of(expr)
        case promql.AggregateExpr():
            found = aggregated(expr)
        case promql.BinaryExpr():
            found = joined(expr)
        case promql.Call():
            found = called(expr)
        case _:
            found = frozenset().union(*map(given, children(expr)))
    return found


def called(expr):
    found = frozenset().union(*map(given, children(expr)))
    if function(expr) == "label_join":
        _, target, _, *sources = expr.args
        assert {source.val for source in sources} <= found
        return found | {target.val}
    if function(expr) == "histogram_quantile":
        assert "le" in found
        return found - {"le"}
    return found


def names_of(selector):
    """The metrics that a selector picks: its own name, or those that a matcher lists."""
    listed = [matcher.value for matcher in selector.matchers.matchers if matcher.name == "__name__"]
    return [selector.name] if selector.name else listed[0].split("|")


def labels_of(selector):
    metrics = names_of(selector)
    assert set(metrics) <= set(LABELS)
    found = frozenset.intersection(*(LABELS[metric] for metric in metrics))
    assert {matcher.name for matcher in selector.matchers.matchers} - {"__name__"} <= found
    return found


def aggregated(expr):
    inner = given(expr.expr)
    named = set(expr.modifier.labels if expr.modifier else ())
    assert named <= inner
    if str(expr.op) == "topk":
        return inner
    if expr.modifier is None:
        return frozenset()
    return inner - named if expr.modifier.type == promql.AggModifierType.Without else frozenset(named)


def joined(expr):
    left, right = given(expr.lhs), given(expr.rhs)
    if str(expr.op) == "or":
        assert left == right
        return left
    matching = expr.modifier and expr.modifier.matching
    if matching is None:
        return left | right  # a figure has none; else both sides have the same
    on = set(matching.labels)
    if matching.type == promql.LabelModifierType.Exclude:
        assert on <= left
        assert left - on == right - on
        return left
    assert on <= left
    assert on <= right
    assert set(expr.modifier.group_labels or ()) <= right
    return left | set(expr.modifier.group_labels or ())


@each_query
def test_every_metric_and_every_label_exists(target):
    given(parsed(target.expr))


@pytest.mark.parametrize(
    ("expr", "wrong"),
    [
        ("nxcloud_number_qality", "nxcloud_number_qality"),
        ('nxcloud_app_up{accout="a"}', "accout"),
        ("max by (acount) (nxcloud_app_up)", "acount"),
        ("nxcloud_app_up * on (app_key) group_left (app_name) nxcloud_app_info", "app_key"),
        ("nxcloud_app_up * on (appkey) group_left (appname) nxcloud_app_info", "appname"),
        ("nxcloud_app_up < ignoring (instanc) group_left () max without (instance) (nxcloud_app_up)", "instanc"),
        ("nxcloud_app_up < ignoring (pod) group_left () max without (instance) (nxcloud_app_up)", "instance"),
    ],
)
def test_a_name_that_is_misspelt_is_found(expr, wrong):
    with pytest.raises(AssertionError, match=wrong):
        given(parsed(expr))


@each_drawn
def test_every_label_of_a_legend_is_in_the_result(target):
    named = set(re.findall(r"\{\{(\w+)\}\}", target.legend))

    assert named <= given(parsed(target.expr))


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("quality_rating", {*QUALITY_RATING, "UNKNOWN", "OTHER"}),
        ("status", {*STATUS, "UNKNOWN", "OTHER"}),
        ("type", set(EVENT_TYPES)),
    ],
)
def test_every_word_that_a_matcher_asks_for_exists(label, words):
    asked = {
        word
        for target in everything()
        for part, _ in selectors(parsed(target.expr))
        for matcher in part.matchers.matchers
        if matcher.name == label
        for word in matcher.value.split("|")
    }

    assert asked
    assert asked <= words


@each_drawn
def test_what_replicas_say_of_one_thing_is_one(target):
    """Every selector is under an aggregation that drops `instance`, but for what is told of each process."""
    for part, parents in selectors(parsed(target.expr)):
        assert ONE_PROCESS.fullmatch(part.name) or any(drops_instance(parent) for parent in parents)


def drops_instance(expr):
    if not isinstance(expr, promql.AggregateExpr) or str(expr.op) not in {"max", "sum"}:
        return False
    if expr.modifier is None:
        return True
    without = expr.modifier.type == promql.AggModifierType.Without
    return {"instance", "pod"} <= set(expr.modifier.labels) if without else "instance" not in expr.modifier.labels


@each_drawn
def test_of_an_account_only_the_replica_counts_that_watches_it(target):
    """Every gauge of an account leaves out who was cut off, as of the same moment; what is counted in a span is not."""
    for part, parents in selectors(parsed(target.expr)):
        of_account = "account" in labels_of(part) and not part.name.startswith("number_monitor_lease_")
        if of_account and not any(isinstance(parent, promql.MatrixSelector) for parent in parents):
            asked = {
                (each.name, each.offset)
                for parent in parents
                if isinstance(parent, promql.BinaryExpr) and str(parent.op) == "unless"
                for each, _ in selectors(parent.rhs)
            }
            assert asked >= {("number_monitor_lease_epoch", part.offset), ("number_monitor_lease_held", part.offset)}


@each_drawn
def test_gauges_of_replicas_are_never_added_up(target):
    """A sum stands outside the maximum; counters of what each replica did itself may be added."""
    for part, parents in selectors(parsed(target.expr)):
        nearest = next((parent for parent in reversed(parents) if isinstance(parent, promql.AggregateExpr)), None)
        if nearest is not None and str(nearest.op) == "sum":
            assert part.name.endswith(("_total", "_bucket"))


@each_query
def test_info_is_joined_one_to_an_entry(target):
    """Two of an entry, while replicas disagree on a name, would be an error."""
    for part, _ in walk(parsed(target.expr)):
        if isinstance(part, promql.BinaryExpr) and part.modifier and part.modifier.group_labels:
            one: Any = part.rhs
            on: Any = part.modifier.matching
            assert (str(one.op), one.modifier.labels) == ("topk", on.labels)
            assert str(one.expr.op) == "max"


@each_drawn
def test_tiers_are_drawn_below_infinity_and_never_added(target):
    for part, parents in selectors(parsed(target.expr)):
        if part.name == "nxcloud_number_tier":
            around = {function(parent) for parent in parents} | {str(getattr(parent, "op", "")) for parent in parents}
            assert around & {"clamp_max", "<"}  # a mark compares tiers and draws none
            assert not around & {"sum", "avg", "count"}


def matched(target):
    for part, _ in selectors(parsed(target.expr)):
        yield from (matcher for matcher in part.matchers.matchers if matcher.value.startswith("$"))


@pytest.mark.parametrize("name", NAMES)
def test_a_variable_of_one_value_is_matched_as_it_is_and_one_of_several_by_expression(name):
    """Grafana escapes the values of variables that can have several; a number's plus sign would be none."""
    several = {variable["name"]: variable["multi"] for variable in variables(load(name))}

    for target in (*targets(name), *annotations(name), *questions(name)):
        for matcher in matched(target):
            expected = promql.MatchOp.Re if several[matcher.value[1:]] else promql.MatchOp.Equal
            assert matcher.op == expected, str(target)


@pytest.mark.parametrize("name", NAMES)
def test_every_variable_is_used(name):
    asked = [*targets(name), *annotations(name), *questions(name)]
    used = {matcher.value[1:] for target in asked for matcher in matched(target)}

    assert used == {variable["name"] for variable in variables(load(name))}


def test_the_worst_numbers_are_picked_once_and_not_at_every_step():
    """`topk` over time picks others at every step: more lines than it says, and 100,000 numbers at each."""
    for target in everything():
        for part, _ in walk(parsed(target.expr)):
            if isinstance(part, promql.AggregateExpr) and str(part.op) == "topk" and part.modifier is None:
                assert isinstance(target, Target)
                assert target in questions("fleet") or not target.ranged

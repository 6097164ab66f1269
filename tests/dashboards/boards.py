"""The dashboards as users import them, taken apart: panels, queries, variables; and what PromQL says in them."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import promql_parser as promql

HERE = Path(__file__).parents[2] / "dashboards"
NAMES = ("fleet", "number", "daemon")
RATE_INTERVAL = "123457s"  # nothing that anybody would write by hand
SPANS = {"__rate_interval": RATE_INTERVAL, "__interval": "1m", "__range": "6h"}


class Target(NamedTuple):
    """A query of a dashboard, and where it stands."""

    dashboard: str
    panel: str
    expr: str
    legend: str = ""
    ranged: bool = True

    def __str__(self):
        return f"{self.dashboard}: {self.panel}"


def load(name: str) -> dict[str, Any]:
    """The JSON of a dashboard."""
    found: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return found


def panels(dashboard: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Its panels; rows are only headings."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def variables(dashboard: Mapping[str, Any], kind: str = "query") -> list[dict[str, Any]]:
    """Its variables of a type."""
    return [variable for variable in dashboard["templating"]["list"] if variable["type"] == kind]


def targets(name: str) -> list[Target]:
    """The queries of its panels."""
    return [
        Target(name, panel["title"], target["expr"], target["legendFormat"], target["range"])
        for panel in panels(load(name))
        for target in panel["targets"]
    ]


def annotations(name: str) -> list[Target]:
    """The queries of its annotations."""
    return [Target(name, mark["name"], mark["expr"]) for mark in load(name)["annotations"]["list"]]


def questions(name: str) -> list[Target]:
    """The queries of its variables, without the function around them."""
    return [Target(name, variable["name"], asked(variable["query"])[1]) for variable in variables(load(name))]


def asked(query: str) -> tuple[str, str, str]:
    """A variable's query: the function, its PromQL, and the label it asks for."""
    found = re.fullmatch(r"([a-z_]+)\((.+?)(?:, (\w+))?\)", query)
    assert found, query
    return found[1], found[2], found[3] or ""


def everything() -> list[Target]:
    """Every query of every dashboard."""
    return [target for name in NAMES for target in (*targets(name), *annotations(name), *questions(name))]


def parsed(expr: str) -> promql.Expr:
    """The query, spans of time filled in and other variables by their names; raises ValueError for bad PromQL."""
    filled = re.sub(r"\$(\w+)", lambda found: SPANS.get(found[1], f"${found[1]}"), expr)
    found: promql.Expr = promql.parse(filled)
    return found


def children(expr: promql.Expr) -> list[promql.Expr]:
    """What an expression consists of."""
    match expr:
        case promql.BinaryExpr():
            return [expr.lhs, expr.rhs]
        case promql.AggregateExpr() | promql.UnaryExpr() | promql.ParenExpr() | promql.SubqueryExpr():
            return [expr.expr]
        case promql.MatrixSelector():
            return [expr.vector_selector]
        case promql.Call():
            return list(expr.args)
        case _:
            return []


def walk(expr: promql.Expr, parents: tuple[promql.Expr, ...] = ()) -> Iterator[tuple[Any, tuple[promql.Expr, ...]]]:
    """Every part of an expression with what it stands in, the innermost last."""
    yield expr, parents
    for child in children(expr):
        yield from walk(child, (*parents, expr))


def selectors(expr: promql.Expr) -> list[tuple[Any, tuple[promql.Expr, ...]]]:
    """Its selectors likewise."""
    return [(part, parents) for part, parents in walk(expr) if isinstance(part, promql.VectorSelector)]


def function(expr: promql.Expr) -> str:
    """The name of the function that a call calls; empty for anything else."""
    return expr.func.name if isinstance(expr, promql.Call) else ""

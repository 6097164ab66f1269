"""The rules and the dashboards in the form that Kubernetes' operators take, from config/prometheus and dashboards."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RULES = sorted((ROOT / "config" / "prometheus" / "rules").glob("*.rules.yml"))
DASHBOARDS = sorted((ROOT / "dashboards").glob("*.json"))

LABELS = {"app.kubernetes.io/name": "number-monitor"}
WRITTEN = "# Written by `make tables` from {source}: change it there.\n"


class _Dumper(yaml.SafeDumper):
    """Texts of several lines stand as they are."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def written() -> Mapping[Path, str]:
    """Every file that is written, by its place."""
    rules = "---\n".join(_yaml(prometheus_rule(path)) for path in RULES)
    boards = "---\n".join(_yaml(dashboard(path)) for path in DASHBOARDS)
    monitoring = HERE / "monitoring"
    return {
        monitoring / "prometheus-rules.yaml": WRITTEN.format(source="config/prometheus/rules") + rules,
        monitoring / "dashboards.yaml": WRITTEN.format(source="dashboards") + boards,
    }


def prometheus_rule(path: Path) -> Mapping[str, Any]:
    """The PrometheusRule of a file of rules: `numbers.rules.yml` becomes `number-monitor-numbers`."""
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": f"number-monitor-{path.name.split('.')[0]}", "labels": LABELS},
        "spec": yaml.safe_load(path.read_text(encoding="utf-8")),
    }


def dashboard(path: Path) -> Mapping[str, Any]:
    """The ConfigMap of a dashboard, labelled for Grafana's sidecar."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": f"number-monitor-dashboard-{path.stem}", "labels": {**LABELS, "grafana_dashboard": "1"}},
        "data": {f"number-monitor-{path.name}": path.read_text(encoding="utf-8")},
    }


def _yaml(document: Mapping[str, Any]) -> str:
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


if __name__ == "__main__":
    for place, text in written().items():
        place.write_text(text, encoding="utf-8")

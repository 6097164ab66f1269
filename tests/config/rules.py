"""The rule files, their tests and their runbooks, as read."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "config" / "prometheus"
NUMBERS = PROMETHEUS / "rules" / "numbers.rules.yml"
DAEMON = PROMETHEUS / "rules" / "daemon.rules.yml"
TESTS = sorted((PROMETHEUS / "tests").glob("*.yml"))
RUNBOOKS = ROOT / "docs" / "runbooks.md"


@cache
def read(path: Path) -> Any:
    """A YAML file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def alerts(*paths: Path) -> dict[str, dict[str, Any]]:
    """Every alert of these rule files, by name."""
    rules = [rule for path in paths for group in read(path)["groups"] for rule in group["rules"]]
    return {rule["alert"]: rule for rule in rules if "alert" in rule}


def own_test(name: str) -> dict[str, Any]:
    """The promtool test that is named as the alert."""
    (found,) = [test for path in TESTS for test in read(path)["tests"] if test["name"] == name]
    return dict(found)


def course(name: str) -> list[bool]:
    """Whether the alert is to fire, at every moment at which its test looks at it."""
    return [bool(check["exp_alerts"]) for check in own_test(name)["alert_rule_test"]]


def job(name: str) -> dict[str, Any]:
    """A scrape job of the shipped prometheus.yml."""
    (found,) = [one for one in read(PROMETHEUS / "prometheus.yml")["scrape_configs"] if one["job_name"] == name]
    return dict(found)

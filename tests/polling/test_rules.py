"""What an account asks of its budget."""

import pytest

from monitor.fleet.app import App
from monitor.polling.rules import Rules


def apps(count: int, interval_ms: int | None = None) -> list[App]:
    return [App("main", f"app-{n}", interval_ms=interval_ms) for n in range(count)]


@pytest.mark.parametrize(
    ("list_of_apps", "stretch"),
    [
        pytest.param(apps(3), 1.0, id="a list that fits keeps its interval"),
        pytest.param(apps(1080), 1.0, id="nine tenths of the rate are for regular polls"),
        pytest.param(apps(2160), 2.0, id="twice the budget doubles the interval"),
        pytest.param(apps(180, 5_000), 2.0, id="an app's own interval counts"),
    ],
)
def test_a_list_over_the_budget_stretches_the_interval(list_of_apps, stretch):
    assert Rules(interval=60_000, rate=20).stretch(list_of_apps) == pytest.approx(stretch)

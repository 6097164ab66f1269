"""
The variables of the dashboards: which Prometheus, which daemon, which account, app and number.

A variable of several values is matched with `=~` and "All" is `.+`; one of a single value is matched with `=`, since
Grafana does not escape it and a number begins with a plus sign.
"""

from grafana_foundation_sdk.builders.dashboard import DatasourceVariable, QueryVariable
from grafana_foundation_sdk.models.common import DataSourceRef
from grafana_foundation_sdk.models.dashboard import VariableHide, VariableOption, VariableRefresh, VariableSort

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")

ANYTHING = ".+"
EVERYTHING = VariableOption(selected=True, text="All", value="$__all")


def datasource() -> DatasourceVariable:
    """Which Prometheus."""
    return (
        DatasourceVariable("datasource")
        .label("Data source")
        .description("The Prometheus that scrapes number-monitor")
        .type("prometheus")
        .include_all(False)
        .multi(False)
    )


def queried(name: str, label: str, query: str) -> QueryVariable:
    """A variable whose values Prometheus knows, asked again when the time changes."""
    return (
        QueryVariable(name)
        .label(label)
        .datasource(SOURCE)
        .query(query)
        .definition(query)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_CASE_INSENSITIVE_ASC)
    )


def several(name: str, label: str, query: str) -> QueryVariable:
    """One of which any number of values can be picked, at first all."""
    return queried(name, label, query).multi(True).include_all(True).all_value(ANYTHING).current(EVERYTHING)


def daemons(metrics: str) -> list[DatasourceVariable | QueryVariable]:
    """
    The data source, and which daemon: by job and instance.

    Args:
        metrics: a regular expression; jobs that have one of these metrics are offered.
    """
    return [
        datasource(),
        several("job", "Job", f'label_values({{__name__=~"{metrics}"}}, job)'),
        several("instance", "Instance", f'label_values({{__name__=~"{metrics}", job=~"$job"}}, instance)'),
    ]


def hidden(variable: QueryVariable) -> QueryVariable:
    """One that only queries use."""
    return variable.hide(VariableHide.HIDE_VARIABLE)

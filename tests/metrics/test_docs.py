"""docs/metrics.md and docs/events.md say what the code does, all of it and nothing else."""

from pathlib import Path

import pytest

from docs.write_metrics import written
from monitor.fleet.answer import FailureReason
from monitor.fleet.event import EVENT_TYPES
from monitor.fleet.scales import QUALITY_RATING, STATUS, Severity
from monitor.metrics.families import APP_FAMILIES, COUNT_FAMILIES, NUMBER_FAMILIES
from monitor.metrics.instruments import Instruments, Registry
from monitor.metrics.tally import Tally

DOCS = Path(__file__).parents[2] / "docs"
FAMILIES = (*NUMBER_FAMILIES.values(), *COUNT_FAMILIES.values(), *APP_FAMILIES.values())


def table(name, first):
    """The cells of every line of a document's tables whose first cell begins so."""
    lines = (DOCS / name).read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [line for line in cells if line[0].startswith(first)]


def rows(name):
    """The lines whose first cell is a name in code."""
    return table(name, "`")


def documented_metrics(prefix):
    return {
        cells[0].strip("`"): (cells[1], tuple(label.strip("` ") for label in cells[2].split(",") if label.strip()))
        for cells in rows("metrics.md")
        if cells[0].startswith(f"`{prefix}")
    }


def documented_help():
    return {cells[0].strip("`"): cells[3] for cells in rows("metrics.md") if len(cells) == 4}


def documented_values(label, metric):
    (values,) = (cells[2] for cells in rows("metrics.md") if cells[:2] == [f"`{label}`", f"`{metric}`"])
    return values.split(", ")


def daemon_metrics():
    registry = Registry()
    instruments = Instruments(
        registry, version="1", revision="", failure_reasons=FailureReason, event_types=EVENT_TYPES, attributes=["tier"]
    )
    return {
        exposed_name(family): (family.type, labels_of(instruments, family.name))
        for family in registry.collect()
        if family.name.startswith("number_monitor_")
    }


def exposed_name(family):
    return family.name + {"counter": "_total", "info": "_info"}.get(family.type, "")


def labels_of(instruments, name):
    for metric in vars(instruments).values():
        if getattr(metric, "_name", None) == name:
            return tuple(metric._labelnames)
    return ("version", "revision", "python")


def test_every_metric_of_the_fleet_is_documented_with_its_type_and_labels_and_no_other():
    assert documented_metrics("nxcloud_") == {family.name: (family.kind, family.labels) for family in FAMILIES}


def test_every_metric_of_the_daemon_is_documented_with_its_type_and_labels_and_no_other():
    assert documented_metrics("number_monitor_") == daemon_metrics()


def test_a_page_that_lost_a_marker_is_refused():
    with pytest.raises(ValueError, match="expected <!-- fleet --> and <!-- /fleet --> once, found 0"):
        written("# Metrics")


def test_what_is_written_says_how_each_metric_is_explained_to_prometheus():
    explained = {family.name: family.help for family in FAMILIES}

    assert {name: help_ for name, help_ in documented_help().items() if name in explained} == explained


def test_every_reason_of_a_failed_poll_is_documented():
    assert documented_values("reason", "number_monitor_poll_failures_total") == [
        reason.value for reason in FailureReason
    ]


def test_the_documented_scales_are_the_ones_in_use():
    documented = {
        int(line[0]): [cell.split(":")[0] for cell in line[1:]] for line in table("metrics.md", tuple("0123456789"))
    }

    assert documented == {
        value: [
            word_of(QUALITY_RATING, value),
            word_of(STATUS, value),
            Severity(value).word if value <= Severity.CRITICAL else "",
        ]
        for value in range(11)
    }


def word_of(scale, value):
    return "unknown" if value == 0 else next((word for word, place in scale.items() if place == value), "")


@pytest.mark.parametrize("place", range(3))
def test_every_value_that_is_always_counted_is_documented(place):
    attribute = list(COUNT_FAMILIES)[place]
    text = Tally("main").texts()[place].decode()
    counted = [line.split(f'{attribute}="')[1].split('"')[0] for line in text.splitlines()]

    assert documented_values(attribute, f"nxcloud_numbers_by_{attribute}") == counted


def test_every_type_of_event_is_documented_with_its_severities_and_no_other():
    documented = {
        cells[0].strip("`"): tuple(cells[1].split(", "))
        for cells in rows("events.md")
        if "." in cells[0] and "," not in cells[0]
    }

    assert documented == dict(EVENT_TYPES)

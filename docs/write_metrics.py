"""The tables of docs/metrics.md, from the metrics as the program has them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.metrics import MetricWrapperBase

from docs.markers import Row, code, codes, filled, table
from monitor.daemon.daemon import ATTRIBUTES
from monitor.fleet.answer import FailureReason
from monitor.fleet.event import EVENT_TYPES
from monitor.metrics.families import APP_FAMILIES, COUNT_FAMILIES, NUMBER_FAMILIES
from monitor.metrics.instruments import Instruments, Registry
from monitor.metrics.tally import Tally

PAGE = Path(__file__).with_name("metrics.md")
SUFFIXES = {"counter": "_total", "info": "_info"}  # which the samples have and the family's name has not
ELSEWHERE = {"account", "sink", "type", "severity"}  #: labels whose values the configuration or docs/events.md tells


def written(page: str) -> str:
    """The page with every table as it has to be."""
    return filled(page, tables(), PAGE.name)


def tables() -> Mapping[str, str]:
    """The text of every table, by the name of its markers."""
    registry = Registry()
    instruments = Instruments(
        registry,
        version="",
        revision="",
        failure_reasons=[reason.value for reason in FailureReason],
        event_types=EVENT_TYPES,
        attributes=ATTRIBUTES,
    )
    instruments.add_account("")
    instruments.add_sink("")
    metric = ("metric", "type", "labels", "help")
    return {
        "fleet": table(metric, _fleet()),
        "daemon": table(metric, _daemon(registry, instruments)),
        "values": table(("label", "of", "values"), [*_counted(), *_known(registry.collect())]),
    }


def _fleet() -> Iterator[Row]:
    for family in (*NUMBER_FAMILIES.values(), *COUNT_FAMILIES.values(), *APP_FAMILIES.values()):
        yield code(family.name), family.kind, codes(family.labels), family.help


def _daemon(registry: Registry, instruments: Instruments) -> Iterator[Row]:
    labels = {
        family.name: metric._labelnames  # noqa: SLF001 - prometheus-client tells the names nowhere else
        for metric in vars(instruments).values()
        if isinstance(metric, MetricWrapperBase)
        for family in metric.describe()
    }
    for family in _own(registry.collect()):
        names = labels[family.name] if family.name in labels else family.samples[0].labels  # an Info is no attribute
        yield code(_exposed(family)), family.type, codes(names), family.documentation


def _counted() -> Iterator[Row]:
    """What the fleet is counted by."""
    for text, (label, family) in zip(Tally("").texts(), COUNT_FAMILIES.items(), strict=True):
        yield code(label), code(family.name), ", ".join(re.findall(rf'{label}="(\w+)"', text.decode()))


def _known(families: Iterable[Metric]) -> Iterator[Row]:
    """Every value that a metric of the daemon has from the start."""
    for family in _own(families):
        values: dict[str, dict[str, None]] = {}
        for sample in family.samples:
            for label, value in sample.labels.items():
                if value:
                    values.setdefault(label, {})[value] = None
        for label, seen in values.items():
            if label not in ELSEWHERE and family.type != "info":
                yield code(label), code(_exposed(family)), ", ".join(seen)


def _own(families: Iterable[Metric]) -> Iterator[Metric]:
    return (family for family in families if family.name.startswith("number_monitor_"))


def _exposed(family: Metric) -> str:
    return family.name + SUFFIXES.get(family.type, "")

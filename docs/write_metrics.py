"""
Write the tables of docs/metrics.md anew, from the metrics as the program has them.

What stands between two markers such as `<!-- fleet -->` and `<!-- /fleet -->` is replaced, all else is kept.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.metrics import MetricWrapperBase

from monitor.daemon import ATTRIBUTES
from monitor.fleet.answer import FailureReason
from monitor.fleet.event import EVENT_TYPES
from monitor.metrics.families import APP_FAMILIES, COUNT_FAMILIES, NUMBER_FAMILIES
from monitor.metrics.instruments import Instruments, Registry
from monitor.metrics.tally import Tally

PAGE = Path(__file__).with_name("metrics.md")
SUFFIXES = {"counter": "_total", "info": "_info"}  # which the samples have and the family's name has not
ELSEWHERE = {"account", "sink", "type", "severity"}  #: labels whose values the configuration or docs/events.md tells

Row = tuple[str, ...]


def written(page: str) -> str:
    """The page with every table as it has to be."""
    for name, table in tables().items():
        first, last = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
        between = re.compile(f"{first}.*?{last}", re.DOTALL)
        found = len(between.findall(page))
        if found != 1:
            raise ValueError(f"docs/metrics.md: expected <!-- {name} --> and <!-- /{name} --> once, found {found}")
        page = f"{first}{table}{last}".join(between.split(page))
    return page


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
        "fleet": _table(metric, _fleet()),
        "daemon": _table(metric, _daemon(registry, instruments)),
        "values": _table(("label", "of", "values"), [*_counted(), *_known(registry.collect())]),
    }


def _fleet() -> Iterator[Row]:
    for family in (*NUMBER_FAMILIES.values(), *COUNT_FAMILIES.values(), *APP_FAMILIES.values()):
        yield _code(family.name), family.kind, _codes(family.labels), family.help


def _daemon(registry: Registry, instruments: Instruments) -> Iterator[Row]:
    labels = {
        family.name: metric._labelnames  # noqa: SLF001 - prometheus-client tells the names nowhere else
        for metric in vars(instruments).values()
        if isinstance(metric, MetricWrapperBase)
        for family in metric.describe()
    }
    for family in _own(registry.collect()):
        names = labels[family.name] if family.name in labels else family.samples[0].labels  # an Info is no attribute
        yield _code(_exposed(family)), family.type, _codes(names), family.documentation


def _counted() -> Iterator[Row]:
    """What the fleet is counted by."""
    for text, (label, family) in zip(Tally("").texts(), COUNT_FAMILIES.items(), strict=True):
        yield _code(label), _code(family.name), ", ".join(re.findall(rf'{label}="(\w+)"', text.decode()))


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
                yield _code(label), _code(_exposed(family)), ", ".join(seen)


def _own(families: Iterable[Metric]) -> Iterator[Metric]:
    return (family for family in families if family.name.startswith("number_monitor_"))


def _exposed(family: Metric) -> str:
    return family.name + SUFFIXES.get(family.type, "")


def _table(heads: Row, rows: Iterable[Row]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join("| " + " | ".join(cells).replace("|  |", "| |") + " |\n" for cells in lines)


def _code(word: str) -> str:
    return f"`{word}`"


def _codes(words: Iterable[str]) -> str:
    return ", ".join(map(_code, words))


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")

"""What number-monitor exposes, by its own tables and instruments, and Prometheus of each scrape: names and labels."""

from collections.abc import Mapping

from monitor.fleet.answer import FailureReason
from monitor.fleet.event import EVENT_TYPES
from monitor.metrics.families import APP_FAMILIES, COUNT_FAMILIES, NUMBER_FAMILIES
from monitor.metrics.instruments import Instruments, Registry

SCRAPED = frozenset({"job", "instance", "pod", "namespace", "cluster"})  #: what Prometheus and its discovery add
#: What Prometheus itself records of every scrape, with no labels but these.
OF_SCRAPES = ("scrape_samples_scraped", "scrape_duration_seconds")

#: By the type of a metric, what its samples are called and which label they have besides.
SAMPLES: Mapping[str, Mapping[str, frozenset[str]]] = {
    "counter": {"_total": frozenset()},
    "gauge": {"": frozenset()},
    "histogram": {"_bucket": frozenset({"le"}), "_sum": frozenset(), "_count": frozenset()},
    "info": {"_info": frozenset({"version", "revision", "python"})},
}


def labels() -> dict[str, frozenset[str]]:
    """The labels that each sample has after a scrape, by its name."""
    families = (*NUMBER_FAMILIES.values(), *COUNT_FAMILIES.values(), *APP_FAMILIES.values())
    fleet = {family.name: SCRAPED.union(family.labels) for family in families}
    return {**fleet, **_instruments(), **dict.fromkeys(OF_SCRAPES, SCRAPED)}


def _instruments() -> dict[str, frozenset[str]]:
    registry = Registry()
    instruments = Instruments(
        registry, version="1", revision="", failure_reasons=FailureReason, event_types=EVENT_TYPES, attributes=["tier"]
    )
    own = {
        metric._name: frozenset(metric._labelnames)
        for metric in vars(instruments).values()
        if hasattr(metric, "_labelnames")
    }
    return {
        family.name + suffix: SCRAPED | own.get(family.name, frozenset()) | more
        for family in registry.collect()
        for suffix, more in SAMPLES[family.type].items()
    }

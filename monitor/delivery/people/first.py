"""
The first answers of an account's apps, as one summary.

Pure.  A start brings a baseline an app within the first round, a minute or several; people get one message about it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from monitor.delivery.people.course import badness
from monitor.delivery.people.digest import Baseline, Trouble
from monitor.delivery.people.fact import Fact
from monitor.delivery.people.notice import RANK
from monitor.delivery.people.rules import MINUTE
from monitor.fleet.attributes import LEVELS, canonical
from monitor.fleet.event import EventSeverity
from monitor.fleet.hints import level_hint
from monitor.fleet.scales import QUALITY_SEVERITY, STATUS_SEVERITY, Severity

ROUND_OVER = MINUTE  #: after the last baseline of an account its first round is over;
ROUND_AT_MOST = 10 * MINUTE  #: at the latest that long after the first


def ripe_at(baselines: Sequence[Fact]) -> int:
    """When to sum up, milliseconds since 1970; 0 without baselines."""
    if not baselines:
        return 0
    times = [fact.time for fact in baselines]
    return min(max(times) + ROUND_OVER, min(times) + ROUND_AT_MOST)


def troubles(fact: Fact) -> Iterator[Trouble]:
    """The numbers that a baseline shows in trouble, one for each attribute that is; those it names alone."""
    opened = {action.id for action in fact.incidents}
    for entry in fact.more()["degraded"]:
        for attribute in LEVELS:
            incident = f"{fact.data.account}/{entry['number']}/{attribute}"
            if incident in opened:
                yield _trouble(fact, entry, attribute, incident)


def summary(baselines: Sequence[Fact], degraded: Sequence[Trouble]) -> Baseline:
    """One line for all; `degraded` is what is still in trouble of it."""
    counts: dict[str, Counter[str]] = {}
    numbers = degraded_count = 0
    worst: EventSeverity = "info"
    for fact in baselines:
        more = fact.more()
        numbers += more["numbers"]
        degraded_count += more["degraded_count"]
        worst = max(worst, fact.data.severity, key=RANK.__getitem__)
        for attribute, found in more["counts"].items():
            counts.setdefault(attribute, Counter()).update(found)
    ranked = sorted(degraded, key=lambda trouble: (tuple(-each for each in badness(trouble)), trouble.number))
    worst = max([worst, *(trouble.severity for trouble in ranked)], key=RANK.__getitem__)
    return Baseline(
        account=baselines[0].data.account,
        apps=len({fact.data.appkey for fact in baselines}),
        numbers=numbers,
        counts={attribute: dict(found) for attribute, found in counts.items()},
        severity=worst,
        degraded=tuple(ranked),
        degraded_count=degraded_count,
        seen=min(fact.time for fact in baselines),
    )


def _trouble(fact: Fact, entry: Mapping[str, Any], attribute: str, incident: str) -> Trouble:
    data = fact.data
    word = str(entry[attribute])
    hint_id = level_hint(attribute, canonical(attribute, word))
    return Trouble(
        incident=incident,
        type="number.degraded",
        source=fact.source,
        account=data.account,
        severity=_severity(entry, attribute, word),
        since=fact.time,
        seen=fact.time,
        appkey=data.appkey,
        app_name=data.app_name,
        labels=data.labels,
        number=str(entry["number"]),
        waba_id=str(entry["waba_id"]),
        attribute=attribute,
        word=word,
        hint_id=hint_id,
    )


def _severity(entry: Mapping[str, Any], attribute: str, word: str) -> EventSeverity:
    """The attribute's own; the entry's, which overrides have a part in, is never exceeded."""
    scale = QUALITY_SEVERITY if attribute == "quality_rating" else STATUS_SEVERITY
    own = scale.get(canonical(attribute, word), Severity.UNKNOWN)
    told: EventSeverity = "critical" if entry["severity"] == "critical" else "warning"
    return "warning" if own is Severity.WARNING else told

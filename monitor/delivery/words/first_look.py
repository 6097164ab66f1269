"""
What the first answers of an account say, summed up in one item.

Pure.  Those in trouble are items of their own beside it.
"""

from collections.abc import Iterator, Mapping

from monitor.delivery.people.digest import Baseline
from monitor.delivery.people.notice import Item, News
from monitor.delivery.words.tongue import Tongue, shown
from monitor.fleet.attributes import LEVELS, value
from monitor.views.entry_path import encoded


class FirstLook:
    """Sums up first answers."""

    def __init__(self, tongue: Tongue) -> None:
        self._tongue = tongue

    def item(self, baseline: Baseline, at: int) -> Item:
        """The summary; `at` tells this first look from a later one."""
        return Item(
            news=News.ONCE,
            severity=baseline.severity,
            incident=f"{baseline.account}/baseline/{at}",
            headline=self._headline(baseline),
            details=tuple(self._details(baseline)),
            at=baseline.seen,
            source=f"/accounts/{encoded(baseline.account)}",
            facts={"account": shown(baseline.account), "type": "app.baseline"},
        )

    def _headline(self, baseline: Baseline) -> str:
        return self._tongue.say(
            "first look at {account}: {numbers} in {apps}; {attention}",
            account=shown(baseline.account),
            numbers=self._tongue.numbers(baseline.numbers),
            apps=self._tongue.apps(baseline.apps),
            attention=self._attention(baseline.degraded_count),
        )

    def _attention(self, count: int) -> str:
        if count == 0:
            return self._tongue.say("none needs attention")
        return self._tongue.plural(count, "{count} needs attention", "{count} need attention")

    def _details(self, baseline: Baseline) -> Iterator[str]:
        for attribute, template in (("quality_rating", "quality: {counts}"), ("status", "status: {counts}")):
            counts = baseline.counts.get(attribute)
            if counts:
                yield self._tongue.say(template, counts=self._tongue.listed(_worst_first(attribute, counts)))
        if baseline.degraded_count > listed(baseline) > 0:
            yield self._tongue.plural(
                listed(baseline),
                "the worst is listed, the others are on the status page",
                "the worst {count} are listed, the others are on the status page",
            )


def listed(baseline: Baseline) -> int:
    """How many entries it lists: one may be in trouble in two ways."""
    return len({(trouble.source, trouble.waba_id, trouble.number) for trouble in baseline.degraded})


def _worst_first(attribute: str, counts: Mapping[str, int]) -> list[str]:
    order = sorted(counts, key=lambda word: (-value(attribute, word), word)) if attribute in LEVELS else sorted(counts)
    return [f"{counts[word]:,} {shown(word)}" for word in order if counts[word]]

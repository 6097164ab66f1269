"""
The first answers of an account's apps, as one summary.

Pure.  A start brings a baseline an app within the first round, a minute or several; people get one message about it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from monitor.delivery.people.course import Course, Known, badness
from monitor.delivery.people.digest import Baseline, Trouble
from monitor.delivery.people.fact import Fact
from monitor.delivery.people.notice import RANK
from monitor.delivery.people.rules import MINUTE, Rules
from monitor.delivery.people.said import AT_FIRST_SIGHT
from monitor.fleet.attributes import LEVELS, canonical
from monitor.fleet.event import EventSeverity
from monitor.fleet.hints import level_hint
from monitor.fleet.scales import QUALITY_SEVERITY, STATUS_SEVERITY, Severity

ROUND_OVER = MINUTE  #: after the last baseline of an account its first round is over;
ROUND_AT_MOST = 10 * MINUTE  #: at the latest that long after the first


class FirstLook:
    """The first answers that wait to be summed up, with the incidents that they have part in."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._facts: list[Fact] = []
        self._found: list[list[tuple[Trouble, Course]]] = []  # by fact

    def __bool__(self) -> bool:
        return bool(self._facts)

    @property
    def at(self) -> int:
        """When to sum up, milliseconds since 1970; 0 without any."""
        times = [fact.time for fact in self._facts]
        return min(max(times) + ROUND_OVER, min(times) + ROUND_AT_MOST) if times else 0

    @property
    def sequences(self) -> tuple[int, ...]:
        """Of the answers, and of what has happened to their incidents since."""
        sequences = {fact.sequence for fact in self._facts}
        return tuple(sorted(sequences.union(*(course.sequences for course in self._courses()))))

    def add(self, fact: Fact, found: list[tuple[Trouble, Course]]) -> None:
        """One more, with the trouble in it that is followed."""
        self._facts.append(fact)
        self._found.append(found)

    def unwanted(self) -> list[Fact]:
        """Let them go where nobody wants a summary of them: those that are let go."""
        if self._is_wanted():
            return []
        for course in self._courses():
            course.is_first = False
        facts, self._facts, self._found = self._facts, [], []
        return facts

    def summary(self) -> Baseline:
        """One line for all."""
        return summary(self._facts, list(self._told().values()), sum(map(_healed, self._found)))

    def known(self) -> dict[str, Known | None]:
        """What is known once it has been told."""
        courses = {course.incident: course for course in self._courses()}
        return {incident: courses[incident].knows(told) for incident, told in self._told().items()}

    def over(self) -> list[Course]:
        """The incidents that are over by now."""
        return [course for course in self._courses() if course.now is None]

    def _told(self) -> dict[str, Trouble]:
        wanted = {course.incident: course.now for course in self._courses()}
        return {
            incident: now for incident, now in wanted.items() if now is not None and self._rules.wants_severity(now)
        }

    def _is_wanted(self) -> bool:
        if self._told():
            return True
        wanted = [
            fact.data.severity == "info" or fact.more()["degraded_count"] > _healed(found)
            for fact, found in zip(self._facts, self._found, strict=True)
            if self._rules.wants(fact)
        ]
        return any(wanted)

    def _courses(self) -> list[Course]:
        courses = {course.incident: course for found in self._found for _trouble, course in found if course.is_first}
        return list(courses.values())


def _healed(found: Sequence[tuple[Trouble, Course]]) -> int:
    """How many numbers of an answer are in trouble no more."""
    bad = {(trouble.waba_id, trouble.number): False for trouble, _course in found}
    for trouble, course in found:
        bad[trouble.waba_id, trouble.number] |= course.now is not None
    return sum(not is_bad for is_bad in bad.values())


def troubles(fact: Fact) -> Iterator[Trouble]:
    """The numbers that a baseline shows in trouble, one for each attribute that is; those it names alone."""
    opened = {action.id for action in fact.incidents}
    for entry in fact.more()["degraded"]:
        for attribute in LEVELS:
            incident = f"{fact.data.account}/{entry['number']}/{attribute}"
            if incident in opened:
                yield _trouble(fact, entry, attribute, incident)


def summary(baselines: Sequence[Fact], degraded: Sequence[Trouble], healed: int) -> Baseline:
    """
    One line for all.

    Args:
        baselines: The first answers.
        degraded: What is in trouble of it still and is to be listed.
        healed: How many of the numbers in trouble are in trouble no more.
    """
    counts: dict[str, Counter[str]] = {}
    numbers = degraded_count = 0
    for fact in baselines:
        more = fact.more()
        numbers += more["numbers"]
        degraded_count += more["degraded_count"]
        for attribute, found in more["counts"].items():
            counts.setdefault(attribute, Counter()).update(found)
    ranked = sorted(degraded, key=lambda trouble: (tuple(-each for each in badness(trouble)), trouble.number))
    left = max(degraded_count - healed, len({trouble.number for trouble in ranked}))
    worst: EventSeverity = "warning" if left else "info"  # of what is not named, this much is known
    worst = max([worst, *(trouble.severity for trouble in ranked)], key=RANK.__getitem__)
    return Baseline(
        account=baselines[0].data.account,
        apps=len({fact.data.appkey for fact in baselines}),
        numbers=numbers,
        counts={attribute: dict(found) for attribute, found in counts.items()},
        severity=worst,
        degraded=tuple(ranked),
        degraded_count=left,
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
        said={AT_FIRST_SIGHT: "yes"},
    )


def _severity(entry: Mapping[str, Any], attribute: str, word: str) -> EventSeverity:
    """The attribute's own; the entry's, which overrides have a part in, is never exceeded."""
    scale = QUALITY_SEVERITY if attribute == "quality_rating" else STATUS_SEVERITY
    own = scale.get(canonical(attribute, word), Severity.UNKNOWN)
    told: EventSeverity = "critical" if entry["severity"] == "critical" else "warning"
    return "warning" if own is Severity.WARNING else told

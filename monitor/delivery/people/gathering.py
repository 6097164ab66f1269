"""
What to tell people of an account now, what to keep back until later, and what not to tell at all.

Pure.  All rows that wait for one sink and account are added in the order of their recording, with what the sink knows
already; `plan` says what becomes of each.  Nothing is lost: every row is told, held, or done with a reason.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import msgspec

from monitor.delivery.people import first
from monitor.delivery.people.course import BEGINS, ENDS, HOUR, Course, Known, incident_of, trouble_of
from monitor.delivery.people.digest import Baseline, Line, Trouble
from monitor.delivery.people.fact import Fact
from monitor.delivery.people.notice import News
from monitor.delivery.people.rules import MINUTE, Rules
from monitor.delivery.people.together import Saying, grouped, joining
from monitor.delivery.people.verdict import Held, Opens, Quiet, Says, reminder_of, verdict_of

COLLECT = 10_000  #: ms from the first thing to tell until it is told: what comes together is told together
EVERY = MINUTE  #: between two messages about one account
REMIND_TOGETHER = HOUR  #: what somebody would be reminded of that soon, they are reminded of now


class Part(NamedTuple):
    """One thing to tell, with what follows once it is told."""

    line: Line | Baseline
    sequences: tuple[int, ...]
    known: Mapping[str, Known | None]  #: by incident; None: forget it


class Plan(NamedTuple):
    """What becomes of all rows."""

    parts: tuple[Part, ...]  #: to be told now
    quiet: Mapping[str, tuple[int, ...]]  #: not to be told, by the reason
    held: Mapping[int, tuple[int, ...]]  #: to be looked at again, by the moment, milliseconds since 1970
    known: Mapping[str, Known | None]  #: what changes of what is known without a message
    again_at: int | None  #: when to look again though nothing happens; None: as the rows and what is known say


#: Whether a trouble still lasts, as far as the fleet knows: when it was last seen, or None when it is over.
Lasting = Callable[[Trouble], int | None]


class Gathering:
    """All that waits for one sink and account."""

    def __init__(
        self, known: Mapping[str, Known], *, rules: Rules, lasting: Lasting, now: int, last_told: int | None
    ) -> None:
        """
        Args:
            known: What the sink knows, by incident.
            rules: What it wants.
            lasting: Asked before somebody is reminded of something.
            now: Milliseconds since 1970.
            last_told: When it was last sent something about the account; None: not lately.
        """
        self._known = known
        self._rules = rules
        self._lasting = lasting
        self._now = now
        self._last_told = last_told
        self._courses: dict[str, Course] = {}
        self._once: list[Fact] = []
        self._removals: list[Fact] = []
        self._baselines: list[Fact] = []
        self._quiet: dict[int, str] = {}  # by sequence
        self._held: dict[int, int] = {}  # likewise: a row that anything holds stays
        self._changed: dict[str, Known | None] = {}

    def add(self, fact: Fact, *, replayed: bool = False) -> None:
        """One more row that waits; `replayed` ones are history: they are told as they were, once."""
        if replayed:
            self._once.append(fact)
        elif not self._rules.follows(fact):
            self._quiet[fact.sequence] = "not asked for"
        elif fact.type == "app.baseline":
            self._begin(fact)
        elif fact.type in BEGINS or fact.type in ENDS:
            action = "open" if fact.type in BEGINS else "close"
            self._course(incident_of(fact)).add(fact, action, self._rules, self._now)
        elif fact.incidents or fact.type == "app.removed":
            self._happens(fact)
        else:
            self._once.append(fact)

    def plan(self) -> Plan:
        """What becomes of them."""
        opens: list[tuple[Course, Opens]] = []
        says: list[Saying] = []
        for course in self._courses.values():
            if not course.is_first:
                self._judge(course, opens, says)
        self._look_at_the_rest(says)
        self._tell_once(says)
        ripe = [opened for opened in opens if opened[1].at <= self._now]
        baseline_at = first.ripe_at(self._baselines)
        moments = [opened.at for _course, opened in ripe] + [saying.at for saying in says]
        if self._baselines and baseline_at <= self._now and self._first_look() is not None:
            moments.append(baseline_at)
        release = max(min(moments) + COLLECT, (self._last_told or 0) + EVERY) if moments else None
        if release is None or release > self._now:
            return self._wait(opens, says, baseline_at, release)
        return self._tell(opens, ripe, says, baseline_at)

    # what rows are about

    def _course(self, incident: str) -> Course:
        if incident not in self._courses:
            known = self._known.get(incident)
            self._courses[incident] = Course(incident, known or Known(), is_known=known is not None)
        return self._courses[incident]

    def _happens(self, fact: Fact) -> None:
        for action in fact.incidents:
            self._course(action.id).add(fact, action.action, self._rules, self._now)
        if fact.type == "number.removed":
            self._removals.append(fact)
        elif fact.type == "app.removed":
            for name in sorted(set(BEGINS.values())):
                incident = f"{fact.data.account}/{fact.data.appkey}/{name}"
                if incident in self._known or incident in self._courses:
                    self._course(incident).add(fact, "close", self._rules, self._now)
            if not any(fact.sequence in course.sequences for course in self._courses.values()):
                self._once.append(fact)

    def _begin(self, fact: Fact) -> None:
        self._baselines.append(fact)
        for trouble in first.troubles(fact):
            course = self._course(trouble.incident)
            if course.known.told is None and not course.bad:
                course.begin(trouble)

    # what they come to

    def _judge(self, course: Course, opens: list[tuple[Course, Opens]], says: list[Saying]) -> None:
        match verdict_of(course, self._now):
            case Quiet(why, known):
                for sequence in course.sequences:
                    self._quiet.setdefault(sequence, why)
                if known is not None or course.is_known:
                    self._changed[course.incident] = known
            case Held(until):
                self._hold(course.sequences, until)
                if course.known.flapping:
                    self._changed[course.incident] = msgspec.structs.replace(
                        course.known, changes=course.recent(self._now)
                    )
            case Opens() as opened:
                opens.append((course, opened))
            case Says(line, known):
                at = course.last.since if course.last is not None and course.sequences else self._now
                says.append(Saying(line, tuple(course.sequences), {course.incident: known}, course.known, at))

    def _look_at_the_rest(self, says: list[Saying]) -> None:
        """What is known and of which nothing new has come: has it calmed, is it time to remind, can it be forgotten."""
        reminders: list[Saying] = []
        for incident, known in self._known.items():
            if incident in self._courses:
                continue
            course = Course(incident, known, is_known=True)
            if known.flapping:
                if course.calm_at() <= self._now:
                    self._judge(course, [], says)
            elif known.told is None:
                if not course.recent(self._now):
                    self._changed[incident] = None
            elif (due := remind_at(known, self._rules)) is not None and due - REMIND_TOGETHER <= self._now:
                reminders += self._reminder(course, known.told, due)
        if any(reminder.at <= self._now for reminder in reminders):
            says += reminders

    def _reminder(self, course: Course, told: Trouble, due: int) -> Iterable[Saying]:
        if self._rules.lets_remind(told, self._now):
            seen = self._lasting(told)
            said = reminder_of(course, seen, self._now)
            yield Saying(said.line, (), {course.incident: said.known}, course.known, due)

    def _tell_once(self, says: list[Saying]) -> None:
        closed = {sequence for saying in says for sequence in saying.sequences}
        for fact in [*self._once, *(fact for fact in self._removals if fact.sequence not in closed)]:
            until = self._rules.closed_until(fact, self._now)
            if until is not None:
                self._hold([fact.sequence], until)
            elif self._rules.wants(fact):
                trouble = trouble_of(fact, fact.id)
                line = Line(News.ONCE, fact.id, fact.data.severity, (trouble,), once=fact.type)
                says.append(Saying(line, (fact.sequence,), {}, Known(), fact.time))
            else:
                self._quiet[fact.sequence] = "not asked for"

    def _first_look(self) -> Part | None:
        """The summary of the baselines; None when nobody wants it."""
        begun = [course for course in self._courses.values() if course.is_first]
        wanted = [course for course in begun if course.now is not None and self._rules.wants_severity(course.now)]
        if not wanted and not any(self._rules.wants(fact) for fact in self._baselines):
            return None
        sequences = [fact.sequence for fact in self._baselines]
        sequences += [sequence for course in begun for sequence in course.sequences]
        known: dict[str, Known | None] = {
            course.incident: Known(told=course.now, bad=course.bad, at=self._now) for course in wanted
        }
        troubles = [course.now for course in wanted if course.now is not None]
        return Part(first.summary(self._baselines, troubles), tuple(sorted(set(sequences))), known)

    # what becomes of them

    def _wait(
        self, opens: list[tuple[Course, Opens]], says: list[Saying], baseline_at: int, release: int | None
    ) -> Plan:
        """Nothing yet."""
        for course, opened in opens:
            self._hold(course.sequences, max(opened.at, release or 0))
        for saying in says:
            self._hold(saying.sequences, release or self._now + EVERY)
        self._wait_for_baselines(max(baseline_at, release or 0))
        return self._planned((), release)

    def _tell(
        self, opens: list[tuple[Course, Opens]], ripe: list[tuple[Course, Opens]], says: list[Saying], baseline_at: int
    ) -> Plan:
        taken = [*ripe, *joining(opens, ripe)]
        incidents = {course.incident for course, _opened in taken}
        for course, opened in opens:
            if course.incident not in incidents:
                self._hold(course.sequences, opened.at)
        parts = [
            Part(saying.line, saying.sequences, saying.known)
            for saying in grouped([(course, opened.trouble) for course, opened in taken], says, self._known, self._now)
        ]
        if self._baselines and baseline_at <= self._now:
            summary = self._first_look()
            if summary is None:
                self._pass_over_baselines()
            else:
                parts.append(summary)
        else:
            self._wait_for_baselines(baseline_at)
        return self._planned(tuple(parts), None)

    def _wait_for_baselines(self, until: int) -> None:
        if self._baselines and until <= self._now:
            self._pass_over_baselines()
        sequences = [fact.sequence for fact in self._baselines if fact.sequence not in self._quiet]
        begun = [course for course in self._courses.values() if course.is_first]
        sequences += [each for course in begun for each in course.sequences if each not in self._quiet]
        self._hold(sequences, until)

    def _pass_over_baselines(self) -> None:
        for fact in self._baselines:
            self._quiet[fact.sequence] = "not asked for"
        for course in self._courses.values():
            if course.is_first:
                for sequence in course.sequences:
                    self._quiet.setdefault(sequence, "not asked for")

    def _hold(self, sequences: Iterable[int], until: int) -> None:
        for sequence in sequences:
            self._held[sequence] = min(until, self._held.get(sequence, until))

    def _planned(self, parts: tuple[Part, ...], again_at: int | None) -> Plan:
        """A row that anything holds stays; what a message carries is done with it; the rest is done quietly."""
        told = {sequence for part in parts for sequence in part.sequences}
        stays = self._held.keys()
        quiet: dict[str, list[int]] = {}
        for sequence, why in self._quiet.items():
            if sequence not in stays and sequence not in told:
                quiet.setdefault(why, []).append(sequence)
        held: dict[int, list[int]] = {}
        for sequence, until in self._held.items():
            held.setdefault(until, []).append(sequence)
        return Plan(
            tuple(
                part._replace(sequences=tuple(each for each in part.sequences if each not in stays)) for part in parts
            ),
            {why: tuple(sorted(sequences)) for why, sequences in quiet.items()},
            {until: tuple(sorted(sequences)) for until, sequences in held.items()},
            self._changed,
            again_at,
        )


def remind_at(known: Known, rules: Rules) -> int | None:
    """When to remind of it, milliseconds since 1970; None: never."""
    if known.told is None or known.told.severity != "critical" or not rules.remind_every:
        return None
    return known.at + rules.remind_every


def look_at(known: Known, rules: Rules) -> int | None:
    """When to look at it though nothing happens: to see it calm, to remind of it, or to forget it."""
    if known.flapping or known.told is None:
        return max(known.changes, default=0) + HOUR
    return remind_at(known, rules)

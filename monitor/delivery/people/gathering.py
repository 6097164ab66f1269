"""
What to tell people of an account now, what to keep back until later, and what not to tell at all.

Pure.  All rows that wait for one sink and account are added in the order of their recording, with what the sink knows
already; `plan` says what becomes of each.  Nothing is lost: every row is told, held, or done with a reason.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from monitor.delivery.people import first
from monitor.delivery.people.course import BEGINS, ENDS, HOUR, Course, Known, incident_of, trouble_of
from monitor.delivery.people.digest import Baseline, Line, Trouble
from monitor.delivery.people.fact import Fact
from monitor.delivery.people.first import FirstLook
from monitor.delivery.people.notice import News
from monitor.delivery.people.rules import MINUTE, Rules
from monitor.delivery.people.together import Opening, Saying, grouped, joining
from monitor.delivery.people.verdict import (
    NOT_ASKED_FOR,
    OVER_BEFORE,
    Held,
    Opens,
    Quiet,
    Says,
    end_of,
    reminder_of,
    verdict_of,
)

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
        self._first_look = FirstLook(rules)
        self._once: list[Saying] = []
        self._removals: list[Saying] = []  # told once, unless an incident ends by them
        self._quiet: dict[int, str] = {}  # by sequence
        self._held: dict[int, int] = {}  # likewise: a row that anything holds stays
        self._changed: dict[str, Known | None] = {}

    def add(self, fact: Fact, *, replayed: bool = False) -> None:
        """One more row that waits; `replayed` ones are history: they are told as they were, once."""
        follows = self._rules.follows(fact)
        if not self._rules.hears(fact):
            self._quiet[fact.sequence] = NOT_ASKED_FOR
        elif replayed:
            ends = bool(fact.incidents or fact.type in ENDS) and self._rules.wants_type(fact)
            self._tell_once(fact, wanted=follows and (ends or self._rules.wants(fact)))
        elif fact.type == "app.baseline":
            self._begin(fact, follows=follows)
        elif fact.incidents or fact.type == "app.removed":
            self._happens(fact, follows=follows)
        elif not follows:
            self._quiet[fact.sequence] = NOT_ASKED_FOR
        elif fact.type in BEGINS or fact.type in ENDS:
            self._course(incident_of(fact)).add(fact, "open" if fact.type in BEGINS else "close")
        elif fact.type == "number.removed":
            self._removals += self._once_of(fact, wanted=self._rules.wants(fact))
        else:
            self._tell_once(fact, wanted=self._rules.wants(fact))

    def plan(self) -> Plan:
        """What becomes of them."""
        if self._first_look.at <= self._now:
            self._pass_over_first_look()
        opens: list[Opening] = []
        says: list[Saying] = []
        for course in self._courses.values():
            if not course.is_first:
                self._judge(course, opens, says)
        self._look_at_the_rest(says)
        says += self._once
        says += self._removals_left(says)
        ripe = [opened for opened in opens if opened[1].at <= self._now]
        moments = [opened.at for _course, opened in ripe] + [saying.at for saying in says]
        if self._first_look and self._first_look.at <= self._now:
            moments.append(self._first_look.at)
        release = max(min(moments) + COLLECT, (self._last_told or 0) + EVERY) if moments else None
        if release is None or release > self._now:
            return self._wait(opens, says, release)
        return self._tell(opens, ripe, says)

    # what rows are about

    def _course(self, incident: str) -> Course:
        if incident not in self._courses:
            known = self._known.get(incident, Known())
            self._courses[incident] = Course(incident, known, self._rules, self._now)
        return self._courses[incident]

    def _happens(self, fact: Fact, *, follows: bool) -> None:
        """Something that has part in incidents; of what is not followed only in those that people know."""
        incidents = {each.id: each.action for each in fact.incidents}
        if fact.type == "app.removed":
            names = (f"{fact.data.account}/{fact.data.appkey}/{name}" for name in sorted(set(BEGINS.values())))
            incidents |= {incident: "close" for incident in names if self._is_known(incident)}
        concerned = [incident for incident in incidents if follows or self._is_known(incident)]
        for incident in concerned:
            self._course(incident).add(fact, incidents[incident])
        if fact.type == "number.removed" and follows:
            self._removals += self._once_of(fact, wanted=self._rules.wants(fact))
        elif not concerned:
            self._tell_once(fact, wanted=follows and self._rules.wants(fact))

    def _is_known(self, incident: str) -> bool:
        if incident in self._courses:
            return True
        return incident in self._known and self._known[incident].told is not None

    def _begin(self, fact: Fact, *, follows: bool) -> None:
        """An app's first answer: of one that is not followed the numbers that are."""
        found = [trouble for trouble in first.troubles(fact) if self._rules.follows_trouble(trouble)]
        if not found and not follows:
            self._quiet[fact.sequence] = NOT_ASKED_FOR
            return
        held = self._rules.closed_until(fact, self._now)
        courses = [self._course(trouble.incident) for trouble in found]
        for course, trouble in zip(courses, found, strict=True):
            course.begin(trouble, fact, held)
        if held is not None:
            self._hold([fact.sequence], held)
        else:
            self._first_look.add(fact, list(zip(found, courses, strict=True)))

    def _tell_once(self, fact: Fact, *, wanted: bool) -> None:
        self._once += self._once_of(fact, wanted=wanted)

    def _once_of(self, fact: Fact, *, wanted: bool) -> Iterable[Saying]:
        """The line of what is told once; of what is not to be told, or not now, none."""
        if not wanted:
            self._quiet[fact.sequence] = NOT_ASKED_FOR
            return
        until = self._rules.closed_until(fact, self._now)
        if until is not None:
            self._hold([fact.sequence], until)
            return
        trouble = trouble_of(fact, fact.id)
        line = Line(News.ONCE, fact.id, fact.data.severity, (trouble,), once=fact.type)
        yield Saying(line, (fact.sequence,), {}, Known(), fact.time)

    # what they come to

    def _judge(self, course: Course, opens: list[Opening], says: list[Saying]) -> None:
        match verdict_of(course, self._now):
            case Quiet(why, known):
                self._pass_over(course, why, known)
            case Held(until):
                self._hold(course.sequences, until)
            case Opens() as opened:
                opens.append((course, opened))
            case Says(line, known):
                at = course.last.since if course.last is not None and course.sequences else course.calm_at()
                says.append(Saying(line, tuple(course.sequences), {course.incident: known}, course.known, at))

    def _pass_over(self, course: Course, why: str, known: Known | None) -> None:
        for sequence in course.sequences:
            self._quiet.setdefault(sequence, why)
        if known is not None or course.incident in self._known:
            self._changed[course.incident] = known

    def _look_at_the_rest(self, says: list[Saying]) -> None:
        """What is known and of which nothing new has come: has it calmed, is it time to remind, can it be forgotten."""
        reminders: list[Saying] = []
        for incident, known in self._known.items():
            if incident in self._courses:
                continue
            course = Course(incident, known, self._rules, self._now)
            if known.flapping:
                if course.calm_at() <= self._now:
                    self._judge(course, [], says)
            elif known.told is None:
                if not course.recent():
                    self._changed[incident] = None
            else:
                reminders += self._reminder(course, known.told)
        if any(reminder.at <= self._now for reminder in reminders):
            says += reminders

    def _reminder(self, course: Course, told: Trouble) -> Iterable[Saying]:
        due = look_at(course.known, self._rules)
        if due is None or not is_to_remind_of(course.known, self._rules, self._now):
            return
        until = self._rules.silent_until(told, self._now)
        if until is not None:
            self._changed[course.incident] = msgspec.structs.replace(course.known, rests_until=until)
            return
        said = reminder_of(course, self._lasting(told), self._now)
        yield Saying(said.line, (), {course.incident: said.known}, course.known, due)

    def _removals_left(self, says: Sequence[Saying]) -> list[Saying]:
        """Numbers that are gone, but for those with whom an incident ends, or will."""
        closed = {sequence for saying in says for sequence in saying.sequences} | self._held.keys()
        return [removal for removal in self._removals if closed.isdisjoint(removal.sequences)]

    # what becomes of them

    def _wait(self, opens: Sequence[Opening], says: Sequence[Saying], release: int | None) -> Plan:
        """Nothing yet."""
        for course, opened in opens:
            self._hold(course.sequences, max(opened.at, release or 0))
        for saying in says:
            self._hold(saying.sequences, release or self._now + EVERY)
        self._hold(self._first_look.sequences, max(self._first_look.at, release or 0))
        return self._planned((), release)

    def _tell(self, opens: Sequence[Opening], ripe: Sequence[Opening], says: list[Saying]) -> Plan:
        taken = [*ripe, *joining(opens, ripe)]
        incidents = {course.incident for course, _opened in taken}
        for course, opened in opens:
            if course.incident not in incidents:
                self._hold(course.sequences, opened.at)
        looks: list[Part] = []
        if self._first_look.at > self._now:
            self._hold(self._first_look.sequences, self._first_look.at)
        elif self._first_look:
            ends, over = self._ends_before_first_look()
            says = [*says, *ends]
            look = self._first_look
            looks = [Part(look.summary(), look.sequences, look.known() | over)]
        known = {incident: each for incident, each in {**self._known, **self._changed}.items() if each is not None}
        parts = [Part(saying.line, saying.sequences, saying.known) for saying in grouped(taken, says, known, self._now)]
        return self._planned((*parts, *looks), None)

    def _ends_before_first_look(self) -> tuple[list[Saying], dict[str, Known | None]]:
        """
        What becomes of the incidents of first answers that are over by now.

        Returns:
            The ends of those that people knew before, and what is known of the others once the summary is told.
        """
        ends: list[Saying] = []
        over: dict[str, Known | None] = {}
        for course in self._first_look.over():
            told = course.known.told
            match end_of(course, told) if told is not None else Quiet(OVER_BEFORE, course.forgets()):
                case Quiet(_why, known):
                    over[course.incident] = known
                case Says(line, known):
                    ends.append(
                        Saying(line, tuple(course.sequences), {course.incident: known}, course.known, self._now)
                    )
        return ends, over

    def _pass_over_first_look(self) -> None:
        """Where nobody wants the summary, its incidents go on as any others do."""
        for fact in self._first_look.unwanted():
            self._quiet[fact.sequence] = NOT_ASKED_FOR

    def _hold(self, sequences: Iterable[int], until: int) -> None:
        for sequence in sequences:
            self._held[sequence] = min(until, self._held.get(sequence, until))

    def _let_rest(self, told: set[str]) -> None:
        """What is known of an incident of which rows are held is looked at with them, though it may be time to."""
        for incident in self._courses.keys() & self._known.keys() - self._changed.keys() - told:
            look = look_at(self._known[incident], self._rules)
            if look is not None and look <= self._now:
                held = (self._held[each] for each in self._courses[incident].sequences if each in self._held)
                until = min(held, default=self._now + EVERY)
                self._changed[incident] = msgspec.structs.replace(self._known[incident], rests_until=until)

    def _planned(self, parts: tuple[Part, ...], again_at: int | None) -> Plan:
        """A row that anything holds stays; what a message carries is done with it; the rest is done quietly."""
        told = {sequence for part in parts for sequence in part.sequences}
        self._let_rest({incident for part in parts for incident in part.known})
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
    return known.at + rules.remind_every if rules.asks_for(known.told) else None


def is_to_remind_of(known: Known, rules: Rules, now: int) -> bool:
    """Whether somebody may be reminded of it now: whether it lasts need be asked of nothing else."""
    due = look_at(known, rules)
    return known.told is not None and not known.flapping and due is not None and due - REMIND_TOGETHER <= now


def look_at(known: Known, rules: Rules) -> int | None:
    """When to look at it though nothing happens: to see it calm, to remind of it, or to forget it."""
    if known.flapping or known.told is None:
        at: int | None = max(known.changes, default=0) + HOUR
    else:
        at = remind_at(known, rules)
    return None if at is None else max(at, known.rests_until)

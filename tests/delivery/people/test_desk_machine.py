"""Whatever becomes of messages, in whatever order: nothing is lost or invented, and the news keep their order."""

from collections.abc import Sequence

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import create_engine, event, insert

from monitor.delivery.people.course import Known
from monitor.delivery.people.fact import fact_of
from monitor.delivery.people.gathering import Gathering, Part
from monitor.delivery.people.handover import digest_of, kept
from monitor.delivery.people.notice import News
from monitor.delivery.people.rules import DEFAULT_SETTLE, Rules
from monitor.fleet.match import Match
from monitor.store import deliveries, people, tables
from monitor.store.deliveries import Chosen, DeliveryQuery, StoredDelivery
from monitor.store.people import Conclusion
from monitor.store.recorder import Recorder
from monitor.store.tables import DeliveryState
from tests.delivery.people.happening import turns

NOW = 1_800_000_000_000
MINUTE, HOUR = 60_000, 3_600_000
NUMBERS = ("+8613800000001", "+8613800000002", "+8613800000003", "+8613800000004", "+8613800000005")
PEOPLE = Match(severity=("warning", "critical"))
RULES = (
    Rules(PEOPLE, settle={}),
    Rules(PEOPLE, settle=DEFAULT_SETTLE, remind_every=2 * HOUR),
    Rules(Match(severity=("critical",)), settle={}),
    Rules(Match(severity=("warning", "critical"), number=NUMBERS[:2])),
)
STORE_ID = "6f0c2a4e-0000-4000-8000-000000000000"


class Desk(RuleBasedStateMachine):
    """A store, somebody who looks, a receiver that takes, fails or refuses, and a process that dies."""

    def __init__(self) -> None:
        super().__init__()
        engine = create_engine("sqlite://")
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = ON"))
        self.connection = engine.connect()
        tables.metadata.create_all(self.connection)
        self.connection.execute(insert(tables.meta).values(store_id=STORE_ID, sequence=0))
        self.recorder = Recorder(STORE_ID, engine.dialect, lambda: self.now)
        self.now = NOW
        self.wants = RULES[0]
        self.words = dict.fromkeys(NUMBERS, "GREEN")
        self.recorded: set[int] = set()
        self.arrived: list[tuple[int, tuple[int, ...]]] = []  #: when the receiver had a message, and what it tells
        self.news: dict[str, list[int]] = {}  #: by incident, since when it has been what each of its news says
        self.last_told: int | None = None

    def teardown(self) -> None:
        self.wants = RULES[0]
        for _ in range(6):
            self.look("taken")
            self.now += HOUR
        self._all_is_told_or_done_with_a_reason()
        self.connection.close()
        self.connection.engine.dispose()

    @rule(
        numbers=st.sets(st.sampled_from(NUMBERS), min_size=1),
        word=st.sampled_from(["GREEN", "YELLOW", "RED"]),
        later=st.sampled_from([0, 1, 10_000, MINUTE, 6 * MINUTE, HOUR]),
    )
    def record(self, numbers, word, later):
        self.now += later
        for number in sorted(numbers):
            before = self.words[number]
            if before != word:
                happened = turns(number, before, word, self.now, waba_id="1")
                (told,) = self.recorder.events(self.connection, [(happened, ["team"])])
                self.recorded.add(told.sequence)
                self.words[number] = word

    @rule(outcome=st.sampled_from(["taken", "taken", "dies", "fails", "refuses"]))
    def look(self, outcome):
        parts = self._look()
        told = sorted({sequence for part in parts for sequence in part.sequences})
        match outcome:
            case "taken":
                self._send(parts)
                self._note_news(parts)
                known = {incident: state for part in parts for incident, state in part.known.items()}
                self._conclude(Conclusion(told=told, known=kept(known, self.wants)))
            case "dies":  # between sending and marking
                self._send(parts)
                self.last_told = None
            case "fails":
                people.put_off(self.connection, "team", dict.fromkeys(told, self.now + 5_000), "HTTP 503")
            case "refuses":
                people.give_up(self.connection, "team", told, "HTTP 400")

    @rule(rules=st.sampled_from(RULES))
    def reload(self, rules):
        self.wants = rules

    @rule()
    def replay(self):
        deliveries.replay(self.connection, Chosen(sink="team"), max(self.recorded, default=0), None, self.now)

    @rule()
    def discard(self):
        deliveries.discard(self.connection, Chosen(sink="team"), max(self.recorded, default=0), None)

    @invariant()
    def nothing_is_told_that_was_not_recorded(self):
        assert {each for _at, told in self.arrived for each in told} <= self.recorded

    @invariant()
    def the_news_of_an_incident_keep_their_order(self):
        assert all(told == sorted(told) for told in self.news.values())

    @invariant()
    def every_recorded_event_has_its_row(self):
        assert {each.sequence for each in self._deliveries()} == self.recorded

    def _look(self) -> Sequence[Part]:
        """What is to be told, now or a minute later."""
        if parts := self._gathered():
            return parts
        self.now += MINUTE
        return self._gathered()

    def _gathered(self) -> Sequence[Part]:
        states = people.known(self.connection, "team", "main")
        known = {incident: msgspec.json.decode(state, type=Known) for incident, state in states.items()}
        gathering = Gathering(
            known, rules=self.wants, lasting=lambda trouble: trouble.seen, now=self.now, last_told=self.last_told
        )
        for row in people.waiting(self.connection, "team", "main", 0, 1_000):
            gathering.add(fact_of(row.sequence, row.body), replayed=row.replayed)
        plan = gathering.plan()
        self._conclude(Conclusion(quiet=plan.quiet, held=plan.held, known=kept(plan.known, self.wants)))
        return plan.parts

    def _conclude(self, concluded: Conclusion) -> None:
        people.conclude(self.connection, "team", "main", concluded)

    def _send(self, parts: Sequence[Part]) -> None:
        if not parts:
            return
        digest = digest_of("main", self.now, parts)
        self.arrived.append((self.now, digest.sequences))
        self.last_told = self.now

    def _note_news(self, parts: Sequence[Part]) -> None:
        """What was sent and marked; of a message that was not marked nothing is known, and its news may come again."""
        for line in digest_of("main", self.now, parts).lines if parts else ():
            for trouble in line.troubles if line.news is not News.ONCE else ():
                self.news.setdefault(trouble.incident, []).append(trouble.since)

    def _deliveries(self) -> list[StoredDelivery]:
        return deliveries.find_deliveries(self.connection, DeliveryQuery(limit=10_000))

    def _all_is_told_or_done_with_a_reason(self) -> None:
        arrived = {each for _at, told in self.arrived for each in told}
        for each in self._deliveries():
            assert each.state is not DeliveryState.OPEN, each
            if each.state is DeliveryState.DONE:
                assert each.sequence in arrived or each.reason, each


TestDesk = Desk.TestCase
TestDesk.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)

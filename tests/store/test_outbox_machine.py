"""Whatever happens to deliveries, in whatever order: none is lost, invented, overtaken or changed."""

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule
from sqlalchemy import create_engine, event, insert

from monitor.store import deliveries, outbox, tables
from monitor.store.deliveries import Chosen, DeliveryQuery
from monitor.store.outbox import Due
from monitor.store.recorder import Recorder
from monitor.store.tables import DeliveryState
from tests.store.making import NOW
from tests.store.making import event as happening

SINKS = ("mail", "ops")
STORE_ID = "6f0c2a4e-0000-4000-8000-000000000000"
OPEN, DONE, DEAD, DISCARDED = DeliveryState


class Row(msgspec.Struct):
    """A delivery as it should be."""

    subject: str
    id: str
    body: bytes
    state: DeliveryState = OPEN
    tries: int = 0
    due: int = NOW
    claimed_until: int = 0


class Deliveries(RuleBasedStateMachine):
    """A store's outbox, a sink that takes or fails, an operator, a process that dies; and what should be."""

    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        engine = create_engine("sqlite://")
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = ON"))
        self.connection = engine.connect()
        tables.metadata.create_all(self.connection)
        self.connection.execute(insert(tables.meta).values(store_id=STORE_ID, sequence=0))
        self.recorder = Recorder(STORE_ID, engine.dialect, lambda: self.now)
        self.now = NOW
        self.rows: dict[tuple[int, str], Row] = {}

    def teardown(self) -> None:
        self.connection.close()
        self.connection.engine.dispose()

    @rule(subject=st.sampled_from("abc"), sinks=st.sets(st.sampled_from(SINKS)))
    def record(self, subject, sinks):
        (told,) = self.recorder.events(self.connection, [(happening(subject, time=self.now), sorted(sinks))])
        for sink in sinks:
            self.rows[told.sequence, sink] = Row(subject, told.id, told.body, due=self.now)

    @rule(milliseconds=st.sampled_from([1, 5_000, outbox.CLAIM]))
    def pass_time(self, milliseconds):
        self.now += milliseconds

    @rule(target=claims, sink=st.sampled_from(SINKS), limit=st.integers(1, 3))
    def claim(self, sink, limit):
        claimed = outbox.claim(self.connection, sink, limit, self.now)

        first: dict[str, int] = {}
        for (sequence, of), row in sorted(self.rows.items()):
            if of == sink and row.state is OPEN:
                first.setdefault(row.subject, sequence)
        due = [(sequence, self.rows[sequence, sink]) for sequence in sorted(first.values())]
        due = [(place, row) for place, row in due if row.due <= self.now and row.claimed_until <= self.now][:limit]
        assert [(one.sequence, one.tries, one.body) for one in claimed] == [
            (at, row.tries, row.body) for at, row in due
        ]
        for _, row in due:
            row.claimed_until = self.now + outbox.CLAIM
        return multiple(*claimed)

    @rule(one=consumes(claims))
    def take(self, one: Due):
        """The sink has it; also what was given up, sent by another process or due again meanwhile."""
        outbox.delivered(self.connection, one.sink, [one.sequence])
        row = self.rows[one.sequence, one.sink]
        row.state, row.claimed_until = DONE, 0

    @rule(one=consumes(claims), wait=st.sampled_from([0, 5_000]))
    def fail(self, one: Due, wait):
        outbox.postpone(self.connection, one.sink, one.sequence, self.now + wait, "HTTP 500")
        row = self.rows[one.sequence, one.sink]
        if row.state is OPEN:
            row.due, row.tries, row.claimed_until = self.now + wait, row.tries + 1, 0

    @rule(one=consumes(claims))
    def refuse(self, one: Due):
        outbox.bury(self.connection, one.sink, one.sequence, "HTTP 422")
        row = self.rows[one.sequence, one.sink]
        if row.state is OPEN:
            row.state, row.tries, row.claimed_until = DEAD, row.tries + 1, 0

    @rule(sink=st.sampled_from(SINKS))
    def work_again(self, sink):
        outbox.hasten(self.connection, sink, self.now)
        for (_, of), row in self.rows.items():
            if of == sink and row.state is OPEN and row.tries:
                row.due = min(row.due, self.now)

    @rule(sink=st.sampled_from(SINKS))
    def crash(self, sink):
        """What was sent and not marked is forgotten; a process that begins releases what another has claimed."""
        outbox.release(self.connection, sink)
        for (_, of), row in self.rows.items():
            if of == sink and row.state is OPEN:
                row.claimed_until = 0

    @rule(sink=st.none() | st.sampled_from(SINKS), span=st.none() | st.just(5_000), named=st.integers(0, 2))
    def replay(self, sink, span, named):
        chosen = self._chosen(sink, span, named)
        states = {DEAD} | ({DONE} if span is not None or chosen.ids else set()) | ({DISCARDED} if chosen.ids else set())
        until = deliveries.bound(self.connection, chosen)
        changed = deliveries.replay(self.connection, chosen, until, None, self.now).changed

        meant = [row for row in self._meant(chosen) if row.state in states]
        assert changed == len(meant)
        for row in meant:
            row.state, row.tries, row.due, row.claimed_until = OPEN, 0, self.now, 0

    @rule(sink=st.none() | st.sampled_from(SINKS), span=st.none() | st.just(5_000), named=st.integers(0, 2))
    def discard(self, sink, span, named):
        chosen = self._chosen(sink, span, named)
        until = deliveries.bound(self.connection, chosen)
        changed = deliveries.discard(self.connection, chosen, until, None).changed

        meant = [row for row in self._meant(chosen) if row.state in {OPEN, DEAD}]
        assert changed == len(meant)
        for row in meant:
            row.state, row.claimed_until = DISCARDED, 0

    @invariant()
    def every_delivery_is_as_it_should_be(self):
        found = deliveries.find_deliveries(self.connection, DeliveryQuery(limit=10_000))

        assert {one.place: (one.state, one.tries, one.id) for one in found} == {
            place: (row.state, row.tries, row.id) for place, row in self.rows.items()
        }
        assert [one.place for one in found] == sorted(self.rows, key=lambda place: (-place[0], place[1]))

    @invariant()
    def the_failed_are_found(self):
        found = deliveries.find_deliveries(self.connection, DeliveryQuery(failed=True, limit=10_000))
        others = deliveries.find_deliveries(self.connection, DeliveryQuery(failed=False, limit=10_000))
        failed = {
            place for place, row in self.rows.items() if row.state is DEAD or (row.state is OPEN and row.tries > 0)
        }

        assert ({one.place for one in found}, len(found) + len(others)) == (failed, len(self.rows))

    @invariant()
    def the_backlog_counts_what_waits_and_what_is_dead(self):
        backlog = outbox.backlog(self.connection)

        for sink in SINKS:
            states = [row.state for (_, of), row in self.rows.items() if of == sink]
            counted = backlog.get(sink, outbox.Backlog())
            assert (counted.waiting, counted.dead) == (states.count(OPEN), states.count(DEAD))

    def _chosen(self, sink, span, named):
        ids = tuple(dict.fromkeys(row.id for row in self.rows.values()))[:named]
        return Chosen(ids, None if span is None else self.now - span, sink)

    def _meant(self, chosen):
        times = {sequence: one.time for sequence, one in self._stored().items()}
        return [
            row
            for (sequence, sink), row in self.rows.items()
            if chosen.sink in (None, sink)
            and (not chosen.ids or row.id in chosen.ids)
            and (chosen.since is None or times[sequence] >= chosen.since)
        ]

    def _stored(self):
        return {one.sequence: one for one in deliveries.find_deliveries(self.connection, DeliveryQuery(limit=10_000))}


TestDeliveries = Deliveries.TestCase
TestDeliveries.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)

"""
A course of hostile answers through the whole inside: asked, decoded, decided, told, shown.

Three apps of one account are polled as the daemon does it, with a transport that answers what `Hostile` makes, a
store that is down now and then, restarts, a clock that jumps, rules that change.  What must hold is checked after
every answer.  The same seed and index are the same course.
"""

import csv
import io
import json
from collections import Counter
from random import Random
from typing import Any

import httpx
import msgspec

from monitor.fleet.answer import Failure, FailureReason, Unchanged
from monitor.fleet.app import App
from monitor.fleet.cloudevent import body, event_id, identity
from monitor.fleet.decide import decide, decide_acceptance, decide_removal
from monitor.fleet.decision import Decision
from monitor.fleet.event import EVENT_TYPES, Event
from monitor.fleet.fleet import Fleet
from monitor.fleet.match import Match
from monitor.fleet.policy import DAY, HOUR, MINUTE, IgnoreRule, Policy, SeverityRule
from monitor.fleet.scales import Severity
from monitor.fleet.shapes import SHAPES
from monitor.fleet.snapshot import Snapshot
from monitor.metrics.exposition import Exposition
from monitor.metrics.families import NUMBER_FAMILIES
from monitor.phonelist.client import PhoneList
from monitor.phonelist.errors import PhoneListError, failure
from monitor.views.apps import app as app_view
from monitor.views.csv import numbers_csv
from monitor.views.escape import json_text, terminal
from monitor.views.numbers import number as number_view
from monitor.views.order import Listed
from monitor.views.verdict import verdict
from tests.fleet.making import START, restored
from tests.fleet.schemas import STORE, as_told, problems
from tests.fuzz.hostile import Hostile
from tests.fuzz.shown import check_quickly, check_with_parsers

INPUTS = 40  #: answers of a course
SECRET = "abciiiko2k3"
ACCOUNT = "main"
EVERY_LOOK = 3  #: answers between two looks at the metrics: what one app shows lasts for about so long
EVERY_EVENT = 1 / 40  #: of the events are held against the published schema, which takes long; all against its source
POLICIES = (
    Policy(),
    Policy(recovery_dwell=3 * MINUTE, confirm_removal=1, confirm_removal_for=0, retention=HOUR),
    Policy(
        severity=(SeverityRule(Match(number=("+86*",)), {("quality_rating", "RED"): Severity.WARNING}),),
        ignore=(IgnoreRule(Match(number=("*xxx*",)), until=START + DAY),),
        language="zh-CN",
    ),
)
STEPS = (0, 1, 1_000, MINUTE, MINUTE, MINUTE, MINUTE, 5 * MINUTE, 20 * MINUTE, HOUR, DAY, 8 * DAY, -HOUR)


class Course:
    """One course; `await run()` raises what does not hold."""

    def __init__(self, seed: int, index: int) -> None:
        self.found: Counter[str] = Counter()  #: what happened, by kind
        self.exposition = Exposition(number_series=list(NUMBER_FAMILIES))
        self._random = Random(f"{seed}/{index}")
        self._hostile = Hostile(self._random)
        self._transport = _Transport(self._hostile)
        self._at = START
        self._policy = self._random.choice(POLICIES)
        self._fleet = Fleet()
        self._sequence = 0
        self._phonelist = PhoneList(
            account=ACCOUNT,
            base_url="https://vendor.example",
            access_key="fme2na3kdi3ki",
            access_secret=SECRET,
            sign_algorithm="md5",
            transport=self._transport,
            timeout=60,
            now=lambda: self._at,
        )
        for appkey in ("a", "jh42xxxd434", ".:-_9"):
            labels = ((self._configured(), self._configured()),) if self._random.random() < 0.3 else ()
            self._fleet.add(App(ACCOUNT, appkey, self._configured(), labels=labels))

    async def run(self, *, thoroughly: bool = True) -> None:
        """Go through all of it; `thoroughly` looks at the end with all eyes, which takes as long as all the rest."""
        for number in range(INPUTS):
            self._at += self._random.choice(STEPS)
            if self._random.random() < 0.06:
                self._interrupt()
            await self._poll(self._random.choice(self._fleet.apps()))
            if number % EVERY_LOOK == 0:
                check_quickly(self.exposition)
        check_quickly(self.exposition)
        if thoroughly:
            self._check_views()
            check_with_parsers(self.exposition)

    async def _poll(self, app: App) -> None:
        watched = self._known(app)
        settled = self._fleet.settled(app.key, self._at)
        try:
            reply = await self._phonelist.ask(app.appkey, watched.digest if settled else b"")
        except PhoneListError as error:
            self.found[error.reason] += 1
            _check_error(error)
            outcome: Any = failure(error, self._at)
        else:
            outcome = reply.outcome
            self.found["unchanged" if isinstance(outcome, Unchanged) else "answered"] += 1
        if isinstance(outcome, Unchanged):
            self._fleet.seen(app.key, self._at)
            self.exposition.succeeded(app.key, self._at)
            return
        outcome = self._with_chance(0.02, Failure(self._at, FailureReason.TIMEOUT, "", "no answer"), outcome)
        siblings = self._fleet.siblings(app)
        self._take(decide(app, watched, outcome, siblings, self._policy, self._at))

    def _interrupt(self) -> None:
        """What else happens in the life of an account."""
        app = self._random.choice(self._fleet.apps())
        known, siblings = self._known(app), self._fleet.siblings(app)
        match self._random.randrange(4):
            case 0:
                self._policy = self._random.choice(POLICIES)
                self._fleet.unsettle()
            case 1:
                self._take(decide_acceptance(app, known, siblings, self._policy, self._at))
            case 2:
                self._take(decide_removal(app, known, siblings, self._policy, self._at))
                self._fleet.remove(app.key)
                self.exposition.remove(app.key)
                self._fleet.add(msgspec.structs.replace(app, name=self._configured()))
            case _:
                for one in self._fleet.apps():
                    snapshot = restored(self._known(one))
                    assert snapshot == self._known(one)
                    self._fleet.replace(one, snapshot)
        self.found["interruptions"] += 1

    def _take(self, decision: Decision) -> None:
        """As the ledger does, with a store that is down now and then."""
        for event in decision.events:
            self._check_event(event)
        for line in decision.warnings:
            assert "\n" not in line
        if decision.after is None:
            self._fleet.replace_account(ACCOUNT, decision.account_after)
            return
        is_down = self._random.random() < 0.1 and decision.unrecorded is not None
        shown = decision.unrecorded if is_down and decision.unrecorded is not None else decision.after
        if not is_down:
            self._fleet.replace_account(ACCOUNT, decision.account_after)
        self._fleet.replace(decision.app, shown, recorded=not is_down)
        self.exposition.replace(decision.app, shown, withdrawn=self._random.random() < 0.03)

    def _check_event(self, event: Event) -> None:
        self.found["events"] += 1
        self._sequence += 1
        line = body(event, id=event_id(STORE, identity(event), self._sequence), sequence=self._sequence)
        assert b"\n" not in line
        assert event.severity in EVENT_TYPES[event.type], event
        told = msgspec.json.decode(line)
        msgspec.convert(told["data"], SHAPES[event.type])
        if self._random.random() < EVERY_EVENT:
            assert not problems(as_told(event)), problems(as_told(event))
            shown = json_text(line.decode())
            assert shown == terminal(shown)
            assert json.loads(shown) == told

    def _check_views(self) -> None:
        """What people and programs are shown at the end."""
        listed = [
            Listed(one.app, one.snapshot, entry)
            for one in self._fleet.watched()
            for entry in one.snapshot.entries.values()
        ]
        numbers = [number_view(one.app, one.snapshot, one.entry) for one in listed]
        msgspec.json.encode([*numbers, *(app_view(one.app, one.snapshot) for one in self._fleet.watched())])
        for one in listed:
            msgspec.json.encode(verdict(one.entry.now.number, [one], now=self._at, max_age=5 * MINUTE))
        rows = list(csv.reader(io.StringIO(numbers_csv(numbers)), strict=True))
        assert len(rows) == len(numbers) + 1
        assert len({len(row) for row in rows}) == 1

    def _known(self, app: App) -> Snapshot:
        watched = self._fleet.get(app.key)
        assert watched is not None
        return watched.snapshot

    def _configured(self) -> str:
        """What a list of apps may say: any text, half a letter too."""
        return self._hostile.text()[:1_000]

    def _with_chance(self, chance: float, one: Any, other: Any) -> Any:
        return one if self._random.random() < chance else other


class _Transport(httpx.AsyncBaseTransport):
    """Answers each call at once."""

    def __init__(self, hostile: Hostile) -> None:
        self._hostile = hostile

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = msgspec.json.decode(request.content)
        stream = httpx.ByteStream(self._hostile.answer(asked["appkey"]))
        return httpx.Response(self._hostile.status(), headers=self._hostile.headers(), stream=stream)


def _check_error(error: PhoneListError) -> None:
    text = str(error)
    assert error.reason is not FailureReason.INTERNAL, f"{text}: {error.__cause__!r}"
    assert text.isprintable(), text
    assert len(text) < 1_000, text
    assert SECRET not in text

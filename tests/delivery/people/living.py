"""
An account's life, decided by the fleet, and what one sink for people hears of it: no store, no clock, no network.

Polls are rows of numbers; every event that they lead to waits for the reader, who looks at it whenever its time has
come, as the desk does.
"""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from monitor.delivery.people.course import Known
from monitor.delivery.people.digest import TIER, Baseline, Digest, Line, Trouble
from monitor.delivery.people.fact import fact_of
from monitor.delivery.people.gathering import Gathering, Lasting, Plan, look_at
from monitor.delivery.people.handover import digest_of
from monitor.delivery.people.notice import News
from monitor.delivery.people.rules import Rules
from monitor.fleet import cloudevent
from monitor.fleet.answer import Answer, Failure, FailureReason, Outcome, Row
from monitor.fleet.app import App
from monitor.fleet.decide import decide, decide_removal
from monitor.fleet.event import Event
from monitor.fleet.fleet import Fleet
from monitor.fleet.policy import Policy
from monitor.fleet.snapshot import Snapshot

START = 1_800_000_000_000  #: 15 January 2027, 08:00:00 UTC
SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WABA = "116960000086404"


def row(number: str, **words: str) -> Row:
    """A number, healthy but for these words."""
    healthy = {
        "waba_id": WABA,
        "waba_name": "GLORY TEST",
        "verified_name": "GLORY JACK",
        "quality_rating": "GREEN",
        "status": "CONNECTED",
        "tier": "TIER_10K",
        "name_status": "APPROVED",
        "code_verification_status": "VERIFIED",
        "register_status": "5",
    }
    return Row(number=number, **{**healthy, **words})


class Waits(msgspec.Struct):
    """A row of the outbox."""

    body: bytes
    due: int
    replayed: bool = False


class Reader:
    """One sink for people; keeps what it was sent."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.heard: list[tuple[int, Digest]] = []  #: by the moment
        self.why: dict[int, str] = {}  #: why nothing was said of an event, by its sequence
        self.told: dict[int, int] = {}  #: when an event was told, by its sequence
        self.down = False
        self.known: dict[str, Known] = {}
        self._waiting: dict[int, Waits] = {}
        self._again_at = 0
        self._last_told: int | None = None

    def take(self, sequence: int, event: Event, *, replayed: bool = False) -> None:
        body = cloudevent.body(event, id=f"id-{sequence}", sequence=sequence)
        self._waiting[sequence] = Waits(body, event.time, replayed)

    @property
    def waits(self) -> dict[int, int]:
        """By sequence, until when it is held, of what is neither told nor done."""
        return {sequence: waits.due for sequence, waits in sorted(self._waiting.items())}

    def next_at(self) -> int | None:
        """When to look again; None: when something happens."""
        moments = [waits.due for waits in self._waiting.values()]
        moments += [at for known in self.known.values() if (at := look_at(known, self.rules)) is not None]
        return max(min(moments), self._again_at) if moments else None

    def look(self, now: int, lasting: Lasting) -> None:
        gathering = Gathering(self.known, rules=self.rules, lasting=lasting, now=now, last_told=self._last_told)
        for sequence, waits in sorted(self._waiting.items()):
            gathering.add(fact_of(sequence, waits.body), replayed=waits.replayed)
        self._conclude(gathering.plan(), now)

    def _conclude(self, plan: Plan, now: int) -> None:
        for why, sequences in plan.quiet.items():
            for sequence in sequences:
                del self._waiting[sequence]
                self.why[sequence] = why
        for until, sequences in plan.held.items():
            assert until > now, "held until a moment that is over"
            for sequence in sequences:
                self._waiting[sequence].due = until
        self._learn(plan.known)
        self._again_at = plan.again_at or 0
        if plan.parts and self.down:
            self._again_at = now + MINUTE
        elif plan.parts:
            self.heard.append((now, digest_of("main", now, plan.parts)))
            self._last_told = now
            for part in plan.parts:
                self._learn(part.known)
                for sequence in part.sequences:
                    if self._waiting.pop(sequence, None) is not None:
                        self.told[sequence] = now
        if not (plan.parts and self.down):
            assert (at := self.next_at()) is None or at > now, "looked at again and again"

    def _learn(self, known: Mapping[str, Known | None]) -> None:
        for incident, state in known.items():
            self.known.pop(incident, None)
            if state is not None:
                self.known[incident] = msgspec.json.decode(msgspec.json.encode(state), type=Known)


class Life:
    """One account, its apps polled when told, and a reader of its events."""

    def __init__(self, rules: Rules | None = None, policy: Policy | None = None) -> None:
        self.at = START
        self.reader = Reader(rules or Rules())
        self.events: list[Event] = []
        self.policy = policy or Policy()
        self.labels: dict[str, tuple[tuple[str, str], ...]] = {}  #: by app
        self.fleet = Fleet()

    def passes(self, milliseconds: int) -> None:
        """Time goes on; the reader looks whenever it must."""
        until = self.at + milliseconds
        while (at := self.reader.next_at()) is not None and at <= until:
            self.at = max(at, self.at)
            self.look()
        self.at = until

    def look(self) -> None:
        """The reader looks now."""
        self.reader.look(self.at, self._lasting)

    def answers(self, *rows: Row, app: str = "jh42xxxd434") -> None:
        """A poll of this app."""
        self._poll(app, Answer(self.at, str(hash(rows)).encode(), rows))

    def fails(self, *, app: str = "jh42xxxd434", reason: FailureReason = FailureReason.TIMEOUT) -> None:
        """A poll that fails."""
        self._poll(app, Failure(self.at, reason, "", "no answer within 10 s"))

    def leaves(self, app: str = "jh42xxxd434") -> None:
        """The app is configured no more."""
        watched = self.fleet.get(("main", app))
        assert watched is not None
        decision = decide_removal(watched.app, watched.snapshot, self.fleet.siblings(watched.app), self.policy, self.at)
        self.fleet.replace_account("main", decision.account_after)
        self.fleet.remove(watched.app.key)
        self.happens(*decision.events)

    def keeps(self, milliseconds: int, *rows: Row, app: str = "jh42xxxd434", every: int = MINUTE) -> None:
        """The app answers the same for so long."""
        for _ in range(milliseconds // every):
            self.answers(*rows, app=app)
            self.passes(every)

    def told(self) -> list[tuple[News, str, str]]:
        """All lines so far: the news, the numbers or what else it is about, and the state."""
        return [line for _at, digest in self.reader.heard for line in lines(digest)]

    def told_at(self) -> list[tuple[int, News, str, str]]:
        """The same with the minutes since the start."""
        return [((at - START) // MINUTE, *line) for at, digest in self.reader.heard for line in lines(digest)]

    def bad(self) -> set[str]:
        """The incidents that are open by what the fleet has told."""
        state = self.fleet.account("main")
        found = {"main/-/unreachable"} if state.unreachable is not None else set()
        found |= {"main/-/suspect"} if state.suspect_since is not None else set()
        for watched in self.fleet.watched():
            of = f"main/{watched.app.appkey}"
            found |= {f"{of}/unreachable"} if watched.snapshot.unreachable else set()
            suspicion = watched.snapshot.suspicion
            found |= {f"{of}/suspect"} if suspicion is not None and suspicion.told else set()
            for entry in watched.snapshot.entries.values():
                subjects = {TIER: entry.now.waba_id or "-"}
                found |= {f"main/{subjects.get(name, entry.now.number)}/{name}" for name in entry.marks.bad}
        return found

    def replays(self, sequence: int) -> None:
        """An operator has it told once more."""
        self.reader.take(sequence, self.events[sequence - 1], replayed=True)
        self.look()

    def happens(self, *events: Event) -> None:
        """These are recorded."""
        for event in events:
            self.events.append(event)
            self.reader.take(len(self.events), event)
        if events:
            self.look()

    def _poll(self, appkey: str, outcome: Outcome) -> None:
        app = App("main", appkey, name=f"shop-{appkey[-3:]}", labels=self.labels.get(appkey, ()))
        watched = self.fleet.get(app.key)
        if watched is None:
            self.fleet.add(app)
        before = watched.snapshot if watched is not None else Snapshot()
        decision = decide(app, before, outcome, self.fleet.siblings(app), self.policy, self.at)
        self.fleet.replace_account("main", decision.account_after)
        if decision.after is not None:
            self.fleet.replace(app, decision.after)
        self.happens(*decision.events)

    def _lasting(self, trouble: Trouble) -> int | None:
        return self.at if trouble.incident in self.bad() else None


def believed(digests: Iterable[Digest]) -> dict[str, str]:
    """The incidents that somebody believes open who reads all digests and knows nothing else; with their words."""
    open_now: dict[str, str] = {}
    keys: set[str] = set()  # what a pager has open
    for digest in digests:
        for trouble in digest.baseline.degraded if digest.baseline is not None else ():
            open_now[trouble.incident] = trouble.word
            keys.add(trouble.incident)
        for line in digest.lines:
            if line.news is News.ONCE:
                continue
            assert (line.incident in keys) is (line.news is not News.OPENED), f"{line.news} of {line.incident}"
            for trouble in line.troubles:
                if line.news is News.CLOSED or trouble.severity == "info":
                    open_now.pop(trouble.incident, None)
                else:
                    open_now[trouble.incident] = trouble.word
            keys.add(line.incident)
            if line.news is News.CLOSED:
                keys.discard(line.incident)
    return open_now


def lines(digest: Digest) -> Iterator[tuple[News, str, str]]:
    """A digest in short."""
    if digest.baseline is not None:
        yield _baseline(digest.baseline)
    for line in digest.lines:
        yield (line.news, _about(line), _state(line))


def _baseline(baseline: Baseline) -> tuple[News, str, str]:
    return (News.ONCE, f"baseline of {baseline.apps} apps", f"{baseline.degraded_count} of {baseline.numbers}")


def _about(line: Line) -> str:
    if line.told > 1:
        return f"{line.told} of {line.troubles[0].waba_name}"
    (trouble,) = line.troubles
    return trouble.number or trouble.waba_id or trouble.appkey or trouble.account


def _state(line: Line) -> str:
    if line.news is News.CLOSED or line.why:
        return line.why if line.told == 1 else f"{line.why} {line.open} open".strip()
    if line.told > 1:
        return f"{line.open} open"
    (trouble,) = line.troubles
    return trouble.word or trouble.type


def watching(*rows: Row, rules: Rules | None = None, policy: Policy | None = None, app: str = "jh42xxxd434") -> Life:
    """A life whose app has given its first answer, five minutes ago."""
    life = Life(rules, policy)
    life.answers(*rows, app=app)
    life.passes(5 * MINUTE)
    return life

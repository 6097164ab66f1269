"""Rows, apps, and a small fleet that is polled step by step, as the daemon does it but without a network or a store."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from monitor.fleet.answer import Answer, Failure, FailureReason, Outcome, Row, Unchanged
from monitor.fleet.app import App
from monitor.fleet.decide import decide, decide_acceptance, decide_removal
from monitor.fleet.decision import Decision
from monitor.fleet.event import EVENT_TYPES, Event
from monitor.fleet.fleet import Fleet
from monitor.fleet.policy import MINUTE, Policy
from monitor.fleet.snapshot import AccountState, Entry, Gone, Snapshot

Value = TypeVar("Value")

START = 1_700_000_000_000  # 2023-11-14T22:13:20Z
NUMBER = "+8613800000001"
WABA = "116960000086404"


def row(number: str = NUMBER, *, waba: str = WABA, **words: str) -> Row:
    """A healthy row, but for the words given."""
    healthy = {
        "waba_name": "GLORY TEST",
        "verified_name": "GLORY JACK",
        "quality_rating": "GREEN",
        "status": "CONNECTED",
        "tier": "TIER_10K",
        "name_status": "APPROVED",
        "code_verification_status": "VERIFIED",
        "register_status": "5",
    }
    return Row(number=number, waba_id=waba, **{**healthy, **words})


def rows(count: int, **words: str) -> list[Row]:
    """So many rows with numbers of their own."""
    return [row(f"+861380000{index:04d}", **words) for index in range(1, count + 1)]


class Watch:
    """Apps of the account `main`, polled by hand; time goes on a minute with each step."""

    def __init__(
        self, *appkeys: str, policy: Policy | None = None, remembers: bool = True, takes_short_cuts: bool = False
    ) -> None:
        """
        Args:
            appkeys: The apps; `a` alone if none is given.
            policy: The rules.
            remembers: False: everything goes through JSON after each step, as in a restart.
            takes_short_cuts: Answers equal to the last one are not decided where the app is settled.
        """
        self.policy = policy if policy is not None else Policy()
        self.fleet = Fleet()
        self.at = START
        self.told: list[Event] = []
        self.last: dict[str, list[Row]] = {}  # what each app listed last, for those who keep it
        self._remembers = remembers
        self._takes_short_cuts = takes_short_cuts
        for appkey in appkeys or ("a",):
            self.add(appkey)

    def add(self, appkey: str, **fields: Any) -> None:
        self.fleet.add(App("main", appkey, name=f"shop-{appkey}", **fields))

    def passes(self, milliseconds: int) -> None:
        """Time goes on, beside the minute of each step."""
        self.at += milliseconds

    def answers(self, *listed: Row, app: str = "a") -> list[Event]:
        """The app answers with these rows."""
        digest = msgspec.json.encode(listed)
        watched = self.fleet.get(("main", app))
        assert watched is not None
        settled = self.fleet.settled(("main", app), self.at)
        if self._takes_short_cuts and settled and watched.snapshot.digest == digest:
            self.fleet.seen(("main", app), self.at)
            self.at += MINUTE
            return []
        return self.polled(Answer(self.at, digest, listed), app=app)

    def fails(
        self, reason: FailureReason = FailureReason.TIMEOUT, *, app: str = "a", held_off: bool = False
    ) -> list[Event]:
        """The app's poll fails."""
        return self.polled(Failure(self.at, reason, "", f"{reason.value} happened", held_off), app=app)

    def repeats(self, *, app: str = "a") -> list[Event]:
        """The app answers with the bytes of its last answer, and is decided."""
        return self.polled(Unchanged(self.at), app=app)

    def polled(self, outcome: Outcome, *, app: str = "a", recorded: bool = True) -> list[Event]:
        """One poll; with `recorded=False` the store is down."""
        watched = self.fleet.get(("main", app))
        assert watched is not None
        siblings = self.fleet.siblings(watched.app)
        decision = decide(watched.app, watched.snapshot, outcome, siblings, self.policy, self.at)
        if recorded:
            self._take(decision)
        else:
            assert decision.unrecorded is not None
            self.fleet.replace(watched.app, decision.unrecorded, recorded=False)
        self.at += MINUTE
        return list(decision.events) if recorded else []

    def accepts(self, *, app: str = "a") -> list[Event]:
        watched = self.fleet.get(("main", app))
        assert watched is not None
        siblings = self.fleet.siblings(watched.app)
        decision = decide_acceptance(watched.app, watched.snapshot, siblings, self.policy, self.at)
        self._take(decision)
        return list(decision.events)

    def loses(self, app: str) -> list[Event]:
        """The app leaves the roster."""
        watched = self.fleet.get(("main", app))
        assert watched is not None
        siblings = self.fleet.siblings(watched.app)
        decision = decide_removal(watched.app, watched.snapshot, siblings, self.policy, self.at)
        self._take(decision)
        self.fleet.remove(("main", app))
        return list(decision.events)

    def snapshot(self, app: str = "a") -> Snapshot:
        watched = self.fleet.get(("main", app))
        assert watched is not None
        return watched.snapshot

    def entry(self, number: str = NUMBER, *, app: str = "a", waba: str = WABA) -> Entry:
        return self.snapshot(app).entries[waba, number]

    def rule(self, policy: Policy) -> None:
        """The configuration changes."""
        self.policy = policy
        self.fleet.unsettle()

    def _take(self, decision: Decision) -> None:
        for event in decision.events:
            assert event.severity in EVENT_TYPES[event.type], event
        self.told.extend(decision.events)
        self.fleet.replace_account("main", _restored_state(decision.account_after, self._remembers))
        if decision.after is not None:
            self.fleet.replace(decision.app, restored(decision.after, remembers=self._remembers))


def restored(snapshot: Snapshot, *, remembers: bool = False) -> Snapshot:
    """What the store gives back: header, entries and tombstones each went through JSON of their own."""
    if remembers:
        return snapshot
    header = msgspec.structs.replace(snapshot, entries={}, gone={})
    entries = {key: _through(entry, Entry) for key, entry in snapshot.entries.items()}
    gone = {key: _through(grave, Gone) for key, grave in snapshot.gone.items()}
    return msgspec.structs.replace(_through(header, Snapshot), entries=entries, gone=gone)


def _restored_state(state: AccountState, remembers: bool) -> AccountState:
    return state if remembers else _through(state, AccountState)


def _through(value: Value, kind: type[Value]) -> Value:
    return msgspec.json.decode(msgspec.json.encode(value), type=kind)


def brief(events: list[Event]) -> list[tuple[Any, ...]]:
    """Type, attribute, before and after of each event."""
    return [(one.type, one.data.get("attribute"), one.data.get("before"), one.data.get("after")) for one in events]


def types(events: list[Event]) -> list[str]:
    return [one.type for one in events]


def incidents(event: Event) -> list[Mapping[str, str]]:
    """All incidents that an event carries."""
    if "incidents" in event.data:
        return list(event.data["incidents"])
    return [event.data["incident"]] if event.data.get("incident") else []


def action(event: Event) -> str | None:
    """What an event does to its one incident."""
    told = incidents(event)
    assert len(told) <= 1
    return told[0]["action"] if told else None

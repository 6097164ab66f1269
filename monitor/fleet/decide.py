"""
Decide what to believe, show and tell after one outcome of one app: the one door to the domain.

Pure: no clock, no I/O, no logging.  Nothing here knows how an answer came or where an event goes.  The order is
always the same: read, judge, observe (*now* is new, *told* as before: what is shown when the store is down), then
tell, part by part, on a draft.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from monitor.fleet.account import (
    UNREACHABLE_POLLS,
    tell_departure,
    tell_failure,
    tell_success,
    tell_suspicion,
    tell_unmapped,
)
from monitor.fleet.answer import Failure, Outcome
from monitor.fleet.app import App
from monitor.fleet.arrivals import let_strays_go
from monitor.fleet.baseline import tell_baseline
from monitor.fleet.decision import Decision, Why
from monitor.fleet.draft import Draft, Incident
from monitor.fleet.entries import due_at, tell_entries
from monitor.fleet.hints import failure_hint
from monitor.fleet.judge import (
    Belief,
    Reading,
    accepted,
    belief,
    came_in_doubt,
    losses,
    lost_anew,
    read,
    suspicion,
    why_suspect,
    with_accepted_values,
)
from monitor.fleet.moment import iso, iso_or_none
from monitor.fleet.observe import observe
from monitor.fleet.policy import Policy
from monitor.fleet.removals import forgotten_at, tend
from monitor.fleet.siblings import Siblings
from monitor.fleet.snapshot import AccountState, Entry, EntryKey, Gone, Snapshot, Suspicion

Value = TypeVar("Value")

SUSPECT_POLLS = 2  #: suspect answers in a row, then it is told


def decide(app: App, before: Snapshot, outcome: Outcome, siblings: Siblings, policy: Policy, at: int) -> Decision:
    """
    Decide after a poll.

    Args:
        app: The app polled.
        before: What was known of it.
        outcome: What came of the poll.
        siblings: The rest of its account, at this moment.
        policy: The rules.
        at: The moment of the decision, ms since 1970; what is told has the moment of the outcome's call.
    """
    draft = Draft(app, siblings, policy, outcome.started)
    if isinstance(outcome, Failure):
        return _after_failure(draft, before, outcome)
    return _after_answer(draft, before, read(outcome, before), at)


def decide_removal(app: App, before: Snapshot, siblings: Siblings, policy: Policy, at: int) -> Decision:
    """Decide that an app has left: its incidents close, unless other entries keep them open."""
    draft = Draft(app, siblings, policy, at)
    draft.begin(dict(before.entries))
    incidents: dict[str, Incident] = {}
    for key in list(draft.entries):
        incidents |= {told["id"]: told for told in draft.drop(key)}  # the last entry's word on an incident counts
    facts = {"numbers": len(before.entries), "incidents": list(incidents.values())}
    draft.tell_app("app.removed", "info", "app.removed", facts)
    state = tell_departure(draft, siblings.state)
    return _decision(draft, before, None, before, state, Why.LEFT)


def decide_acceptance(app: App, before: Snapshot, siblings: Siblings, policy: Policy, at: int) -> Decision:
    """Decide that what is held back is believed if the next answer says so too; nothing is told before that."""
    draft = Draft(app, siblings, policy, at)
    after = msgspec.structs.replace(before, accept=True, digest=b"")
    return _decision(draft, before, after, after, siblings.state, Why.ACCEPTED)


def _after_failure(draft: Draft, before: Snapshot, failure: Failure) -> Decision:
    goes_on = before.failure is not None  # a streak that is over may still be known, for it could not be told
    failed = msgspec.structs.replace(
        before,
        failures=before.failures + 1 if goes_on else 1,
        failure=failure,
        failing_since=before.failing_since if goes_on and before.failing_since is not None else failure.started,
    )
    state = tell_failure(draft, draft.siblings.state, failed, failure)
    after = failed
    if failed.failures >= UNREACHABLE_POLLS and not failed.unreachable and state.unreachable is None:
        draft.tell_app("app.unreachable", "warning", failure_hint(failure.reason), _failure_facts(failed, failure))
        after = msgspec.structs.replace(failed, unreachable=True)
    return _decision(draft, before, after, failed, state, Why.FAILED)


def _after_answer(draft: Draft, before: Snapshot, reading: Reading, at: int) -> Decision:
    known = before if before.baselined else msgspec.structs.replace(before, entries={})  # shown, never told
    known = with_accepted_values(known)
    taken = accepted(known, reading)
    strays = came_in_doubt(before)
    aside = taken | strays
    judged = {key: entry for key, entry in known.entries.items() if key not in aside} if aside else known.entries
    lost = losses(judged, reading)
    reason = why_suspect(judged, reading, lost)
    believing = belief(reason, draft.siblings.others, draft.policy)
    observed = observe(known, reading, believing)
    gone = taken | _believed_gone(observed, believing, reading.started)
    kept = [entry for key, entry in observed.items() if key not in gone]
    held = suspicion(before.suspicion, reason, kept, lost, reading.started)
    reached = _reached(before, reading, held)
    told_suspicion = before.suspicion if before.suspicion is not None and before.suspicion.told else held
    shown = {**observed, **{key: known.entries[key] for key in lost_anew(known, observed)}}
    unrecorded = msgspec.structs.replace(reached, entries=shown, suspicion=held or told_suspicion, digest=b"")
    if before.unreachable:  # what `app.recovered` will say when it can be told
        unrecorded = msgspec.structs.replace(unrecorded, failures=before.failures, failing_since=before.failing_since)

    draft.begin(dict(observed), leaving=gone)
    if held is None:
        let_strays_go(draft, strays)
    if before.unreachable:
        draft.tell_app("app.recovered", "info", "app.recovered", _streak_facts(before))
    state, held = _tell_account(draft, before, reached, reading)
    graves = _tell_entries(draft, before, at)
    after = msgspec.structs.replace(
        reached,
        entries=_same_or(before.entries, draft.entries),
        gone=_same_or(before.gone, graves),
        baselined=True,
        accept=False,
        unreachable=False,
        suspicion=held,
        due_at=_earliest(due_at(draft, draft.entries.values()), forgotten_at(graves, draft.policy.retention)),
    )
    warnings = tuple(_ambiguity(draft, before))
    return _decision(draft, before, after, unrecorded, state, _why(draft, before, after), warnings)


def _believed_gone(entries: Mapping[EntryKey, Entry], believing: Belief, started: int) -> frozenset[EntryKey]:
    return frozenset(
        key
        for key, entry in entries.items()
        if entry.marks.missing is not None and believing.in_loss(entry.marks.missing, started)
    )


def _reached(before: Snapshot, reading: Reading, held: Suspicion | None) -> Snapshot:
    """The app after an answer, its entries and what was told of it aside."""
    return msgspec.structs.replace(
        before,
        failures=0,
        failure=None,
        failing_since=None,
        digest=reading.digest if held is None else b"",
        last_success=reading.started if held is None else before.last_success,
        last_answer=None if held is None else reading.started,
        suspicion=held,
    )


def _tell_account(
    draft: Draft, before: Snapshot, reached: Snapshot, reading: Reading
) -> tuple[AccountState, Suspicion | None]:
    """Tell what the answer says of the account, and of the app as a whole."""
    state = tell_success(draft, draft.siblings.state, reached)
    state = tell_suspicion(draft, state, reached)
    held = reached.suspicion
    if held is None:
        if before.suspicion is not None and before.suspicion.told:
            draft.tell_app("app.trusted", "info", "app.trusted", _suspicion_facts(before.suspicion))
    elif held.polls >= SUSPECT_POLLS and not held.told and state.suspect_since is None:
        draft.tell_app("app.suspect", "warning", "app.suspect", _suspicion_facts(held))
        held = msgspec.structs.replace(held, told=True)
    return tell_unmapped(draft, state, (*reading.rows.values(), *reading.twins)), held


def _tell_entries(draft: Draft, before: Snapshot, at: int) -> dict[EntryKey, Gone]:
    if not before.baselined:
        tell_baseline(draft)
        return {}
    was_ambiguous = [key for key, entry in before.entries.items() if entry.ambiguous]
    buried = tell_entries(draft, was_ambiguous, accepted=before.accept)
    return {**tend(draft, before.gone, at), **buried}


def _failure_facts(failed: Snapshot, failure: Failure) -> dict[str, Any]:
    return {
        "reason": failure.reason.value,
        "code": failure.code,
        "text": failure.text,
        **_streak_facts(failed),
        "last_success": iso_or_none(failed.last_success),
    }


def _streak_facts(failed: Snapshot) -> dict[str, Any]:
    return {"failures": failed.failures, "since": iso_or_none(failed.failing_since)}


def _suspicion_facts(held: Suspicion) -> dict[str, Any]:
    return {
        "reason": held.reason.value,
        "missing": held.missing,
        "unknown": held.unknown,
        "since": iso(held.since),
        "polls": held.polls,
    }


def _ambiguity(draft: Draft, before: Snapshot) -> list[str]:
    """A line for each entry that has become ambiguous."""
    return [
        f"WABA {key[0]!r} lists {key[1]!r} more than once in one answer: the worst is shown, nothing is told of it"
        for key, entry in draft.entries.items()
        if entry.ambiguous and not ((known := before.entries.get(key)) is not None and known.ambiguous)
    ]


def _why(draft: Draft, before: Snapshot, after: Snapshot) -> Why:
    if not before.baselined:
        return Why.BASELINE
    if after.suspicion is not None:
        return Why.HELD_BACK
    unchanged = not draft.events and after.entries is before.entries and before.failure is None
    return Why.UNCHANGED if unchanged else Why.BELIEVED


def _same_or(before: Mapping[EntryKey, Value], after: Mapping[EntryKey, Value]) -> Mapping[EntryKey, Value]:
    """The mapping of before where nothing in it is another object: then nobody has to look into it."""
    if len(before) == len(after) and all(before.get(key) is value for key, value in after.items()):
        return before
    return after


def _earliest(*moments: int | None) -> int | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _decision(
    draft: Draft,
    before: Snapshot,
    after: Snapshot | None,
    unrecorded: Snapshot,
    state: AccountState,
    why: Why,
    warnings: tuple[str, ...] = (),
) -> Decision:
    return Decision(
        app=draft.app,
        before=before,
        after=after,
        unrecorded=unrecorded,
        account_before=draft.siblings.state,
        account_after=state,
        events=tuple(draft.events),
        why=why,
        warnings=warnings,
    )

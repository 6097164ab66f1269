"""
What happens to an account as a whole: most of its apps fail, its credentials are refused, most of its apps are
suspect, it uses a word nobody documented.

Pure.  Each function takes the account's state before this decision and returns it after, telling in the draft.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from monitor.fleet.answer import Failure, FailureReason, Row
from monitor.fleet.attributes import undocumented
from monitor.fleet.draft import Draft
from monitor.fleet.judge import account_suspect
from monitor.fleet.moment import iso, iso_or_none
from monitor.fleet.policy import MINUTE
from monitor.fleet.snapshot import AccountState, Snapshot, Trouble

UNREACHABLE_POLLS = 3  #: failed polls in a row, then it is told
UNREACHABLE_APPS = 2  #: failing at least, and over half: then it is the account
CRITICAL_AFTER = 15 * MINUTE
HAIR = 0.02  #: of an interval: the poll at its end may begin that much early
MOST_WORDS = 1_000  #: undocumented words remembered of an account; more are noise, not news
WORD_LENGTH = 200

#: These say something of an app or of the credentials, nothing of whether the vendor can be reached.
REFUSALS = frozenset({FailureReason.AUTH, FailureReason.APP_REJECTED})


class Health(msgspec.Struct, frozen=True):
    """The account's apps after this decision, the app itself among them while it is watched."""

    apps: int
    failing: Mapping[FailureReason, int]
    suspect: int

    @property
    def reachable(self) -> int:
        """Apps that are not refused."""
        return self.apps - sum(count for reason, count in self.failing.items() if reason in REFUSALS)

    @property
    def refused(self) -> int:
        """Apps whose credentials were refused last."""
        return self.failing.get(FailureReason.AUTH, 0)

    @property
    def unreached(self) -> int:
        """Of those, how many failed their last poll."""
        return sum(count for reason, count in self.failing.items() if reason not in REFUSALS)

    @property
    def mostly_unreached(self) -> bool:
        """Whether it is the account, not an app."""
        return self.unreached >= UNREACHABLE_APPS and 2 * self.unreached > self.reachable

    @property
    def mostly_reached(self) -> bool:
        """Whether that is over."""
        return self.unreached == 0 or 4 * self.unreached < self.reachable


def health(draft: Draft, own: Snapshot | None) -> Health:
    """Count the account's apps; `own` is what this decision makes of the app, None when it leaves."""
    others = draft.siblings.others
    failing = Counter(others.failing)
    if own is not None and own.failure is not None:
        failing[own.failure.reason] += 1
    if own is None:
        return Health(others.apps, failing, others.suspect)
    return Health(others.apps + 1, failing, others.suspect + own.suspect)


def tell_failure(draft: Draft, state: AccountState, own: Snapshot, failure: Failure) -> AccountState:
    """What a failed poll of an app says of its account."""
    counted = health(draft, own)
    refused, state = _refused(draft, state, counted, failure)
    if refused and (state.unreachable is None or not state.unreachable.refused):
        trouble = Trouble(since=failure.started, told_at=draft.at, reason=FailureReason.AUTH, critical=True)
        _tell_unreachable(draft, trouble, counted, failure)
        return msgspec.structs.replace(state, unreachable=trouble)
    at_third = own.failures == UNREACHABLE_POLLS and failure.reason not in REFUSALS  # later ones were told by then
    if state.unreachable is None and at_third and counted.mostly_unreached:
        trouble = Trouble(since=own.failing_since or draft.at, told_at=draft.at, reason=_main_reason(counted))
        _tell_unreachable(draft, trouble, counted, failure)
        return msgspec.structs.replace(state, unreachable=trouble)
    return _tell_over(draft, state, counted, failure)


def tell_success(draft: Draft, state: AccountState, own: Snapshot) -> AccountState:
    """What an answer of an app says of its account."""
    return _tell_over(draft, state, health(draft, own), None)


def tell_departure(draft: Draft, state: AccountState) -> AccountState:
    """What the account is without the app."""
    counted = health(draft, None)
    trouble = state.unreachable
    if trouble is not None and (counted.refused == 0 if trouble.refused else counted.mostly_reached):
        _tell_recovered(draft, trouble, counted)
        state = msgspec.structs.replace(state, unreachable=None)
    return tell_suspicion(draft, state, None)


def tell_suspicion(draft: Draft, state: AccountState, own: Snapshot | None) -> AccountState:
    """Tell that most of the account's apps are suspect, at an app's second suspect answer; or that it is over."""
    counted = health(draft, own)
    mostly = account_suspect(counted.suspect, counted.apps)
    facts = {"apps": counted.apps, "suspect": counted.suspect}
    if state.suspect_since is not None and not mostly:
        draft.tell_account("account.trusted", "info", "account.trusted", {**facts, "since": iso(state.suspect_since)})
        return msgspec.structs.replace(state, suspect_since=None)
    second = own is not None and own.suspicion is not None and own.suspicion.polls > 1
    if state.suspect_since is None and mostly and second and own is not None and own.suspicion is not None:
        since = own.suspicion.since
        draft.tell_account("account.suspect", "warning", "account.suspect", {**facts, "since": iso(since)})
        return msgspec.structs.replace(state, suspect_since=since)
    return state


def tell_unmapped(draft: Draft, state: AccountState, rows: Iterable[Row]) -> AccountState:
    """Tell each word nobody documented at its first sight in the account."""
    news: dict[tuple[str, str], Row] = {}
    for row in rows:
        for attribute, text in undocumented(row):
            news.setdefault((attribute, text[:WORD_LENGTH]), row)
    room = MOST_WORDS - len(state.unmapped)
    new = [pair for pair in sorted(news) if pair not in state.unmapped][: max(room, 0)]
    for attribute, text in new:
        row = news[attribute, text]
        place = {"appkey": draft.app.appkey, "waba_id": row.waba_id, "number": row.number}
        facts = {"attribute": attribute, "word": text, "seen_in": place}
        draft.tell_account("vendor.unmapped", "warning", "vendor.unmapped", facts, attribute)
    return msgspec.structs.replace(state, unmapped=state.unmapped | frozenset(new)) if new else state


def _refused(draft: Draft, state: AccountState, counted: Health, failure: Failure) -> tuple[bool, AccountState]:
    """Whether the credentials are refused by now: two apps in a row, or the only one, without a success between."""
    if failure.reason is not FailureReason.AUTH or failure.held_off:
        return False, state
    last, answer = state.refused_at, draft.siblings.last_answer  # even a suspect answer was no refusal
    in_a_row = last is not None and (answer is None or answer < last)
    another = in_a_row and state.refused_appkey != draft.app.appkey
    noted = msgspec.structs.replace(state, refused_appkey=draft.app.appkey, refused_at=failure.started)
    return another or counted.apps == 1, noted


def _tell_over(draft: Draft, state: AccountState, counted: Health, failure: Failure | None) -> AccountState:
    """Tell that the account's trouble is over, or that it has lasted too long for a warning."""
    trouble = state.unreachable
    if trouble is None:
        return state
    if _is_over(draft, state, trouble, counted, failure):
        _tell_recovered(draft, trouble, counted)
        return msgspec.structs.replace(state, unreachable=None)
    if trouble.critical or draft.at - trouble.told_at < CRITICAL_AFTER:
        return state
    trouble = msgspec.structs.replace(trouble, critical=True)
    _tell_unreachable(draft, trouble, counted, failure)
    return msgspec.structs.replace(state, unreachable=trouble)


def _is_over(draft: Draft, state: AccountState, trouble: Trouble, counted: Health, failure: Failure | None) -> bool:
    if not trouble.refused:
        return counted.mostly_reached
    quiet_for = draft.at - (state.refused_at if state.refused_at is not None else trouble.told_at)
    # below 0 the clock has been set back since: that may be what the refusals were about
    return failure is None and not 0 <= quiet_for < draft.policy.interval * (1 - HAIR)


def _main_reason(counted: Health) -> FailureReason:
    """What most of the apps that cannot be reached fail for."""
    failing = {reason: count for reason, count in counted.failing.items() if reason not in REFUSALS}
    return max(failing, key=lambda reason: (failing[reason], reason.value))


def _tell_unreachable(draft: Draft, trouble: Trouble, counted: Health, failure: Failure | None) -> None:
    hint_id = "account.refused" if trouble.refused else "account.unreachable"
    last = {"code": failure.code, "text": failure.text} if failure is not None else {}
    facts = {**_facts(trouble, counted), **last}
    draft.tell_account("account.unreachable", "critical" if trouble.critical else "warning", hint_id, facts)


def _tell_recovered(draft: Draft, trouble: Trouble, counted: Health) -> None:
    draft.tell_account("account.recovered", "info", "account.recovered", _facts(trouble, counted))


def _facts(trouble: Trouble, counted: Health) -> dict[str, object]:
    failing = {reason.value: count for reason, count in sorted(counted.failing.items()) if count}
    return {
        "reason": trouble.reason.value,
        "since": iso_or_none(trouble.since),
        "apps": counted.apps,
        "failing": sum(failing.values()),
        "reasons": failing,
    }

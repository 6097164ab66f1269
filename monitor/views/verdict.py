"""
The verdict on a number, for campaign systems: can it send, and should a campaign send from it.

Pure.  It is made of what the vendor said last (*now*), not of what was told, and it errs towards not sending: of
several entries of a number the worst decides, and it is as old as the oldest of them.  What nobody knows, and what is
known for too long, is `unknown`; whether to send then is the caller's to say.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, NamedTuple

import msgspec

from monitor.fleet.attributes import QUALITY, STATE, canonical, known, word
from monitor.fleet.moment import iso_or_none
from monitor.fleet.number import is_masked
from monitor.fleet.scales import can_send
from monitor.fleet.shapes import Moment
from monitor.fleet.snapshot import Entry
from monitor.views.escape import valid
from monitor.views.order import Listed


class Sendable(StrEnum):
    """Whether a number can send; the later of two is the worse."""

    YES = "yes"
    LIMITED = "limited"
    UNKNOWN = "unknown"
    NO = "no"


class Campaign(StrEnum):
    """Whether a campaign should send from a number; the later of two is the worse."""

    GO = "go"
    SLOW = "slow"
    UNKNOWN = "unknown"
    HOLD = "hold"


NOT_LISTED = "not_listed"  #: no app lists the number
NOT_READY = "not_ready"  #: no app that was asked lists it, and not all have been asked yet
STALE = "stale"  #: a reading is older than it may be
MISSING = "missing"  #: the last answers of an app do not list the number any more, which is not confirmed yet
SUSPECT = "suspect"  #: the last answers of an app are held back
AMBIGUOUS = "ambiguous"  #: an app lists the number twice: the worse row counts
MASKED = "masked"  #: the vendor masks the digits: this may be more than one number
MOVED = "moved"  #: an entry that has left was not counted, as another can send

#: Every reason, beside `quality.<word>` and `status.<word>` in lower case.
REASONS = (NOT_LISTED, NOT_READY, STALE, MISSING, SUSPECT, AMBIGUOUS, MASKED, MOVED)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What campaign systems are told about a number."""

    number: Annotated[str, msgspec.Meta(description="E.164 with its plus sign; other texts as they were asked for")]
    sendable: Annotated[Sendable, msgspec.Meta(description="whether it can send")]
    campaign: Annotated[Campaign, msgspec.Meta(description="whether a campaign should send from it")]
    reasons: Annotated[list[str], msgspec.Meta(description="why, the worst entry's first; empty where all is well")]
    as_of: Annotated[Moment | None, msgspec.Meta(description="start of the oldest answer that counts")]
    age: Annotated[Annotated[float, msgspec.Meta(ge=0)] | None, msgspec.Meta(description="of that answer, in seconds")]


#: What each status means; a word that is not here is unknown.
OF_STATUS: Mapping[str, tuple[Sendable, Campaign]] = {
    "CONNECTED": (Sendable.YES, Campaign.GO),
    "FLAGGED": (Sendable.YES, Campaign.HOLD),
    "RATE_LIMITED": (Sendable.LIMITED, Campaign.SLOW),
    "RESTRICTED": (Sendable.LIMITED, Campaign.HOLD),  # replies may pass, templates do not
    "PENDING": (Sendable.NO, Campaign.HOLD),
    "UNVERIFIED": (Sendable.NO, Campaign.HOLD),
    "DISCONNECTED": (Sendable.NO, Campaign.HOLD),
    "MIGRATED": (Sendable.NO, Campaign.HOLD),
    "DELETED": (Sendable.NO, Campaign.HOLD),
    "BANNED": (Sendable.NO, Campaign.HOLD),
}

OF_QUALITY: Mapping[str, Campaign] = {"GREEN": Campaign.GO, "YELLOW": Campaign.SLOW, "RED": Campaign.HOLD}

DEPARTED = frozenset({"MIGRATED", "DELETED"})  #: do not count while another entry can send

_SENDABLES = tuple(Sendable)
_CAMPAIGNS = tuple(Campaign)
_HEALTHY = frozenset({"quality.green", "status.connected"})


class _Judged(NamedTuple):
    """One entry's part in the verdict."""

    sendable: Sendable
    campaign: Campaign
    reasons: tuple[str, ...]
    as_of: int | None

    @property
    def badness(self) -> tuple[int, int]:
        return _CAMPAIGNS.index(self.campaign), _SENDABLES.index(self.sendable)


def verdict(number: str, entries: Sequence[Listed], *, now: int, max_age: int) -> Verdict:
    """
    Judge a number.

    Args:
        number: As it is to be called.
        entries: Its entries in every app that is asked about; none: nobody lists it.
        now: ms since 1970.
        max_age: ms; what was read earlier is unknown.
    """
    if not entries:
        return no_verdict(number, NOT_LISTED)
    masked = is_masked(number)
    counted = list(entries) if masked else _counted(entries)
    judged = sorted((_judged(one, now, max_age) for one in counted), key=lambda one: one.badness, reverse=True)
    as_of = None if any(one.as_of is None for one in judged) else min(one.as_of or 0 for one in judged)
    beside = [word for word, holds in ((MASKED, masked), (MOVED, len(counted) < len(entries))) if holds]
    return Verdict(
        number=valid(number),
        sendable=max((one.sendable for one in judged), key=_SENDABLES.index),
        campaign=judged[0].campaign,
        reasons=list(dict.fromkeys([*(reason for one in judged for reason in one.reasons), *beside])),
        as_of=iso_or_none(as_of),
        age=None if as_of is None else max(0, now - as_of) / 1000,
    )


def no_verdict(number: str, reason: str) -> Verdict:
    """Nothing is known of the number, and this is why."""
    return Verdict(
        number=valid(number),
        sendable=Sendable.UNKNOWN,
        campaign=Campaign.UNKNOWN,
        reasons=[reason],
        as_of=None,
        age=None,
    )


def _counted(entries: Iterable[Listed]) -> list[Listed]:
    """All but those that have left, where another can send, or could when that was last known: that one decides."""
    all_of_them = list(entries)
    here = [one for one in all_of_them if canonical(STATE, one.entry.now.status) not in DEPARTED]
    return here if any(_serves(one.entry) for one in here) else all_of_them


def _serves(entry: Entry) -> bool:
    """Whether an entry can send, or could when that was last known; which of two rows can is not known."""
    status = entry.now.status if known(STATE, entry.now.status) else entry.told.status
    return can_send(status) and not entry.ambiguous


def _judged(one: Listed, now: int, max_age: int) -> _Judged:
    as_of = _seen(one)
    doubts = [
        (MISSING, one.entry.marks.missing is not None),
        (SUSPECT, one.snapshot.suspect),
        (AMBIGUOUS, one.entry.ambiguous),
    ]
    beside = tuple(word for word, holds in doubts if holds)
    if as_of is None or abs(now - as_of) > max_age:  # a reading from the future is one of a clock that was set back
        return _Judged(Sendable.UNKNOWN, Campaign.UNKNOWN, (STALE, *beside), as_of)
    sendable, of_status, status_reasons = _of_status(one.entry)
    of_quality, quality_reasons = _of_quality(one.entry)
    reasons = (*status_reasons, *quality_reasons)
    if of_quality is Campaign.HOLD and of_status is not Campaign.HOLD:
        reasons = (*quality_reasons, *status_reasons)
    campaign = _worse(of_status, of_quality)
    return _Judged(sendable, campaign, (*(reason for reason in reasons if reason not in _HEALTHY), *beside), as_of)


def _seen(one: Listed) -> int | None:
    """Start of the last believed answer that showed the entry with all that it is judged by."""
    if one.snapshot.last_success is None:
        return None
    marks = one.entry.marks
    losses = [loss.seen for loss in (marks.missing, marks.blank) if loss is not None]
    return min([one.snapshot.last_success, *losses])


def _of_status(entry: Entry) -> tuple[Sendable, Campaign, tuple[str, ...]]:
    now = canonical(STATE, entry.now.status)
    if now in OF_STATUS:
        return *OF_STATUS[now], (_reason(STATE, now),)
    told = canonical(STATE, entry.told.status)
    last = OF_STATUS[told][1] if told in OF_STATUS else Campaign.UNKNOWN
    return Sendable.UNKNOWN, _worse(last, Campaign.UNKNOWN), _unknown(STATE, told, last)


def _of_quality(entry: Entry) -> tuple[Campaign, tuple[str, ...]]:
    now, told = word(entry.now, QUALITY), word(entry.told, QUALITY)
    if now in OF_QUALITY:
        return OF_QUALITY[now], (_reason(QUALITY, now),)
    last = OF_QUALITY.get(told, Campaign.UNKNOWN)
    return _worse(last, Campaign.UNKNOWN), _unknown(QUALITY, told, last)


def _unknown(attribute: str, told: str, last: Campaign) -> tuple[str, ...]:
    """Not known now: trouble that was known before it is not over, what was well is no verdict."""
    unknown = _reason(attribute, "unknown")
    return (_reason(attribute, told), unknown) if last is Campaign.HOLD else (unknown,)


def _reason(attribute: str, text: str) -> str:
    return f"{'quality' if attribute == QUALITY else attribute}.{text.lower()}"


def _worse(one: Campaign, other: Campaign) -> Campaign:
    return max(one, other, key=_CAMPAIGNS.index)

"""
Compare what an entry's levels are *now* with what has been *told* of them.

Pure.  Unknown is off the scale: it is never a change, and what follows it is compared with what was told before it.
The first type that fits is the change's: recovered, changed, degraded, improved; moves come first, see `moves`.
"""

from enum import StrEnum

import msgspec

from monitor.fleet.attributes import PENDING_WORDS, STATE, canonical, kin_of, known, same, value, word
from monitor.fleet.policy import Policy
from monitor.fleet.scales import FIRST_STATUS_THAT_CANNOT_SEND, Severity
from monitor.fleet.severity import Severities
from monitor.fleet.snapshot import Entry, Marks

HEALTHY = 1  #: on either scale


class Kind(StrEnum):
    """What a change of a level is told as."""

    SILENT = ""  #: nothing was told yet and nothing is wrong
    RECOVERED = "number.recovered"
    CHANGED = "number.changed"
    DEGRADED = "number.degraded"
    IMPROVED = "number.improved"


class Change(msgspec.Struct, frozen=True):
    """A level that is known *now* and differs from what has been told."""

    attribute: str
    before: str  #: empty: nothing has been told
    after: str
    kind: Kind
    severity: Severity  #: of a degradation: the higher of the two states'
    due_at: int  #: from when on it may be told
    marks: Marks  #: the entry's once it is told


def change_of(entry: Entry, attribute: str, severities: Severities, policy: Policy) -> Change | None:
    """What waits to be told of a level; None: nothing."""
    if entry.told is entry.now:
        return None
    after, told = word(entry.now, attribute), word(entry.told, attribute)
    if after == told:
        return None
    before = told if known(attribute, told) else ""
    if not known(attribute, after) or same(attribute, before, after):
        return None
    is_new_here = attribute == STATE and entry.marks.borrowed and after in PENDING_WORDS
    marks = marks_after(entry.marks, "" if is_new_here else before, after) if attribute == STATE else entry.marks
    was = severities.of_state(entry.told, attribute, before, entry.marks) if before else Severity.UNKNOWN
    becomes = severities.of_state(entry.now, attribute, after, marks)
    if attribute == STATE and marks.moved:
        becomes = Severity.OK
    kind = kind_of(attribute, before, after, entry.marks, was, becomes)
    if is_new_here:
        kind = Kind.CHANGED if STATE in entry.marks.bad else Kind.SILENT
    since = _held_since(entry, after) if attribute == STATE else entry.since.quality_rating
    dwell = dwell_of(kind, attribute, after, policy)
    due_at = max(since + dwell, since + 1) if dwell else since  # with a dwell, never at the first sight
    return Change(attribute, before, after, kind, max(was, becomes), due_at, marks)


def kind_of(attribute: str, before: str, after: str, marks: Marks, was: Severity, becomes: Severity) -> Kind:
    """
    What a change is told as.

    Args:
        attribute: quality_rating or status.
        before: The word told last; empty when nothing was.
        after: The word that is known now.
        marks: The entry's, before the change.
        was: The severity of `before`; of a moved entry's status it does not count, that was ok.
        becomes: The severity of `after`.
    """
    healthy = value(attribute, after) == HEALTHY
    if not before:
        return Kind.SILENT if healthy or becomes <= Severity.OK else Kind.DEGRADED
    if healthy:
        return Kind.CHANGED if _is_arriving(attribute, marks) else Kind.RECOVERED
    if attribute == STATE and marks.moved:
        was = Severity.OK
    if attribute == STATE and _cannot_send(before) and _cannot_send(after) and becomes <= was:
        return Kind.DEGRADED if canonical(STATE, after) == "BANNED" else Kind.CHANGED
    rose = value(attribute, after) > value(attribute, before)
    if attribute == STATE and marks.persisted and rose and kin_of(after) is kin_of(before):
        return Kind.CHANGED  # what lasts is told as lasting, and it is the same
    enters_critical = becomes is Severity.CRITICAL and was is not Severity.CRITICAL
    return Kind.DEGRADED if rose or enters_critical else Kind.IMPROVED


def dwell_of(kind: Kind, attribute: str, after: str, policy: Policy) -> int:
    """How long a state must hold before it is told, in ms."""
    if kind is Kind.SILENT:
        return 0
    dwell = policy.dwell.get((attribute, canonical(attribute, after)), 0)
    return max(dwell, policy.recovery_dwell) if kind in {Kind.RECOVERED, Kind.IMPROVED} else dwell


def marks_after(marks: Marks, before: str, after: str) -> Marks:
    """
    What a told status leaves behind: whether the number is still new, and where PENDING came from.

    PENDING where a number moved from leaves the move as it is: no worse than where it came from.
    """
    if after not in PENDING_WORDS:
        lasts = bool(kin_of(after)) and kin_of(after) is kin_of(before)
        return msgspec.structs.replace(
            marks,
            fresh=False,
            came_from="",
            kin_since=marks.kin_since if kin_of(after) else 0,
            persisted=marks.persisted and lasts,
            moved=False,
            borrowed=False,
        )
    arriving = before in PENDING_WORDS
    fresh = marks.fresh if arriving else not before
    return msgspec.structs.replace(
        marks,
        fresh=fresh,
        came_from=marks.came_from if arriving else before,
        persisted=marks.persisted and fresh,
        borrowed=False,
    )


def _held_since(entry: Entry, after: str) -> int:
    """Since when the status holds: of a kind, by turns or not, until one of it is told; then each word for itself."""
    is_new_kind = kin_of(after) is not kin_of(entry.told.status)
    return entry.marks.kin_since if entry.marks.kin_since and is_new_kind and kin_of(after) else entry.since.status


def _is_arriving(attribute: str, marks: Marks) -> bool:
    """Whether a new number comes into service: that is no recovery, unless its wait was told as trouble."""
    return attribute == STATE and marks.fresh and not marks.persisted


def _cannot_send(text: str) -> bool:
    return value(STATE, text) >= FIRST_STATUS_THAT_CANNOT_SEND

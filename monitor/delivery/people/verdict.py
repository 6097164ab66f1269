"""
What one course comes to: told now, later, or not at all.

Pure.  One rule after the other, the first that fits.
"""

from typing import NamedTuple

import msgspec

from monitor.delivery.people.course import FLAPS, Course, Known, badness
from monitor.delivery.people.digest import Line, Trouble
from monitor.delivery.people.notice import News

FLAPPING = "flapping"

# Why nothing is said.
OVER_BEFORE = "over before it was to be told"
NOT_ASKED_FOR = "not asked for"
KNOWN_ALREADY = "known already"

OVER = "over"  #: why something ended of which no event says so


class Quiet(NamedTuple):
    """Nothing is said of it."""

    why: str
    known: Known | None  #: what is known from now on; None: nothing


class Held(NamedTuple):
    """Not yet: looked at again at that moment, milliseconds since 1970."""

    until: int


class Opens(NamedTuple):
    """Trouble that people do not know; to be told at that moment, or with others of its kind before."""

    trouble: Trouble
    at: int


class Says(NamedTuple):
    """News of trouble that people know."""

    line: Line
    known: Known | None


Verdict = Quiet | Held | Opens | Says


def verdict_of(course: Course, now: int) -> Verdict:
    """What the events since the last message come to."""
    if course.held_until is not None and course.held_until > now:
        return Held(course.held_until)
    flapping = _of_flapping(course, now)
    if flapping is not None:
        return flapping
    told, present = course.known.told, course.now
    if told is None:
        return _of_unknown(course, present)
    if present is None:
        return end_of(course, told)
    return _of_change(course, told, present, now)


def _of_flapping(course: Course, now: int) -> Verdict | None:
    """What changes all the time is said once, then nothing until it has held for an hour, but for what is worse."""
    known, present = course.known, course.now
    if course.is_over_for_good:
        return None
    if known.flapping:
        worse = present is not None and known.told is not None and badness(present) > badness(known.told)
        return None if worse or now >= course.calm_at() else Held(course.calm_at())
    changes = len(course.recent())
    trouble = present or known.told or course.worst
    if changes <= FLAPS or trouble is None or (known.told is None and not course.was_wanted):
        return None
    trouble = msgspec.structs.replace(trouble, before=trouble.word)
    news = News.OPENED if known.told is None else News.CHANGED
    line = Line(news, course.incident, trouble.severity, (trouble,), why=FLAPPING, changes=changes)
    return Says(line, course.knows(trouble, flapping=True))


def _of_unknown(course: Course, present: Trouble | None) -> Verdict:
    if present is None:
        return Quiet(OVER_BEFORE, course.forgets())
    if not course.is_asked_for:
        return Quiet(NOT_ASKED_FOR, course.forgets())
    return Opens(present, course.settled_at())


def end_of(course: Course, told: Trouble) -> Quiet | Says:
    """The end of what was told."""
    if not course.may_tell:
        return Quiet(NOT_ASKED_FOR, course.forgets())
    last = course.last or told
    same = last.attribute == told.attribute
    ended = msgspec.structs.replace(
        told,
        type=last.type,
        severity="info",
        since=last.since,
        seen=last.seen,
        word=last.word if same else "",
        before=told.word,
        began=told.since,
        hint_id=last.hint_id,
        hint=last.hint,
        text=last.text,
        said=last.said,
    )
    line = Line(News.CLOSED, course.incident, "info", (ended,), why=course.why or "recovered")
    return Says(line, course.forgets(said=True))


def _of_change(course: Course, told: Trouble, present: Trouble, now: int) -> Verdict:
    worse = badness(present) > badness(told)
    flapping = course.known.flapping and now < course.calm_at()
    has_calmed = course.known.flapping and not flapping
    if not has_calmed and not worse and _says_the_same(present, told):
        return Quiet(KNOWN_ALREADY, course.knows(told, said=False, flapping=flapping))
    if worse and not course.is_asked_for and not has_calmed:
        return Quiet(NOT_ASKED_FOR, course.knows(told, said=False, flapping=flapping))
    if not worse and not course.may_tell and not has_calmed:
        return Quiet(NOT_ASKED_FOR, course.knows(present, said=False, flapping=flapping))
    if worse and course.settled_at() > now:
        return Held(course.settled_at())
    changed = msgspec.structs.replace(present, before="" if has_calmed else told.word)
    line = Line(News.CHANGED, course.incident, present.severity, (changed,))
    return Says(line, course.knows(present, flapping=flapping))


def _says_the_same(one: Trouble, other: Trouble) -> bool:
    """Whether people learn nothing by it; what has no word of its own differs by what there is to do."""
    return (one.word, badness(one)) == (other.word, badness(other)) and (one.word != "" or one.hint_id == other.hint_id)


def reminder_of(course: Course, seen: int | None, now: int) -> Says:
    """Remind of it; where it is over as far as the fleet knows (`seen` is None), say that."""
    told = course.known.told
    if told is None:
        raise ValueError("nobody is reminded of what was not told")
    if seen is None:
        ended = msgspec.structs.replace(told, severity="info", before=told.word, began=told.since, since=now, word="")
        return Says(Line(News.CLOSED, course.incident, "info", (ended,), why=OVER), None)
    lasts = msgspec.structs.replace(told, seen=seen)
    line = Line(News.REMINDER, course.incident, told.severity, (lasts,))
    return Says(line, msgspec.structs.replace(course.known, told=lasts, at=now))


def opened(course: Course, trouble: Trouble, *, group: str = "", size: int = 0) -> Known:
    """What is known once trouble has been told, alone or in a group."""
    return msgspec.structs.replace(course.knows(trouble), group=group, group_size=size)

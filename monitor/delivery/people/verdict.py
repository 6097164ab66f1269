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
        return _of_unknown(course, present, now)
    if present is None:
        return _of_end(course, told, now)
    return _of_change(course, told, present, now)


def _of_flapping(course: Course, now: int) -> Verdict | None:
    """What changes all the time is said once, then nothing until it has held for an hour, but for what is worse."""
    known, present = course.known, course.now
    recent = course.recent(now)
    if known.flapping:
        worse = present is not None and known.told is not None and badness(present) > badness(known.told)
        return None if worse or now >= course.calm_at() else Held(course.calm_at())
    if not course.is_known or len(recent) <= FLAPS:
        return None
    trouble = present or known.told or course.worst
    if trouble is None:
        return None
    trouble = msgspec.structs.replace(trouble, before=trouble.word)
    line = Line(News.CHANGED, course.incident, trouble.severity, (trouble,), why=FLAPPING, changes=len(recent))
    return Says(line, _known(course, trouble, now, flapping=True))


def _of_unknown(course: Course, present: Trouble | None, now: int) -> Verdict:
    if present is None:
        return Quiet("over before it was to be told", forgotten(course, now) if course.is_known else None)
    if not course.wanted:
        return Quiet("not asked for", None)
    return Opens(present, course.settled_at())


def _of_end(course: Course, told: Trouble, now: int) -> Verdict:
    remembered = forgotten(course, now)
    if not course.may_tell:
        return Quiet("not asked for", remembered)
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
    return Says(Line(News.CLOSED, course.incident, "info", (ended,), why=course.why or "recovered"), remembered)


def _of_change(course: Course, told: Trouble, present: Trouble, now: int) -> Verdict:
    if (present.word, present.severity, present.type) == (told.word, told.severity, told.type) or (
        badness(present) == badness(told) and present.word == told.word
    ):
        return Quiet("known already", _known(course, told, now, at=course.known.at))
    worse = badness(present) > badness(told)
    if worse and not course.wanted:
        return Quiet("not asked for", _known(course, told, now, at=course.known.at))
    if not worse and not course.may_tell:
        return Quiet("not asked for", _known(course, present, now, at=course.known.at))
    if worse and course.settled_at() > now:
        return Held(course.settled_at())
    changed = msgspec.structs.replace(present, before=told.word)
    line = Line(News.CHANGED, course.incident, present.severity, (changed,))
    return Says(line, _known(course, present, now))


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


def forgotten(course: Course, now: int) -> Known | None:
    """What stays known of what is over: for an hour, how often it changed."""
    changes = course.recent(now)
    return Known(changes=changes, at=now) if changes else None


def opened(course: Course, trouble: Trouble, now: int, *, group: str = "", size: int = 0) -> Known:
    """What is known once trouble has been told, alone or in a group."""
    return msgspec.structs.replace(_known(course, trouble, now), group=group, group_size=size)


def _known(course: Course, told: Trouble | None, now: int, *, at: int | None = None, flapping: bool = False) -> Known:
    """What is known from now on; `at`: when something was last said of it, else now."""
    return Known(
        told=told,
        bad=course.bad,
        at=now if at is None else at,
        changes=course.recent(now),
        flapping=flapping,
        group=course.known.group,
        group_size=course.known.group_size,
    )

"""
What belongs together: numbers of one WABA that turn bad in one attribute at about the same time are one incident.

Pure.  Told alone are up to three of them within five minutes; more are told as a group, which is one incident to
people and their pagers until the last of its numbers is well again.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from monitor.delivery.people.course import Course, Known, badness
from monitor.delivery.people.digest import Line, Trouble
from monitor.delivery.people.notice import RANK, News
from monitor.delivery.people.rules import MINUTE
from monitor.delivery.people.verdict import FLAPPING, Opens, opened
from monitor.fleet.attributes import LEVELS
from monitor.fleet.event import EventSeverity

TOGETHER = 5 * MINUTE  #: within that time,
ALONE = 3  #: more than that many are one incident

_SEVERITY: Mapping[int, EventSeverity] = {rank: severity for severity, rank in RANK.items()}

Kind = tuple[str, str]  #: (WABA, attribute)


class Saying(NamedTuple):
    """A line, with the rows behind it and what is known once it is told."""

    line: Line
    sequences: tuple[int, ...]
    known: Mapping[str, Known | None]
    before: Known  #: what was known; of what is told once, nothing
    at: int  #: when it could first be told, milliseconds since 1970


def joining(opens: Sequence[tuple[Course, Opens]], ripe: Sequence[tuple[Course, Opens]]) -> list[tuple[Course, Opens]]:
    """Those that need not be told yet, but go with others that are told now and make them a group."""
    taken: list[tuple[Course, Opens]] = []
    told = {course.incident for course, _ripens in ripe}
    for kind, group in _by_kind(ripe).items():
        first = min(ripens.trouble.since for _course, ripens in group)
        near = [
            (course, ripens)
            for course, ripens in opens
            if course.incident not in told
            and _kind(ripens.trouble) == kind
            and ripens.trouble.since - first <= TOGETHER
        ]
        if len(group) + len(near) > ALONE:
            taken += near
    return taken


def grouped(
    opens: Sequence[tuple[Course, Trouble]], says: Sequence[Saying], known: Mapping[str, Known], now: int
) -> list[Saying]:
    """The lines of one message: what opens now, in groups or alone, and the news of what is known likewise."""
    sayings: list[Saying] = []
    news: dict[str, list[Saying]] = {}
    for saying in says:
        if saying.before.group and saying.line.why != FLAPPING:
            news.setdefault(saying.before.group, []).append(saying)
        else:
            sayings.append(saying)
    alone = [each for each in opens if _kind(each[1]) is None]
    kinds: dict[Kind, list[tuple[Course, Trouble]]] = {}
    for course, trouble in opens:
        if (kind := _kind(trouble)) is not None:
            kinds.setdefault(kind, []).append((course, trouble))
    joined: dict[str, list[tuple[Course, Trouble]]] = {}
    for kind, members in kinds.items():
        first = min(trouble.since for _course, trouble in members)
        group = _open_group(kind, known, first)
        if group:
            joined[group] = members
        elif len(members) > 1 and len(members) + _told_lately(kind, known, first) > ALONE:
            sayings.append(_opening(kind, members, now))
        else:
            alone += members
    sayings += [_alone(course, trouble, now) for course, trouble in alone]
    sayings += [
        _of_group(group, news.get(group, []), joined.get(group, []), known, now) for group in {**news, **joined}
    ]
    return sayings


def _kind(trouble: Trouble) -> Kind | None:
    return (trouble.waba_id, trouble.attribute) if trouble.waba_id and trouble.attribute in LEVELS else None


def _by_kind(opens: Sequence[tuple[Course, Opens]]) -> dict[Kind, list[tuple[Course, Opens]]]:
    kinds: dict[Kind, list[tuple[Course, Opens]]] = {}
    for course, ripens in opens:
        if (kind := _kind(ripens.trouble)) is not None:
            kinds.setdefault(kind, []).append((course, ripens))
    return kinds


def _open_group(kind: Kind, known: Mapping[str, Known], since: int) -> str:
    """The group of that kind that numbers still join; empty: none."""
    groups = (each.group for each in known.values() if each.group and _is_near(each, kind, since))
    return next(groups, "")


def _told_lately(kind: Kind, known: Mapping[str, Known], since: int) -> int:
    return sum(1 for each in known.values() if not each.group and _is_near(each, kind, since))


def _is_near(known: Known, kind: Kind, since: int) -> bool:
    return known.told is not None and _kind(known.told) == kind and abs(since - known.told.since) <= TOGETHER


def _alone(course: Course, trouble: Trouble, now: int) -> Saying:
    line = Line(News.OPENED, course.incident, trouble.severity, (trouble,))
    return Saying(line, tuple(course.sequences), {course.incident: opened(course, trouble, now)}, Known(), now)


def _opening(kind: Kind, members: Sequence[tuple[Course, Trouble]], now: int) -> Saying:
    waba_id, attribute = kind
    troubles = _worst_first(trouble for _course, trouble in members)
    group = f"{troubles[0].account}/{waba_id}/{attribute}/{min(trouble.since for trouble in troubles)}"
    size = len(members)
    line = Line(News.OPENED, group, _worst(troubles), troubles, open=size, told=size)
    known: dict[str, Known | None] = {
        course.incident: opened(course, trouble, now, group=group, size=size) for course, trouble in members
    }
    return Saying(line, _sequences(course for course, _trouble in members), known, Known(), now)


def _of_group(
    group: str,
    news: Sequence[Saying],
    joined: Sequence[tuple[Course, Trouble]],
    known: Mapping[str, Known],
    now: int,
) -> Saying:
    """One line for all that has become of a group."""
    size = max(each.group_size for each in known.values() if each.group == group) + len(joined)
    after: dict[str, Known | None] = {incident: state for saying in news for incident, state in saying.known.items()}
    after |= {course.incident: opened(course, trouble, now, group=group, size=size) for course, trouble in joined}
    left = {incident: each for incident, each in known.items() if each.group == group} | after
    still = [each.told for each in left.values() if each is not None and each.told is not None]
    changed = [trouble for saying in news for trouble in saying.line.troubles]
    changed += [trouble for _course, trouble in joined]
    named = {trouble.incident for trouble in changed}
    troubles = _worst_first([*changed, *(trouble for trouble in still if trouble.incident not in named)])
    kinds = {saying.line.news for saying in news}
    what = News.REMINDER if kinds == {News.REMINDER} and not joined else News.CHANGED if still else News.CLOSED
    whys = {saying.line.why for saying in news if saying.line.news is News.CLOSED}
    line = Line(
        what,
        group,
        _worst(still) if still else "info",
        troubles,
        why=whys.pop() if what is News.CLOSED and len(whys) == 1 else "",
        open=len(still),
        told=size,
    )
    sequences = {each for saying in news for each in saying.sequences}
    sequences |= {each for course, _trouble in joined for each in course.sequences}
    return Saying(line, tuple(sorted(sequences)), after, Known(), now)


def _worst_first(troubles: Iterable[Trouble]) -> tuple[Trouble, ...]:
    return tuple(sorted(troubles, key=lambda trouble: (tuple(-each for each in badness(trouble)), trouble.number)))


def _worst(troubles: Iterable[Trouble]) -> EventSeverity:
    return _SEVERITY[max((RANK[trouble.severity] for trouble in troubles), default=0)]


def _sequences(courses: Iterable[Course]) -> tuple[int, ...]:
    return tuple(sorted({sequence for course in courses for sequence in course.sequences}))

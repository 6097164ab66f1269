"""
What belongs together: numbers of one WABA that turn bad in one attribute at about the same time are one incident.

Pure.  Told alone are up to three of them within five minutes; more are told as a group, which is one incident to
people and their pagers until the last of its numbers is well again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

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
Opening = tuple[Course, Opens]


class Saying(NamedTuple):
    """A line, with the rows behind it and what is known once it is told."""

    line: Line
    sequences: tuple[int, ...]
    known: Mapping[str, Known | None]
    before: Known  #: what was known; of what is told once, nothing
    at: int  #: when it could first be told, milliseconds since 1970


def joining(opens: Sequence[Opening], ripe: Sequence[Opening]) -> list[Opening]:
    """Those that need not be told yet, but go with others that are told now and make them a group."""
    taken: list[Opening] = []
    told = {course.incident for course, _opens in ripe}
    for kind, group in _by_kind(ripe).items():
        near = [
            (course, opens_)
            for course, opens_ in opens
            if course.incident not in told
            and _kind(opens_.trouble) == kind
            and any(_are_near(opens_.trouble, other.trouble) for _course, other in group)
        ]
        if len(group) + len(near) > ALONE:
            taken += near
    return taken


def grouped(opens: Sequence[Opening], says: Sequence[Saying], known: Mapping[str, Known], now: int) -> list[Saying]:
    """The lines of one message: what opens now, in groups or alone, and the news of what is known likewise."""
    sayings = [saying for saying in says if not saying.before.group]
    news: dict[str, list[Saying]] = {}
    for saying in says:
        if saying.before.group:
            news.setdefault(saying.before.group, []).append(saying)
    joined: dict[str, list[Opening]] = {}
    for kind, members in _by_kind(opens).items():
        for together in _spells(members):
            first = min(opens_.trouble.since for _course, opens_ in together)
            group = _open_group(kind, known, first)
            if group:
                joined.setdefault(group, []).extend(together)
            elif len(together) > 1 and len(together) + _told_lately(kind, known, first) > ALONE:
                sayings.append(_opening(kind, together, now))
            else:
                sayings += [_alone(course, opens_.trouble, now) for course, opens_ in together]
    sayings += [_alone(course, each.trouble, now) for course, each in opens if _kind(each.trouble) is None]
    for group in {**news, **joined}:
        sayings += _of_group(group, news.get(group, []), joined.get(group, []), known, now)
    return sayings


def _spells(members: Sequence[Opening]) -> list[list[Opening]]:
    """Those that turned bad within five minutes of the first of them; then those of the next."""
    spells: list[list[Opening]] = []
    for member in sorted(members, key=lambda each: each[1].trouble.since):
        if spells and _are_near(member[1].trouble, spells[-1][0][1].trouble):
            spells[-1].append(member)
        else:
            spells.append([member])
    return spells


def _are_near(one: Trouble, other: Trouble) -> bool:
    return abs(one.since - other.since) <= TOGETHER


def _kind(trouble: Trouble) -> Kind | None:
    return (trouble.waba_id, trouble.attribute) if trouble.waba_id and trouble.attribute in LEVELS else None


def _by_kind(opens: Sequence[Opening]) -> dict[Kind, list[Opening]]:
    kinds: dict[Kind, list[Opening]] = {}
    for course, opens_ in opens:
        if (kind := _kind(opens_.trouble)) is not None:
            kinds.setdefault(kind, []).append((course, opens_))
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
    return Saying(line, tuple(course.sequences), {course.incident: opened(course, trouble)}, Known(), now)


def _opening(kind: Kind, members: Sequence[Opening], now: int) -> Saying:
    waba_id, attribute = kind
    troubles = _worst_first(opens.trouble for _course, opens in members)
    group = f"{troubles[0].account}/{waba_id}/{attribute}/{min(trouble.since for trouble in troubles)}"
    size = len(members)
    line = Line(News.OPENED, group, _worst(troubles), troubles, open=size, told=size)
    known: dict[str, Known | None] = {
        course.incident: opened(course, opens.trouble, group=group, size=size) for course, opens in members
    }
    return Saying(line, _sequences(course for course, _opens in members), known, Known(), now)


def _of_group(
    group: str, news: Sequence[Saying], joined: Sequence[Opening], known: Mapping[str, Known], now: int
) -> Iterator[Saying]:
    """One line for all that has become of a group, and one for those of it that change often."""
    flapping = [saying for saying in news if saying.line.why == FLAPPING]
    if flapping:
        yield _flapping(group, flapping, now)
    news = [saying for saying in news if saying.line.why != FLAPPING]
    if not news and not joined:
        return
    members = {incident: each for incident, each in known.items() if each.group == group}
    size = max(each.group_size for each in members.values()) + len(joined)
    after: dict[str, Known | None] = {incident: each for incident, each in members.items() if each.group_size < size}
    after = {incident: _sized(each, size) for incident, each in after.items()}
    after |= {incident: _sized(state, size) for saying in flapping + news for incident, state in saying.known.items()}
    after |= {course.incident: opened(course, opens.trouble, group=group, size=size) for course, opens in joined}
    still = [each.told for each in {**members, **after}.values() if each is not None and each.told is not None]
    changed = [trouble for saying in news for trouble in saying.line.troubles]
    changed += [opens.trouble for _course, opens in joined]
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
    sequences |= {each for course, _opens in joined for each in course.sequences}
    yield Saying(line, tuple(sorted(sequences)), after, Known(), now)


def _flapping(group: str, says: Sequence[Saying], now: int) -> Saying:
    troubles = _worst_first(trouble for saying in says for trouble in saying.line.troubles)
    count = len(troubles)
    changes = max(saying.line.changes for saying in says)
    line = Line(News.CHANGED, group, _worst(troubles), troubles, why=FLAPPING, changes=changes, open=count, told=count)
    known = {incident: state for saying in says for incident, state in saying.known.items()}
    return Saying(line, tuple(sorted({each for saying in says for each in saying.sequences})), known, Known(), now)


def _sized(known: Known | None, size: int) -> Known | None:
    if known is None or known.told is None:
        return known
    return msgspec.structs.replace(known, group_size=size)


def _worst_first(troubles: Iterable[Trouble]) -> tuple[Trouble, ...]:
    return tuple(sorted(troubles, key=lambda trouble: (tuple(-each for each in badness(trouble)), trouble.number)))


def _worst(troubles: Iterable[Trouble]) -> EventSeverity:
    return _SEVERITY[max((RANK[trouble.severity] for trouble in troubles), default=0)]


def _sequences(courses: Iterable[Course]) -> tuple[int, ...]:
    return tuple(sorted({sequence for course in courses for sequence in course.sequences}))

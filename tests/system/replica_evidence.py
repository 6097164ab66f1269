"""
What replicas that were killed, stopped and cut off must have kept to: rules beside those of `evidence`.  Pure.

All moments are seconds since 1970.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from tests.system.evidence import Answered, Recorded

ANY = 0  #: as a life: all of them
LONG = 60.0  #: seconds: what a number was so long must have been recorded, whatever happened meanwhile
ASKED_IN_A_ROW = 7.5  #: seconds at most between two polls of an app that nothing disturbs
WINDOW = 10.0  #: seconds over which calls are counted
EVENTS = frozenset({"app.baseline", "number.changed", "number.degraded", "number.improved", "number.recovered"})


class Disturbed(NamedTuple):
    """Something was done to a replica, or to the store of all."""

    what: str
    began: float
    ended: float  #: from here on data are to come back
    lingers: float  #: seconds after which nothing is left of it
    life: int  #: of the replica; ANY: all of them
    hit: frozenset[str]  #: the accounts whose data may stand still because of it


class Sight(NamedTuple):
    """What the owner of an account shows, at one moment."""

    at: float
    life: int  #: the owner's
    fresh: float  #: every app of the account was asked with success since then


class Recovery(NamedTuple):
    """How long an account's data stood still after a disturbance."""

    what: str
    account: str
    seconds: float  #: until every app was asked anew; since the last disturbance before that
    in_all: float  #: since the first of those that came one upon the other


class Undisturbed:
    """
    Which answers must have been recorded.

    One that was followed by another call of the same process, while nothing was done to it or the store; and the last
    of those that said the same for so long that some owner must have recorded it.
    """

    def __init__(self, disturbances: Iterable[Disturbed]) -> None:
        self._of: dict[int, list[Disturbed]] = defaultdict(list)
        for each in disturbances:
            self._of[each.life].append(each)

    def __call__(self, answers: Sequence[Answered], words: Sequence[str]) -> list[bool]:
        sure = [self._in_peace(one, next_) for one, next_ in pairwise(answers)] + [False]
        place = 0
        for _word, same in groupby(words):
            first, place = place, place + len(list(same))
            sure[place - 1] |= answers[place - 1].at - answers[first].at >= LONG
        return sure

    def _in_peace(self, one: Answered, next_: Answered) -> bool:
        if one.life != next_.life or next_.at - one.at > ASKED_IN_A_ROW:
            return False
        disturbances = (*self._of[ANY], *self._of[one.life])
        return not any(
            each.began < next_.at + 0.5 and each.ended + each.lingers > one.at - 0.5 for each in disturbances
        )


def nothing_else_told(recorded: Sequence[Recorded], apps: int) -> Iterator[str]:
    """One baseline an app, and else only what happened to numbers: nothing is told of replicas, or of the source."""
    types = [each.told["type"] for each in recorded]
    yield from (f"{type_} was told" for type_ in sorted({*types} - EVENTS))
    if types.count("app.baseline") != apps:
        yield f"{types.count('app.baseline')} baselines of {apps} apps"


def within_budget(answers: Sequence[Answered], rate: float) -> Iterator[str]:
    """No process calls for an account more than its budget, and no two together for more than both of theirs."""
    most = rate * WINDOW + 1
    for account, of_account in _by_account(answers).items():
        for calls in _windows(of_account):
            lives = {each.life for each in calls}
            worst = max(sum(each.life == life for each in calls) for life in lives)
            if worst > most or len(calls) > 2 * most:
                yield f"account {account}: {len(calls)} calls within {WINDOW:g} s by {len(lives)} processes"


def most_calls(answers: Sequence[Answered]) -> int:
    """In any window, for any account."""
    return max(len(calls) for of_account in _by_account(answers).values() for calls in _windows(of_account))


def overlaps(answers: Sequence[Answered]) -> int:
    """How many calls a process made for an account between two of another that owned it by then."""
    late = 0
    for of_account in _by_account(answers).values():
        runs = [(life, list(calls)) for life, calls in groupby(of_account, key=lambda each: each.life)]
        for (one, _), (other, before), (again, calls), (next_, after) in zip(
            runs, runs[1:], runs[2:], runs[3:], strict=False
        ):
            if (one, other) == (again, next_) and after[0].at - before[-1].at < WINDOW:
                late += len(calls)
    return late


def recoveries(disturbances: Sequence[Disturbed], sights: Mapping[str, Sequence[Sight]]) -> Iterator[Recovery]:
    """
    How long each account that was hit stood still.

    One whose next owner is lost too, before it is over, is measured from there: that the first was lost says nothing
    about the second.  What is done to the store of all in between is no reason for it to take longer.
    """
    in_order = sorted(disturbances, key=lambda each: each.ended)
    for account, seen in sights.items():
        yield from _recoveries(account, [each for each in in_order if account in each.hit], seen)


def _recoveries(account: str, disturbances: Iterable[Disturbed], seen: Sequence[Sight]) -> Iterator[Recovery]:
    together: list[Disturbed] = []  # each hit the account before it had recovered from the one before
    for each in disturbances:
        if together and _over(seen, together[-1].ended) < each.began:
            yield _recovery(account, together, seen)
            together = []
        if not together or each.life != ANY:
            together.append(each)
    if together:
        yield _recovery(account, together, seen)


def _recovery(account: str, together: Sequence[Disturbed], seen: Sequence[Sight]) -> Recovery:
    first, last = together[0], together[-1]
    over = _over(seen, last.ended)
    return Recovery(last.what, account, over - last.ended, over - first.ended)


def longest_unasked(answers: Sequence[Answered]) -> float:
    """The longest time in which an app was not asked, whatever was done meanwhile."""
    moments: dict[tuple[str, str], list[float]] = defaultdict(list)
    for answer in answers:
        moments[answer.account, answer.appkey].append(answer.at)
    return max(next_ - one for asked in moments.values() for one, next_ in pairwise(sorted(asked)))


def _over(seen: Sequence[Sight], since: float) -> float:
    place = bisect_left(seen, since, key=lambda each: each.at)
    return next((each.at for each in seen[place:] if each.fresh >= since), float("inf"))


def _by_account(answers: Iterable[Answered]) -> dict[str, list[Answered]]:
    found: dict[str, list[Answered]] = defaultdict(list)
    for answer in answers:
        found[answer.account].append(answer)
    return {account: sorted(calls, key=lambda each: each.at) for account, calls in found.items()}


def _windows(calls: Sequence[Answered]) -> Iterator[Sequence[Answered]]:
    """The calls of each window that begins with one."""
    moments = [each.at for each in calls]
    for place, moment in enumerate(moments):
        yield calls[place : bisect_left(moments, moment + WINDOW)]

"""
What stands under a headline, a line each: where it is, since when, and what to do about it.

Pure.  Only what is known is said.
"""

from collections.abc import Iterator

from monitor.delivery.people.digest import TIER, Line, Trouble
from monitor.delivery.people.notice import News
from monitor.delivery.people.said import AT_FIRST_SIGHT, since
from monitor.delivery.words.groups import Groups, is_bad, is_group
from monitor.delivery.words.headlines import FLAPPING
from monitor.delivery.words.tongue import Tongue, shown
from monitor.fleet.attributes import LEVELS, canonical, value
from monitor.fleet.hints import HINTS, hint, level_hint

_LONGEST_HINT = 500

#: What to do about what is over, by how it is over; the trouble's own hint would be about the trouble.
_OVER = {"removed": "number.removed", "moved": "number.moved", "ignored": "ignored.started"}


class Details:
    """Says what is known of a line beside its headline."""

    def __init__(self, tongue: Tongue) -> None:
        self._tongue = tongue
        self._groups = Groups(tongue)

    def of(self, line: Line, now: int) -> tuple[str, ...]:
        """The lines under a line's headline."""
        return tuple(text for text in self._all(line, now) if text)

    def _all(self, line: Line, now: int) -> Iterator[str]:
        first = line.troubles[0]
        yield self._home(line)
        if is_group(line):
            names = self._groups.names(line)
            yield self._tongue.say("out of it: {names}" if _is_relief(line) else "numbers: {names}", names=names)
        else:
            yield self._tongue.listed(self._names(first))
            if first.attribute == TIER and first.numbers:
                names = self._groups.named([shown(number) for number in first.numbers], len(first.numbers))
                yield self._tongue.say("numbers: {names}", names=names)
            if first.said.get("seen_in"):
                yield self._tongue.say("first seen at {number}", number=shown(first.said["seen_in"]))
        if line.why != FLAPPING:  # what it is at the moment has not been so for long
            yield self._since(line, now)
        yield self._advice(line)

    def _home(self, line: Line) -> str:
        """App and account; of a group only what its numbers share."""
        first = line.troubles[0]
        account = self._tongue.say("account {name}", name=shown(first.account))
        if not first.appkey or any(trouble.appkey != first.appkey for trouble in line.troubles):
            return account
        app = self._tongue.say("app {name}", name=shown(first.appkey))
        if first.app_name:
            app = self._tongue.say("app {name} ({appkey})", name=shown(first.app_name), appkey=shown(first.appkey))
        return self._tongue.listed([app, account])

    def _names(self, trouble: Trouble) -> Iterator[str]:
        name, waba_id = shown(trouble.waba_name), shown(trouble.waba_id)
        if name and waba_id:
            yield self._tongue.say("WABA {name} ({waba_id})", name=name, waba_id=waba_id)
        elif name or waba_id:
            yield self._tongue.say("WABA {name}", name=name or waba_id)
        if trouble.verified_name:
            yield self._tongue.say("verified name {name}", name=shown(trouble.verified_name))

    def _since(self, line: Line, now: int) -> str:
        concerned = [trouble for trouble in line.troubles if is_bad(trouble)] or list(line.troubles)
        is_moment = line.news in {News.CLOSED, News.ONCE} or _is_relief(line)
        times = [one.since if is_moment else since(one.said, one.since) for one in concerned]
        first, last = self._tongue.moment(min(times), now), self._tongue.moment(max(times), now)
        there = self._tongue.moment_there(max(times), now)
        if not is_moment and all(AT_FIRST_SIGHT in one.said for one in concerned):
            return self._tongue.say("so at first sight, {moment}", moment=there)  # since when, nobody knows
        if first == last:
            return self._tongue.say("at {moment}" if is_moment else "since {moment}", moment=there)
        return self._tongue.say("between {first} and {last}", first=first, last=there)

    def _advice(self, line: Line) -> str:
        """What to do, in the people's language; an id that nobody knows leaves the event's own words."""
        first = line.troubles[0]
        if _is_relief(line):
            return ""  # what there is to do has been said of those that are in it still
        if line.news is not News.CLOSED:
            return self._hint(first.hint_id, first.hint)
        if line.why in _OVER:
            return self._hint(_OVER[line.why], "")
        healthy = first.attribute in LEVELS and value(first.attribute, first.word) == 1
        if line.why == "recovered" and healthy:
            return self._hint(level_hint(first.attribute, canonical(first.attribute, first.word)), "")
        return ""

    def _hint(self, hint_id: str, otherwise: str) -> str:
        return hint(hint_id, self._tongue.language) if hint_id in HINTS else shown(otherwise, _LONGEST_HINT)


def _is_relief(line: Line) -> bool:
    """Whether a group is about those alone that have got out of it, while others are in it."""
    return is_group(line) and line.news is News.CHANGED and not any(map(is_bad, line.troubles))

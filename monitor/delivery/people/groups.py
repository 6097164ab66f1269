"""
What a line says that is about many numbers: those of one WABA in one attribute that went the same way together.

Pure.  How many, in which states, how many are out of it again; never recovered what is only gone.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from monitor.delivery.people.digest import Line, Trouble
from monitor.delivery.people.headlines import BRIEF, FLAPPING, Words, state
from monitor.delivery.people.notice import RANK, News
from monitor.delivery.people.tongue import LONGEST, Tongue, shown

MOST_NAMED = 10  #: numbers that a detail names

_GONE = frozenset({"number.removed", "number.moved", "app.removed"})  # types of those that did not recover

ARE = ("{numbers} of {waba} is {state}", "{numbers} of {waba} are {state}")
NOW = ("{numbers} of {waba} is now {state}", "{numbers} of {waba} are now {state}")
STILL = (
    "{numbers} of {waba} is still {state}, since {since} ({lasted})",
    "{numbers} of {waba} are still {state}, since {since} ({lasted})",
)

#: How all of a group may be over; recovered is said apart.
ENDINGS: Mapping[str, str] = {
    "removed": "{numbers} of {waba} are gone from the app's list; they did not recover",
    "moved": "{numbers} of {waba} send from another place in the account now",
    "ignored": "{numbers} of {waba} are ignored from now on",
    "left": "{numbers} of {waba} are not watched any more: their app left the configuration",
}


def is_group(line: Line) -> bool:
    """Whether a line is about more than one number."""
    return line.told > 1 or len(line.troubles) > 1


def is_bad(trouble: Trouble) -> bool:
    """Whether a number of a group is in trouble now."""
    return RANK[trouble.severity] > 0


class Groups:
    """Puts what a group is about into a sentence."""

    def __init__(self, tongue: Tongue) -> None:
        self._tongue = tongue

    def of(self, line: Line, now: int) -> Words:
        """The sentence of a line about a group."""
        return Words(self._sentence(line, now, self._waba(line)), self._sentence(line, now, self._called(line)))

    def names(self, line: Line) -> str:
        """The numbers that it is about now, the worst first, the first ten by name."""
        bad = [trouble for trouble in line.troubles if is_bad(trouble)]
        mixed = len({trouble.word for trouble in bad}) > 1
        named = [self._named(trouble, mixed=mixed) for trouble in bad or line.troubles]
        return self.named(named, max(len(named), line.open if bad else 0))

    def named(self, names: Sequence[str], count: int) -> str:
        """The first of these, and how many more there are of `count`."""
        some = self._tongue.listed(names[:MOST_NAMED])
        rest = count - min(len(names), MOST_NAMED)
        return self._tongue.say("{some} and {count} more", some=some, count=f"{rest:,}") if rest > 0 else some

    def _sentence(self, line: Line, now: int, waba: str) -> str:
        if line.why == FLAPPING:
            return self._flapping(line, waba)
        if line.news is News.CLOSED or line.open == 0:
            return self._closed(line, waba)
        numbers, state = self._tongue.numbers(line.open), self._state(line)
        places = {"numbers": numbers, "waba": waba, "state": state}
        if line.news is News.REMINDER:
            since = min(trouble.since for trouble in line.troubles if is_bad(trouble) or not _any_bad(line))
            times = {"since": self._tongue.moment(since, now), "lasted": self._tongue.lasting(now - since)}
            return self._of_open(line, STILL, **places, **times)
        if line.open < _told(line):
            return self._partly(line, waba, state)
        return self._of_open(line, NOW if line.news is News.CHANGED else ARE, **places)

    def _of_open(self, line: Line, forms: tuple[str, str], **places: str) -> str:
        return self._tongue.plural(line.open, *forms, **places)

    def _partly(self, line: Line, waba: str, state: str) -> str:
        """How many are out of it, and how many still in."""
        over, gone = _told(line) - line.open, _gone(line)
        numbers = self._tongue.numbers(_told(line))
        out = self._tongue.say(
            "{some} of {numbers} of {waba} recovered since"
            if not gone
            else "{some} of {numbers} of {waba} are out of it",
            some=f"{over:,}",
            numbers=numbers,
            waba=waba,
        )
        if gone:
            out = self._tongue.say("{sentence} ({extent})", sentence=out, extent=self._gone(gone))
        left = self._tongue.plural(line.open, "{count} is still {state}", "{count} are still {state}", state=state)
        return self._tongue.clauses([out, left])

    def _closed(self, line: Line, waba: str) -> str:
        places = {"numbers": self._tongue.numbers(_told(line)), "waba": waba}
        if line.why in ENDINGS:
            return self._tongue.say(ENDINGS[line.why], **places)
        gone = _gone(line)
        if not gone:
            return self._tongue.say("all {numbers} of {waba} recovered", **places)
        sentence = self._tongue.say("{numbers} of {waba}: this is over", **places)
        return self._tongue.say("{sentence} ({extent})", sentence=sentence, extent=self._gone(gone))

    def _gone(self, count: int) -> str:
        return self._tongue.plural(count, "{count} did not recover but is gone", "{count} did not recover but are gone")

    def _flapping(self, line: Line, waba: str) -> str:
        return self._tongue.say(
            "{numbers} of {waba} change often: {times} within the hour; quiet until it has been calm for an hour",
            numbers=self._tongue.numbers(_told(line)),
            waba=waba,
            times=self._tongue.plural(line.changes, "{count} time", "{count} times"),
        )

    def _state(self, line: Line) -> str:
        """What they are: one word, or how many of each."""
        bad = [trouble for trouble in line.troubles if is_bad(trouble)] or line.troubles
        words = Counter(shown(trouble.word) for trouble in bad)
        if len(words) == 1:
            return state(self._tongue, bad[0])
        each = self._tongue.listed(f"{count:,} {word}" for word, count in words.items())
        return self._tongue.say("in trouble ({words})", words=each)

    def _named(self, trouble: Trouble, *, mixed: bool) -> str:
        number = shown(trouble.number)
        return f"{number} {shown(trouble.word)}" if mixed else number

    def _waba(self, line: Line) -> str:
        first = line.troubles[0]
        if first.waba_name and first.waba_id:
            name, waba_id = shown(first.waba_name), shown(first.waba_id)
            return self._tongue.say("{name} (WABA {waba_id})", name=name, waba_id=waba_id)
        return self._called(line, LONGEST)

    def _called(self, line: Line, longest: int = BRIEF) -> str:
        first = line.troubles[0]
        if first.waba_name or not first.waba_id:
            return shown(first.waba_name or first.app_name or first.appkey or first.account, longest)
        return self._tongue.say("WABA {name}", name=shown(first.waba_id, longest))


def _told(line: Line) -> int:
    return max(line.told, line.open, len(line.troubles))


def _any_bad(line: Line) -> bool:
    return any(is_bad(trouble) for trouble in line.troubles)


def _gone(line: Line) -> int:
    """How many are out of it without having recovered, as far as the line lists them."""
    return sum(trouble.type in _GONE for trouble in line.troubles if not is_bad(trouble))

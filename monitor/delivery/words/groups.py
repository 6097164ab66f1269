"""
What a line says that is about many numbers: those of one WABA in one attribute that went the same way together.

Pure.  How many, in which states, how many are out of it again; never recovered what is only gone.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from monitor.delivery.people.digest import Line, Trouble
from monitor.delivery.people.notice import RANK, News
from monitor.delivery.words.headlines import BRIEF, FLAPPING, Words, state
from monitor.delivery.words.tongue import LONGEST, Tongue, shown

MOST_NAMED = 10  #: numbers that a detail names

_GONE = frozenset({"number.removed", "number.moved", "app.removed"})  # types of those that did not recover

ARE = ("{numbers} of {waba} is {state}", "{numbers} of {waba} are {state}")
NOW = ("{numbers} of {waba} is now {state}", "{numbers} of {waba} are now {state}")
STILL = (
    "{numbers} of {waba} is still {state}, since {since} ({lasted})",
    "{numbers} of {waba} are still {state}, since {since} ({lasted})",
)

#: By whether others have got out of it before, and whether some are only gone.
OUT: Mapping[tuple[bool, bool], str] = {
    (False, False): "{some} of {numbers} of {waba} recovered since",
    (True, False): "{some} more of {numbers} of {waba} recovered since",
    (False, True): "{some} of {numbers} of {waba} are out of it",
    (True, True): "{some} more of {numbers} of {waba} are out of it",
}

#: How all of a group may be over; recovered is said apart.
ENDINGS: Mapping[str, str] = {
    "over": "{numbers} of {waba} are not in trouble any more",
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
        return self.named(named, len(named))

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
        bad = _bad(line)
        places = {"numbers": self._tongue.numbers(line.open), "waba": waba, "state": self._state(line)}
        if line.news is News.REMINDER:
            since = min(trouble.since for trouble in bad or line.troubles)
            times = {"since": self._tongue.moment(since, now), "lasted": self._tongue.lasting(now - since)}
            return self._tongue.plural(line.open, *STILL, **places, **times)
        if line.news is News.OPENED or (len(bad) == line.open == _told(line)):
            return self._tongue.plural(line.open, *(NOW if line.news is News.CHANGED else ARE), **places)
        return self._changed(line, bad, waba)

    def _changed(self, line: Line, bad: Sequence[Trouble], waba: str) -> str:
        """Which are new or changed, which are out of it, and how many are in it: the line lists what has news."""
        clauses = []
        if bad and len(bad) != line.open:
            changed = self._words(bad)
            numbers = self._tongue.numbers(len(bad))
            clauses.append(self._tongue.plural(len(bad), *NOW, numbers=numbers, waba=waba, state=changed))
        if len(bad) < len(line.troubles):
            clauses.append(self._out(line, len(line.troubles) - len(bad), waba))
        forms = ("{count} is still {state}", "{count} are still {state}")
        if bad and len(bad) != line.open:
            forms = ("{count} in all is {state}", "{count} in all are {state}")
        clauses.append(self._tongue.plural(line.open, *forms, state=self._state(line)))
        return self._tongue.clauses(clauses)

    def _out(self, line: Line, count: int, waba: str) -> str:
        """How many have got out of it; more than those of which there is news may have before."""
        gone = _gone(line)
        places = {"some": f"{count:,}", "numbers": self._tongue.numbers(_told(line)), "waba": waba}
        out = self._tongue.say(OUT[count < _told(line) - line.open, gone > 0], **places)
        return self._tongue.say("{sentence} ({extent})", sentence=out, extent=self._gone(gone)) if gone else out

    def _closed(self, line: Line, waba: str) -> str:
        """The end of all; those of which there is no news have got out of it before."""
        told, last = _told(line), len(line.troubles)
        numbers = self._tongue.numbers(told)
        if last < told:
            numbers = self._tongue.say("the last {some} of {numbers}", some=f"{last:,}", numbers=numbers)
        else:
            numbers = self._tongue.say("all {numbers}", numbers=numbers)
        gone = _gone(line)
        form = ENDINGS.get(line.why, ENDINGS["over"])
        if line.why in {"", "recovered"} and not gone and all(map(_has_recovered, line.troubles)):
            form = "{numbers} of {waba} recovered"
        sentence = self._tongue.say(form, numbers=numbers, waba=waba)
        if gone and form == ENDINGS["over"]:
            return self._tongue.say("{sentence} ({extent})", sentence=sentence, extent=self._gone(gone))
        return sentence

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
        """What those are that are in it; no word where the line does not list them all."""
        bad = _bad(line)
        return self._words(bad) if len(bad) == line.open else self._tongue.say("in trouble")

    def _words(self, bad: Sequence[Trouble]) -> str:
        """One word, or how many of each."""
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


def _bad(line: Line) -> list[Trouble]:
    return [trouble for trouble in line.troubles if is_bad(trouble)]


def _has_recovered(trouble: Trouble) -> bool:
    return trouble.type == "number.recovered"


def _gone(line: Line) -> int:
    """How many are out of it without having recovered, as far as the line lists them."""
    return sum(trouble.type in _GONE for trouble in line.troubles if not is_bad(trouble))

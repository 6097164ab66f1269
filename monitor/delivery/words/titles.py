"""
The title of a notice: how bad it is, and the one thing to know, or how much of what there is.

Pure.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from monitor.delivery.people.digest import TIER, Baseline, Digest, Line
from monitor.delivery.people.notice import News
from monitor.delivery.words.headlines import BRIEF
from monitor.delivery.words.ranking import severity, severity_of
from monitor.delivery.words.tongue import Tongue, shown

LONGEST_TITLE = 120

#: What is counted, (singular, plural) with its severity.
SUBJECTS: Mapping[str, tuple[str, str]] = {
    "number": ("{count} number {severity}", "{count} numbers {severity}"),
    "waba": ("{count} WABA {severity}", "{count} WABAs {severity}"),
    "app": ("{count} app {severity}", "{count} apps {severity}"),
    "account": ("the account {severity}", "{count} troubles of the account {severity}"),
}

MARKERS = ("critical", "warning", "info", "ok", "reminder", "test")

_GOOD_ENDS = frozenset({"recovered", "moved"})
_RELIEF = frozenset(
    {
        "number.recovered",
        "number.moved",
        "app.recovered",
        "account.recovered",
        "app.trusted",
        "account.trusted",
        "app_list.accepted",
        "waba.tier_raised",
    }
)


class Titles:
    """Writes titles."""

    def __init__(self, tongue: Tongue) -> None:
        self._tongue = tongue

    def marked(self, sentence: str, digest: Digest) -> str:
        """The sentence after what kind of notice it is."""
        return self._tongue.say("[{marker}] {sentence}", marker=self._tongue.say(_marker(digest)), sentence=sentence)

    def of_many(self, account: str, lines: Sequence[Line]) -> str:
        """How much of what, the worst first."""
        clauses = self._tongue.clauses(self._clauses(lines)) or self._tongue.say("nothing new")
        return self._of_account(account, clauses)

    def of_first_look(self, baseline: Baseline, lines: Sequence[Line]) -> str:
        """How many numbers a first look found in trouble, and what else there is."""
        numbers = self._tongue.numbers(baseline.numbers)
        found = self._tongue.say("first look: none of {numbers} needs attention", numbers=numbers)
        if baseline.degraded_count:
            found = self._tongue.plural(
                baseline.degraded_count,
                "first look: {count} of {numbers} needs attention",
                "first look: {count} of {numbers} need attention",
                numbers=numbers,
            )
        return self._of_account(baseline.account, self._tongue.clauses([found, *self._clauses(lines)]))

    def _of_account(self, account: str, sentence: str) -> str:
        return self._tongue.say("{account}: {sentence}", account=shown(account, BRIEF), sentence=sentence)

    def _clauses(self, lines: Sequence[Line]) -> Iterator[str]:
        open_now = [line for line in lines if _is_open(line)]
        if open_now:
            yield self._tongue.listed(self._open(open_now))
        recovered = [line for line in lines if line.news is News.CLOSED and line.why == "recovered"]
        others = [line for line in lines if line.news is News.CLOSED and line not in recovered]
        for counted, template in (
            ([line for line in lines if line.news is News.REMINDER], "{count} still open"),
            (recovered, "{count} recovered"),
            (others, "{count} closed"),
            ([line for line in lines if line.news is News.ONCE and not _is_open(line)], "{count} for information"),
        ):
            if counted:
                yield self._tongue.say(template, count=f"{sum(len(line.troubles) for line in counted):,}")

    def _open(self, lines: Iterable[Line]) -> Iterator[str]:
        """`2 numbers critical, 3 warning`: what is counted is named where it changes."""
        counts: Counter[tuple[str, str]] = Counter()
        for line in lines:
            counts[_subject(line), severity_of(line)] += max(line.open, 1)
        named = ""
        for subject, forms in SUBJECTS.items():
            for word in ("critical", "warning", "info"):
                count = counts[subject, word]
                if not count:
                    continue
                said = self._tongue.say(word)
                if subject == named:
                    yield self._tongue.say("{count} {severity}", count=f"{count:,}", severity=said)
                else:
                    yield self._tongue.plural(count, *forms, severity=said)
                named = subject


def _is_open(line: Line) -> bool:
    """Whether it is trouble to look at now."""
    return line.news in {News.OPENED, News.CHANGED} or (line.news is News.ONCE and line.severity != "info")


def _subject(line: Line) -> str:
    first = line.troubles[0]
    if first.number:
        return "number"
    if first.attribute == TIER:
        return "waba"
    return "app" if first.appkey else "account"


def _marker(digest: Digest) -> str:
    if digest.is_test:
        return "test"
    worst = severity(digest)
    if digest.baseline is not None or any(map(_is_open, digest.lines)):
        return worst
    if any(line.news is News.REMINDER for line in digest.lines):
        return "reminder"
    return "ok" if digest.lines and all(map(_is_relief, digest.lines)) else worst


def _is_relief(line: Line) -> bool:
    if line.news is News.CLOSED:
        return line.why in _GOOD_ENDS
    return line.news is News.ONCE and line.once in _RELIEF

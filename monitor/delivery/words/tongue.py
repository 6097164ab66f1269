"""
How people's messages say things: in their language and time zone, on one line, without characters nobody can see.

Pure.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.delivery.words.catalogue import tidied, translator
from monitor.fleet.policy import Language
from monitor.views.escape import terminal

LONGEST = 200  #: characters of a text that is not ours

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000


def shown(text: str, longest: int = LONGEST) -> str:
    """A text that is not ours: one line, what cannot be seen written out, cut where it is too long."""
    line = terminal(" ".join(text.split()))
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


class Tongue:
    """The people's language and time zone."""

    def __init__(self, language: Language, zone: ZoneInfo) -> None:
        self.language = language
        self._translate = translator(language)
        self._zone = zone

    def say(self, text: str, /, **places: str) -> str:
        """Our text in the language, with its {places} filled; whoever fills them has made them harmless."""
        said = self._translate(text).format(**places)
        return said if self.language == "en" else tidied(said)

    def plural(self, amount: int, one: str, many: str, /, **places: str) -> str:
        """The same with a {count}, in the form that fits the amount."""
        return self.say(one if amount == 1 else many, count=f"{amount:,}", **places)

    def numbers(self, amount: int) -> str:
        """`1 number`, `412 numbers`."""
        return self.plural(amount, "{count} number", "{count} numbers")

    def apps(self, amount: int) -> str:
        """`1 app`, `60 apps`."""
        return self.plural(amount, "{count} app", "{count} apps")

    def days(self, amount: int) -> str:
        """`1 day`, `3 days`."""
        return self.plural(amount, "{count} day", "{count} days")

    def listed(self, texts: Iterable[str]) -> str:
        """Several things one after the other."""
        return self.say(", ").join(texts)

    def clauses(self, texts: Iterable[str]) -> str:
        """Several sayings one after the other."""
        return self.say("; ").join(texts)

    def lasting(self, milliseconds: int) -> str:
        """`45 s`, `3 min`, `3 h 20 min`, `3 days`: the largest unit, with the next where the largest says little."""
        left = max(milliseconds, 0)
        if left < _MINUTE:
            return self.say("{count} s", count=str(left // _SECOND))
        if left < _HOUR:
            return self.say("{count} min", count=str(left // _MINUTE))
        large, small, unit = (_HOUR, _MINUTE, "{count} min") if left < _DAY else (_DAY, _HOUR, "{count} h")
        amount, rest = left // large, left % large // small
        first = self.say("{count} h", count=str(amount)) if large == _HOUR else self.days(amount)
        if not rest or amount >= 4:
            return first
        return self.say("{one} {other}", one=first, other=self.say(unit, count=str(rest)))

    def moment(self, at: int, now: int) -> str:
        """`16:00:12` of today, else `2026-11-20 11:10`."""
        then, today = self._there(at), self._there(now)
        return f"{then:%H:%M:%S}" if then.date() == today.date() else f"{then:%Y-%m-%d %H:%M}"

    def moment_there(self, at: int, now: int) -> str:
        """The same with the zone's name: `16:00:12 (Asia/Shanghai)`."""
        return self.say("{moment} ({zone})", moment=self.moment(at, now), zone=str(self._zone))

    def _there(self, at: int) -> datetime:
        return (_EPOCH + timedelta(milliseconds=at)).astimezone(self._zone)

"""
What somebody looks for on a page of the fleet: a text, a state, an account, a page of the list.

Pure.  It is all in the page's address.  What cannot be applied is an error of one sentence, as in `filters`; a field
that a form leaves empty is not asked about.
"""

import re
from collections.abc import Callable, Iterable, Mapping

import msgspec

from monitor.fleet.app import App
from monitor.fleet.masking import FULL, Masking
from monitor.fleet.number import normalise
from monitor.fleet.scales import Severity, quality_value
from monitor.fleet.snapshot import Entry
from monitor.views.filters import FilterError
from monitor.views.tally import Tally, cannot_send

LAST_PAGE = 10_000
LONGEST_TEXT = 200

_written = re.compile(r"[\s().\-/\u2010-\u2015]+")
_digits = re.compile(r"\+?[0-9]{2,20}", re.ASCII)

#: By the word in the address: which entries it shows.
SHOWS: Mapping[str, Callable[[Entry], bool]] = {
    "trouble": lambda entry: entry.severity >= Severity.WARNING,
    "critical": lambda entry: entry.severity is Severity.CRITICAL,
    "warning": lambda entry: entry.severity is Severity.WARNING,
    "unknown": lambda entry: entry.severity is Severity.UNKNOWN,
    "ok": lambda entry: entry.severity is Severity.OK,
    "silent": cannot_send,
    "red": lambda entry: quality_value(entry.now.quality_rating) == 3,
    "yellow": lambda entry: quality_value(entry.now.quality_rating) == 2,
    "green": lambda entry: quality_value(entry.now.quality_rating) == 1,
    "unrated": lambda entry: quality_value(entry.now.quality_rating) == 0,
}

#: How many of a counted app's entries each word shows: an app with none need not be looked through.
COUNTED: Mapping[str, Callable[[Tally], int]] = {
    "trouble": lambda tally: tally.attention,
    "critical": lambda tally: tally.critical,
    "warning": lambda tally: tally.warning,
    "unknown": lambda tally: tally.unknown,
    "ok": lambda tally: tally.numbers - tally.attention - tally.unknown,
    "silent": lambda tally: tally.silenced,
    "red": lambda tally: tally.ratings[3],
    "yellow": lambda tally: tally.ratings[2],
    "green": lambda tally: tally.ratings[1],
    "unrated": lambda tally: tally.ratings[0],
}


class Needle:
    """A text that is searched for in apps and numbers, without regard to case."""

    def __init__(self, text: str, masking: Masking = FULL) -> None:
        """
        Args:
            text: Part of a number however it is written, of an app's name or appkey, of a WABA or a name.
            masking: A number that is masked is found by what is shown of it, or as a whole: not digit by digit.
        """
        self._masking = masking
        self._whole = normalise(text)
        self._text = text.casefold()
        bare = _written.sub("", text)
        self._number = bare.removeprefix("+") if _digits.fullmatch(bare) else self._text

    def fits_app(self, app: App) -> bool:
        """Whether it is the app that is meant, and so all of its numbers."""
        text = self._text
        return text in app.appkey.casefold() or text in app.name.casefold()

    def fits(self, entry: Entry) -> bool:
        """Whether the entry is meant."""
        row, text = self._masking.row(entry.now), self._text
        return (
            entry.now.number == self._whole
            or self._number in row.number.casefold()
            or text in row.verified_name.casefold()
            or text in row.waba_id.casefold()
            or text in row.waba_name.casefold()
        )


class Looking(msgspec.Struct, frozen=True):
    """What is looked for; empty for nothing in particular."""

    q: str = ""
    show: str = ""  #: of `SHOWS`
    account: str = ""
    page: int = 1  #: of the numbers
    apps: int = 1  #: the page of the grid

    @property
    def is_any(self) -> bool:
        """Whether nothing in particular is looked for."""
        return not (self.q or self.show or self.account)

    def needle(self, masking: Masking = FULL) -> Needle | None:
        """The text, and how numbers are shown to whoever looks for it."""
        return Needle(self.q, masking) if self.q else None


def looking(asked: Iterable[tuple[str, str]]) -> Looking:
    """
    Read the query of a page.

    Raises:
        FilterError: Something cannot be applied.
    """
    read: dict[str, str | int] = {}
    for name, text in asked:
        if name not in Looking.__struct_fields__:
            raise FilterError(name, f"there is no filter {name!r} here; known are {', '.join(_FIELDS)}")
        if name in read:
            raise FilterError(name, f"{name}: given twice; give it once")
        if text.strip():
            read[name] = _PAGES[name](name, text) if name in _PAGES else text.strip()[:LONGEST_TEXT]
    asked_for = msgspec.convert(read, Looking)
    if asked_for.show and asked_for.show not in SHOWS:
        raise FilterError("show", f"show: there is no {asked_for.show!r}; known are {', '.join(SHOWS)}")
    return asked_for


def _page(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and 1 <= int(text) <= LAST_PAGE):
        raise FilterError(name, f"{name}: expected a whole number from 1 to {LAST_PAGE}, got {text!r}")
    return int(text)


_FIELDS = Looking.__struct_fields__
_PAGES = {"page": _page, "apps": _page}

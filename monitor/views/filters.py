"""
What a reader asks of a list: which filters there are and how they are read.

Pure.  A filter that cannot be read, is not known, or is given twice is an error of one clear sentence: a list that
ignored it silently would be taken for the answer.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

import msgspec

from monitor.fleet.app import App
from monitor.fleet.event import EVENT_TYPES
from monitor.fleet.number import normalise
from monitor.fleet.scales import Severity
from monitor.fleet.snapshot import Entry
from monitor.views.escape import valid
from monitor.views.moment import moment

LONGEST_PAGE = 1000  # of any list: some 600 KB of numbers, built within a few milliseconds
LAST_SEQUENCE = 2**63 - 1  #: no store counts further
USUAL_PAGE = 100  # of what grows without end: events and deliveries


class FilterError(ValueError):
    """A filter was asked for that cannot be applied; the text is one sentence for whoever wrote it."""

    def __init__(self, name: str, sentence: str) -> None:
        """`name` is the parameter's."""
        self.name = name
        super().__init__(sentence)


class NumberFilter(msgspec.Struct, frozen=True):
    """Which numbers; None fits all."""

    account: str | None = None
    appkey: str | None = None
    waba_id: str | None = None
    number: str | None = None
    degraded: bool | None = None  #: True: in warning or critical; False: the others
    since: int | None = None  #: quality rating, status or tier changed then or later
    limit: int = LONGEST_PAGE
    cursor: tuple[str, ...] | None = None  #: (account, appkey, waba_id, number) of the last one seen

    def fits_app(self, app: App) -> bool:
        """Whether entries of this app can be asked for; the cursor aside."""
        return self.account in {None, app.account} and self.appkey in {None, app.appkey}

    def fits(self, entry: Entry) -> bool:
        """Whether this entry of such an app is asked for; the cursor aside."""
        since = entry.since
        return (
            (self.degraded is None or self.degraded == (entry.severity >= Severity.WARNING))
            and (self.waba_id is None or self.waba_id == entry.now.waba_id)
            and (self.number is None or self.number == entry.now.number)
            and (self.since is None or self.since <= max(since.quality_rating, since.status, since.tier))
        )


class AppFilter(msgspec.Struct, frozen=True):
    """Which apps; None fits all."""

    account: str | None = None
    appkey: str | None = None
    waba_id: str | None = None  #: with an entry of this WABA
    degraded: bool | None = None  #: True: with an entry in warning or critical; False: the others
    limit: int = LONGEST_PAGE
    cursor: tuple[str, ...] | None = None  #: (account, appkey) of the last one seen

    def fits_app(self, app: App) -> bool:
        """Whether this app can be asked for, its entries and the cursor aside."""
        return self.account in {None, app.account} and self.appkey in {None, app.appkey}

    def fits(self, entries: Collection[Entry]) -> bool:
        """Whether an app with these entries is asked for; the cursor aside."""
        if self.waba_id is not None and not any(entry.now.waba_id == self.waba_id for entry in entries):
            return False
        return self.degraded is None or self.degraded == any(entry.severity >= Severity.WARNING for entry in entries)


class EventFilter(msgspec.Struct, frozen=True):
    """Which events; None fits all."""

    account: str | None = None
    appkey: str | None = None
    number: str | None = None
    type: str | None = None
    since: int | None = None  #: milliseconds since 1970
    limit: int = USUAL_PAGE
    cursor: int | None = None  #: the sequence of the last one seen


class StreamFilter(msgspec.Struct, frozen=True):
    """Which events, as they happen; None fits all."""

    account: str | None = None
    appkey: str | None = None
    number: str | None = None
    type: str | None = None
    since: int | None = None  #: milliseconds since 1970: also what was told from then on
    cursor: int | None = None  #: also what was told after this sequence


class Scope(msgspec.Struct, frozen=True):
    """Whose entries of a number count; None: everybody's."""

    account: str | None = None
    appkey: str | None = None


class DeliveryFilter(msgspec.Struct, frozen=True):
    """Which deliveries; None fits all."""

    account: str | None = None
    appkey: str | None = None
    number: str | None = None
    type: str | None = None  #: of the event
    sink: str | None = None
    failed: bool | None = None  #: True: dead, or tried in vain and still waiting; False: the others
    since: int | None = None  #: of events not before this moment, milliseconds since 1970
    limit: int = USUAL_PAGE
    cursor: tuple[int, str] | None = None  #: (sequence, sink) of the last one seen


def number_filter(asked: Iterable[tuple[str, str]], now: int) -> NumberFilter:
    """
    Read the query of a list of numbers.

    Args:
        asked: The parameters' names and texts, as they came.
        now: The present; `since` may be a duration.

    Raises:
        FilterError: Something cannot be applied.
    """
    return _read(NumberFilter, {**_READERS, "cursor": _identity(4)}, asked, now)


def app_filter(asked: Iterable[tuple[str, str]], now: int) -> AppFilter:
    """Read the query of a list of apps, likewise."""
    return _read(AppFilter, {**_READERS, "cursor": _identity(2)}, asked, now)


def event_filter(asked: Iterable[tuple[str, str]], now: int) -> EventFilter:
    """Read the query of a list of events, likewise."""
    return _read(EventFilter, {**_READERS, "cursor": sequence}, asked, now)


def delivery_filter(asked: Iterable[tuple[str, str]], now: int) -> DeliveryFilter:
    """Read the query of a list of deliveries, likewise."""
    return _read(DeliveryFilter, {**_READERS, "cursor": _delivery}, asked, now)


def stream_filter(asked: Iterable[tuple[str, str]], now: int) -> StreamFilter:
    """Read the query of a stream of events, likewise."""
    return _read(StreamFilter, {**_READERS, "cursor": sequence}, asked, now)


def scope(asked: Iterable[tuple[str, str]], now: int) -> Scope:
    """Read the query of a verdict, likewise."""
    return _read(Scope, _READERS, asked, now)


def cursor(identity: tuple[str, ...]) -> str:
    """The opaque text that stands for a place in a list of numbers, apps or deliveries."""
    return urlsafe_b64encode(json.dumps(identity).encode()).decode().rstrip("=")


def sequence(text: str, _now: int = 0) -> int:
    """
    Read the sequence of an event.

    Raises:
        ValueError: It is none; the message says so.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= 20):
        raise ValueError(f"expected the sequence of an event, got {text!r}")
    return min(int(text), LAST_SEQUENCE)


_Reader = Callable[[str, int], object]
_Filter = TypeVar("_Filter", NumberFilter, AppFilter, EventFilter, DeliveryFilter, StreamFilter, Scope)


def _read(kind: type[_Filter], readers: Mapping[str, _Reader], asked: Iterable[tuple[str, str]], now: int) -> _Filter:
    read: dict[str, object] = {}
    for name, text in asked:
        if name not in kind.__struct_fields__:
            raise FilterError(name, f"there is no filter {name!r} here{_meant(name, kind.__struct_fields__)}")
        if name in read:
            raise FilterError(name, f"{name}: given twice; give it once")
        try:
            read[name] = readers[name](text, now)
        except ValueError as error:
            raise FilterError(name, f"{name}: {error}") from error
    return msgspec.convert(read, kind)


def _meant(word: str, known: Iterable[str]) -> str:
    known = list(known)
    close = get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}"


def _text(text: str, _: int = 0) -> str:
    if "\0" in text:
        raise ValueError("a NUL is in no name")  # and PostgreSQL takes none
    return text


def _number(text: str, _: int) -> str:
    return normalise(_text(text))  # a plus sign that was not encoded arrives as a space: digits alone are read too


def _flag(text: str, _: int) -> bool:
    try:
        return {"": True, "true": True, "1": True, "false": False, "0": False}[text.lower()]
    except KeyError:
        raise ValueError(f"expected true or false, got {text!r}") from None


def _limit(text: str, _: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 9 and 1 <= int(text) <= LONGEST_PAGE):
        raise ValueError(f"expected a whole number from 1 to {LONGEST_PAGE}, got {text!r}")
    return int(text)


def _type(text: str, _: int) -> str:
    if text not in EVENT_TYPES:
        raise ValueError(f"there is no type {text!r}{_meant(text, EVENT_TYPES)}")
    return text


def _identity(parts: int) -> Callable[[str, int], tuple[str, ...]]:
    def read(text: str, _: int) -> tuple[str, ...]:
        try:
            identity = msgspec.convert(json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4))), tuple[str, ...])
        except (ValueError, RecursionError):
            identity = ()
        if len(identity) != parts:
            raise ValueError(f"{text!r} is not the `next` of such a list")
        return identity

    return read


def _delivery(text: str, now: int) -> tuple[int, str]:
    number, sink = _identity(2)(text, now)
    is_number = number.isascii() and number.isdecimal() and len(number) <= 18
    if not is_number or "\0" in sink or valid(sink) != sink:  # no store takes such a text
        raise ValueError(f"{text!r} is not the `next` of such a list")
    return int(number), sink


_READERS: Mapping[str, _Reader] = {
    "account": _text,
    "appkey": _text,
    "waba_id": _text,
    "number": _number,
    "degraded": _flag,
    "failed": _flag,
    "sink": _text,
    "since": moment,
    "type": _type,
    "limit": _limit,
}

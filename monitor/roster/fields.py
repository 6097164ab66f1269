"""
What a list may say of one app: the fields that a file's columns and a URL's objects share, and their rules.

Pure.  A field that is wrong is told through `complain`, in words that name the field, the value and what would be
right; the caller adds the place.  All faults of an app are told, not only the first.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches

from monitor.fleet.app import App

Complain = Callable[[str], None]

NAMED_FIELDS = ("appkey", "name", "interval")
LABEL_PREFIX = "label_"
LONGEST_TEXT = 1_000
MOST_APPS = 100_000  # the vendor has 1,000 an account; a file of another kind has millions of lines
SHORTEST_INTERVAL = 5_000  # as for `poll.interval`
LONGEST_INTERVAL = 36_500 * 86_400_000

_APPKEY = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9_.:-]{1,128}")  # as in the configuration; paths swallow mere dots
_LABEL = re.compile(r"label_[A-Za-z0-9_]+")  # with its prefix it must be a label of Prometheus
_DURATION = re.compile(r"([0-9]{1,15})(ms|s|m|h|d)", re.ASCII)
_UNIT = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_SPREADSHEET = re.compile(r"[0-9](\.[0-9]+)?[eE]\+[0-9]+")


def why_not_a_field(name: str) -> str | None:
    """Why there is no field of this name; None when there is."""
    if name in NAMED_FIELDS or _LABEL.fullmatch(name):
        return None
    if name.lower().startswith(LABEL_PREFIX):
        return f"{name!r} is no label: write label_ and letters, digits or underscores"
    near = get_close_matches(name.lower(), NAMED_FIELDS, n=1)
    if near:
        return f"{name!r} is not known; did you mean {near[0]!r}?"
    return f"{name!r} is not known; there are appkey, name, interval and label_*"


def app_from(account: str, fields: Mapping[str, str], complain: Complain) -> App | None:
    """The app that these fields describe (known names only; empty text is no value), or None after complaints."""
    appkey = fields.get("appkey", "")
    wrong = [*_faults_of_appkey(appkey), *faults_beside_appkey(fields)]
    for fault in wrong:
        complain(fault)
    if wrong:
        return None
    text = fields.get("interval", "")
    interval = interval_ms(text) if text else None
    labels = sorted((name[len(LABEL_PREFIX) :], text) for name, text in fields.items() if _is_label(name) and text)
    return App(account, appkey, fields.get("name", ""), interval, tuple(labels))


def is_a_word(text: str) -> bool:
    """Whether it could be an appkey, but as well any word: it has no digit."""
    return _APPKEY.fullmatch(text) is not None and not any(sign.isdecimal() for sign in text)


def faults_beside_appkey(fields: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with these fields, the appkey aside."""
    if text := fields.get("interval", ""):
        try:
            interval_ms(text)
        except ValueError as error:
            yield str(error)
    for name, text in fields.items():
        if name and name != "appkey" and len(text) > LONGEST_TEXT:
            yield f"{name} is longer than {LONGEST_TEXT} characters"


def interval_ms(text: str) -> int:
    """
    Milliseconds of a duration such as `30s`, `5m` or `1h`.

    Raises:
        ValueError: It is none, or under 5 s, or over 100 years; its text says which.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"interval {text[:40]!r} is no duration; write it as 30s, 5m or 1h")
    milliseconds = int(match[1]) * _UNIT[match[2]]
    if milliseconds < SHORTEST_INTERVAL:
        raise ValueError(f"interval {text!r} is under 5s, the shortest there is")
    if milliseconds > LONGEST_INTERVAL:
        raise ValueError(f"interval {text!r} is over 36500d, the longest there is")
    return milliseconds


def without_repeated(listed: Iterable[tuple[int, App]], places: str, complain: Callable[[int, str], None]) -> list[App]:
    """The apps of (place, app) pairs, counted in `places` (line or item); a repeated appkey is complained of."""
    first: dict[str, int] = {}
    apps = []
    for place, app in listed:
        if app.appkey in first:
            complain(place, f"appkey {app.appkey!r} is in {places} {first[app.appkey]} already; delete one of the two")
        else:
            first[app.appkey] = place
            apps.append(app)
    return apps


def _is_label(name: str) -> bool:
    return name.startswith(LABEL_PREFIX)


def _faults_of_appkey(appkey: str) -> Iterable[str]:
    if not appkey:
        yield "the appkey is missing"
    elif _SPREADSHEET.fullmatch(appkey):
        yield f"appkey {appkey!r} was rewritten by a spreadsheet; make the column text and enter it again"
    elif not _APPKEY.fullmatch(appkey):
        shown = appkey if len(appkey) <= 40 else f"{appkey[:40]}…"
        yield (
            f"appkey {shown!r} is none: expected 1 to 128 letters, digits and signs of _ - . : "
            "with a letter or digit among them"
        )

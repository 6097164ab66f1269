"""
What a single value of the configuration may be: text, whole numbers, durations, addresses, URLs, states.

Every type reads the text that the document holds, and refuses the rest with `Unfit`.
A value built in Python may be given as what it becomes: a duration as integer milliseconds.
"""

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from monitor.settings.document import Unquoted
from monitor.settings.durations import milliseconds, spelled
from monitor.settings.words import ALERT_ATTRIBUTES, EVENT_ATTRIBUTES, EVENT_TYPES, STATES

SHORTEST_INTERVAL = 5_000
LONGEST_NAME = 100
LONGEST_URL = 8_000
LONGEST_SOCKET = 107  # bytes: what Linux has room for
UNIX = "unix:"  # an address that is a socket's path
SHOWN = 60  # characters of a value that a message repeats

_APPKEY = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9_.:-]{1,128}")  # as in lists of apps; paths swallow mere dots
_LABEL = re.compile(r"[A-Za-z0-9_]+")  # with its prefix label_ it must be a label of Prometheus
_ADDRESS = re.compile(r"(\[[0-9A-Fa-f:.%a-z]+\]|[A-Za-z0-9._-]*):([0-9]{1,5})")
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+(%[A-Za-z0-9._-]+)?")  # of an address without its brackets
_PLACE = re.compile(r"(\[[^\[\]]+\]|[^\[\]:]+)(:[0-9]*)?")  # the parser is content with brackets anywhere
_LIKE_IPV4 = re.compile(r"[0-9]+(\.[0-9]+){3}")
_TRUTHS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_DOTS = frozenset({".", ".."})  # a path would swallow them


class Unfit(ValueError):
    """A value cannot stand where it does; the text is the whole message and repeats no secret."""


def got(value: object) -> str:
    """The value as a message shows it; what is no single value by its kind alone."""
    if isinstance(value, str):
        return repr(_cut(value))
    return kind(value)


def _cut(value: str) -> str:
    return str(value) if len(value) <= SHOWN else f"{value[:SHOWN]}…"


def kind(value: object) -> str:
    """What kind of value it is, for messages that must not repeat it."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list | tuple) else "a mapping"


def meant(word: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    """`; did you mean 'x'?`, or nothing when no known word is near."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    near = get_close_matches(word.lower(), by_lower, n=1)
    return f"; did you mean {by_lower[near[0]]!r}?" if near else ""


def one_of(words: tuple[str, ...]) -> str:
    """`a, b or c`."""
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def text(value: object, *, secret: bool = False) -> str:
    """
    Text that is not empty.

    Raises:
        Unfit: It is none, or needs quotes; the message of a secret does not repeat it.
    """
    read = text_or_empty(value, secret=secret)
    if not read:
        raise Unfit("is empty")
    return read


def text_or_empty(value: object, *, secret: bool = False) -> str:
    """Text that may be empty, but not absent; raises as `text` does."""
    if value is None:
        raise Unfit("is empty")
    if isinstance(value, Unquoted):
        shown = "" if secret else f"{_cut(value)} "
        example = f': "{value}"' if not secret and len(value) <= SHOWN else ""
        raise Unfit(f"{shown}is {value.reading} to YAML; write it in quotes{example}")
    if not isinstance(value, str):
        raise Unfit(f"expected text, got {got(value)}")
    return value


def _account_name(name: str) -> str:
    """It becomes a label, a part of addresses and of incidents' ids."""
    if len(name) > LONGEST_NAME or not name.isprintable() or "/" in name or name.strip(" ") != name or name in _DOTS:
        raise Unfit(f"expected {LONGEST_NAME} printable characters at most, no slash, no outer spaces, got {got(name)}")
    return name


def _appkey(appkey: str) -> str:
    if not _APPKEY.fullmatch(appkey):
        raise Unfit(
            "expected 1 to 128 letters, digits and signs of _ - . : with a letter or digit among them, "
            f"got {got(appkey)}"
        )
    return appkey


def _header_value(value: str) -> str:
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise Unfit("expected letters, digits and signs of ASCII without spaces: it is sent as a header")
    return value


def _label(name: object) -> str:
    read = text(name)
    if not _LABEL.fullmatch(read):
        raise Unfit("expected letters, digits and underscores: it becomes label_ and this name")
    return read


def _duration(value: object) -> int:
    if isinstance(value, int):
        return value
    if value is None:
        raise Unfit("is empty")
    if not isinstance(value, str):
        raise Unfit(f"expected a duration such as 30s, got {got(value)}")
    return milliseconds(value)


def _positive(value: int) -> int:
    if value <= 0:
        raise Unfit(f"expected more than 0s, got {spelled(value)!r}")
    return value


def _interval(value: int) -> int:
    if value < SHORTEST_INTERVAL:
        raise Unfit(f"expected {spelled(SHORTEST_INTERVAL)} at least, got {spelled(value)!r}")
    return value


def _number(value: object) -> object:
    if value is None:
        raise Unfit("is empty")
    if isinstance(value, str):
        return str(value).strip()
    return value


def check_url(url: str, *, bare: bool = False) -> str:
    """
    An http or https URL with a host; `bare` allows neither a user nor a query: what is shown and appended to.

    Raises:
        Unfit: It is none.  The message does not repeat it: it may carry a token.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:  # its text may repeat a part of the URL
        raise Unfit("expected a URL; its host or port cannot be read") from None
    if parts.scheme not in {"http", "https"} or not host or not url.isprintable() or " " in url:
        raise Unfit("expected a URL that begins with https:// or http://")
    if (
        not _HOST.fullmatch(host)
        or not _PLACE.fullmatch(parts.netloc.rpartition("@")[2])
        or (_LIKE_IPV4.fullmatch(host) and not _is_ipv4(host))
        or len(url) > LONGEST_URL
    ):
        raise Unfit("expected a URL whose host is a name of ASCII letters and digits, or an address")
    if bare and (parts.username is not None or parts.query or parts.fragment):
        raise Unfit("expected a URL without a user, ? or #")
    return url


def _is_ipv4(host: str) -> bool:
    try:
        IPv4Address(host)
    except ValueError:
        return False
    return True


def _bare_url(value: object) -> str:
    return check_url(text(value), bare=True).rstrip("/")


def _address(value: object, info: ValidationInfo) -> str:
    read = text_or_empty(value) if not isinstance(value, Unquoted) else str(value)
    if read.startswith(UNIX):
        path = str(absolute(read.removeprefix(UNIX), info))
        if len(os.fsencode(path)) > LONGEST_SOCKET:
            raise Unfit(f"expected a path of {LONGEST_SOCKET} bytes at most, which is what a socket's may have")
        return f"{UNIX}{path}"
    match = _ADDRESS.fullmatch(read)
    if match is None or int(match[2]) > 65535:
        raise Unfit(f"expected HOST:PORT, :PORT for every address of this machine, or unix:PATH, got {got(read)}")
    return read


def absolute(value: object, info: ValidationInfo) -> Path:
    """Relative paths begin at the context, the configuration file's directory."""
    if isinstance(value, Path):
        return value
    name = text(value)
    if "\0" in name:
        raise Unfit("expected a path")
    return info.context / name if isinstance(info.context, Path) else Path(name)


def _timezone(value: object) -> str:
    name = text(value)
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        hint = meant(name, tuple(sorted(available_timezones())))
        raise Unfit(f"expected the name of a time zone such as Asia/Shanghai, got {got(name)}{hint}") from error
    return name


def _state(key: object) -> tuple[str, str]:
    if isinstance(key, tuple) and len(key) == 2:
        return key
    known = tuple(f"{attribute}.{word}" for attribute, words in STATES.items() for word in words)
    if key not in known:
        raise Unfit(f"expected a state such as quality_rating.RED or status.PENDING{meant(str(key), known)}")
    attribute, word = str(key).split(".")
    return attribute, word


def _state_attribute(glob: str) -> str:
    if not any(fnmatchcase(attribute, glob) for attribute in STATES):
        raise Unfit(f"expected {one_of(tuple(STATES))}, got {got(glob)}{meant(glob, STATES)}")
    return glob


def _event_type(glob: str) -> str:
    if not any(fnmatchcase(kind, glob) for kind in EVENT_TYPES):
        raise Unfit(f"expected a type of event such as number.degraded, got {got(glob)}{meant(glob, EVENT_TYPES)}")
    return glob


def _event_attribute(glob: str) -> str:
    if not any(fnmatchcase(attribute, glob) for attribute in EVENT_ATTRIBUTES):
        raise Unfit(f"expected {one_of(EVENT_ATTRIBUTES)}, got {got(glob)}{meant(glob, EVENT_ATTRIBUTES)}")
    return glob


def _alert_attribute(glob: str) -> str:
    if not any(fnmatchcase(attribute, glob) for attribute in ALERT_ATTRIBUTES):
        raise Unfit(f"expected {one_of(ALERT_ATTRIBUTES)}, got {got(glob)}{meant(glob, ALERT_ATTRIBUTES)}")
    return glob


def _refuse_of_events(value: object) -> None:
    if value is not None:
        raise Unfit("is of events, and this rule is about entries: give account, appkey, number, waba_id or labels")


def _truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, Unquoted) and value.lower() in _TRUTHS:
        return _TRUTHS[value.lower()]
    raise Unfit(f"expected true or false, got {got(value)}")


def _or_empty(value: object) -> object:
    return () if value is None else value


def _or_empty_mapping(value: object) -> object:
    return {} if value is None else value


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else _or_empty(value)


Text = Annotated[str, BeforeValidator(text)]
TextOrEmpty = Annotated[str, BeforeValidator(text_or_empty)]
AccountName = Annotated[Text, AfterValidator(_account_name)]
Appkey = Annotated[Text, AfterValidator(_appkey)]
HeaderValue = Annotated[Text, AfterValidator(_header_value)]
LabelName = Annotated[str, BeforeValidator(_label)]
Duration = Annotated[int, BeforeValidator(_duration)]  #: milliseconds
PositiveDuration = Annotated[Duration, AfterValidator(_positive)]
Interval = Annotated[Duration, AfterValidator(_interval)]
Whole = Annotated[int, BeforeValidator(_number)]
PositiveNumber = Annotated[float, BeforeValidator(_number), Field(gt=0, allow_inf_nan=False)]
Truth = Annotated[bool, BeforeValidator(_truth)]
BareUrl = Annotated[str, BeforeValidator(_bare_url)]
Address = Annotated[str, BeforeValidator(_address)]
AbsolutePath = Annotated[Path, BeforeValidator(absolute)]
TimeZoneName = Annotated[str, BeforeValidator(_timezone)]
State = Annotated[tuple[str, str], BeforeValidator(_state)]  #: (attribute, word): ("quality_rating", "RED")
StateAttribute = Annotated[Text, AfterValidator(_state_attribute)]
EventType = Annotated[Text, AfterValidator(_event_type)]
AlertAttribute = Annotated[Text, AfterValidator(_alert_attribute)]
EventAttribute = Annotated[Text, AfterValidator(_event_attribute)]
OfEvents = Annotated[None, BeforeValidator(_refuse_of_events)]  #: a key of `match` that would never fit here
ListOrNothing = BeforeValidator(_or_empty)
MappingOrNothing = BeforeValidator(_or_empty_mapping)
OneOrMore = BeforeValidator(_one_or_more)

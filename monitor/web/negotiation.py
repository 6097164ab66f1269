"""
What a client accepts: the format and the encoding of the metrics, the form of an answer, the language of a page.

Pure.  Source: RFC 9110 sections 12.4.2, 12.5.1, 12.5.3 and 12.5.4.  A scraper that accepts nothing we have still gets
the classic text, as exporters do: refusing would lose the scrape.  The API has one form of each answer, and says so.
"""

from collections.abc import Iterator, Mapping
from enum import Enum

from monitor.fleet.policy import Language


class Format(Enum):
    """A form of the metrics; the value is its Content-Type."""

    TEXT = "text/plain; version=0.0.4; charset=utf-8"
    OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"


_VERSIONS: Mapping[Format, tuple[str, str, str]] = {  # type, subtype, version
    Format.TEXT: ("text", "plain", "0.0.4"),
    Format.OPENMETRICS: ("application", "openmetrics-text", "1.0.0"),
}


_LANGUAGES: Mapping[str, Language] = {"en": "en", "zh": "zh-CN"}


def metrics_format(accept: str) -> Format:
    """OpenMetrics where the `Accept` header names it and puts it first; else the classic text."""
    openmetrics, by_name = _quality(accept, Format.OPENMETRICS)
    text, text_by_name = _quality(accept, Format.TEXT)
    if openmetrics > text or (openmetrics == text > 0 and by_name and not text_by_name):
        return Format.OPENMETRICS
    return Format.TEXT


def accepts(accept: str, media_type: str) -> bool:
    """Whether a client that sends this `Accept` header takes a media type; without one it takes anything."""
    if not accept.strip():
        return True
    kind = media_type.partition("/")[0]
    qualities = {media: _q(parameters) for media, parameters in _elements(accept)}
    ranges = (media_type, f"{kind}/*", "*/*")
    return next((qualities[media] for media in ranges if media in qualities), 0.0) > 0


def wants_gzip(accept_encoding: str) -> bool:
    """Whether gzip is accepted, and liked no less than plain text."""
    qualities = {name: _q(parameters) for name, parameters in _elements(accept_encoding)}
    anything = qualities.get("*", 0.0)
    gzip = max(qualities.get("gzip", anything), qualities.get("x-gzip", 0.0))
    return gzip > 0 and gzip >= qualities.get("identity", 0.0)


def language_of(accept_language: str) -> Language:
    """The language that a reader likes best of those we speak; English where it is neither."""
    liked: dict[Language, float] = {"en": 0.0, "zh-CN": 0.0}
    for tag, parameters in _elements(accept_language):
        spoken = _LANGUAGES.get(tag.partition("-")[0])
        if spoken is not None:
            liked[spoken] = max(liked[spoken], _q(parameters))
    return "zh-CN" if liked["zh-CN"] > liked["en"] else "en"


def _quality(accept: str, offered: Format) -> tuple[float, bool]:
    """The q of the most specific range that fits, and whether that range names the type itself."""
    kind, subtype, version = _VERSIONS[offered]
    best: tuple[int, float] = (0, 0.0)
    for media, parameters in _elements(accept):
        if media == f"{kind}/{subtype}" and parameters.get("version", version) == version:
            specific = 4 if "version" in parameters else 3
        elif media == f"{kind}/*":
            specific = 2
        elif media == "*/*":
            specific = 1
        else:
            continue
        if specific > best[0]:
            best = (specific, _q(parameters))
    return best[1], best[0] >= 3


def _elements(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each element of a header's list: its lower-case value, and its parameters."""
    for element in header.split(","):
        value, *rest = (part.strip() for part in element.split(";"))
        pairs = (part.partition("=") for part in rest)
        yield value.lower(), {name.strip().lower(): text.strip().strip('"') for name, _, text in pairs}


def _q(parameters: Mapping[str, str]) -> float:
    """The quality, 0 to 1; one that cannot be read is 0: the element is not taken."""
    try:
        quality = float(parameters.get("q", "1"))
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0

"""Say what pydantic found in the words of this configuration: what was expected, what came, and what may be meant."""

import re
from collections.abc import Callable, Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from monitor.settings.findings import Findings
from monitor.settings.model import Contents
from monitor.settings.problems import is_showable
from monitor.settings.scalars import got, kind, meant, one_of
from monitor.settings.section import Section
from monitor.settings.shape import keys, section_at, spellings


def explain(error: ValidationError, findings: Findings, root: type[Section] = Contents) -> None:
    """Add every fault to the findings, save where a value is missing for a reason already told; `root` was read."""
    for details in error.errors(include_url=False):
        if findings.full:
            return
        if not findings.spoilt(details["loc"]):
            findings.add(details["loc"], _message(details, root))


def _message(details: ErrorDetails, root: type[Section]) -> str:
    say_of_key = _MESSAGES_OF_KEYS.get(details["type"])
    if say_of_key:
        return say_of_key(details, root)
    say = _MESSAGES.get(details["type"])
    return say(details) if say else details["msg"]


def _own(details: ErrorDetails) -> str:
    return str(details["ctx"]["error"])


def _missing(details: ErrorDetails, root: type[Section]) -> str:
    *above, name = details["loc"]
    section = section_at(tuple(above), root)
    key = keys(section).get(str(name)) if section else None
    return f"is required: give {name} or {name}_file" if key and key.has_twin else "is required"


def _unknown(details: ErrorDetails, root: type[Section]) -> str:
    *above, key = details["loc"]
    if not is_showable(str(key)):
        return "has a key that is not known; a colon and a space may be missing"
    section = section_at(tuple(above), root)
    near = meant(str(key), tuple(spellings(section))) if section else ""
    return f"is not a known key{near or _elsewhere(str(key), root)}"


def _elsewhere(key: str, root: type[Section]) -> str:
    """A key may have come loose from its section, by its indent."""
    for name, section in keys(root).items():
        if any(key in spellings(below) for below in section.below):
            return f"; did you mean {name}.{key}?"
    return ""


def _word(details: ErrorDetails) -> str:
    words = tuple(re.findall(r"'([^']*)'", details["ctx"]["expected"]))
    given = details["input"]
    near = meant(given, words) if isinstance(given, str) else ""
    return f"expected {one_of(words)}, got {got(given)}{near}"


def _too_few(details: ErrorDetails) -> str:
    if details["loc"][-1] == "severities":
        return "names no state, such as quality_rating.RED: warning"
    return "is empty; one is needed at least"


def _expected(what: str) -> Callable[[ErrorDetails], str]:
    """For single values, which may be shown."""
    return lambda details: f"expected {what.format(**details.get('ctx', {}))}, got {got(details['input'])}"


def _expected_kind(what: str) -> Callable[[ErrorDetails], str]:
    """For sections: text that stands in their place may be a secret, so only its kind is shown."""
    return lambda details: f"expected {what}, got {kind(details['input'])}"


_MESSAGES: Mapping[str, Callable[[ErrorDetails], str]] = {
    "value_error": _own,
    "literal_error": _word,
    "too_short": _too_few,
    "model_type": _expected_kind("a mapping"),
    "mapping_type": _expected_kind("a mapping"),
    "dict_type": _expected_kind("a mapping"),
    "tuple_type": _expected_kind("a list"),
    "int_type": _expected("a whole number"),
    "int_parsing": _expected("a whole number"),
    "int_parsing_size": _expected("a whole number"),
    "float_type": _expected("a number"),
    "float_parsing": _expected("a number"),
    "finite_number": _expected("a number"),
    "greater_than": _expected("more than {gt:g}"),
    "greater_than_equal": _expected("{ge} at least"),
    "less_than_equal": _expected("{le} at most"),
}

_MESSAGES_OF_KEYS: Mapping[str, Callable[[ErrorDetails, type[Section]], str]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
}

"""
Put the environment's values into the document: `${VAR}`, `${VAR:-default}`, and `$$` for one `$`.

Done after the YAML was read, on one scalar at a time, so that a value is text whatever it contains.  A `$` before
anything else stays as it is.
"""

import re
from collections.abc import Mapping
from typing import TypeAlias

from monitor.settings.document import MOST_LEVELS, MOST_VALUES, Malformed, Node, Unquoted
from monitor.settings.findings import Findings
from monitor.settings.problems import Steps

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain] | None"

_VARIABLE = re.compile(
    r"\$(?:(?P<dollar>\$)|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}|(?P<open>\{))"
)


def substitute(text: str, environ: Mapping[str, str]) -> tuple[str, list[str]]:
    """The text with its variables replaced, and what is wrong with them; a default also stands in for empty values."""
    wrong: list[str] = []

    def value_of(variable: re.Match[str]) -> str:
        name, default = variable["name"], variable["default"]
        if variable["dollar"]:
            return "$"
        if variable["open"] or (default and "${" in default):
            wrong.append(
                "expected ${NAME} or ${NAME:-default} without another variable in it; write $${ for the text ${"
            )
            return ""
        value = environ.get(name)
        if default is not None:
            value = value or default
        if value is None:
            wrong.append(f"the environment variable {name} is not set")
        elif not _is_text(value):
            wrong.append(f"the environment variable {name} is not UTF-8 or contains a NUL")
        return value or ""

    return _VARIABLE.sub(value_of, text), wrong


class Values:
    """Turns a document's tree into mappings, lists and text."""

    def __init__(self, environ: Mapping[str, str] | None, findings: Findings) -> None:
        """`environ`: where variables are looked up; None leaves every text as it is."""
        self._environ = environ
        self._findings = findings
        self._made = 0

    def of(self, node: Node, at: Steps = ()) -> Plain:
        """
        The node's value; what is wrong with a variable is told, and None stands in for it.

        Raises:
            Malformed: There are too many values, or too many levels, which only aliases can do.
        """
        self._made += 1
        if self._made > MOST_VALUES or len(at) > MOST_LEVELS:
            raise Malformed(node.line, f"aliases make more than {MOST_VALUES} values or {MOST_LEVELS} levels")
        value = node.value
        if isinstance(value, dict):
            return {key: self.of(child, (*at, key)) for key, child in value.items()}
        if isinstance(value, list):
            return [self.of(child, (*at, index)) for index, child in enumerate(value)]
        if value is None or isinstance(value, Unquoted) or "$" not in value or self._environ is None:
            return value
        replaced, wrong = substitute(value, self._environ)
        for message in wrong:
            self._findings.spoil(at, message)
        return None if wrong else replaced


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # what the environment holds beside UTF-8 arrives as lone surrogates
        return False
    return "\0" not in value

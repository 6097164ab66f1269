"""
What a first configuration is made of, each value held against the configuration's own rules.

Every function reads one answer or one option, and raises UnusableAnswer where the configuration would refuse it.
"""

import re
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from monitor.cli.questions import UnusableAnswer
from monitor.settings.scalars import AccountName, Appkey, BareUrl, HeaderValue
from monitor.settings.secret import Secret

_BETWEEN = re.compile(r"[\s,;]+")


class Answers(NamedTuple):
    """The values that somebody has to know."""

    access_key: str
    secret: Secret | None  #: None: it is in a file of the user's
    appkeys: tuple[str, ...]


def access_key(text: str) -> str:
    """The account's key."""
    return str(_fit(HeaderValue, text))


def account(text: str) -> str:
    """What the account is called."""
    return str(_fit(AccountName, text))


def base_url(text: str) -> str:
    """Where the vendor is."""
    return str(_fit(BareUrl, text))


def appkeys(text: str) -> tuple[str, ...]:
    """One appkey or several, with spaces, commas or semicolons between them."""
    found = tuple(str(_fit(Appkey, word)) for word in _BETWEEN.split(text) if word)
    if not found:
        raise UnusableAnswer("is empty")
    return found


def secret(text: str) -> Secret:
    """The account's secret, as its file will hold it: one line."""
    if not text:
        raise UnusableAnswer("is empty")
    if not text.isprintable():
        raise UnusableAnswer("has more than one line, or characters that do not print")
    return Secret(text)


def _fit(kind: Any, text: str) -> object:  # noqa: ANN401  # one of the annotated types of the settings
    try:
        return TypeAdapter(kind).validate_python(text)
    except ValidationError as error:
        raise UnusableAnswer(str(error.errors(include_url=False)[0]["ctx"]["error"])) from None

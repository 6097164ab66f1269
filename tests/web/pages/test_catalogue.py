"""Every text of the pages is in the catalogue, and the catalogue holds nothing else."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from monitor.fleet.answer import Row
from monitor.views.deliveries import QUIET, STATES
from monitor.web.catalogue import CHINESE, translator
from monitor.web.pages import wording, words
from monitor.web.pages.drawing import RANGES
from monitor.web.pages.entry import NAMES
from monitor.web.pages.events import SINCE

WEB = Path(wording.__file__).parent
NOUNS = ("number", "app", "account")
CANNOT_SEND = ("not rated", "cannot send")  # of the first page's counts
OTHERS = {
    *words.ATTRIBUTES.values(),
    *words.HAPPENINGS.values(),
    *words.REGISTRATIONS.values(),
    *words.SYMBOLS,
    *(f"{{count}} {noun}" for one in NOUNS for noun in (one, f"{one}s")),
    *(f"{{amount}} {unit}" for unit in ("d", "h", "min", "s")),
    *(name for name, _ in wording.details(Row(*["x"] * len(Row.__struct_fields__)))),
    *words.STANDINGS.values(),
    *words.SHOWS.values(),
    *words.SOURCES.values(),
    *words.REASONS.values(),
    *CANNOT_SEND,
    *words.OUTCOMES.values(),
    *words.HELD_BY.values(),
    *RANGES,
    *SINCE,
    *NAMES.values(),
    *STATES.values(),
    QUIET,
}


def said():
    """The texts that the templates and the wording say in so many words."""
    for template in sorted(WEB.glob("templates/*.html")):
        yield from re.findall(r'\bsay\("([^"]*)"', template.read_text(encoding="utf-8"))
    for module in sorted(WEB.glob("*.py")):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _is_say(node.func) and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value


def _is_say(called):
    """Whether it is `say(…)` or `speech.say(…)`."""
    return "say" in (getattr(called, "id", ""), getattr(called, "attr", ""))


def places(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_the_catalogue_holds_what_is_said_and_nothing_else():
    assert {*said(), *OTHERS} == CHINESE.keys()


@pytest.mark.parametrize("text", CHINESE)
def test_a_text_has_the_same_places_in_both_languages(text):
    assert places(CHINESE[text]) == places(text)


@pytest.mark.parametrize(("language", "expected"), [("en", "All numbers"), ("zh-CN", "全部号码")])
def test_a_text_is_said_in_the_language(language, expected):
    assert translator(language)("All numbers") == expected


def test_what_the_catalogue_does_not_hold_is_said_as_it_is():
    assert translator("zh-CN")("CONNECTED") == "CONNECTED"

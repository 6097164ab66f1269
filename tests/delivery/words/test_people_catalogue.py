"""Every text of people's messages is in the catalogue, and the catalogue holds nothing else."""

import ast
from pathlib import Path
from string import Formatter

import pytest

from monitor.delivery.words import catalogue
from monitor.delivery.words.catalogue import CHINESE, tidied, translator
from monitor.delivery.words.headlines import ATTRIBUTES
from monitor.delivery.words.titles import MARKERS

ROOM = Path(catalogue.__file__).parent
SAYING = ("details", "families", "first_look", "groups", "headlines", "titles", "tongue", "wording")
WORDS = {*MARKERS, *ATTRIBUTES.values(), "state", ", ", "; "}  # texts that look like no text of ours


def texts(module):
    """Every literal text of a module, its docstrings and formatted strings aside."""
    tree = ast.parse((ROOM / f"{module}.py").read_text(encoding="utf-8"))
    aside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    aside |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in aside:
            yield node.value


def said():
    """Those that are said: more than one word, or with a place to fill."""
    return {text for module in SAYING for text in texts(module) if " " in text.strip() or "{" in text} | WORDS


def places(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_the_catalogue_holds_what_is_said_and_nothing_else():
    assert said() == CHINESE.keys()


@pytest.mark.parametrize("text", CHINESE)
def test_a_text_has_the_same_places_in_both_languages(text):
    assert places(CHINESE[text]) == places(text)


@pytest.mark.parametrize(("language", "expected"), [("en", "cannot send"), ("zh-CN", "无法发送")])
def test_a_text_is_said_in_the_language(language, expected):
    assert translator(language)("cannot send") == expected


def test_a_full_width_bracket_is_followed_by_no_space():
    assert tidied("应用 shop（a） 无法查询") == "应用 shop（a）无法查询"  # noqa: RUF001 - Chinese punctuation

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.views.escape import csv_cell, json_text, terminal, valid

NASTY = st.text(alphabet=st.one_of(st.sampled_from('\x00\x1b\r\n\t"=+-@,; \u2028\u202e\ud800\x9b'), st.characters()))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("GLORY JACK 格洛里 é", "GLORY JACK 格洛里 é", id="what can be seen stays"),
        pytest.param("a\x1b[2Jb", "a\\x1b[2Jb", id="an escape sequence"),
        pytest.param("one\ntwo\r", "one\\x0atwo\\x0d", id="line ends"),
        pytest.param("\x9b31m\x7f", "\\x9b31m\\x7f", id="C1 and DEL"),
        pytest.param("\u202eabc\u2066", "\\u202eabc\\u2066", id="direction overrides"),
        pytest.param("a\u2028b\ufeff", "a\\u2028b\\ufeff", id="separators and marks"),
        pytest.param("\ud800", "\\ud800", id="a lone surrogate"),
    ],
)
def test_a_terminal_is_shown_what_it_must_not_act_on(text, shown):
    assert terminal(text) == shown


@given(NASTY)
def test_a_terminal_gets_one_line_of_what_can_be_seen(text):
    shown = terminal(text)

    assert shown.encode().decode() == shown
    assert len(shown.splitlines()) <= 1
    assert not any(ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 for letter in shown)


@pytest.mark.parametrize(("text", "kept"), [("a\ud800b", "a\ufffdb"), ("格\x1b", "格\x1b"), ("😀", "😀")])
def test_only_what_no_encoder_takes_is_replaced_in_a_valid_text(text, kept):
    assert valid(text) == kept


@given(st.text())
def test_json_for_a_terminal_is_the_same_document(text):
    document = json.dumps(text, ensure_ascii=False)

    assert json.loads(json_text(document)) == text


@given(NASTY.map(valid))
def test_json_for_a_terminal_holds_nothing_that_acts_on_it(text):
    shown = json_text(json.dumps(text, ensure_ascii=False))

    assert terminal(shown) == shown


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        pytest.param("+8613800000001", "+8613800000001", id="a telephone number stays what programs join on"),
        pytest.param("GLORY JACK", "GLORY JACK", id="a plain name stays"),
        pytest.param("", "", id="nothing stays nothing"),
        pytest.param("=1+1", "'=1+1", id="a formula"),
        pytest.param("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0", id="a plus sign before more than digits"),
        pytest.param("+86 xxx 24", "'+86 xxx 24", id="a masked number is no plain number"),
        pytest.param("+\uff18\uff16", "'+\uff18\uff16", id="other digits are no plain number"),
        pytest.param("-2", "'-2", id="a minus sign"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="an at sign"),
        pytest.param("\t=1", "'\\x09=1", id="a tab"),
        pytest.param("\r=1", "'\\x0d=1", id="a carriage return"),
        pytest.param(" \u00a0=1", "' \u00a0=1", id="space before it, which some spreadsheets drop"),
        pytest.param("\uff1d1", "'\uff1d1", id="a full-width sign"),
        pytest.param("a=1", "a=1", id="only the start counts"),
        pytest.param("a; =1;b", "a;' =1;b", id="the start of what is a cell of its own where semicolons divide them"),
        pytest.param('a;"=1"', 'a;\'"=1"', id="the same in quotes"),
    ],
)
def test_a_spreadsheet_finds_no_formula(text, cell):
    assert csv_cell(text) == cell


@given(NASTY)
def test_no_cell_starts_a_formula_however_it_is_written(text):
    out = io.StringIO()
    csv.writer(out).writerow(["first", csv_cell(text)])

    ((_, cell),) = csv.reader(io.StringIO(out.getvalue()))

    assert cell[:1] not in {"=", "+", "-", "@", "\t", "\r"} or cell[1:].isdecimal()

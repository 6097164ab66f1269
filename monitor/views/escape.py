"""
Make the vendor's text harmless where it is shown.  Pure.

A name may hold what moves a terminal's cursor, turns the reading direction, breaks an encoder or starts a formula.
HTML is not here: the pages' templates escape by themselves.
"""

import re

_surrogates = re.compile("[\ud800-\udfff]")

# C0, DEL and C1 steer terminals; the line and paragraph separators break lines; marks, embeddings, overrides and
# isolates of the bidirectional algorithm make a text read as another; lone surrogates cannot be written at all.
_UNSEEN = "\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff"
_unseen = re.compile(f"[{_UNSEEN}]")
_unseen_in_json = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")

_FORMULA_STARTS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)  # the last four are full-width
# Where a comma marks decimals, spreadsheets take semicolons to divide cells: what follows one may start a formula too.
_divided = re.compile(r""";(?=[\s"]*[=+\-@\uff1d\uff0b\uff0d\uff20])""")
_telephone_number = re.compile(r"\+[0-9]{1,20}(\*{4}[0-9]{1,4}~[0-9a-f]{4})?", re.ASCII)


def valid(text: str) -> str:
    """The text with U+FFFD for every lone surrogate: any encoder takes it.  All else stays as given."""
    return text if text.isascii() else _surrogates.sub("\ufffd", text)


def terminal(text: str) -> str:
    """The text for a terminal or a line of a log: what cannot be seen is written out, ESC as `\\x1b`."""
    return _unseen.sub(_written_out, text)


def json_text(text: str) -> str:
    """
    Finished JSON for a terminal: the same document, with what acts on a terminal as `\\uXXXX`.

    JSON encoders escape C0 themselves, but leave DEL, C1 and the bidirectional controls, which only strings can hold.
    """
    return _unseen_in_json.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def csv_cell(text: str) -> str:
    """
    The text for a cell of CSV that a spreadsheet may open.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front, which it shows as text; so does what
    stands behind a semicolon, which some take for the end of a cell.  A plain telephone number (a plus sign and digits,
    or masked by us) is left alone: as a formula it can only be that number, or nothing at all, and programs that join
    on it must find it as it is.
    """
    seen = _divided.sub(";'", terminal(text))
    starts = text.startswith(_FORMULA_STARTS) or text.lstrip().startswith(_FORMULA_STARTS)
    if starts and _telephone_number.fullmatch(text) is None:
        return f"'{seen}"
    return seen


def _written_out(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"

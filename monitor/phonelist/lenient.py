"""
JSON read as tolerantly as can be done without guessing, for the answers that a strict reader refuses.

Pure.  A byte order mark, bytes that are not UTF-8, NaN, raw control characters, huge integers, doubled keys (the last
counts) and bottomless nesting in one place must not cost the rest of the answer.
"""

import json
import re

MAX_DEPTH = 16  # what we read lies three deep; the parser gives up at about a thousand
MAX_DIGITS = 4300  # Python and msgspec refuse to read longer integers

# Always matches a string to its end or the text's: a string left open must not be tried again from each of its quotes.
_STRING_OR_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.?)*+"?|[\[{]++|[\]}]++', re.DOTALL)


def loads(body: bytes) -> object:
    """
    Read one JSON value.

    Strings may hold lone surrogates, floats may be NaN or infinite.

    Raises:
        ValueError: The bytes are no JSON, even so.
    """
    text = body.decode("utf-8-sig", errors="replace")
    try:
        return _loads(text)
    except RecursionError:
        return _loads(pruned(text))


def _loads(text: str) -> object:
    return json.loads(text, strict=False, parse_int=_integer)


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= MAX_DIGITS else None


def pruned(text: str) -> str:
    """The JSON text with `null` for everything that lies deeper than `MAX_DEPTH`."""
    kept: list[str] = []
    depth = start = 0
    for match in _STRING_OR_BRACKETS.finditer(text):
        run = match[0]
        if run[0] in "[{":
            if depth <= MAX_DEPTH < depth + len(run):
                kept += [text[start : match.start() + MAX_DEPTH - depth], "null"]
            depth += len(run)
        elif run[0] in "]}":
            if depth - len(run) <= MAX_DEPTH < depth:
                start = match.start() + depth - MAX_DEPTH
            depth -= len(run)
    if depth <= MAX_DEPTH:
        kept.append(text[start:])
    return "".join(kept)

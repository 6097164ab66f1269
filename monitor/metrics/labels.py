"""
Label values and names as the text formats want them: valid, cut, escaped, and never two alike.

Pure.  Whatever the vendor or the roster sends becomes text that every parser accepts:
lone surrogates and control characters (but newline and tab) become U+FFFD, values end after 200 characters,
backslash, quote and newline are escaped.  A value that identifies a series stays unique through all of that.
"""

import re
from collections.abc import Iterable
from hashlib import blake2b

LONGEST = 200  # characters of a value, before escaping
REPLACEMENT = "\ufffd"
_TAIL = 16  # hexadecimal digits of the hash that keeps altered identities apart

# NUL ends the scanner of Prometheus, ESC and its kin act on the terminal of whoever looks at /metrics with curl.
_INVALID = "\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff"
_invalid = re.compile(f"[{_INVALID}]")
_invalid_or_replaced = re.compile(f"[{_INVALID}{REPLACEMENT}]")
_no_name_character = re.compile("[^a-zA-Z0-9_]")


def value(text: str) -> str:
    """The inside of the quotes for a label that only describes: two texts may come out alike."""
    if _is_plain(text):
        return text
    return _escaped(_invalid.sub(REPLACEMENT, text[:LONGEST]))


def identity(text: str) -> str:
    """
    The inside of the quotes for a label that identifies a series: two texts never come out alike.

    A text that is valid and short stays as it is.  Any other, and any that holds U+FFFD already, ends in U+FFFD and
    a hash of the text: what was altered can be told from what was not, and by its hash from all else that was.
    """
    if _is_plain(text):
        return text
    if len(text) <= LONGEST and _invalid_or_replaced.search(text) is None:
        return _escaped(text)
    tail = REPLACEMENT + blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_TAIL // 2).hexdigest()
    return _escaped(_invalid.sub(REPLACEMENT, text[: LONGEST - len(tail)]) + tail)


def label_names(given: Iterable[str]) -> dict[str, str]:
    """
    The metrics' names of the roster's labels: `team` is `label_team`.

    Characters that Prometheus does not take become `_`.  Names that collide by that get `_conflict1`, `_conflict2`,
    … in alphabetical order (as kube-state-metrics does); a name that was valid as given keeps its own.

    Returns:
        The valid name by the name as given.
    """
    ordered = sorted(set(given))
    names = {name: f"label_{name}" for name in ordered if _no_name_character.search(name) is None}
    taken = set(names.values())
    for name in ordered:
        if name not in names:
            names[name] = _free(f"label_{_no_name_character.sub('_', name)}", taken)
            taken.add(names[name])
    return names


def _free(wanted: str, taken: set[str]) -> str:
    free, number = wanted, 0
    while free in taken:
        number += 1
        free = f"{wanted}_conflict{number}"
    return free


def _is_plain(text: str) -> bool:
    """Whether nothing needs doing; nearly every text is, and this tells it in a quarter of the time of a search."""
    return len(text) <= LONGEST and text.isascii() and text.isprintable() and '"' not in text and "\\" not in text


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")

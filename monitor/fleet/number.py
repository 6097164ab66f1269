"""
Read a phone number as the vendor writes it.

E.164 where it can be read, else the text as given: two spellings of one number are one number, and a number whose
digits were masked is never taken for another.
"""

import re
import unicodedata

_PUNCTUATION = re.compile(r"[\s\-\u2010-\u2015\u2212().\u00b7/]+")
_INTERNATIONAL = re.compile(r"(?:\+|00)?([1-9][0-9]{6,14})")  # E.164: no leading zero, 15 digits at most
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def normalise(text: str) -> str:
    """
    E.164 with its plus sign where the text can be read so; else the text without surrounding space.

    Spaces, dashes, dots, brackets, invisible marks and full-width digits are read through.  Digits without a plus
    sign are taken as international too: that is how the vendor's lists and most callers write them.
    """
    readable = text if text.isascii() else _readable(text)  # nearly all are, and every poll reads every number
    match = _INTERNATIONAL.fullmatch(_PUNCTUATION.sub("", readable))
    return "+" + match[1] if match else text.strip()


def is_masked(text: str) -> bool:
    """Whether a normalised number is not in E.164 form: such a text is never matched with another place's."""
    return _E164.fullmatch(text) is None


def _readable(text: str) -> str:
    visible = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")  # marks of writing direction
    return unicodedata.normalize("NFKC", visible)

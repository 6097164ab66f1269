"""
How numbers are shown: in full, or masked as `+86138****0001~9f3a`.

Pure.  A masked number shows its beginning and its end, never more than leaves four digits to guess, and a tail: four
hexadecimal digits of a keyed hash, by which two numbers that look alike stay apart and one is the same everywhere.
Whoever has not the key learns nothing from the tail.  Four digits are few: two numbers whose ends are alike have the
same tail once in 65,536 times, and are then shown as one.

What the vendor masks already is shown as it is: a text without seven digits in a row names no number.
"""

import re
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from monitor.fleet.answer import Row
from monitor.fleet.attributes import TIER
from monitor.fleet.number import is_masked, normalise
from monitor.fleet.snapshot import Entry

KEY_BYTES = 32
HEAD, TAIL = 5, 4  #: digits that are shown at most, at the beginning and at the end
HIDDEN = 4  #: digits that are hidden at least
STARS = "****"  #: stands for all that is hidden, so that it does not tell how much that is
SHORTEST = 7  #: digits of a number: E.164 has no shorter ones

_HASH_BYTES = 2
_SEAL_BYTES = 16
_BLOCK = 64  # bytes of the stream that hides what is sealed
_SHOWN = re.compile(r"(\+?[0-9]{1,5})\*{4}([0-9]{1,4})~[0-9a-f]{4}")
_BETWEEN = r"[\s().\-/\u2010-\u2015\u2212\u00b7]"
_NUMBER = re.compile(rf"\d(?:{_BETWEEN}*\d){{{SHORTEST - 1},}}")
_IN_WORDS = re.compile(rf"(?:\+|%2[Bb])?{_NUMBER.pattern}")
_DIGIT = re.compile(r"\d")
_LOGGED = re.compile(r"(?:\+|%2[Bb]|(?<=/numbers/))([1-9][0-9]{6,14})(?![0-9])")

#: What of an event's data is no text of the vendor's: it stays as it is.
_AS_IT_IS = frozenset({"account", "appkey", "app_name", "labels", "waba_id", "hint", "hint_id"})


class Look(NamedTuple):
    """What of a masked number is in the clear."""

    head: str  #: the plus sign included
    tail: str


def look_of(number: str) -> Look | None:
    """What a number shows when it is masked; None for one that is masked already, or has too few digits."""
    digits = _longest(number) if is_masked(number) else number[1:]
    if len(digits) < SHORTEST:
        return None
    tail = min(TAIL, (len(digits) - HIDDEN) // 2)
    head = min(HEAD, len(digits) - HIDDEN - tail)
    return Look(f"{'+' if number.startswith('+') else ''}{digits[:head]}", digits[-tail:])


class Masking:
    """How one installation shows numbers."""

    def __init__(self, key: bytes | None) -> None:
        """`key`: random, the same for as long as shown numbers are to stay the same; None shows numbers in full."""
        self._key = key

    @property
    def is_on(self) -> bool:
        """Whether anything is masked."""
        return self._key is not None

    def number(self, number: str) -> str:
        """The number as it is shown; one that is masked already stays as it is."""
        look = look_of(number) if self._key is not None else None
        return number if look is None else f"{look.head}{STARS}{look.tail}~{self._hash(number)}"

    def words(self, text: str, number: str = "") -> str:
        """A text for people with the numbers in it masked: those with a plus sign, and this number's own digits."""
        if self._key is None or _DIGIT.search(text) is None:
            return text
        own = _digits(number)
        return _IN_WORDS.sub(lambda run: self._in_words(run[0], number, own), text)

    def logged(self, text: str) -> str:
        """A text of the log with the numbers in it masked: after a plus sign, quoted or not, or in a path."""
        if self._key is None:
            return text
        return _LOGGED.sub(lambda found: self.number(f"+{found[1]}"), text)

    def row(self, row: Row) -> Row:
        """The row as it is shown; the same object where nothing is masked."""
        if self._key is None:
            return row
        return msgspec.structs.replace(
            row,
            number=self.number(row.number),
            waba_name=self.words(row.waba_name, row.number),
            verified_name=self.words(row.verified_name, row.number),
        )

    def entry(self, entry: Entry) -> Entry:
        """The entry likewise."""
        if self._key is None:
            return entry
        now = self.row(entry.now)
        return msgspec.structs.replace(entry, now=now, told=now if entry.told is entry.now else self.row(entry.told))

    def incident(self, incident: str, number: str) -> str:
        """The id of an incident of this number, `account/number/attribute`."""
        return incident.replace(f"/{number}/", f"/{self.number(number)}/", 1) if number else incident

    def event(self, body: bytes) -> bytes:
        """A CloudEvent, one line of JSON, with every number in it masked; the same bytes where nothing is."""
        if self._key is None:
            return body
        event: dict[str, Any] = msgspec.json.decode(body)
        number = event["subject"] if event["type"].startswith("number.") else ""
        if number:
            event["subject"] = self.number(number)
        event["data"] = self._told("data", event["data"], number, event["data"].get("account", ""))
        return msgspec.json.encode(event)

    def look(self, text: str) -> Look | None:
        """What of a masked number is in the clear; None for any other text."""
        shown = _SHOWN.fullmatch(normalise(text)) if self._key is not None else None
        return None if shown is None else Look(shown[1], shown[2])

    def meant(self, text: str, known: Iterable[str]) -> tuple[str, ...]:
        """
        The numbers that a text may mean: the one that it spells, or all that are shown so.

        Args:
            text: Digits, E.164, or a masked number.
            known: The known numbers, or as few as hold all that have the text's `look`.
        """
        number, look = normalise(text), self.look(text)
        if look is None:
            return (number,)
        return tuple(sorted(one for one in set(known) if self.number(one) == number))

    def sealed(self, text: str) -> str:
        """A text that numbers stand in, for somebody who shall only bring it back; the text itself in full."""
        if self._key is None:
            return text
        plain = text.encode()
        seal = self._digest(plain, _SEAL_BYTES, b"seal")
        return urlsafe_b64encode(seal + self._crossed(seal, plain)).decode("ascii").rstrip("=")

    def unsealed(self, text: str) -> str | None:
        """The text again; None when it was not sealed here."""
        if self._key is None:
            return text
        try:
            whole = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except ValueError:
            return None
        seal, plain = whole[:_SEAL_BYTES], self._crossed(whole[:_SEAL_BYTES], whole[_SEAL_BYTES:])
        return plain.decode() if self._digest(plain, _SEAL_BYTES, b"seal") == seal else None

    def _told(self, key: str, value: object, number: str, account: str) -> object:
        """What stands under a key of an event's data, masked; `number` is the one that the event is about."""
        if key in _AS_IT_IS:
            return value
        match value:
            case dict():
                return {name: self._told(name, item, number, account) for name, item in value.items()}
            case list():
                return [self._told(key, item, number, account) for item in value]
            case str():
                return self._text(key, value, number, account)
        return value

    def _text(self, key: str, text: str, number: str, account: str) -> str:
        if key in {"number", "numbers"}:
            return self.number(text)
        if key == "id":  # of an incident: account/number/attribute, but account/waba_id/tier
            subject, _slash, attribute = text.removeprefix(f"{account}/").rpartition("/")
            return text if attribute == TIER else f"{account}/{self.number(subject)}/{attribute}"
        return self.words(text, number)

    def _in_words(self, found: str, number: str, own: str) -> str:
        digits = _digits(found)
        if len(own) >= SHORTEST and (own.endswith(digits) or digits.endswith(own)):
            return self.number(number)
        return found if found[0].isdecimal() else self.number(f"+{digits}")

    def _hash(self, number: str) -> str:
        return self._digest(number.encode("utf-8", "surrogatepass"), _HASH_BYTES, b"number").hex()

    def _digest(self, content: bytes, size: int, purpose: bytes) -> bytes:
        assert self._key is not None, "in full nothing is hashed"
        return blake2b(content, key=self._key, digest_size=size, person=purpose).digest()

    def _crossed(self, seal: bytes, content: bytes) -> bytes:
        """The content under a stream that the seal begins: applied twice it is the content again."""
        stream = bytearray()
        for block in range(-(-len(content) // _BLOCK)):
            stream += self._digest(seal + block.to_bytes(4, "big"), _BLOCK, b"stream")
        return bytes(one ^ other for one, other in zip(content, stream, strict=False))


FULL = Masking(None)  #: shows numbers as they are


def _digits(text: str) -> str:
    return "".join(str(int(letter)) for letter in text if letter.isdecimal())


def _longest(text: str) -> str:
    """The digits of the longest number in a text that is no E.164; empty when there is none."""
    readable = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return max((_digits(found) for found in _NUMBER.findall(readable)), key=len, default="")

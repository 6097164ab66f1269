"""
What the log must not say, taken out of whatever it is given: secrets, and numbers where they are masked.

Part of the composition root.  No message of ours holds a secret; but what a library says in an exception may quote an
address or a header, and nobody can list what libraries say.  Here every text on its way into the log passes.
"""

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import unquote

HIDDEN = "…"
SHORTEST = 6  #: characters: shorter texts stand anywhere by chance,
LONGEST_WORD = 15  #: and so may parts of an address up to this length that have no digit: `services`

_URL_SAFE = str.maketrans("+/", "-_")
_PIECES = re.compile(r"[/?&=;:@]")


class Discretion:
    """Called with a text it gives the text as it may be shown."""

    def __init__(self) -> None:
        """Nothing is hidden yet."""
        self._secrets: re.Pattern[str] | None = None
        self._masked: Callable[[str], str] | None = None

    def hide(self, secrets: Iterable[str]) -> None:
        """Hide these from now on, and no others: each as it is, and the parts of those that are addresses."""
        plain = {piece for secret in secrets for piece in _pieces(secret) if len(piece) >= SHORTEST}
        pieces = plain | {piece for secret in plain for piece in _in_base64(secret)}
        longest_first = sorted(pieces, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, longest_first))) if pieces else None

    def mask(self, masked: Callable[[str], str] | None) -> None:
        """Have numbers in texts masked by this from now on; None: not any more."""
        self._masked = masked

    def __call__(self, text: str) -> str:
        if self._secrets is not None:
            text = self._secrets.sub(HIDDEN, text)
        return text if self._masked is None else self._masked(text)


def _pieces(secret: str) -> Iterator[str]:
    """The secret, its lines, and of an address what may be a secret of its own: parts of it, quoted and not."""
    yield secret
    yield from secret.splitlines()
    if "://" not in secret:
        return
    rest = secret.partition("://")[2]
    place, _slash, target = rest.partition("/")
    yield target
    host = place.rpartition("@")[2].partition(":")[0]
    for piece in _PIECES.split(rest):
        if piece != host and (len(piece) > LONGEST_WORD or any(letter.isdigit() for letter in piece)):
            yield from (piece, unquote(piece))


def _in_base64(secret: str) -> Iterator[str]:
    """What base64 makes of it wherever it begins within three bytes, as behind `user:` in a header; its ends aside."""
    for skipped in range(3):
        whole = base64.b64encode(b"\0" * skipped + secret.encode()).decode("ascii")
        core = whole[4 if skipped else 0 : -4]
        if len(core) >= SHORTEST:
            yield from (core, core.translate(_URL_SAFE))

"""
Who asks: users by name and password, with bcrypt hashes as the exporter-toolkit's file has them.

One check at a time, in a thread: a flood of wrong passwords takes one core at most, and the event loop none.
Results are remembered by a keyed digest, so that a scraper's password is checked once; no password is kept.
A wrong password takes as long for every name, whatever its own hash costs and whether anybody has it.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping

import bcrypt

MOST_WRONG = 1_000  #: wrong credentials that are remembered
MOST_WAITING = 64  #: credentials that wait for their check
LONGEST = 72  #: bytes of a password that bcrypt looks at, as every implementation of it


class TooManyChecksError(Exception):
    """So many passwords wait for their check that a further one would wait for long."""


class Users:
    """The users there are; nothing of it changes but what is remembered."""

    def __init__(self, hashes: Mapping[str, str], *, check: Callable[[bytes, bytes], bool] = bcrypt.checkpw) -> None:
        """
        Args:
            hashes: By user, one at least.
            check: Whether a password has made a hash; slow.
        """
        self._hashes = {user: one.encode("ascii") for user, one in hashes.items()}
        self._dearest = max(_cost(one) for one in self._hashes.values())
        self._nobody = _stand_in(self._dearest)
        self._check = check
        self._key = secrets.token_bytes(32)
        self._right: dict[str, bytes] = {}  # by user: the digest of the password that was right
        self._wrong: OrderedDict[bytes, None] = OrderedDict()  # digests, the latest last
        self._one_at_a_time = asyncio.Lock()
        self._waiting = 0

    async def who(self, authorization: str) -> str | None:
        """
        The user whose `Authorization` header this is; None when it is nobody's.

        Raises:
            TooManyChecksError: That was not looked at; what was found out before is still known.
        """
        read = credentials(authorization)
        if read is None:
            return None
        user, password = read
        return user if await self._knows(user, password) else None

    async def _knows(self, user: str, password: bytes) -> bool:
        digest = hmac.digest(self._key, user.encode(errors="surrogateescape") + b"\0" + password, hashlib.sha256)
        known = self._remembered(user, digest)
        if known is not None:
            return known
        if self._waiting >= MOST_WAITING:
            raise TooManyChecksError
        self._waiting += 1
        try:
            async with self._one_at_a_time:
                known = self._remembered(user, digest)  # somebody else with the same may have waited as well
                if known is None:
                    known = await asyncio.to_thread(self._is_right, user, password)
                    self._remember(user, digest, right=known)
        finally:
            self._waiting -= 1
        return known

    def _is_right(self, user: str, password: bytes) -> bool:
        hashed = self._hashes.get(user, self._nobody)
        if self._check(password[:LONGEST], hashed) and user in self._hashes:
            return True
        for cost in range(_cost(hashed), self._dearest):  # 2^c + (2^c + … + 2^(d-1)) = 2^d: as slow as the dearest
            self._check(b"", _stand_in(cost))
        return False

    def _remembered(self, user: str, digest: bytes) -> bool | None:
        right = self._right.get(user)
        if right is not None and hmac.compare_digest(right, digest):
            return True
        return False if digest in self._wrong else None

    def _remember(self, user: str, digest: bytes, *, right: bool) -> None:
        if right:
            self._right[user] = digest  # apart from the wrong ones, whose number a stranger decides
            return
        self._wrong[digest] = None
        if len(self._wrong) > MOST_WRONG:
            self._wrong.popitem(last=False)


def credentials(authorization: str) -> tuple[str, bytes] | None:
    """
    Read `Basic <base64 of user:password>`; None for anything else.

    Source: RFC 7617; the user is UTF-8, and what is not keeps its bytes, so that it is nobody.
    """
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(token.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    user, colon, password = text.partition(b":")
    return (user.decode(errors="surrogateescape"), password) if colon else None


def _cost(hashed: bytes) -> int:
    """Its binary logarithm: `$2b$10$…` is 10."""
    return int(hashed.split(b"$")[2])


def _stand_in(cost: int) -> bytes:
    """A hash of no password that takes as long to check as any of this cost."""
    return bcrypt.gensalt(cost) + b"." * 31

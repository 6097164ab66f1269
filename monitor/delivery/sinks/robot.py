"""
What chat robots have in common: whom they mention, and what their answers mean.  Pure.

HTTP 200 says nothing of a message, the code in the body says all.

Each receiver has its own table of codes.  A code that is in none of them is tried again: it may be our address, our
secret or the robot's settings, which people mend, and the message is as good as before.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import msgspec

from monitor.delivery.endpoint import Answer, Endpoint
from monitor.delivery.sink import DeliveryError, Refused, Throttled, Unavailable

REST = 60.0  # seconds to be quiet after a refusal for speed that does not say for how long

Reply = TypeVar("Reply")

EVERYBODY = frozenset({"all", "@all"})  #: as an entry of `at`
_mobile = re.compile(r"\+?[0-9][0-9-]{4,}")


class Mentioned(NamedTuple):
    """Whom a message is to mention, by how they are named."""

    mobiles: list[str]
    users: list[str]
    everybody: bool


class Codes(msgspec.Struct, frozen=True):
    """What a receiver's codes mean, but for 0."""

    refused: frozenset[int] = frozenset()  #: this message is malformed, too long or not wanted
    throttled: frozenset[int] = frozenset()  #: too many messages
    settings: frozenset[int] = frozenset()  #: our address, secret, keyword or IP, whatever HTTP says beside it
    rest: float = REST  #: seconds to be quiet when throttled


def mentioned(at: Sequence[str]) -> Mentioned:
    """The entries of `at`: mobile numbers are digits, those of mainland China without `+86`; the rest are users."""
    mobiles = [re.sub("^[+]86-?", "", entry) for entry in at if _mobile.fullmatch(entry)]
    users = [entry.removeprefix("@") for entry in at if not _mobile.fullmatch(entry) and entry not in EVERYBODY]
    return Mentioned(mobiles, users, not EVERYBODY.isdisjoint(at))


def reply(answer: Answer, type_: type[Reply]) -> Reply | None:
    """The body of an answer; None where it is not what the receiver documents."""
    try:
        return msgspec.json.decode(answer.body, type=type_, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def words(endpoint: Endpoint, answer: Answer, code: int | None, codes: Codes) -> str:
    """
    What the receiver said when it has the message.

    Args:
        endpoint: Who answered.
        answer: Its answer.
        code: The one in the body; None where there is none.
        codes: What codes mean there.

    Raises:
        Refused, Throttled, Unavailable: By the code, where it is known.
        Refused, Throttled, Gone, Unavailable: By HTTP, where it is not.
    """
    said = endpoint.said(answer)
    if answer.is_success and code == 0:
        return said
    if code in codes.refused:
        raise Refused(said)
    if code in codes.throttled:
        raise Throttled(said, after=max(codes.rest, answer.retry_after or 0.0))
    if answer.is_success or code in codes.settings:
        raise Unavailable(said)
    raise failure(endpoint, answer)


def failure(endpoint: Endpoint, answer: Answer) -> DeliveryError:
    """What an answer means by HTTP alone; without `Retry-After` there is a rest all the same."""
    error = endpoint.failure(answer)
    if isinstance(error, Throttled) and answer.retry_after is None:
        return Throttled(str(error), after=REST)
    return error

"""What a sink is: a place that events are delivered to, and the ways in which it can fail."""

from collections.abc import Sequence
from typing import Protocol

import msgspec


class Message(msgspec.Struct, frozen=True):
    """One event on its way to one sink."""

    sequence: int  #: its place among all recorded events
    id: str  #: the event's; the same in every attempt
    body: bytes  #: the CloudEvent, JSON on one line, UTF-8
    subject: str  #: what keeps its order: a number, a WABA, an app, an account
    time: int  #: of the event, milliseconds since 1970
    tries: int  #: attempts that failed before this one


class Sink(Protocol):
    """
    A place that events are delivered to.

    Each reads the receiver's success by that receiver's own rules.
    """

    name: str  #: the label `sink` of the metrics, unique
    batch: int  #: how many messages one `send` may be given
    concurrency: int  #: how many `send` may be under way at once, each of other subjects
    limit: float | None  #: seconds that one `send` may take; None: as long as it takes, held up by the receiver

    async def send(self, messages: Sequence[Message]) -> str:
        """
        Deliver them all, in this order; returning means that the receiver has them.

        Returns:
            What the receiver said to it, one line without a secret; empty where receivers say nothing.

        Raises:
            Refused: It will never take them; this is said of every message given.
            Throttled: It wants less.
            Gone: It wants nothing more, for good.
            Unavailable: Not now.
        """

    async def aclose(self) -> None:
        """Let go of everything; nothing is sent afterwards."""


class DeliveryError(Exception):
    """A message was not delivered; the text says why, in one line without a secret."""


class Refused(DeliveryError):  # the contract's word, and the metrics' reason
    """The receiver will never take this message: trying again is of no use."""


class Throttled(DeliveryError):  # likewise
    """The receiver wants to be left alone for `after` seconds."""

    def __init__(self, reason: str, after: float) -> None:
        super().__init__(reason)
        self.after = after


class Gone(DeliveryError):
    """The receiver is there no more: nothing is sent to it until somebody resumes it, and all that waits is kept."""


class Unavailable(DeliveryError):  # likewise
    """The receiver cannot take it now, or gave no answer that could be understood."""

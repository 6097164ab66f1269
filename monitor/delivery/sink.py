"""What a sink is: a place that events are delivered to, and the three ways in which it can fail."""

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

    One `send` at a time is asked of it.  Each reads the receiver's success by that receiver's own rules.
    """

    name: str  #: the label `sink` of the metrics, unique
    batch: int  #: how many messages one `send` may be given
    limit: float | None  #: seconds that one `send` may take; None: as long as it takes, held up by the receiver

    async def send(self, messages: Sequence[Message]) -> None:
        """
        Deliver them all, in this order; returning means that the receiver has them.

        Raises:
            Refused: It will never take them; this is said of every message given.
            Throttled: It wants less.
            Unavailable: Not now.
        """


class DeliveryError(Exception):
    """A message was not delivered; the text says why, in one line without a secret."""


class Refused(DeliveryError):  # the contract's word, and the metrics' reason
    """The receiver will never take this message: trying again is of no use."""


class Throttled(DeliveryError):  # likewise
    """The receiver wants to be left alone for `after` seconds."""

    def __init__(self, reason: str, after: float) -> None:
        super().__init__(reason)
        self.after = after


class Unavailable(DeliveryError):  # likewise
    """The receiver cannot take it now, or gave no answer that could be understood."""

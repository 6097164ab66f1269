"""
The sink for a chat: a notice as one message by a channel's webhook or a group's robot.

What differs between the services (the message, its signature, what an answer means) is a :class:`Service`.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from monitor.delivery.endpoint import Answer, Endpoint
from monitor.delivery.people.notice import Notice
from monitor.fleet.event import EventSeverity

PER_MINUTE = 20  # what DingTalk and WeCom allow a robot; it keeps groups readable everywhere
LIMIT = 15.0  # seconds


class Post(NamedTuple):
    """What is posted for a notice."""

    message: Mapping[str, object]  #: of JSON
    query: Mapping[str, str] | None = None  #: added to the address


class Service(Protocol):
    """A chat service: how it wants a message, and what it says to it."""

    def post(self, notice: Notice, at: Sequence[str]) -> Post:
        """The message that mentions those named."""
        ...

    def heard(self, endpoint: Endpoint, answer: Answer) -> str:
        """
        The service's own words when it has the message.

        Raises:
            Refused, Throttled, Gone, Unavailable: It does not have it.
        """
        ...


class ChatSink:
    """One channel or group; owns its endpoint."""

    per_minute = PER_MINUTE

    def __init__(
        self,
        name: str,
        service: Service,
        endpoint: Endpoint,
        *,
        at: Sequence[str] = (),
        at_on: EventSeverity = "critical",
        limit: float = LIMIT,
    ) -> None:
        """
        Args:
            name: Of the sink.
            service: How this chat is spoken to.
            endpoint: The address, which is or has a secret; knows those of the service as something to hide.
            at: Who is mentioned, in the service's own words.
            at_on: From what severity on.
            limit: Seconds that one attempt may take.
        """
        self.name = name
        self.limit = limit
        self._service = service
        self._endpoint = endpoint
        self._at = tuple(at)
        self._at_on = at_on

    def __repr__(self) -> str:
        return f"ChatSink({self.name!r}, {type(self._service).__name__}, {self._endpoint.origin})"

    async def send(self, notice: Notice) -> str:
        """
        Deliver it; returns the service's own words.

        Raises:
            Refused, Throttled, Gone, Unavailable: By what it answered, or because no answer came.
        """
        post = self._service.post(notice, self._at if notice.alarms(self._at_on) else ())
        answer = await self._endpoint.post(msgspec.json.encode(post.message), query=post.query)
        return self._service.heard(self._endpoint, answer)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._endpoint.aclose()

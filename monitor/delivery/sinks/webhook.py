"""
The sink for programs: each event as one POST, a CloudEvent 1.0 in structured mode, signed as Standard Webhooks.

The receiver has an event when it answers 2xx.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence

from monitor.delivery.endpoint import Answer, Endpoint
from monitor.delivery.sink import Message

CONCURRENCY = 4  # receivers are small programs
LIMIT = 15.0  # seconds: what Standard Webhooks asks senders to wait
CLOUDEVENT = b"application/cloudevents+json; charset=utf-8"


class WebhookSink:
    """One receiver; owns its endpoint."""

    batch = 1
    concurrency = CONCURRENCY

    def __init__(
        self,
        name: str,
        endpoint: Endpoint,
        *,
        keys: Sequence[bytes],
        now: Callable[[], int],
        limit: float = LIMIT,
    ) -> None:
        """
        Args:
            name: Of the sink.
            endpoint: Where to; `aclose` closes it.
            keys: Sign every event, each with a signature of its own; none leaves events unsigned.
            now: Wall clock, milliseconds since 1970: the time stamps of attempts.
            limit: Seconds that one attempt may take.
        """
        self.name = name
        self.limit: float | None = limit
        self._endpoint = endpoint
        self._keys = tuple(keys)
        self._now = now

    def __repr__(self) -> str:
        return f"WebhookSink({self.name!r}, {self._endpoint.origin})"

    async def send(self, messages: Sequence[Message]) -> str:
        """
        Send each event; returns what the receiver said to the last one when it has them.

        Raises:
            Refused, Throttled, Gone, Unavailable: By the answer's status, or because none came.
        """
        said = ""
        for message in messages:
            answer = await self._post(message)
            if not answer.is_success:
                raise self._endpoint.failure(answer)
            said = self._endpoint.said(answer)
        return said

    async def aclose(self) -> None:
        """Close every connection."""
        await self._endpoint.aclose()

    async def _post(self, message: Message) -> Answer:
        timestamp = self._now() // 1000
        headers = [(b"webhook-id", message.id.encode()), (b"webhook-timestamp", str(timestamp).encode())]
        if self._keys:
            signed = signatures(message.id, timestamp, message.body, self._keys)
            headers.append((b"webhook-signature", signed.encode()))
        return await self._endpoint.post(message.body, content_type=CLOUDEVENT, headers=headers)


def signatures(id_: str, timestamp: int, body: bytes, keys: Sequence[bytes]) -> str:
    """
    The header `webhook-signature` of Standard Webhooks 1.0: HMAC-SHA256 of `id.timestamp.body` by each key.

    Args:
        id_: The event's.
        timestamp: Of the attempt, seconds since 1970.
        body: The very bytes that are sent.
        keys: The present one, and while rotating the one before.

    Returns:
        `v1,<base64>` for each key, with spaces between: a receiver needs one that it can verify.
    """
    signed = f"{id_}.{timestamp}.".encode() + body
    digests = (hmac.digest(key, signed, hashlib.sha256) for key in keys)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)

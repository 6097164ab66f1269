"""
The sink for programs: each event as one POST, a CloudEvent 1.0 in structured mode, signed as Standard Webhooks.

The receiver has an event when it answers 2xx.  Redirects are not followed: a signed event goes where it was meant to.
Messages name the origin alone, whose path and query may be the receiver's secret; what the receiver says is shown
without them.
"""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import cast
from urllib.parse import unquote

import aiohttp
import httpx
import msgspec

from monitor.delivery.sink import DeliveryError, Gone, Message, Refused, Throttled, Unavailable
from monitor.views.escape import terminal

CONCURRENCY = 4  # receivers are small programs
LIMIT = 15.0  # seconds: what Standard Webhooks asks senders to wait
MOST_READ = 64 * 1024  # bytes of an answer; a connection that brings more is not kept
READ_WITHIN = 1.0  # seconds: the status says all, the rest is only read so that the connection can be kept
MOST_SHOWN = 200  # characters of an answer in a message
SHORTEST_SECRET = 6  # characters: shorter parts of an address are left where the receiver repeats them

REFUSALS = frozenset({400, 413, 422})
GONE = 410

#: What to say of a call that broke; the first class that fits.  The library's own words may quote the address.
WORDS: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientProxyConnectionError, "cannot be reached: the proxy does not answer"),
    (aiohttp.ClientHttpProxyError, "cannot be reached: the proxy refuses"),
    (aiohttp.ClientConnectorDNSError, "cannot be reached: its name, or the proxy's, cannot be resolved"),
    (aiohttp.ClientConnectorCertificateError, "shows a certificate that is not trusted"),
    (aiohttp.ClientConnectorSSLError, "does not speak TLS as we do"),
    (aiohttp.ClientConnectorError, "cannot be connected to"),
    (aiohttp.ServerTimeoutError, "did not answer in time"),
    (aiohttp.ClientConnectionError, "closed the connection before its answer"),
    (aiohttp.ClientError, "does not answer as HTTP does"),
    (httpx.TransportError, "cannot be reached"),
    (OSError, "cannot be reached"),
)

_SECONDS = re.compile(r"[0-9]{1,9}")


class Answer(msgspec.Struct, frozen=True):
    """What the receiver answered to one event."""

    status: int
    words: str  #: the beginning of its body on one line, without the address's and our secrets; may be empty
    retry_after: float | None = None  #: seconds, when it said so


class WebhookSink:
    """One receiver; owns its transport."""

    batch = 1
    concurrency = CONCURRENCY

    def __init__(
        self,
        name: str,
        url: str,
        *,
        keys: Sequence[bytes],
        headers: Mapping[str, str],
        transport: httpx.AsyncBaseTransport,
        now: Callable[[], int],
        limit: float = LIMIT,
    ) -> None:
        """
        Args:
            name: Of the sink.
            url: http or https.
            keys: Sign every event, each with a signature of its own; none leaves events unsigned.
            headers: Sent beside ours, never in place of them.
            transport: Carries the calls; `aclose` closes it.
            now: Wall clock, milliseconds since 1970: the time stamps of attempts.
            limit: Seconds that one attempt may take.
        """
        self.name = name
        self.limit: float | None = limit
        given = httpx.URL(url)
        self._url = given.copy_with(username=None, password=None)
        self._keys = tuple(keys)
        self._transport = transport
        self._now = now
        self._headers = [
            (b"Host", self._url.netloc),
            (b"Content-Type", b"application/cloudevents+json; charset=utf-8"),
            (b"Accept-Encoding", b"identity"),
            (b"User-Agent", b"number-monitor"),
            *_authorization(given, headers),
            *((key.encode("ascii"), value.encode("ascii")) for key, value in headers.items()),
        ]
        self._hidden = _hidden(given, headers.values())

    def __repr__(self) -> str:
        return f"WebhookSink({self.name!r}, {self.origin})"

    @property
    def origin(self) -> str:
        """Scheme, host and port: as much of the address as may be shown."""
        return f"{self._url.scheme}://{self._url.netloc.decode('ascii')}"

    async def send(self, messages: Sequence[Message]) -> None:
        """
        Send each event; returns when the receiver has them.

        Raises:
            Refused, Throttled, Gone, Unavailable: By the answer's status, or because none came.
        """
        for message in messages:
            answer = await self.post(message)
            if not 200 <= answer.status <= 299:
                raise self._failure(answer)

    async def post(self, message: Message) -> Answer:
        """
        Send one event, signed for this attempt; what the receiver answered, whatever it is.

        Raises:
            Unavailable: No answer came.
        """
        try:
            response = await self._transport.handle_async_request(self._request(message))
        except (httpx.TransportError, aiohttp.ClientError, OSError) as error:
            raise Unavailable(f"{self.origin} {_words(error)}") from error
        body = await _body(cast("httpx.AsyncByteStream", response.stream))
        return Answer(response.status_code, self._shown(body), _retry_after(response.headers, self._now()))

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()

    def _request(self, message: Message) -> httpx.Request:
        timestamp = self._now() // 1000
        headers = [
            *self._headers,
            (b"Content-Length", str(len(message.body)).encode()),
            (b"webhook-id", message.id.encode()),
            (b"webhook-timestamp", str(timestamp).encode()),
        ]
        if self._keys:
            headers.append((b"webhook-signature", signatures(message.id, timestamp, message.body, self._keys).encode()))
        # With a stream httpx adds no headers of its own.
        request = httpx.Request("POST", self._url, headers=headers, stream=httpx.ByteStream(message.body))
        request.read()
        return request

    def _failure(self, answer: Answer) -> DeliveryError:
        text = f"{self.origin} answered HTTP {answer.status}" + (f": {answer.words}" if answer.words else "")
        if answer.status in REFUSALS:
            return Refused(text)
        if answer.status == GONE:
            return Gone(text)
        if answer.status == 429 or (answer.status == 503 and answer.retry_after is not None):
            return Throttled(text, after=answer.retry_after or 0.0)
        return Unavailable(text)

    def _shown(self, body: bytes) -> str:
        text = body.decode("utf-8", "replace")
        for hidden in self._hidden:
            text = text.replace(hidden, "…")
        return terminal(" ".join(text.split()))[:MOST_SHOWN]


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


async def _body(stream: httpx.AsyncByteStream) -> bytes:
    """The beginning of an answer whose status has come; what breaks here changes nothing of it."""
    body = bytearray()
    with contextlib.suppress(httpx.TransportError, aiohttp.ClientError, OSError):  # a TimeoutError is an OSError
        try:
            async with asyncio.timeout(READ_WITHIN):
                async for piece in stream:
                    body += piece
                    if len(body) > MOST_READ:
                        break
        finally:
            await stream.aclose()
    return bytes(body[:MOST_READ])


def _retry_after(headers: Mapping[str, str], now: int) -> float | None:
    """Seconds by `Retry-After`: a number, or an HTTP date that counts from the answer's own `Date` where it has one."""
    text = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    until = _seconds(text)
    if until is None:
        return None
    since = _seconds(headers.get("date", ""))
    return max(0.0, until - (now / 1000 if since is None else since))


def _seconds(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None


def _words(error: Exception) -> str:
    """httpx-aiohttp reports most faults as ConnectTimeout; aiohttp's own error behind it tells them apart."""
    for carried in (error.__cause__, error):
        for kind, words in WORDS:
            if isinstance(carried, kind):
                return words
    return "cannot be reached"


def _authorization(url: httpx.URL, headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """User and password that stand in the address, where no header says otherwise."""
    if not url.userinfo or "authorization" in {name.lower() for name in headers}:
        return []
    return [(b"Authorization", aiohttp.encode_basic_auth(url.username, url.password).encode())]


def _hidden(url: httpx.URL, values: Iterable[str]) -> tuple[str, ...]:
    """What a receiver may repeat of our request and nobody may read: the longest first."""
    target = url.raw_path.decode("ascii")
    pieces = {target, *re.split(r"[/?&=;]", target), url.password, *(word for text in values for word in text.split())}
    pieces |= {unquote(piece) for piece in pieces}
    return tuple(sorted((piece for piece in pieces if len(piece) >= SHORTEST_SECRET), key=len, reverse=True))

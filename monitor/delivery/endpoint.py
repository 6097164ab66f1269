"""
A receiver's HTTP address: one call at a time, a POST or a GET, and what was answered to it.

Redirects are not followed: what is sent goes where it was meant to.  Messages name the origin alone, whose path and
query may be the receiver's secret; what the receiver says is shown without them.
"""

import asyncio
import contextlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import cast
from urllib.parse import unquote

import aiohttp
import httpx
import msgspec

from monitor.delivery.sink import DeliveryError, Gone, Refused, Throttled, Unavailable
from monitor.views.escape import terminal

JSON = b"application/json; charset=utf-8"

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

Header = tuple[bytes, bytes]


class Answer(msgspec.Struct, frozen=True):
    """What a receiver answered."""

    status: int
    body: bytes  #: its beginning
    words: str  #: the same on one line, shortened, without the address's and our secrets; may be empty
    retry_after: float | None = None  #: seconds, when it said so

    @property
    def is_success(self) -> bool:
        """By HTTP alone: 2xx."""
        return 200 <= self.status <= 299


class Endpoint:
    """One address; owns its transport."""

    def __init__(
        self,
        url: str,
        *,
        transport: httpx.AsyncBaseTransport,
        now: Callable[[], int],
        headers: Mapping[str, str] | None = None,
        secrets: Iterable[str] = (),
    ) -> None:
        """
        Args:
            url: http or https.
            transport: Carries the calls; `aclose` closes it.
            now: Wall clock, milliseconds since 1970: what `Retry-After` counts from.
            headers: Sent beside ours, never in place of them.
            secrets: What else no message may repeat, beside what stands in the address and the headers.
        """
        given = httpx.URL(url)
        own = dict(headers or {})
        signs_in = _authorization(given, own)
        self._url = given.copy_with(username=None, password=None)
        self._transport = transport
        self._now = now
        self._headers = [
            (b"Host", self._url.netloc),
            (b"Accept-Encoding", b"identity"),
            (b"User-Agent", b"number-monitor"),
            *signs_in,
            *((key.encode("ascii"), value.encode("ascii")) for key, value in own.items()),
        ]
        sent = [value.decode("ascii") for _name, value in signs_in]
        self._hidden = _hidden(given, [*own.values(), *sent, *secrets])

    @property
    def origin(self) -> str:
        """Scheme, host and port: as much of the address as may be shown."""
        return f"{self._url.scheme}://{self._url.netloc.decode('ascii')}"

    async def post(
        self,
        body: bytes,
        *,
        content_type: bytes = JSON,
        headers: Sequence[Header] = (),
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """
        Send the bytes; what was answered, whatever it is.

        Args:
            body: As it goes over the wire.
            content_type: Of the body.
            headers: Of this call alone.
            query: Added to the address for this call alone.

        Raises:
            Unavailable: No answer came.
        """
        url = self._url.copy_merge_params(query) if query else self._url
        about = [(b"Content-Type", content_type), (b"Content-Length", str(len(body)).encode())]
        return await self._ask("POST", url, [*about, *headers], body)

    async def get(self) -> Answer:
        """
        Ask for the address itself, which for some receivers says all; what was answered, whatever it is.

        Raises:
            Unavailable: No answer came.
        """
        return await self._ask("GET", self._url, (), b"")

    async def _ask(self, method: str, url: httpx.URL, headers: Iterable[Header], body: bytes) -> Answer:
        # With a stream httpx adds no headers of its own.
        request = httpx.Request(method, url, headers=[*self._headers, *headers], stream=httpx.ByteStream(body))
        request.read()
        try:
            response = await self._transport.handle_async_request(request)
        except (httpx.TransportError, aiohttp.ClientError, OSError) as error:
            raise Unavailable(f"{self.origin} {_words(error)}") from error
        answer = await _body(cast("httpx.AsyncByteStream", response.stream))
        after = _retry_after(response.headers, self._now())
        return Answer(response.status_code, answer, self.shown(answer.decode("utf-8", "replace")), after)

    def failure(self, answer: Answer) -> DeliveryError:
        """What an answer that is no success means, by its status alone."""
        text = self.said(answer)
        if answer.status in REFUSALS:
            return Refused(text)
        if answer.status == GONE:
            return Gone(text)
        if answer.status == 429 or (answer.status == 503 and answer.retry_after is not None):
            return Throttled(text, after=answer.retry_after or 0.0)
        return Unavailable(text)

    def said(self, answer: Answer) -> str:
        """The answer in one line: who, the status, and the receiver's own words."""
        return f"{self.origin} answered HTTP {answer.status}" + (f": {answer.words}" if answer.words else "")

    def shown(self, text: str) -> str:
        """A receiver's words as they may be shown: one line, shortened, nothing secret, no control characters."""
        for hidden in self._hidden:
            text = text.replace(hidden, "…")
        return terminal(" ".join(text.split()))[:MOST_SHOWN]

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()


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

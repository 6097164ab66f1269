"""
One account's way to ask phoneList: one signed attempt for one app, no more.

Retries, pacing and breakers are the caller's.  Nothing but a `PhoneListError` is raised, cancellation aside; the only
thing that cancels a call in flight is the deadline of the whole call, which also ends what aiohttp never reports (a
broken chunk that comes after the headers did).  The secret is used to sign and never shown.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterable, Callable
from typing import cast

import httpx
import msgspec

from monitor.fleet.answer import Answer, Unchanged
from monitor.phonelist import codes, status, wire
from monitor.phonelist.errors import PhoneListError, TimedOut, TooLarge, Undecodable
from monitor.phonelist.faults import Asked, fault
from monitor.phonelist.signature import SignAlgorithm, signature

PATH = "/api/wa/integrator/embedded/register/phoneList"
MAX_SIZE = 8 * 1024 * 1024  # bytes; 1,000 numbers take about 300 KiB
READ_WITHIN = 30.0  # seconds, for a large answer: a thread may have to be waited for
LARGE = 256 * 1024  # bytes; more are read in a thread, or the loop would be held


class Reply(msgspec.Struct, frozen=True):
    """What one successful attempt brought."""

    outcome: Answer | Unchanged
    skew: float | None  #: the vendor's Date less our clock, in seconds; None without a Date
    duration: float  #: seconds from connect to last byte
    size: int  #: bytes of the answer


class _Attempt:
    """What is known of a call under way, also when it fails half way."""

    __slots__ = ("answering", "appkey", "skew", "started")

    def __init__(self, appkey: str, started: int) -> None:
        self.appkey = appkey
        self.started = started  # milliseconds since 1970
        self.skew: float | None = None
        self.answering = False  # headers came


class PhoneList:
    """phoneList as one account asks it, over one transport that it owns."""

    def __init__(
        self,
        *,
        account: str,
        base_url: str,
        access_key: str,
        access_secret: str,
        sign_algorithm: SignAlgorithm,
        transport: httpx.AsyncBaseTransport,
        timeout: float,
        now: Callable[[], int],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Args:
            account: The account's name, for messages.
            base_url: Where the vendor is; a path is kept and the method's own appended.
            access_key: The header `accessKey`.
            access_secret: Signs every attempt.
            sign_algorithm: md5, the vendor's default, or sha256.
            transport: Carries the calls; `aclose` closes it.
            timeout: Seconds from connect to last byte.
            now: Our clock, in milliseconds since 1970.
            monotonic: Seconds, for durations.
        """
        self._account = account
        self._url = httpx.URL(base_url.rstrip("/") + PATH)
        self._asked = Asked(host=self._url.raw_host.decode("ascii"), place=self._url.netloc.decode("ascii"))
        self._access_key = access_key
        self._access_secret = access_secret
        self._sign_algorithm = sign_algorithm
        self._transport = transport
        self._timeout = timeout
        self._now = now
        self._monotonic = monotonic
        self._headers = [  # of every attempt, spelled as the vendor does
            (b"Host", self._url.netloc),
            (b"accessKey", access_key.encode()),
            (b"action", b"phoneList"),
            (b"bizType", b"2"),
            *([] if sign_algorithm == "md5" else [(b"algorithm", sign_algorithm.encode())]),
            (b"Content-Type", b"application/json"),
            (b"Accept", b"application/json"),
            (b"Accept-Encoding", b"identity"),
            (b"User-Agent", b"number-monitor"),
        ]
        self._date: tuple[str, int | None] = ("", None)  # the last Date and what it meant: it stands for a second

    def __repr__(self) -> str:
        return f"PhoneList(account={self._account!r}, place={self._asked.place!r})"

    async def ask(self, appkey: str, known: bytes = b"") -> Reply:
        """
        Ask once for an app's list, signed anew.

        Args:
            appkey: The app.
            known: The digest of the last answer; the same bytes again are `Unchanged`, and not decoded.

        Raises:
            PhoneListError: No answer that can be believed came; the leaf says why.
        """
        attempt = _Attempt(appkey, self._now())
        began = self._monotonic()
        try:
            async with asyncio.timeout(self._timeout):
                body = await self._exchange(attempt)
            duration = self._monotonic() - began
            outcome = await self._outcome(body, known, attempt)
        except PhoneListError as error:
            error.skew = attempt.skew
            raise
        except Exception as error:
            explained = self._explained(error, attempt)
            explained.skew = attempt.skew
            raise explained from error
        return Reply(outcome, attempt.skew, duration, len(body))

    async def aclose(self) -> None:
        """Close the transport."""
        await self._transport.aclose()

    async def _exchange(self, attempt: _Attempt) -> bytes:
        response = await self._transport.handle_async_request(self._request(attempt))
        stream = cast("httpx.AsyncByteStream", response.stream)
        try:
            attempt.answering = True
            self._welcome(response, attempt)
            return await self._body(stream)
        finally:
            await stream.aclose()

    def _request(self, attempt: _Attempt) -> httpx.Request:
        body = wire.request_body(attempt.appkey)
        signed = {"accessKey": self._access_key, "action": "phoneList", "bizType": "2", "ts": str(attempt.started)}
        headers = [
            *self._headers,
            (b"Content-Length", str(len(body)).encode()),
            (b"ts", signed["ts"].encode()),
            (b"sign", signature(signed, body, self._access_secret, self._sign_algorithm).encode()),
        ]
        # With a stream httpx adds no headers of its own, which would take it longer than all the rest.
        request = httpx.Request("POST", self._url, headers=headers, stream=httpx.ByteStream(body))
        request.read()
        return request

    def _welcome(self, response: httpx.Response, attempt: _Attempt) -> None:
        """Take in what the head of an answer says; raises when its body is not worth reading."""
        headers, now, place = response.headers, self._now(), self._asked.place
        headers.encoding = "latin-1"  # fits any bytes; httpx would try others on every header first
        attempt.skew = self._skew(headers, now)
        refused = status.refusal(response.status_code, headers, place=place, account=self._account, now=now)
        if refused is not None:
            raise refused
        encoding = headers.get("content-encoding", "identity").strip().lower()
        if encoding != "identity":
            raise Undecodable(
                f"{place} answered with Content-Encoding {codes.cleaned(encoding)} although none was accepted; "
                f"check any proxy in between"
            )

    async def _body(self, stream: AsyncIterable[bytes]) -> bytes:
        chunks: list[bytes] = []
        size = 0
        async for chunk in stream:
            size += len(chunk)
            if size > MAX_SIZE:
                raise TooLarge(
                    f"{self._asked.place} sent more than {MAX_SIZE // 1024**2} MiB, which no list of numbers has; "
                    f"check base_url"
                )
            chunks.append(chunk)
        return b"".join(chunks)

    async def _outcome(self, body: bytes, known: bytes, attempt: _Attempt) -> Answer | Unchanged:
        if len(body) <= LARGE:
            return self._judged(body, known, attempt)
        try:
            async with asyncio.timeout(READ_WITHIN):
                return await asyncio.to_thread(self._judged, body, known, attempt)
        except TimeoutError:
            raise TimedOut(
                f"the answer of {self._asked.place} could not be read within {READ_WITHIN:g} s; "
                f"this machine is too busy"
            ) from None

    def _judged(self, body: bytes, known: bytes, attempt: _Attempt) -> Answer | Unchanged:
        digest = hashlib.blake2b(body, digest_size=16).digest()
        if digest == known:
            return Unchanged(attempt.started)
        reading = wire.read(body)
        if reading.code != codes.SUCCESS:
            raise codes.refusal(
                reading.code, reading.text, account=self._account, appkey=attempt.appkey, skew=attempt.skew
            )
        return Answer(attempt.started, digest, reading.rows, reading.left_out)

    def _skew(self, headers: httpx.Headers, now: int) -> float | None:
        text = headers.get("date", "")
        if text != self._date[0]:
            self._date = (text, status.http_date(text))
        date = self._date[1]
        return None if date is None else (date - now) / 1000

    def _explained(self, error: Exception, attempt: _Attempt) -> PhoneListError:
        if isinstance(error, TimeoutError):
            missed = "finish its answer" if attempt.answering else "answer"
            return TimedOut(
                f"{self._asked.place} did not {missed} within {self._timeout:g} s; "
                f"check the network, or raise poll.timeout"
            )
        return fault(error, self._asked)

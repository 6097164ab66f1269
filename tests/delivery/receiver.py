"""
A receiver of webhooks on a real socket: raw asyncio, no library of ours, one planned answer a request.

It keeps what it was sent.  When no answer is planned any more it takes everything with 204.
"""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
from collections import deque
from types import TracebackType
from typing import Any, NamedTuple, Self

HANG = b""  #: as an answer: none, until the caller has gone
CLOSE = b"close"  #: as an answer: the end of the connection
ECHO = b"echo"  #: as an answer: HTTP 500, and all that was asked


class Received(NamedTuple):
    """One request as it came over the wire."""

    line: str
    headers: dict[str, str]  #: names in lower case
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """The CloudEvent."""
        found: dict[str, Any] = json.loads(self.body)
        return found


def answer(status: str, *headers: str, body: bytes = b"") -> bytes:
    """The bytes of one HTTP answer; `headers` are whole lines."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


TAKEN = answer("204 No Content")


def verifies(key: bytes, request: Received) -> bool:
    """Whether one of the request's signatures is by this key: Standard Webhooks 1.0, written out."""
    signed = b".".join(
        [request.headers["webhook-id"].encode(), request.headers["webhook-timestamp"].encode(), request.body]
    )
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{expected}" in request.headers["webhook-signature"].split(" ")


class Receiver:
    """The server: `async with Receiver() as receiver`."""

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.taken: list[Received] = []  #: those that were answered with success
        self.connections = 0  #: accepted so far
        self.arrived = asyncio.Condition()
        self.port = 0
        self._answers: deque[bytes] = deque()
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen, on the port of the last time if there was one."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close everything: the next to connect is refused."""
        if self._server is None:
            return
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    @property
    def url(self) -> str:
        """Its address, with a path that nobody may read."""
        return f"http://127.0.0.1:{self.port}/in/hunter2-path?token=hunter2-query"

    def plan(self, *answers: bytes) -> None:
        """What to answer to the next requests."""
        self._answers.extend(answers)

    def recover(self) -> None:
        """Take everything from now on."""
        self._answers.clear()

    async def has(self, count: int) -> None:
        """Wait until so many requests have come."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: len(self.requests) >= count)

    async def has_taken(self, count: int) -> None:
        """Wait until so many requests were answered with success."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: len(self.taken) >= count)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            while not writer.is_closing():
                request = await _received(reader)
                await self._answer(request, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._serving.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _answer(self, request: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        planned = self._answers.popleft() if self._answers else TAKEN
        async with self.arrived:
            self.requests.append(request)
            if planned.startswith(b"HTTP/1.1 2"):
                self.taken.append(request)
            self.arrived.notify_all()
        if planned == ECHO:
            told = "\n".join([request.line, *(f"{name}: {value}" for name, value in request.headers.items())])
            planned = answer("500 Internal Server Error", body=told.encode() + b"\n" + request.body)
        if planned == HANG:
            await reader.read()
        if planned in {HANG, CLOSE}:
            writer.close()
        else:
            writer.write(planned)
            await writer.drain()


async def _received(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *lines = head.rstrip("\r\n").split("\r\n")
    pairs = (each.partition(":") for each in lines)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    return Received(line, headers, await reader.readexactly(int(headers.get("content-length", "0"))))

"""
A vendor on a real socket that serves exact bytes, and every fault that a wire can have.

It keeps what it was sent.  One behaviour is taken for each request, in order; when none is left it answers well.
"""

import asyncio
import contextlib
import json
import socket
import ssl
import struct
from collections import deque
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import NamedTuple, Self

Behaviour = Callable[["Connection"], Awaitable[None]]

ROW = {
    "display_phone_number": "+86 138-0000-0001",
    "quality_rating": "GREEN",
    "name_status": "APPROVED",
    "verified_name": "GLORY JACK",
    "code_verification_status": "VERIFIED",
    "current_limit": "TIER_10K",
    "register_status": 5,
    "status": "CONNECTED",
    "waba_id": "116960000086404",
    "waba_name": "GLORY TEST",
}
GOOD_BODY = json.dumps({"code": 0, "data": [ROW], "message": "Request successful"}).encode()


class Received(NamedTuple):
    """One request, as it came over the wire."""

    line: str
    headers: tuple[tuple[str, str], ...]  #: names as spelled
    body: bytes

    def header(self, name: str) -> str | None:
        """The value under a name, spelled exactly so."""
        return dict(self.headers).get(name)


class Connection:
    """One accepted connection, for a behaviour to play with."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        """Write exactly these bytes."""
        self.writer.write(data)
        await self.writer.drain()

    async def gone(self) -> None:
        """Wait until the other side has closed."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(65536):
                pass

    def reset(self) -> None:
        """Close with a reset instead of an end."""
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


def answer(body: bytes, *, status: str = "200 OK", headers: str = "", length: int | None = None) -> bytes:
    """The bytes of one HTTP answer; `headers` are whole lines."""
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Length: {size}\r\n{headers}\r\n".encode() + body


def exactly(data: bytes, *, then_close: bool = False) -> Behaviour:
    """Serve exactly these bytes, and close on demand."""

    async def behave(connection: Connection) -> None:
        await connection.send(data)
        if then_close:
            connection.writer.close()

    return behave


def status(line: str, headers: str = "") -> Behaviour:
    """An answer of this status line, with a body that must never be shown."""
    return exactly(answer(b"secret words of a gateway", status=line, headers=headers))


async def hang(connection: Connection) -> None:
    """Take the request and never answer."""
    await connection.gone()


async def drip(connection: Connection) -> None:
    """Begin a good answer and let a byte fall now and then, without end."""
    await connection.send(answer(b"", length=1_000_000))
    with contextlib.suppress(ConnectionError):
        while not connection.reader.at_eof() and not connection.writer.is_closing():
            await connection.send(b" ")
            await asyncio.sleep(0.01)


async def flood(connection: Connection) -> None:
    """A hundred megabytes in one answer."""
    with contextlib.suppress(ConnectionError):
        await connection.send(answer(b"", length=100_000_000))
        for _ in range(1_000):
            await connection.send(b" " * 100_000)


async def reset_within_body(connection: Connection) -> None:
    """Half an answer, then a reset."""
    await connection.send(answer(GOOD_BODY[:40], length=len(GOOD_BODY)))
    connection.reset()


async def reset_before_answer(connection: Connection) -> None:
    """A reset instead of an answer."""
    connection.reset()


async def close_before_answer(connection: Connection) -> None:
    """The end of the connection instead of an answer."""
    connection.writer.close()


class FaultyVendor:
    """The server: `async with FaultyVendor() as vendor`."""

    def __init__(self, tls: ssl.SSLContext | None = None, greeting: bytes = b"") -> None:
        self.requests: list[Received] = []
        self.connections = 0  #: accepted so far
        self._tls = tls
        self._greeting = greeting  # sent as soon as somebody connects
        self._behaviours: deque[Behaviour] = deque()
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0  #: where it listens

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def place(self) -> str:
        """Host and port, as messages name them."""
        return f"127.0.0.1:{self.port}"

    def next(self, *behaviours: Behaviour) -> None:
        """What to do with the next requests."""
        self._behaviours.extend(behaviours)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            writer.write(self._greeting)
            await self._serve(Connection(reader, writer))
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._serving.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    async def _serve(self, connection: Connection) -> None:
        while not connection.writer.is_closing():
            self.requests.append(await _received(connection.reader))
            behave = self._behaviours.popleft() if self._behaviours else exactly(answer(GOOD_BODY))
            await behave(connection)


async def _received(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *lines = head.rstrip("\r\n").split("\r\n")
    headers = tuple((name, value.strip()) for name, _, value in (each.partition(":") for each in lines))
    length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
    return Received(line, headers, await reader.readexactly(length))

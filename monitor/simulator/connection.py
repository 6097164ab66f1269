"""
One HTTP/1.1 connection, close enough to the wire to misbehave on demand.

Answers requests in order, keeps the connection alive, reads bodies with a length or in chunks.  What is answered at
once is written where it is read, without a task; an answer that takes its time runs as the connection's one task and
holds up the requests behind it.  When the connection is lost that task is cancelled, so nothing outlives the peer.
"""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable, Coroutine
from typing import cast

import httptools

from monitor.simulator.message import Request, Response, sentence

BODY_LIMIT = 1 << 20  # bytes of a request's body
HEAD_LIMIT = 64 << 10  # bytes of its target and headers
WAITING_LIMIT = 64  # requests sent ahead on one connection
DISCARD_UNSENT = struct.pack("ii", 1, 0)  # SO_LINGER with no time to linger: closing sends RST


Work = Coroutine[None, None, None]  #: an answer that takes its time


class Peers:
    """The connections that are open or whose task still runs."""

    def __init__(self) -> None:
        self._connections: set[Connection] = set()
        self._closing = False

    def __len__(self) -> int:
        return len(self._connections)

    def add(self, connection: "Connection") -> None:
        """Keep a connection; one that was being accepted while all were closed is closed too."""
        self._connections.add(connection)
        if self._closing:
            connection.abort()

    def discard(self, connection: "Connection") -> None:
        """Forget a connection that is over."""
        self._connections.discard(connection)

    async def close(self) -> None:
        """Close all at once and wait until they are over."""
        self._closing = True
        while self._connections:
            connections = tuple(self._connections)
            for connection in connections:
                connection.abort()
            await asyncio.gather(*(connection.ended() for connection in connections))


class Connection(asyncio.Protocol):
    """
    A client's connection, and the wire that answers are written on.

    Args:
        answer: writes the answer on the wire and returns None, or returns what will do it in its time.
        date: the Date header's value now.
        peers: where the connection keeps itself.
    """

    def __init__(
        self,
        answer: Callable[[Request, "Connection"], Work | None],
        date: Callable[[], str],
        peers: Peers,
    ) -> None:
        self._answer = answer
        self._date = date
        self._peers = peers
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[Request] = deque()
        self._task: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._lost = asyncio.Event()
        self._deaf = False  # nothing more is read or answered: the connection is about to close
        self._last = False  # nothing more is read: the last request has come and waits for its answer
        self._bodiless = False  # the answer to HEAD is a head
        self.on_message_begin()

    def respond(self, response: Response) -> None:
        """Write a whole answer."""
        self.write(self.whole(response))

    def whole(self, response: Response) -> bytes:
        """The bytes that `respond` would write."""
        head = response.head(self._date(), length=len(response.body))
        return head if self._bodiless else head + response.body

    def start(self, response: Response) -> None:
        """Write the head of an answer whose body follows in chunks."""
        self.write(response.head(self._date(), length=None))

    def write(self, data: bytes) -> None:
        """Write bytes as they are."""
        self._transport.write(data)

    async def drain(self) -> None:
        """Wait until the peer has taken most of what was written."""
        await asyncio.sleep(0)  # a lost connection ends the task here, however much it had to write
        await self._writable.wait()

    def close(self) -> None:
        """Send what was written, then close."""
        self._deaf = True
        self._transport.close()

    def reset(self) -> None:
        """Break the connection off: the peer sees it reset."""
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, DISCARD_UNSENT)
        self.abort()

    def abort(self) -> None:
        """Close at once."""
        self._deaf = True
        self._transport.abort()

    async def ended(self) -> None:
        """Wait until the connection is closed and its task is over."""
        await self._lost.wait()
        if self._task is not None:
            await asyncio.wait([self._task])

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._writable.set()
        self._peers.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._deaf = True
        self._waiting.clear()
        self._lost.set()
        if self._task is not None:
            self._task.cancel()
        else:
            self._peers.discard(self)

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        if self._deaf or self._last:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # the request came whole and is answered as it is; nothing of ours speaks another protocol
        except httptools.HttpParserError:
            if not self._last:
                self._refuse("this is not HTTP/1.1", 400)
        if len(self._waiting) > WAITING_LIMIT:
            self.abort()

    def on_message_begin(self) -> None:
        self._target = b""
        self._headers: dict[str, str] = {}
        self._body = b""
        self._head_size = 0

    def on_url(self, url: bytes) -> None:
        self._target += url
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        key = name.decode("latin-1").lower()
        text = value.decode("utf-8", "surrogateescape")
        self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        if self._headers.get("expect", "").lower() == "100-continue" and not self._deaf:
            self.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        if len(self._body) + len(body) > BODY_LIMIT:
            self._refuse(f"a body has at most {BODY_LIMIT} bytes", 413)
        elif not self._deaf:
            self._body += body

    def on_message_complete(self) -> None:
        if self._deaf:
            return
        method = self._parser.get_method().decode("latin-1")
        self._last = not self._parser.should_keep_alive() or self._parser.should_upgrade()
        target = self._target.decode("utf-8", "replace")
        self._waiting.append(Request(method, target, self._headers, self._body))
        self._advance()

    def _count(self, size: int) -> None:
        self._head_size += size
        if self._head_size > HEAD_LIMIT:
            self._refuse(f"a head has at most {HEAD_LIMIT} bytes", 431)

    def _refuse(self, reason: str, status: int) -> None:
        if not self._deaf:
            self.respond(sentence(reason, status, "Connection: close"))
            self.close()

    def _advance(self) -> None:
        """Answer what waits, until an answer takes its time; close after the last."""
        while self._waiting and self._task is None and not self._deaf:
            request = self._waiting.popleft()
            self._bodiless = request.method == "HEAD"
            work = self._answer(request, self)
            if work is not None:
                self._task = asyncio.create_task(work)
                self._task.add_done_callback(self._worked)
        if self._last and self._task is None and not self._deaf:
            self.close()

    def _worked(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if self._lost.is_set():
            self._peers.discard(self)
        elif task.cancelled():
            self.abort()
        else:
            self._advance()

"""
HTTP over one connection, with the limits and the strictness that uvicorn's httptools protocol lacks.

httptools reads heads of any size for any time, and a reader that takes nothing holds its answer for ever.  Here a
head has a size, and so has what a chunked body brings beside itself; a request has a time to arrive in, a stalled
reader is dropped, and connections have a number, as have requests that do not wait for an answer.  Who holds
connections without asking for anything gives way to who comes: probes are answered during a flood of them.

HTTP is 1.0 or 1.1, a request says once for which host it is, and trailers are no headers: they come when who asks has
been judged already.  Source: RFC 9112 sections 2.3, 3.2, 3.2.2 and 6.5.
"""

import asyncio
from typing import Any, Protocol

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 32 * 1024  #: request line and headers together; or of a body's chunk sizes, extensions and trailers
REQUEST_SECONDS = 10.0  #: for a whole request to arrive, from the connection or from its first byte
STALL_SECONDS = 30.0  #: a reader that does not drain our buffer for this long is gone or hostile
CONNECTIONS = 512  #: open at once; for a further one, that which has waited longest without a request is closed
AHEAD = 128  #: requests that are sent before the first of them is answered
VERSIONS = frozenset({"1.0", "1.1"})


class HeadTooLargeError(Exception):
    """Raised inside the parser to stop it."""


class MalformedError(Exception):
    """Likewise: the request is none that HTTP has."""


class Connection(Protocol):
    """What is counted."""

    transport: Any  #: asyncio's

    @property
    def waiting_since(self) -> float | None:
        """Since when there is no request to be answered, in the loop's time; None while there is one."""


def make_room(connections: set[Any]) -> bool:
    """Close the connection that has waited longest; False when each is being answered."""
    waiting: dict[Connection, float] = {one: one.waiting_since for one in connections if one.waiting_since is not None}
    if not waiting:
        return False
    longest = min(waiting, key=waiting.__getitem__)
    connections.discard(longest)  # it would go a moment later by itself, and count for the next newcomer
    longest.transport.abort()
    return True


class LimitedProtocol(HttpToolsProtocol):
    """What uvicorn makes for each connection."""

    waiting_since: float | None = None
    _arriving: asyncio.TimerHandle | None = None  #: runs while a request is due or half here
    _stalled: asyncio.TimerHandle | None = None  #: runs while the reader takes nothing
    _in_head = True
    _head_bytes = 0  #: of a head that is not whole yet
    _other_bytes = 0  #: after the head, the body itself aside
    _too_large = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        """Take the connection; where there are too many, in the place of another, if one is idle."""
        has_place = len(self.connections) < CONNECTIONS or make_room(self.connections)
        super().connection_made(transport)
        if not has_place:
            transport.abort()
            return
        self._wait_for_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timers."""
        self._request_is_here()
        self._reader_moves()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser; refuse a head that is too large before it is whole."""
        self._expect_request()
        if self._in_head:
            self._head_bytes += len(data)
        else:
            self._other_bytes += len(data)
        super().data_received(data)
        beside = self._head_bytes if self._in_head else self._other_bytes
        if beside > HEAD_BYTES and not self.transport.is_closing():
            self._too_large = True
            self.send_400_response("")

    def on_message_begin(self) -> None:
        """A request begins."""
        self._expect_request()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer, which nobody here reads."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """A head is whole: judge its form and size, then answer."""
        self._in_head = False
        self._head_bytes = self._other_bytes = 0
        self._take_host()
        if len(self.pipeline) >= AHEAD:
            self.transport.abort()
            raise MalformedError
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEAD_BYTES:
            self._too_large = True
            raise HeadTooLargeError
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body: whoever reads it says how much that may be."""
        self._other_bytes -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole; the next byte belongs to another head."""
        super().on_message_complete()
        self._request_is_here()
        self.waiting_since = None
        if self.cycle.response_complete:  # answered before its body was here, which has ended uvicorn's own clock
            self._wait_for_request()
        self._in_head = True
        self._head_bytes = 0

    def on_response_complete(self) -> None:
        """An answer is whole; nothing more is read before the requests are answered that are here already."""
        super().on_response_complete()
        if self.pipeline:
            self.flow.pause_reading()
        else:
            self.waiting_since = self.loop.time()

    def send_400_response(self, msg: str) -> None:
        """Say 431 where the head is too large, else 400 as uvicorn does; then close."""
        if not self._too_large:
            super().send_400_response(msg)
            return
        text = f"The request has more than {HEAD_BYTES} bytes beside its body.\n"
        self.transport.write(
            "HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
            f"content-length: {len(text)}\r\nconnection: close\r\n\r\n{text}".encode("ascii")
        )
        self.transport.close()

    def pause_writing(self) -> None:
        """The reader is slower than we are: give it a while."""
        super().pause_writing()
        self._stalled = self.loop.call_later(STALL_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """The reader took what there was."""
        self._reader_moves()
        super().resume_writing()

    def _take_host(self) -> None:
        """Leave one `Host`: that of the target where it names one, as a request for a proxy does."""
        version = self.parser.get_http_version()
        hosts = [name for name, _ in self.headers if name == b"host"]
        if version not in VERSIONS or len(hosts) > 1 or (version == "1.1" and not hosts):
            raise MalformedError
        _, is_absolute, rest = self.url.partition(b"://")
        if is_absolute and not self.url.startswith(b"/"):
            authority = rest.partition(b"/")[0].rpartition(b"@")[2]
            self.headers[:] = [(b"host", authority), *(one for one in self.headers if one[0] != b"host")]

    def _wait_for_request(self) -> None:
        """There is nothing to answer until the next request comes, which is due soon."""
        self.waiting_since = self.loop.time()
        self._expect_request()

    def _expect_request(self) -> None:
        if self._arriving is None:
            self._arriving = self.loop.call_later(REQUEST_SECONDS, self.transport.abort)

    def _request_is_here(self) -> None:
        if self._arriving is not None:
            self._arriving.cancel()
            self._arriving = None

    def _reader_moves(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

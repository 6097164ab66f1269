"""
What can go wrong between a vendor and its caller, one class a fault.

A fault changes what is answered (`answer`), how the answer goes over the wire (`send`), or both.  It meets only calls
that the vendor would have accepted: a wrong signature is refused whatever fault is on.  As JSON, for `POST /faults`,
a fault is `{"fault": "delay", "seconds": 2, "appkey": "jh42xxxd434", "calls": 3}`; each class gives its own word and
fields.  Seconds are real ones.  A fault that waits ends with its connection, and so with the server at the latest.
"""

import asyncio
import json
from typing import Annotated, Any, Protocol

import msgspec

from monitor.simulator.message import HTML, Response
from monitor.simulator.result import encoded, failed, succeeded

PAGE = b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>We are back soon</h1></body></html>\n"
NOT_HTTP = b"\x16\x03\x01\x00\x00 this was never HTTP \xff\xfe\r\n\r\n"
PIECE = 64 << 10  # bytes written at once of an endless answer

Seconds = Annotated[float, msgspec.Meta(ge=0, le=3600)]
HeaderValue = Annotated[str, msgspec.Meta(pattern=r"^[ -~]*\Z")]


class Wire(Protocol):
    """What a fault may do to a connection."""

    def respond(self, response: Response) -> None:
        """Write a whole answer."""

    def start(self, response: Response) -> None:
        """Write the head of an answer whose body follows in chunks."""

    def whole(self, response: Response) -> bytes:
        """The bytes that `respond` would write."""

    def write(self, data: bytes) -> None:
        """Write bytes as they are."""

    async def drain(self) -> None:
        """Wait until the peer has taken most of what was written."""

    def close(self) -> None:
        """Send what was written, then close."""

    def reset(self) -> None:
        """Break the connection off."""


class Fault(msgspec.Struct, frozen=True, kw_only=True, tag_field="fault", forbid_unknown_fields=True):
    """What all faults have: whom they meet, and how often."""

    appkey: str = ""  #: empty: every app
    calls: Annotated[int, msgspec.Meta(ge=1)] | None = None  #: so many calls; None: until cleared

    @property
    def word(self) -> str:
        """What `POST /faults` calls it."""
        return str(self.__struct_config__.tag)

    def answer(self, response: Response) -> Response:
        """What is answered instead."""
        return response

    async def send(self, wire: Wire, response: Response) -> None:
        """How it goes over the wire."""
        wire.respond(response)


class Delay(Fault, frozen=True, tag="delay"):
    """The right answer, late."""

    seconds: Seconds = 1.0

    async def send(self, wire: Wire, response: Response) -> None:
        await asyncio.sleep(self.seconds)
        wire.respond(response)


class Hang(Fault, frozen=True, tag="hang"):
    """No answer, and the connection stays open."""

    async def send(self, wire: Wire, response: Response) -> None:  # noqa: ARG002 - there is nothing to send
        await asyncio.Event().wait()


class Drip(Fault, frozen=True, tag="drip"):
    """The right answer, a byte at a time: the connection is never idle and never done."""

    seconds: Seconds = 0.1  #: between two bytes

    async def send(self, wire: Wire, response: Response) -> None:
        for byte in wire.whole(response):
            wire.write(bytes((byte,)))
            await asyncio.sleep(self.seconds)


class Reset(Fault, frozen=True, tag="reset"):
    """The connection is reset instead of an answer."""

    async def send(self, wire: Wire, response: Response) -> None:  # noqa: ARG002 - there is nothing to send
        wire.reset()


class Truncated(Fault, frozen=True, tag="truncated"):
    """The right answer's head and half of its body, then the connection is closed."""

    async def send(self, wire: Wire, response: Response) -> None:
        wire.write(wire.whole(response)[: -(len(response.body) // 2) - 1])
        wire.close()


class Garbage(Fault, frozen=True, tag="garbage"):
    """Bytes that are no HTTP, then the connection is closed."""

    async def send(self, wire: Wire, response: Response) -> None:  # noqa: ARG002 - there is nothing to send
        wire.write(NOT_HTTP)
        wire.close()


class Huge(Fault, frozen=True, tag="huge"):
    """A well-formed list that is far too long, in chunks, so that its length is not known beforehand."""

    size: Annotated[int, msgspec.Meta(ge=PIECE, le=1 << 30)] = 16 << 20  #: bytes, about

    async def send(self, wire: Wire, response: Response) -> None:
        wire.start(response)
        wire.write(_chunk(b'{"code":0,"data":["'))
        piece = _chunk(b"x" * PIECE)
        for _ in range(self.size // PIECE):
            wire.write(piece)
            await wire.drain()
        wire.write(_chunk(b'"],"message":"Request successful"}') + _chunk(b""))


class Http(Fault, frozen=True, tag="http"):
    """An HTTP error of a gateway, with its page; a redirection leads to a place that does not exist."""

    status: Annotated[int, msgspec.Meta(ge=300, le=599)] = 500
    retry_after: HeaderValue = ""  #: the header's value, seconds or an HTTP date; empty: no such header

    def answer(self, response: Response) -> Response:  # noqa: ARG002 - replaced whole
        headers: tuple[str, ...] = (f"Retry-After: {self.retry_after}",) if self.retry_after else ()
        if self.status < 400:
            headers += ("Location: /elsewhere",)
        return Response(PAGE, self.status, HTML, headers)


class Throttled(Http, frozen=True, tag="throttled"):
    """Too many calls: 429 with Retry-After."""

    status: Annotated[int, msgspec.Meta(ge=300, le=599)] = 429
    retry_after: HeaderValue = "1"


class Code(Fault, frozen=True, tag="code"):
    """A result code of the vendor, or one that nobody documented."""

    code: int = 9001

    def answer(self, response: Response) -> Response:  # noqa: ARG002 - replaced whole
        return Response(failed(self.code))


class Html(Fault, frozen=True, tag="html"):
    """A page instead of JSON, with status 200."""

    def answer(self, response: Response) -> Response:  # noqa: ARG002 - replaced whole
        return Response(PAGE, content_type=HTML)


class NoBody(Fault, frozen=True, tag="no_body"):
    """Status 200 and no byte more."""

    def answer(self, response: Response) -> Response:  # noqa: ARG002 - replaced whole
        return Response(b"")


class Empty(Fault, frozen=True, tag="empty"):
    """Success with an empty list."""

    def answer(self, response: Response) -> Response:  # noqa: ARG002 - replaced whole
        return Response(succeeded([]))


class Null(Fault, frozen=True, tag="null"):
    """Success with `data` null."""

    def answer(self, response: Response) -> Response:  # noqa: ARG002 - replaced whole
        return Response(succeeded(None))


class WrongEnvelope(Fault, frozen=True, tag="wrong_envelope"):
    """JSON, but the list alone where the envelope belongs."""

    def answer(self, response: Response) -> Response:
        return Response(encoded(_rows(response)))


class WrongTypes(Fault, frozen=True, tag="wrong_types"):
    """Before the rows some that are no objects or have no number; in the rows, but for the number, other types."""

    def answer(self, response: Response) -> Response:
        wrong = {
            "quality_rating": ["GREEN"],
            "status": 7,
            "current_limit": {},
            "verified_name": None,
            "waba_id": 116_960,
        }
        return Response(succeeded([None, "row", 7, {}, *({**row, **wrong} for row in _rows(response))]))


class LoneSurrogate(Fault, frozen=True, tag="lone_surrogate"):
    """The right list, but for half a character in every name."""

    def answer(self, response: Response) -> Response:
        return Response(succeeded([{**row, "verified_name": "half a character: \ud83d"} for row in _rows(response)]))


AnyFault = (
    Delay
    | Hang
    | Drip
    | Reset
    | Truncated
    | Garbage
    | Huge
    | Http
    | Throttled
    | Code
    | Html
    | NoBody
    | Empty
    | Null
    | WrongEnvelope
    | WrongTypes
    | LoneSurrogate
)


def _chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def _rows(response: Response) -> list[dict[str, Any]]:
    """The rows of an answer; none of an app that fails on its own."""
    return json.loads(response.body)["data"] or []

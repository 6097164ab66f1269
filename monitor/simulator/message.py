"""HTTP messages as the simulator reads and writes them.  Pure values."""

from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote

import msgspec

from monitor.simulator.result import encoded

JSON = "application/json;charset=UTF-8"
TEXT = "text/plain;charset=UTF-8"
HTML = "text/html;charset=UTF-8"


class Request(msgspec.Struct, frozen=True):
    """A request, complete."""

    method: str
    target: str  #: as sent: a path, percent-encoded, with its query
    headers: dict[str, str]  #: names in lower case; a repeated header's values are joined as RFC 9110 (5.3) says
    body: bytes

    @property
    def path(self) -> str:
        """The target without its query, as sent."""
        return self.target.partition("?")[0]

    @property
    def segments(self) -> tuple[str, ...]:
        """The path's parts, each decoded: `/numbers/%2B86138` is `("numbers", "+86138")`."""
        return tuple(unquote(part) for part in self.path.strip("/").split("/"))

    def query(self, name: str) -> str:
        """The query's first value of this name; empty when there is none."""
        return parse_qs(self.target.partition("?")[2]).get(name, [""])[0]


class Response(msgspec.Struct, frozen=True):
    """An answer that has not been written yet."""

    body: bytes
    status: int = 200
    content_type: str = JSON
    headers: tuple[str, ...] = ()  #: further lines, `Name: value`

    def head(self, date: str, *, length: int | None) -> bytes:
        """The head's bytes with its empty line; without a length the body is sent in chunks."""
        lines = [
            f"HTTP/1.1 {self.status} {_phrase(self.status)}",
            f"Date: {date}",
            f"Content-Type: {self.content_type}",
            "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}",
            *self.headers,
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


def as_json(value: Any, status: int = 200) -> Response:  # noqa: ANN401 - any JSON
    """An answer of the simulator's own paths."""
    return Response(encoded(value) + b"\n", status)


def sentence(text: str, status: int, *headers: str) -> Response:
    """A refusal in one line."""
    return Response(text.encode(errors="replace") + b"\n", status, TEXT, headers)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unassigned"

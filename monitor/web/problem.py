"""
Errors as RFC 9457 problems: what the API answers when it cannot answer.

Where the status says all, the type is `about:blank`.  Where one status has several causes, or a program should act on
the cause, the problem has a type of its own, which stays; the description names for each operation what it can meet.
"""

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
import orjson
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
BLANK = "about:blank"
_TYPE = "urn:number-monitor:problem:{name}"  # a name, not an address: nothing is there to be fetched


class Kind(msgspec.Struct, frozen=True):
    """A sort of problem."""

    status: HTTPStatus
    type: str
    title: str


def plain(status: int) -> Kind:
    """The problem that its status says all of."""
    return Kind(HTTPStatus(status), BLANK, HTTPStatus(status).phrase)


def _own(status: HTTPStatus, name: str, title: str) -> Kind:
    return Kind(status, _TYPE.format(name=name), title)


FILTER = _own(HTTPStatus.BAD_REQUEST, "filter", "A filter cannot be applied")
UNKNOWN = _own(HTTPStatus.NOT_FOUND, "unknown", "Not watched")
TOO_SOON = _own(HTTPStatus.TOO_MANY_REQUESTS, "too-soon", "Polled on request just now")
STORE = _own(HTTPStatus.SERVICE_UNAVAILABLE, "store", "The store cannot be read or written now")
NOT_READY = _own(HTTPStatus.SERVICE_UNAVAILABLE, "not-ready", "Not everything has been asked yet")
STOPPING = _own(HTTPStatus.SERVICE_UNAVAILABLE, "stopping", "The daemon is stopping")
OWNER = _own(HTTPStatus.GATEWAY_TIMEOUT, "owner", "The process that watches the account does not answer")
STREAMS = _own(HTTPStatus.SERVICE_UNAVAILABLE, "streams", "Too many streams are open")


def problem(kind: Kind, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """The problem as an answer; the detail says what is wrong and what to do."""
    body = {"type": kind.type, "title": kind.title, "status": kind.status, "detail": detail}
    return Response(orjson.dumps(body), status_code=kind.status, headers=headers, media_type=MEDIA_TYPE)

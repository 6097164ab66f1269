"""
Answers that a client may already have: an ETag of what they say, and 304 where that is what the client has.

The tag is made of the answer itself, so that it can never claim too much.  Weak, since a proxy may pack what it passes
on.  Source: RFC 9110 sections 8.8.3 and 13.1.2.
"""

import re
from collections.abc import Iterable
from hashlib import blake2b
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

_ETAG = re.compile(r'(?:W/)?"([^"]*)"')


def tagged(request: Request, body: bytes) -> Response:
    """The body as JSON, or 304 without it where the client's `If-None-Match` names it."""
    opaque = blake2b(body, digest_size=16).hexdigest()
    headers = {"etag": f'W/"{opaque}"', "cache-control": "private, no-cache"}  # may be kept, never used unasked
    if _has(request.headers.getlist("if-none-match"), opaque):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _has(conditions: Iterable[str], opaque: str) -> bool:
    joined = ",".join(conditions)
    return joined.strip() == "*" or opaque in _ETAG.findall(joined)

"""
What is answered where there is no answer: one table from exceptions to kinds of problems, and three forms.

A problem under `/api`, text where programs ask (`/-/…`, `/metrics`), a page elsewhere.  What nobody foresaw is
logged with its trace, and told to the client without it.
"""

from collections.abc import Mapping
from http import HTTPStatus
from math import ceil
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from monitor.store.errors import StoreError
from monitor.views.filters import FilterError
from monitor.web.collaborators import NotReadyError, OwnerSilentError, StoppingError, TooSoonError, UnknownTargetError
from monitor.web.headers import HEADERS
from monitor.web.listeners import TooManyStreamsError
from monitor.web.pages.frame import Frame
from monitor.web.problem import (
    FILTER,
    NOT_READY,
    OWNER,
    STOPPING,
    STORE,
    STREAMS,
    TOO_SOON,
    UNKNOWN,
    Kind,
    plain,
    problem,
)

KINDS: Mapping[type[Exception], Kind] = {
    FilterError: FILTER,
    UnknownTargetError: UNKNOWN,
    TooSoonError: TOO_SOON,
    StoppingError: STOPPING,
    OwnerSilentError: OWNER,
    StoreError: STORE,
    NotReadyError: NOT_READY,
    TooManyStreamsError: STREAMS,
}

_SENTENCES: Mapping[int, str] = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not answer to this method; the Allow header says to which.",
}
_BROKEN = "Something broke while this was answered; the log says what."


class Errors:
    """Answers exceptions."""

    def __init__(self, frame: Frame, log: structlog.typing.FilteringBoundLogger) -> None:
        self._frame = frame
        self._log = log

    def handlers(self) -> Mapping[Any, Any]:
        """As Starlette takes them: by class of exception."""
        foreseen = dict.fromkeys(KINDS, self._foreseen)
        return {**foreseen, HTTPException: self._http, Exception: self._unforeseen}

    async def _foreseen(self, request: Request, error: Exception) -> Response:
        kind = next(kind for sort, kind in KINDS.items() if isinstance(error, sort))
        headers = {"retry-after": str(ceil(error.wait))} if isinstance(error, TooSoonError) else None
        return self._answer(request, kind, str(error), headers)

    async def _http(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        phrase = HTTPStatus(error.status_code).phrase
        sentence = _SENTENCES.get(error.status_code, phrase) if error.detail == phrase else error.detail
        return self.answer(request, error.status_code, sentence, error.headers)

    async def _unforeseen(self, request: Request, error: Exception) -> Response:
        self._log.error("request broke", method=request.method, path=request.scope["path"], exc_info=error)
        return self.answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, _BROKEN, HEADERS)

    def answer(self, request: Request, status: int, sentence: str, headers: Mapping[str, str] | None) -> Response:
        """The sentence in the form that is read at the request's path."""
        return self._answer(request, plain(status), sentence, headers)

    def _answer(self, request: Request, kind: Kind, sentence: str, headers: Mapping[str, str] | None) -> Response:
        path, status = request.scope["path"], kind.status
        if path == "/api" or path.startswith("/api/"):
            return problem(kind, sentence, headers)
        if path == "/metrics" or path.startswith("/-/"):
            return PlainTextResponse(f"{sentence}\n", status, headers)
        return self._frame.error(request, status, sentence, headers)

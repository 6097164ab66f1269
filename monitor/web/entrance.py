"""
The entrance: who may ask anything at all, where users are configured, and how much is answered.

Probes are let in without a word (`/-/healthy`, `/-/ready`), by everybody and at any time.  Whoever else is no user
gets 401, whatever there is at the address.  It stands behind `EncodedPath`, so that it reads the path that is routed.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from monitor.web.admission import Admission
from monitor.web.sparing import SparingLog, TokenBucket
from monitor.web.users import TooManyChecksError

OPEN = frozenset({"/-/healthy", "/-/ready"})
CHALLENGE = {"www-authenticate": 'Basic realm="number-monitor", charset="UTF-8"'}

Refuse = Callable[[Request, int, str, Mapping[str, str]], Response]


class Entrance:
    """
    Middleware: asks who it is.

    In the scope it leaves the user's name as `user`, and as `is_stranger` whether there should be one and is none.
    """

    def __init__(
        self,
        app: ASGIApp,
        admission: Admission,
        refuse: Refuse,
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        """
        Args:
            app: What lies behind.
            admission: Whom to ask, and how much to answer.
            refuse: Makes an answer of a status, a sentence and headers.
            log: For passwords that were wrong.
        """
        self._app = app
        self._users = admission.users
        self._bucket = TokenBucket(admission.rate) if admission.rate is not None else None
        self._refuse = refuse
        self._log = SparingLog(log)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] != "http" or scope["path"] in OPEN:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        request.scope["is_stranger"] = self._users is not None
        answer = self._too_many(request) or await self._nobody(request)
        await (answer or self._app)(request.scope, receive, send)

    def _too_many(self, request: Request) -> Response | None:
        if self._bucket is None or self._bucket.take():
            return None
        sentence = "More requests than rate_limit of web.config_file allows; try again."
        return self._refuse(request, HTTPStatus.TOO_MANY_REQUESTS, sentence, {"retry-after": "1"})

    async def _nobody(self, request: Request) -> Response | None:
        """The refusal of whoever is no user; or None, with the user's name in the scope."""
        if self._users is None:
            return None
        given = request.headers.getlist("authorization")
        try:
            user = await self._users.who(given[0]) if len(given) == 1 else None
        except TooManyChecksError:
            sentence = "Too many passwords wait to be checked; try again."
            return self._refuse(request, HTTPStatus.SERVICE_UNAVAILABLE, sentence, {"retry-after": "5"})
        if user is not None:
            request.scope.update(user=user, is_stranger=False)
            return None
        if given:
            address = request.client.host if request.client is not None else ""
            self._log.warning("password refused", address=address)  # not the name: people type passwords there
        sentence = "This needs a user and a password."
        return self._refuse(request, HTTPStatus.UNAUTHORIZED, sentence, CHALLENGE)

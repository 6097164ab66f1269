"""
What the pages' buttons ask for: to believe what is held back.

A form answers with the page that shows what became of it.  Who may send one, and that no page of another site did, is
judged as for every write.
"""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monitor.web.collaborators import Accepter
from monitor.web.control import WriteGuard
from monitor.web.paths import segment, to_root


class Forms:
    """Takes them."""

    def __init__(self, accepter: Accepter, guard: WriteGuard) -> None:
        self._accepter = accepter
        self._guard = guard

    async def accept(self, request: Request) -> Response:
        """Believe what is held back in an account, and go back to the first page."""
        user = self._guard.admit(request)
        await self._accepter.accept(segment(request, "account"), user)
        return RedirectResponse(to_root(request), HTTPStatus.SEE_OTHER)

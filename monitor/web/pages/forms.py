"""
What the pages' buttons ask for: to believe what is held back, to poll an app now.

A form answers with the page that shows what became of it.  Who may send one, and that no page of another site did, is
judged as for every write.
"""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monitor.views.entry_path import app_path, appkeys_meant
from monitor.web.asking import Asking
from monitor.web.collaborators import Accepter
from monitor.web.control import WriteGuard
from monitor.web.paths import segment, to_root


class Forms:
    """Takes them."""

    def __init__(self, accepter: Accepter, asking: Asking, guard: WriteGuard) -> None:
        self._accepter = accepter
        self._asking = asking
        self._guard = guard

    async def accept(self, request: Request) -> Response:
        """Believe what is held back in an account, and go back to the first page."""
        user = self._guard.admit(request)
        await self._accepter.accept(segment(request, "account"), user)
        return RedirectResponse(to_root(request), HTTPStatus.SEE_OTHER)

    async def poll(self, request: Request) -> Response:
        """Poll an app, and go back to its page."""
        self._guard.admit(request)
        account = segment(request, "account")
        appkey = self._asking.meant(account, appkeys_meant(segment(request, "appkey")))
        await self._asking.poll(account, appkey)
        return RedirectResponse(f"{to_root(request)}{app_path(account, appkey)}", HTTPStatus.SEE_OTHER)

"""
Paths whose segments may hold anything: accounts, appkeys and numbers with slashes, percent signs or any script.

Routes are matched on the path as it is sent, brought to one spelling, so that an encoded slash never separates;
a handler decodes its own segments.  Links are relative, so that the pages work under any prefix of a proxy.
"""

from urllib.parse import unquote

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from monitor.views.entry_path import encoded

DEEPEST = 16  #: levels that the way back to the root has at most: no page of ours lies deeper


class EncodedPath:
    """Middleware: gives the routes the encoded path in one spelling, every segment quoted the same way."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its path encoded."""
        if scope["type"] == "http":
            sent = scope["raw_path"].decode("ascii", errors="replace")
            path = "/".join(encoded(unquote(part)) for part in sent.split("/"))
            scope = {**scope, "path": path}
        await self._app(scope, receive, send)


def segment(request: Request, name: str) -> str:
    """The decoded segment of a route's path."""
    return unquote(request.path_params[name])


def to_root(request: Request) -> str:
    """The relative way from this request's page to `/`: `./`, `../`, `../../` and so on."""
    return "../" * min(request.scope["path"].count("/") - 1, DEEPEST) or "./"

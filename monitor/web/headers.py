"""The headers that every answer has: nothing is cached, as all of it is about this moment, and nothing is embedded."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Mapping[str, str] = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class WithHeaders:
    """Middleware: adds the headers where an answer does not bring its own, and the configured ones over its own."""

    def __init__(self, app: ASGIApp, configured: Mapping[str, str]) -> None:
        """`configured`: by lower-case name."""
        self._app = app
        self._configured = configured

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with these headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                for name, value in self._configured.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, send_with_headers)

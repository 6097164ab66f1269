"""
`/-/healthy` and `/-/ready`: what a supervisor asks.

200 while all is well, 503 with the reason as text.  What counts as unhealthy is the daemon's to judge.
"""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from monitor.web.collaborators import Health


class HealthChecks:
    """Both questions."""

    def __init__(self, health: Health) -> None:
        self._health = health

    async def healthy(self, _request: Request) -> Response:
        """Whether it goes on."""
        return _answer("healthy", self._health.healthy())

    async def ready(self, _request: Request) -> Response:
        """Whether it shows something yet."""
        return _answer("ready", self._health.ready())


def _answer(word: str, reason: str | None) -> Response:
    if reason is None:
        return PlainTextResponse(f"{word}\n")
    return PlainTextResponse(f"not {word}: {reason}\n", status_code=503)

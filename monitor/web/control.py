"""`POST /-/reload`, and the guard before every write."""

from collections.abc import Collection

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from monitor.web.access import Asker, why_refused
from monitor.web.collaborators import Reloader


class WriteGuard:
    """Lets local programs write, and nobody else: the rule where no users are configured."""

    def __init__(self, own_hosts: Collection[str], log: structlog.typing.FilteringBoundLogger) -> None:
        """
        Args:
            own_hosts: Hosts that the configuration listens on, lower case.
            log: For what was refused.
        """
        self._own_hosts = own_hosts
        self._log = log

    def admit(self, request: Request) -> str:
        """
        Return the user who writes: empty, as none are configured.

        Raises:
            HTTPException: 403 with the sentence why.
        """
        address = request.client.host if request.client is not None else ""
        asker = Asker(address=address, http_version=request.scope["http_version"], headers=request.headers)
        refusal = why_refused(asker, self._own_hosts)
        if refusal is not None:
            self._log.warning("write refused", path=request.scope["path"], address=address, reason=refusal.name.lower())
            raise HTTPException(403, refusal.value)
        return ""


class Control:
    """Reloading."""

    def __init__(self, reloader: Reloader, guard: WriteGuard) -> None:
        self._reloader = reloader
        self._guard = guard

    async def reload(self, request: Request) -> Response:
        """200 once the new configuration is in force; 500 with the reason when the old one was kept."""
        self._guard.admit(request)
        reason = await self._reloader.reload()
        if reason is not None:
            return PlainTextResponse(f"the old configuration stays in force: {reason}\n", status_code=500)
        return PlainTextResponse("reloaded\n")

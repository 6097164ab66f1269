"""`POST /-/reload`, and the guard before every write."""

from collections.abc import Collection

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from monitor.web.access import Asker, Refusal, why_refused, why_user_refused
from monitor.web.admission import Admission
from monitor.web.collaborators import Reloader
from monitor.web.sparing import SparingLog


class WriteGuard:
    """Lets writers write; where no users are configured, local programs; and nobody else."""

    def __init__(
        self, own_hosts: Collection[str], admission: Admission, log: structlog.typing.FilteringBoundLogger
    ) -> None:
        """
        Args:
            own_hosts: Hosts that the configuration listens on, lower case.
            admission: Whether there are users, and which of them may write.
            log: For what was refused.
        """
        self._own_hosts = own_hosts
        self._admission = admission
        self._log = SparingLog(log)

    def admit(self, request: Request) -> str:
        """
        Return the user who writes; empty where none are configured.

        Raises:
            HTTPException: 403 with the sentence why.
        """
        user: str = request.scope.get("user", "")
        asker = _asker(request)
        refusal = self._why_refused(asker, user)
        if refusal is not None:
            told = {"user": user} if user else {}
            reason = refusal.name.lower()
            self._log.warning("write refused", path=request.scope["path"], address=asker.address, reason=reason, **told)
            raise HTTPException(403, refusal.value)
        return user

    def may(self, request: Request) -> bool:
        """Whether a page may offer to write to whoever asks for it; it is no matter which site linked to it."""
        refusal = self._why_refused(_asker(request), request.scope.get("user", ""))
        return refusal in {None, Refusal.CROSS_SITE}

    def _why_refused(self, asker: Asker, user: str) -> Refusal | None:
        if self._admission.users is None:
            return why_refused(asker, self._own_hosts)
        return why_user_refused(asker, user, self._admission.writers, self._admission.own_places)


def _asker(request: Request) -> Asker:
    _place, port = request.scope.get("server") or ("", 0)
    return Asker(
        address=request.client.host if request.client is not None else "",
        on_socket=port is None,
        http_version=request.scope["http_version"],
        headers=request.headers,
    )


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

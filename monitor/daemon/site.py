"""
The web server and the application that answers: after a reload that may be another one.

Part of the composition root.
"""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from monitor.daemon import conversion
from monitor.settings.model import Settings
from monitor.web.server import Server

OF_THE_APPLICATION = ("people", "verdict", "web", "web_config")  #: the sections of the configuration that it is made of


class Site:
    """Both."""

    def __init__(self, settings: Settings, made: Callable[[Settings], Starlette]) -> None:
        """
        Args:
            settings: Those in force.
            made: Makes the application.
        """
        self._made = made
        self._application = made(settings)
        self._server = Server(self._answer, settings.web.listen, conversion.security_of(settings))

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where it listens, with the real ports."""
        return self._server.addresses

    async def start(self) -> None:
        """Listen; CannotListen says where that cannot be."""
        await self._server.start()

    async def stop(self) -> None:
        """Answer what is being answered, and listen no more."""
        await self._server.stop()

    def take_over(self, before: Settings, settings: Settings) -> None:
        """Answer by another configuration; where it listens takes a restart."""
        if before.web_config.tls != settings.web_config.tls:
            self._server.secure(conversion.security_of(settings))
        elif before.web_config.users != settings.web_config.users:
            self._server.let_go()
        if any(getattr(before, section) != getattr(settings, section) for section in OF_THE_APPLICATION):
            self._application = self._made(settings)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._application(scope, receive, send)

"""
The web server: uvicorn on the addresses of the configuration, inside the daemon's event loop.

It leaves signals to the daemon, logs nothing, believes no forwarding header, and stops within a bounded time
whatever connections are open: answers under way get a moment, then they are cut off.
"""

import asyncio
import contextlib
import socket
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from monitor.web.arrival import Arrival, Security
from monitor.web.listening import Mark, marks, open_sockets, remove, shown
from monitor.web.protocol import LimitedProtocol

if TYPE_CHECKING:
    from uvicorn.server import Protocols

KEEP_ALIVE_SECONDS = 75  # longer than the usual scrape interval, so that a scraper keeps its connection
GRACE_SECONDS = 10.0  # for answers under way on connections that are let go
STOP_SECONDS = 2  # for answers under way; the daemon as a whole has 8


class Server:
    """
    An application, served on every address given.

    `await start()` returns once it answers, or raises `CannotListen`; `await stop()` returns once nothing is open.
    `secure` changes how connections are secured, from the next one on.
    """

    def __init__(self, app: ASGIApp, listen: Sequence[str], security: Security | None) -> None:
        """
        Args:
            app: What answers.
            listen: The addresses.
            security: None speaks plain HTTP; Unix sockets always do.
        """
        self._listen = listen
        self._security = security
        self._marks: list[Mark] = []
        self._uvicorn = _Uvicorn(
            uvicorn.Config(
                app,
                loop="none",
                http=self._arrival,  # type: ignore[arg-type]  # a class is declared, and something to call is needed
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                log_level="critical",  # what a stranger sends is no news; what the application raises it logs itself
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=STOP_SECONDS,
            )
        )
        self._serving: asyncio.Task[None] | None = None
        self._addresses: tuple[str, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where it listens, as `host:port` with the real port, or `unix:path`; empty before the start."""
        return self._addresses

    async def start(self) -> None:
        """
        Bind all addresses and serve them.

        Raises:
            CannotListen: An address cannot be had; nothing is left open.
        """
        sockets = await open_sockets(self._listen)
        self._addresses = tuple(shown(sock) for sock in sockets)
        self._marks = marks(sockets)
        self._serving = asyncio.create_task(self._uvicorn.serve(sockets), name="web server")
        started = asyncio.create_task(self._uvicorn.listening.wait())
        await asyncio.wait({self._serving, started}, return_when=asyncio.FIRST_COMPLETED)
        started.cancel()
        if self._serving.done():
            _close(sockets)
            remove(self._marks)
            self._serving.result()

    def secure(self, security: Security | None) -> None:
        """
        Secure connections in this way from now on; those that are open are let go.
        """
        self._security = security
        self.let_go()

    def let_go(self) -> None:
        """
        End the connections that are open, as they were let in by other rules.

        At once where nothing is under way; else after its answer, or in `GRACE_SECONDS`: a stream has no end.
        """
        old = list(self._uvicorn.server_state.connections)
        for connection in old:
            connection.shutdown()
        asyncio.get_running_loop().call_later(GRACE_SECONDS, _abort, old)

    async def stop(self) -> None:
        """Take no more connections, let answers under way finish for a moment, then cut off what is left."""
        if self._serving is None:
            return
        self._uvicorn.should_exit = True
        await self._serving
        _abort(list(self._uvicorn.server_state.connections))
        await asyncio.gather(*self._uvicorn.server_state.tasks, return_exceptions=True)
        remove(self._marks)
        self._serving = None
        self._addresses = ()

    def _arrival(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> Arrival:
        """What uvicorn makes for each connection."""
        return Arrival(
            self._security,
            lambda: LimitedProtocol(config, server_state, app_state),
            server_state.connections,
            asyncio.get_running_loop(),
        )


class _Uvicorn(uvicorn.Server):
    """uvicorn without its signal handlers, and with word of when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the daemon's."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve the sockets, and say so."""
        await super().startup(sockets)
        self.listening.set()


def _close(sockets: Sequence[socket.socket]) -> None:
    for sock in sockets:
        sock.close()


def _abort(connections: "Iterable[Protocols]") -> None:
    for connection in connections:
        connection.transport.abort()

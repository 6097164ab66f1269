"""
What becomes of a connection: TLS with the settings of this very moment, or none, and then HTTP.

Every handshake takes the context in force when its connection came, so that certificates, authorities and versions
change while the listening goes on.  (Changing a live context in place serves no handshake once a new key does not
fit, and never forgets an authority; OpenSSL's servername callback changes certificates alone.)
A Unix socket speaks no TLS: there is nobody between.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Any

import msgspec

from monitor.web import protocol

SHUTDOWN_SECONDS = 2.0  #: for the other end to agree that a connection is over


class Security(msgspec.Struct, frozen=True):
    """How connections are secured."""

    context: ssl.SSLContext
    allowed_sans: frozenset[str] = frozenset()  #: a client's certificate has one of these names; empty: no matter which


class Arrival(asyncio.Protocol):
    """A connection until it is known what it speaks."""

    def __init__(
        self,
        security: Security | None,
        make: Callable[[], asyncio.Protocol],
        connections: set[Any],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        """
        Args:
            security: None speaks plain HTTP.
            make: Makes the protocol that the connection is handed to.
            connections: All that are open, where this one is counted while it shakes hands.
            loop: That it runs in.
        """
        self.transport: asyncio.Transport
        self._security = security
        self._make = make
        self._connections = connections
        self._loop = loop
        self.waiting_since = loop.time()
        self._early = bytearray()  # what came between the end of the handshake and the handing over
        self._handshake: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # it is one with a socket
        """Hand the connection on, after a handshake where there is to be one."""
        self.transport = transport
        sock = transport.get_extra_info("socket")
        if self._security is None or sock.family == socket.AF_UNIX:
            self._hand_over(transport)
        elif len(self._connections) >= protocol.CONNECTIONS and not protocol.make_room(self._connections):
            transport.abort()
        else:
            self._connections.add(self)
            self._handshake = self._loop.create_task(self._shake_hands(self._security))

    def data_received(self, data: bytes) -> None:
        """Keep what is for the protocol that comes next."""
        self._early += data

    def connection_lost(self, _exc: Exception | None) -> None:
        """It is over before it was handed on."""
        self._connections.discard(self)

    def shutdown(self) -> None:
        """End it: the server stops."""
        self._connections.discard(self)
        if self._handshake is not None:
            self._handshake.cancel()
        self.transport.abort()

    async def _shake_hands(self, security: Security) -> None:
        try:
            secured = await self._loop.start_tls(
                self.transport,
                self,
                security.context,
                server_side=True,
                ssl_handshake_timeout=protocol.REQUEST_SECONDS,
                ssl_shutdown_timeout=SHUTDOWN_SECONDS,
            )
        except (OSError, asyncio.CancelledError):  # a stranger's fault, or the server's end: no news
            self.transport.abort()
            return
        finally:
            self._connections.discard(self)
        if secured is None or secured.is_closing():
            return
        if not _is_allowed(secured.get_extra_info("peercert"), security.allowed_sans):
            secured.abort()
            return
        self._hand_over(secured)

    def _hand_over(self, transport: asyncio.Transport) -> None:
        heir = self._make()
        transport.set_protocol(heir)
        heir.connection_made(transport)
        if self._early:
            heir.data_received(bytes(self._early))


def _is_allowed(certificate: dict[str, Any] | None, allowed: frozenset[str]) -> bool:
    if not allowed:
        return True
    names = (certificate or {}).get("subjectAltName", ())
    return any(name in allowed for _kind, name in names)

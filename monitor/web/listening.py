"""
Where the web server listens: the sockets bound to the configured addresses.

All or nothing: when one address cannot be had, every socket opened before it is closed and `CannotListen` says
which address it was and what to do.
"""

import asyncio
import errno
import socket
from collections.abc import Mapping, Sequence

from monitor.web.address import CannotListen, host_and_port

BACKLOG = 128

_REMEDIES: Mapping[int, str] = {
    errno.EADDRINUSE: "the port is in use by another process; stop it or change web.listen",
    errno.EACCES: "the system does not allow it; ports below 1024 need rights, take a higher one in web.listen",
    errno.EADDRNOTAVAIL: "this machine has no such address; change web.listen",
}
_FAMILY_MISSING = frozenset(
    {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL}
)  # a machine without IPv6, or with it switched off


def shown(sock: socket.socket) -> str:
    """The address that a socket is bound to, as `host:port` or `[host]:port`."""
    host, port = sock.getsockname()[:2]
    return f"[{host}]:{port}" if sock.family == socket.AF_INET6 else f"{host}:{port}"


async def open_sockets(addresses: Sequence[str]) -> list[socket.socket]:
    """
    Bind every address, and listen.

    A name that resolves to several addresses takes all of them that this machine has; where the port is 0 they
    share the one that the first was given.

    Raises:
        CannotListen: One of them cannot be had; none is left open.
    """
    opened: list[socket.socket] = []
    try:
        for address in addresses:
            opened += await _open(address)
    except CannotListen:
        for sock in opened:
            sock.close()
        raise
    return opened


async def _open(address: str) -> list[socket.socket]:
    host, port = host_and_port(address)
    opened: list[socket.socket] = []
    missing: OSError | None = None
    for family, place in await _resolved(address, host, port):
        try:
            sock = _listening(family, place, port)
        except OSError as error:
            if error.errno in _FAMILY_MISSING:
                missing = error
                continue
            for other in opened:
                other.close()
            raise _refused(address, error) from error
        port = sock.getsockname()[1]
        opened.append(sock)
    if not opened and missing is not None:
        raise _refused(address, missing) from missing
    return opened


async def _resolved(address: str, host: str, port: int) -> list[tuple[socket.AddressFamily, str]]:
    if not host:
        return [(socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")]  # noqa: S104 - asked for by an empty host
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # UnicodeError: a label that no name can have
        raise CannotListen(address, f"the name {host} cannot be resolved; change web.listen") from error
    return list(dict.fromkeys((family, str(place[0])) for family, _, _, _, place in found))


def _listening(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # IPv4 has a socket of its own
        sock.bind((host, port))
        sock.listen(BACKLOG)  # here, not later: two sockets may bind one port, only one may listen
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def _refused(address: str, error: OSError) -> CannotListen:
    remedy = _REMEDIES.get(error.errno or 0, error.strerror or str(error))
    return CannotListen(address, remedy)

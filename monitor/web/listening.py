"""
Where the web server listens: addresses as the configuration writes them, and the sockets bound to them.

All or nothing: when one address cannot be had, every socket opened before it is closed and `CannotListen` says
which address it was and what to do.
"""

import asyncio
import errno
import re
import socket
from collections.abc import Mapping, Sequence

BACKLOG = 128
_ADDRESS = re.compile(r"(?:\[(?P<v6>[^\[\]]+)\]|(?P<host>[^\[\]:]*)):(?P<port>[0-9]{1,5})")

_REMEDIES: Mapping[int, str] = {
    errno.EADDRINUSE: "the port is in use by another process; stop it or change web.listen",
    errno.EACCES: "the system does not allow it; ports below 1024 need rights, take a higher one in web.listen",
    errno.EADDRNOTAVAIL: "this machine has no such address; change web.listen",
}
_FAMILY_MISSING = frozenset(
    {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL}
)  # a machine without IPv6, or with it switched off


class CannotListen(Exception):  # reads as the sentence it is
    """The web server cannot listen on an address; the message is one line for the operator."""

    def __init__(self, address: str, reason: str) -> None:
        self.address = address
        super().__init__(f"cannot listen on {address}: {reason}")


def host_and_port(address: str) -> tuple[str, int]:
    """
    Read `127.0.0.1:8620`, `[::1]:8620`, `name:8620`, or `:8620` for all addresses, IPv4 and IPv6.

    Returns:
        The host, empty for all, and the port; port 0 takes a free one.

    Raises:
        CannotListen: It has none of these forms.
    """
    match = _ADDRESS.fullmatch(address)
    if match is None or int(match["port"]) > 65535:
        raise CannotListen(address, "expected host:port, [IPv6 address]:port, or :port for all addresses")
    return match["v6"] or match["host"] or "", int(match["port"])


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

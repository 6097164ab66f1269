"""
Where the web server listens: the sockets bound to the configured addresses.

All or nothing: when one address cannot be had, every socket opened before it is closed and `CannotListen` says
which address it was and what to do.
"""

import asyncio
import contextlib
import errno
import os
import socket
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from monitor.web.address import UNIX, CannotListen, host_and_port, socket_path

BACKLOG = 128
SOCKET_MODE = 0o660  #: of a Unix socket: our user and our group

_REMEDIES: Mapping[int, str] = {
    errno.EADDRINUSE: "the port is in use by another process; stop it or change web.listen",
    errno.EACCES: "the system does not allow it; ports below 1024 need rights, take a higher one in web.listen",
    errno.EADDRNOTAVAIL: "this machine has no such address; change web.listen",
    errno.ENOENT: "there is no such directory; make it or change web.listen",
    errno.ENOTDIR: "there is no such directory; make it or change web.listen",
}
_FAMILY_MISSING = frozenset(
    {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL}
)  # a machine without IPv6, or with it switched off


def shown(sock: socket.socket) -> str:
    """The address that a socket is bound to, as `host:port`, `[host]:port` or `unix:path`."""
    if sock.family == socket.AF_UNIX:
        return f"{UNIX}{sock.getsockname()}"
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
        marked = marks(opened)
        for sock in opened:
            sock.close()
        remove(marked)
        raise
    return opened


class Mark(NamedTuple):
    """The path of a Unix socket, and which file it was."""

    path: Path
    inode: int


def marks(sockets: Iterable[socket.socket]) -> list[Mark]:
    """Of the Unix sockets among these, what `remove` needs once they are closed."""
    paths = [Path(sock.getsockname()) for sock in sockets if sock.family == socket.AF_UNIX]
    return [Mark(path, path.stat().st_ino) for path in paths]


def remove(marked: Iterable[Mark]) -> None:
    """Take away the paths of sockets that are closed, unless another process has put its own there."""
    for mark in marked:
        with contextlib.suppress(OSError):
            if mark.path.lstat().st_ino == mark.inode:
                mark.path.unlink()


async def _open(address: str) -> list[socket.socket]:
    path = socket_path(address)
    if path is not None:
        return [_on_path(address, Path(path))]
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
    # Named TCP, or asyncio leaves out TCP_NODELAY, and an answer in two pieces waits 40 ms for an acknowledgement.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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


def _on_path(address: str, path: Path) -> socket.socket:
    """Listen on a Unix socket for our user and group; one that nobody listens on any more is replaced."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _clear(address, path)
        os.fchmod(sock.fileno(), SOCKET_MODE)  # so that the path never stands open to more, whatever the umask
        sock.bind(str(path))
        path.chmod(SOCKET_MODE)
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except OSError as error:
        sock.close()
        raise _refused(address, error) from error
    except CannotListen:
        sock.close()
        raise
    return sock


def _clear(address: str, path: Path) -> None:
    """Remove what a process that was killed has left at the path; anything else stays, and is told."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise CannotListen(address, "there is something else at this path; change web.listen or remove it")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.setblocking(False)
        result = caller.connect_ex(str(path))
    if result == errno.ECONNREFUSED:
        path.unlink(missing_ok=True)
    else:  # EAGAIN too: a listener that is slow to accept
        raise CannotListen(address, "another process listens on this path; stop it or change web.listen")


def _refused(address: str, error: OSError) -> CannotListen:
    remedy = _REMEDIES.get(error.errno or 0, error.strerror or str(error))
    return CannotListen(address, remedy)

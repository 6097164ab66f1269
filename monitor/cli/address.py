"""
Where the running daemon answers, as the configuration says it: for the commands that ask it something.

Unix sockets are asked first: they are on this machine for certain, and want no certificate.  A password is sent to
nobody but the daemon: over TLS its certificate must be the configured one.
"""

import http.client
import socket
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from monitor.web.address import host_and_port, socket_path

if TYPE_CHECKING:
    from monitor.settings.model import Settings
    from monitor.settings.tls import Tls

TIMEOUT = 5.0  # seconds that the daemon gets to answer
MOST = 65536  # bytes of an answer that are read
MOST_SHOWN = 300  # characters of it that are repeated: the daemon's sentences are shorter

_HERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # all addresses: ours among them


class NoAnswerError(Exception):
    """The daemon did not answer; the message is one line."""


class CertificateWantedError(NoAnswerError):
    """The daemon shook hands, so it is alive, and then wanted a client's certificate, which a command has none of."""


class Answered(NamedTuple):
    """What was answered at an address, by the daemon or by whoever else listens there."""

    place: str  #: `127.0.0.1:8620`, or the path of a Unix socket
    status: int
    text: str

    @property
    def strange(self) -> str:
        """What to tell when no daemon of ours would say this; one sentence."""
        return (
            f"{self.place} answers HTTP {self.status}, but not as number-monitor does; "
            "does another program listen there? web.listen says where the daemon is asked"
        )


def ask(settings: "Settings", method: str, path: str, headers: Mapping[str, str] | None = None) -> Answered:
    """
    Ask the daemon at its addresses in turn, Unix sockets first, until one answers.

    Returns:
        The answer of the first who speaks HTTP, which need not be the daemon's.

    Raises:
        CertificateWantedError: It asks for a client's certificate.
        NoAnswerError: It is not reached, does not answer in time, or shows another certificate than the daemon's.
    """
    first: NoAnswerError | None = None
    for address in sorted(settings.web.listen, key=lambda address: socket_path(address) is None):
        try:
            return _ask(address, settings.web_config.tls, method, path, dict(headers or {}))
        except NoAnswerError as error:
            first = first if first is not None and not isinstance(error, CertificateWantedError) else error
    assert first is not None  # there is one address at least
    raise first


def shown(text: str) -> str:
    """What somebody said, on one line of bounded length."""
    line = " ".join(text.split())
    return line if len(line) <= MOST_SHOWN else f"{line[:MOST_SHOWN]}…"


def _ask(address: str, tls: "Tls | None", method: str, path: str, headers: dict[str, str]) -> Answered:
    connection = _connection(address, tls, sure="Authorization" in headers)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return Answered(_shown(connection), answer.status, answer.read(MOST).decode(errors="replace"))
    except (OSError, http.client.HTTPException) as error:
        if isinstance(connection, _Secured) and connection.is_answered and not isinstance(error, TimeoutError | _Other):
            raise CertificateWantedError(
                f"{address} wants a client's certificate, and a command has none; "
                "with unix:PATH in web.listen it is asked on this machine without"
            ) from None
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise NoAnswerError(f"no answer at {_shown(connection)}: {shown(reason)}; is the daemon running?") from None
    finally:
        connection.close()


def _connection(address: str, tls: "Tls | None", *, sure: bool) -> http.client.HTTPConnection:
    path = socket_path(address)
    if path is not None:
        return _OnSocket(path)
    host, port = host_and_port(address)
    host = _HERE.get(host, host)
    return http.client.HTTPConnection(host, port, timeout=TIMEOUT) if tls is None else _Secured(host, port, tls, sure)


def _shown(connection: http.client.HTTPConnection) -> str:
    return connection.path if isinstance(connection, _OnSocket) else f"{connection.host}:{connection.port}"


class _Other(OSError):
    """Somebody else listens there."""


class _OnSocket(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=TIMEOUT)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT)
        self.sock.connect(self.path)


class _Secured(http.client.HTTPConnection):
    """HTTP over TLS with our own daemon, whose certificate no authority has to vouch for."""

    def __init__(self, host: str, port: int, tls: "Tls", sure: bool) -> None:
        """`sure`: go on with the configured certificate alone."""
        super().__init__(host, port, timeout=TIMEOUT)
        self._tls = tls
        self._sure = sure
        self._reached = False

    @property
    def is_answered(self) -> bool:
        """Whether there is somebody, who asks for a certificate and had none."""
        return self._reached and self._tls.client_certificate == "required"

    def connect(self) -> None:
        super().connect()
        self._reached = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        secured = context.wrap_socket(self.sock)
        self.sock = secured
        if self._sure and secured.getpeercert(binary_form=True) != self._tls.own:
            raise _Other("its certificate is not the configured one, so no password was sent; was it renewed just now?")

"""An address as the configuration writes it.  Apart from the listening: who only asks the daemon needs no more."""

import re

UNIX = "unix:"  # an address that is a socket's path

_ADDRESS = re.compile(r"(?:\[(?P<v6>[^\[\]]+)\]|(?P<host>[^\[\]:]*)):(?P<port>[0-9]{1,5})")


class CannotListen(Exception):  # reads as the sentence it is
    """The web server cannot listen on an address; the message is one line for the operator."""

    def __init__(self, address: str, reason: str) -> None:
        self.address = address
        super().__init__(f"cannot listen on {address}: {reason}")


def socket_path(address: str) -> str | None:
    """The path of a Unix socket: `/run/x.sock` of `unix:/run/x.sock`; None for an address of the network."""
    return address.removeprefix(UNIX) if address.startswith(UNIX) else None


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
        raise CannotListen(address, "expected host:port, [IPv6 address]:port, :port for all addresses, or unix:path")
    return match["v6"] or match["host"] or "", int(match["port"])

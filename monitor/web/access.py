"""
Who may write (reload, poll now, accept): users that are named writers; where no users are configured, programs on
this machine, and they alone.

Pure.  Neither may be made to write by a web page of another site: a browser sends the password that it remembers.
A loopback address proves little by itself, since a reverse proxy and a browser on this machine have one too.
So a request that shows signs of a proxy is not taken for a local one, nor is one that a web page of another site
may have caused; a `Host` that is no name of this machine is either a proxy's or a rebound DNS name.
Forwarding headers are signs only: what they say is never believed.  A proxy that gives no sign, as nginx from 1.29.7
on unless it is told to, cannot be told from a program on this machine: docs/proxy.md says what it is to be told.
"""

import re
from collections.abc import Collection, Mapping
from enum import Enum
from ipaddress import IPv4Address, IPv6Address, ip_address

import msgspec

FORWARDING_HEADERS = frozenset(
    {
        "forwarded",
        "via",
        "x-forwarded",
        "x-forwarded-by",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-prefix",
        "x-forwarded-proto",
        "x-forwarded-scheme",
        "x-forwarded-server",
        "x-original-forwarded-for",
        "x-original-host",
        "x-envoy-external-address",
        "x-cluster-client-ip",
        "x-client-ip",
        "x-real-ip",
        "true-client-ip",
        "cf-connecting-ip",
        "fastly-client-ip",
    }
)

_HOST = re.compile(r"(?:\[(?P<v6>[^\[\]@]+)\]|(?P<name>[^\[\]:@]+))(?::[0-9]{0,5})?")


class Refusal(Enum):
    """Why a write is refused; the value is the sentence that the client reads."""

    REMOTE = (
        "Writes are answered to this machine's loopback address only, as no users are configured: "
        "ask from the machine (or the container) that number-monitor runs on."
    )
    FORWARDED = (
        "This request came through a proxy. Writes are answered to programs on this machine itself, "
        "as no users are configured."
    )
    OTHER_HOST = (
        "The Host header is no loopback name of this machine. Writes are answered to programs on this machine itself, "
        "as no users are configured: ask for 127.0.0.1 or localhost."
    )
    CROSS_SITE = (
        "A page of another site caused this request; writes are answered to its own pages and to programs only."
    )
    NO_WRITER = "This user may read only: web.writers does not name them."


class Asker(msgspec.Struct, frozen=True):
    """What is known of who asks for a write."""

    address: str  #: of the other end of the connection; empty when it has none
    on_socket: bool  #: came through a Unix socket, and so from this machine
    http_version: str
    headers: Mapping[str, str]  #: by lower-case name


def why_refused(asker: Asker, own_hosts: Collection[str]) -> Refusal | None:
    """
    Judge a write where no users are configured; None means: answer it.

    Args:
        asker: Who asks.
        own_hosts: Names and addresses that the configuration listens on, lower case; these are good as `Host` too.
    """
    if not asker.on_socket and not is_loopback(asker.address):
        return Refusal.REMOTE
    if asker.http_version == "1.0" or not FORWARDING_HEADERS.isdisjoint(asker.headers):
        return Refusal.FORWARDED  # nginx before 1.29.7 speaks 1.0 to what is behind it, and adds no header by itself
    host = asker.headers.get("host", "")
    if not _is_own(host, own_hosts):
        return Refusal.OTHER_HOST
    return Refusal.CROSS_SITE if _is_cross_site(asker, {host.lower()}) else None


def why_user_refused(asker: Asker, user: str, writers: Collection[str], own_places: Collection[str]) -> Refusal | None:
    """
    Judge a write where users are configured; None means: answer it.

    Args:
        asker: Who asks.
        user: Whose password it was.
        writers: The users who may write.
        own_places: `host` or `host:port` under which browsers know us beside `Host`, lower case: behind a proxy.
    """
    if user not in writers:
        return Refusal.NO_WRITER
    return Refusal.CROSS_SITE if _is_cross_site(asker, {asker.headers.get("host", "").lower(), *own_places}) else None


def _is_cross_site(asker: Asker, own_places: Collection[str]) -> bool:
    """Whether a page of another site caused the request; programs send neither of the two headers."""
    if asker.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        return True
    origin = asker.headers.get("origin")
    return origin is not None and origin.partition("://")[2].lower() not in own_places


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's loopback, IPv4 in IPv6 included; False for what is no address."""
    try:
        ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return ip.is_loopback


def _is_own(host: str, own_hosts: Collection[str]) -> bool:
    name = _without_port(host).lower().removesuffix(".")
    return name == "localhost" or name.endswith(".localhost") or is_loopback(name) or name in own_hosts


def _without_port(host: str) -> str:
    """`[::1]:8620` is `::1`, `localhost:8620` is `localhost`; empty for what is no host."""
    found = _HOST.fullmatch(host)
    return "" if found is None else found["v6"] or found["name"]

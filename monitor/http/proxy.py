"""
Which proxy leads to an address: the configured one, else the environment's.

Pure.  A transport that is given to httpx switches its own reading of HTTPS_PROXY and NO_PROXY off, so they are read
here, by the usual rules: the lower-case name counts before the upper-case one, and an empty one means none.
"""

import base64
import ipaddress
from collections.abc import Mapping
from urllib.parse import quote

import httpx

from monitor.http.errors import CannotCallOut

SCHEMES = ("http", "https")


class UnusableProxy(CannotCallOut):
    """The address is no HTTP proxy's.  The message never holds its user or password."""


def proxy_for(url: str, configured: str | None, environ: Mapping[str, str]) -> str | None:
    """
    The proxy's URL, credentials included, or None for a direct connection.

    Args:
        url: Whom to call.
        configured: `proxy` of the configuration; it is taken as it is, NO_PROXY aside.
        environ: The environment.

    Raises:
        UnusableProxy: The address cannot be read, or is no HTTP proxy's (SOCKS, say).
    """
    if configured is not None:
        return _checked(configured, "proxy")
    target = httpx.URL(url)
    name = f"{target.scheme}_proxy"
    proxy = _variable(environ, name)
    if not proxy or _bypassed(target, _variable(environ, "no_proxy")):
        return None
    return _checked(proxy, name.upper())


def credentials(proxy: str) -> tuple[str, ...]:
    """What a proxy of this address is told to let us in and might repeat: the password, plain, quoted and in base64."""
    url = httpx.URL(proxy)
    if not url.password:
        return ()
    signed_in = base64.b64encode(f"{url.username}:{url.password}".encode()).decode("ascii")
    return (url.password, quote(url.password, safe=""), signed_in)


def _variable(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name, environ.get(name.upper(), "")).strip()


def _bypassed(target: httpx.URL, exceptions: str) -> bool:
    """`*`, names with or without a leading dot and all that lies below them, `name:port`, addresses, networks."""
    place = target.netloc.decode("ascii")
    for part in exceptions.lower().split(","):
        exception = part.strip().lstrip(".")
        if not exception:
            continue
        if exception in {"*", target.host, place} or target.host.endswith(f".{exception}"):
            return True
        if _within(target.host, exception):
            return True
    return False


def _within(host: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False  # a name


def _checked(proxy: str, source: str) -> str:
    address = proxy if "://" in proxy else f"http://{proxy}"
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        raise UnusableProxy(f"{source}: the address cannot be read, expected http://HOST:PORT") from None
    if url.scheme not in SCHEMES or not url.host:
        got = f"scheme {url.scheme}" if url.host else "no host"
        raise UnusableProxy(f"{source}: expected http://HOST:PORT or https://HOST:PORT, got {got}")
    return address

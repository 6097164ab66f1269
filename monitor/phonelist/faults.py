"""
What the transport raises, told apart: who failed, and what helps.

Pure.  httpx-aiohttp reports TLS, DNS, refused and reset all as `httpx.ConnectTimeout` and lets some of aiohttp's own
errors through; so aiohttp's error is read first, behind httpx's where need be.  The first row that fits counts.
"""

import os
import ssl
from collections.abc import Callable

import aiohttp
import httpx
import msgspec

from monitor.phonelist.errors import (
    CallBroke,
    NameNotResolved,
    NotConnected,
    PhoneListError,
    ProxyFailed,
    TimedOut,
    TlsFailed,
    Undecodable,
)


class Asked(msgspec.Struct, frozen=True):
    """Who was asked, for the message."""

    host: str
    place: str  #: host and port


def fault(error: Exception, asked: Asked) -> PhoneListError:
    """The error of ours for one that the transport raised."""
    for carried in (error.__cause__, error):
        for kind, explain in _ROWS:
            if isinstance(carried, kind):
                return explain(carried, asked)
    return CallBroke(
        f"{type(error).__name__} while asking {asked.place}: this is a fault of number-monitor, please report it"
    )


def _proxy_unreachable(error: aiohttp.ClientProxyConnectionError, _asked: Asked) -> PhoneListError:
    return ProxyFailed(f"the proxy {_peer(error)} cannot be reached ({_reason(error.os_error)}); check the proxy")


def _proxy_refused(error: aiohttp.ClientHttpProxyError, asked: Asked) -> PhoneListError:
    advice = "check user and password of the proxy" if error.status == 407 else "check the proxy's rules"
    text = f"the proxy refused the way to {asked.place} with HTTP {error.status}; {advice}"
    return ProxyFailed(text, code=str(error.status))


def _unresolved(error: aiohttp.ClientConnectorDNSError, asked: Asked) -> PhoneListError:
    """aiohttp has no error of its own for a proxy's name; the vendor's is never looked up when a proxy is used."""
    if error.host != asked.host:
        return ProxyFailed(
            f"the name of the proxy {error.host} cannot be resolved ({_reason(error.os_error)}); check the proxy"
        )
    return NameNotResolved(
        f"the name {error.host} cannot be resolved ({_reason(error.os_error)}); check base_url and the name server"
    )


def _untrusted(error: aiohttp.ClientConnectorCertificateError, _asked: Asked) -> PhoneListError:
    found = error.certificate_error
    why = found.verify_message if isinstance(found, ssl.SSLCertVerificationError) else "it cannot be verified"
    return TlsFailed(
        f"the certificate of {_peer(error)} is not trusted ({why}); check base_url and the clock, "
        f"or name your own authority in SSL_CERT_FILE"
    )


def _no_tls(error: aiohttp.ClientConnectorSSLError, _asked: Asked) -> PhoneListError:
    why = getattr(error.os_error, "reason", None) or "handshake failed"
    return TlsFailed(f"no TLS connection to {_peer(error)} ({why}); check base_url and any proxy in between")


def _unconnected(error: aiohttp.ClientConnectorError, _asked: Asked) -> PhoneListError:
    return NotConnected(
        f"cannot connect to {_peer(error)} ({_reason(error.os_error)}); check base_url, the network and its firewall"
    )


def _timed_out(_error: Exception, asked: Asked) -> PhoneListError:
    return TimedOut(f"{asked.place} did not answer in time; check the network, or raise poll.timeout")


def _broke_off(_error: Exception, asked: Asked) -> PhoneListError:
    return NotConnected(f"{asked.place} closed the connection before its answer was whole; it is asked again")


def _not_http(_error: Exception, asked: Asked) -> PhoneListError:
    return Undecodable(f"{asked.place} answered something that is not HTTP; check base_url and any proxy in between")


def _some_proxy(_error: httpx.ProxyError, asked: Asked) -> PhoneListError:
    return ProxyFailed(f"the proxy on the way to {asked.place} failed; check the proxy")


def _some_connection(_error: Exception, asked: Asked) -> PhoneListError:
    return NotConnected(f"no connection to {asked.place}; check base_url, the network and its firewall")


_ROWS: tuple[tuple[type[Exception], Callable[..., PhoneListError]], ...] = (
    (aiohttp.ClientProxyConnectionError, _proxy_unreachable),
    (aiohttp.ClientHttpProxyError, _proxy_refused),
    (aiohttp.ClientConnectorDNSError, _unresolved),
    (aiohttp.ClientConnectorCertificateError, _untrusted),
    (aiohttp.ClientConnectorSSLError, _no_tls),
    (aiohttp.ClientConnectorError, _unconnected),
    (aiohttp.ServerTimeoutError, _timed_out),
    (aiohttp.ClientConnectionError, _broke_off),  # a reset, or closed without an answer
    (aiohttp.ClientPayloadError, _broke_off),  # cut off within the body
    (aiohttp.ClientResponseError, _not_http),  # leaks through httpx-aiohttp as it is
    (httpx.TimeoutException, _timed_out),
    (httpx.ProxyError, _some_proxy),
    (httpx.NetworkError, _some_connection),
    (httpx.ProtocolError, _not_http),
)


def _peer(error: aiohttp.ClientConnectorError) -> str:
    return f"{error.host}:{error.port}"


def _reason(error: OSError) -> str:
    """The system's short words; asyncio's own text repeats every address that it tried."""
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or "no address answers"

"""
The way out, to the vendor and to the receivers of events: aiohttp's connections behind httpx's types.

httpx's own pool loses a slot for good when a waiting call is cancelled, and is ten times slower; so httpx-aiohttp's
transport is called directly.  Nothing is followed, unpacked, remembered (cookies) or read from the environment but
SSL_CERT_FILE and SSL_CERT_DIR.
"""

import os
import ssl
from collections.abc import ItemsView

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from monitor.http.certificates import Certificates

KEEP_ALIVE = 15.0  # seconds an idle connection is kept: less than servers usually do, so that ours closes first


def open_transport(
    *, proxy: str | None, connections: int, tls: ssl.SSLContext | None = None
) -> httpx.AsyncBaseTransport:
    """
    A transport with connections of its own, to be closed with `aclose`; nothing is opened before the first call.

    Args:
        proxy: The answer of `proxy_for`: an http or https URL, which may hold user and password.
        connections: At most so many at once; a call over them waits.
        tls: Whom to believe, by `Certificates`; None: likewise, read for this transport alone.

    Raises:
        UnreadableCertificates: No `tls` is given, and none can be had.
    """
    context = Certificates(os.environ).context() if tls is None else tls
    return _Transport(None if proxy is None else httpx.Proxy(proxy), connections, context)


class _Transport(httpx.AsyncBaseTransport):
    """httpx-aiohttp's transport, told what it does not know by itself."""

    def __init__(self, proxy: httpx.Proxy | None, connections: int, context: ssl.SSLContext) -> None:
        self._context = context
        self._connections = connections
        self._authorization: str | None = None
        if proxy is not None and proxy.auth is not None:
            # As a header: httpx-aiohttp would make a BasicAuth of them, which aiohttp is about to drop.
            self._authorization = aiohttp.encode_basic_auth(*proxy.auth)
            proxy = httpx.Proxy(proxy.url, headers={"Proxy-Authorization": self._authorization})
        self._inner = AiohttpTransport(verify=self._context, client=self._session, proxy=proxy)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send once; raises what httpx-aiohttp and aiohttp raise, which whoever calls tells apart."""
        request.headers = _HeadersAsSpelled(request.headers)
        if self._authorization is not None and request.url.scheme == "http":
            # Such a call goes through the proxy itself, not through a tunnel, which has headers of its own.
            request.headers["Proxy-Authorization"] = self._authorization
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._inner.aclose()

    def _session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=self._connections, ssl=self._context, keepalive_timeout=KEEP_ALIVE)
        # No default headers here: aiohttp would send them to the proxy as well.
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


class _HeadersAsSpelled(httpx.Headers):
    """
    httpx keeps the spelling of a name but shows it to aiohttp in lower case.

    HTTP does not care; a gateway made by hand that looks for `accessKey` might.
    """

    def items(self) -> ItemsView[str, str]:
        return {name.decode(): value.decode() for name, value in self.raw}.items()

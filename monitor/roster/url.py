"""
Read a list of apps from an address: a JSON array of appkeys, or of objects with the fields of a file's columns.

One GET a minute, so each has a client of its own: nothing is pooled, and dropping a call at its deadline costs nothing
later.  Bounded in time and size; redirects are followed within the origin alone, for the bearer token must not travel.
Messages name the origin and nothing else of the address, whose path and query may hold a token.
"""

import asyncio
import json
import ssl
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import httpx

from monitor import __version__
from monitor.fleet.app import App
from monitor.roster.errors import Complaints, RosterError
from monitor.roster.fields import LABEL_PREFIX, MOST_APPS, Complain, app_from, why_not_a_field, without_repeated

MOST_BYTES = 8 * 1024 * 1024
DEADLINE = 10.0  # seconds, from connect to last byte
MOST_REDIRECTS = 3

#: What to say of a call that broke; the first class that fits.  The library's own words may quote what was sent.
WORDS: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "did not answer in time"),
    (httpx.TimeoutException, "did not answer in time"),
    (httpx.ProxyError, "cannot be reached through the proxy"),
    (httpx.ConnectError, "cannot be connected to; check the name, the port and the certificate"),
    (httpx.UnsupportedProtocol, "is no http or https address"),
    (httpx.RemoteProtocolError, "broke off its answer or does not speak HTTP"),
    (httpx.HTTPError, "broke off the connection"),
    (httpx.InvalidURL, "is no address that can be asked"),
    (OSError, "cannot be asked: the system refused the connection"),
)


class AppsUrl:
    """One address that is asked again and again."""

    def __init__(self, url: str, *, bearer_token: str | None = None, deadline: float = DEADLINE) -> None:
        """
        Args:
            url: http or https.
            bearer_token: Sent as `Authorization: Bearer …`; None sends none.
            deadline: Seconds that one read may take.
        """
        self._url = url
        self._token = bearer_token
        self._deadline = deadline
        self._tls: ssl.SSLContext | None = None

    def __repr__(self) -> str:
        return f"AppsUrl({self.origin})"

    @property
    def origin(self) -> str:
        """Scheme, host and port: as much of the address as may be shown."""
        try:
            url = httpx.URL(self._url)
        except httpx.InvalidURL:
            return "the address of apps_url"
        return f"{url.scheme}://{url.netloc.decode('ascii', 'replace')}"

    async def read(self, account: str) -> list[App]:
        """
        Ask once for the apps of the account.

        Raises:
            RosterError: No answer, or a wrong one.
        """
        if self._token is not None and not (self._token.isascii() and self._token.isprintable()):
            raise RosterError([f"{self.origin}: the bearer token holds characters that a header cannot carry"])
        try:
            async with asyncio.timeout(self._deadline):
                body = await self._body()
        except RosterError:
            raise
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            words = next(words for kind, words in WORDS if isinstance(error, kind))
            raise RosterError([f"{self.origin} {words}"]) from error
        return await asyncio.to_thread(_apps, self.origin, account, body)

    async def _body(self) -> bytes:
        if self._tls is None:
            self._tls = await asyncio.to_thread(httpx.create_ssl_context)  # reads the certificates: 20 ms and more
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": f"number-monitor/{__version__}",
        }
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        async with httpx.AsyncClient(verify=self._tls, timeout=self._deadline, headers=headers) as client:
            url = httpx.URL(self._url)
            for _ in range(MOST_REDIRECTS + 1):
                async with client.stream("GET", url, follow_redirects=False) as response:
                    if not response.has_redirect_location:
                        return await self._content(response)
                    url = self._redirected(url, response.headers["location"])
        raise RosterError([f"{self.origin} redirects in a circle; write the final address into apps_url"])

    def _redirected(self, url: httpx.URL, location: str) -> httpx.URL:
        target = url.join(location)
        if (target.scheme, target.host, target.port) != (url.scheme, url.host, url.port):
            raise RosterError([f"{self.origin} redirects to another host; write the final address into apps_url"])
        return target

    async def _content(self, response: httpx.Response) -> bytes:
        if response.status_code in {401, 403}:
            raise RosterError(
                [f"{self.origin} answers HTTP {response.status_code}: check the bearer token of apps_url"]
            )
        if response.status_code != 200:
            raise RosterError([f"{self.origin} answers HTTP {response.status_code} where 200 was expected"])
        if response.headers.get("content-encoding", "identity") != "identity":
            raise RosterError([f"{self.origin} compresses its answer unasked"])
        content = bytearray()
        async for piece in response.aiter_raw():
            content += piece
            if len(content) > MOST_BYTES:
                raise RosterError(
                    [f"{self.origin} answers more than {MOST_BYTES // 1024 // 1024} MiB: it is no list of apps"]
                )
        return bytes(content)


def _apps(origin: str, account: str, body: bytes) -> list[App]:
    try:
        listed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RosterError([f"{origin} does not answer JSON"]) from error
    if not isinstance(listed, list):
        raise RosterError([f"{origin} answers {_kind(listed)} where a JSON array of apps was expected"])
    if len(listed) > MOST_APPS:
        raise RosterError([f"{origin} answers {len(listed)} items: it is no list of apps"])
    complaints = Complaints(f"{origin}, item")
    found = [
        (number, app)
        for number, item in enumerate(listed, start=1)
        if (app := _app(account, item, partial(complaints.add, number))) is not None
    ]
    apps = without_repeated(found, "item", complaints.add)
    complaints.settle()
    return apps


def _app(account: str, item: object, complain: Complain) -> App | None:
    if isinstance(item, str):
        return app_from(account, {"appkey": item.strip()}, complain)
    if not isinstance(item, dict):
        complain(f"{_kind(item)} where an appkey or an object was expected")
        return None
    fields: dict[str, str] = {}
    is_sound = True
    for fault in _read_fields(item, fields):
        complain(fault)
        is_sound = False
    return app_from(account, fields, complain) if is_sound else None


def _read_fields(item: Mapping[str, Any], fields: dict[str, str]) -> Iterator[str]:
    """Fill `fields` with what the object says; the faults of its form."""
    labels = item.get("labels")
    if isinstance(labels, dict):
        item = {**item, **{LABEL_PREFIX + name: value for name, value in labels.items()}}
    elif labels is not None:
        yield f"'labels' is {_kind(labels)} where an object was expected"
    for name, value in item.items():
        if name == "labels" or value is None:
            continue
        if fault := why_not_a_field(name):
            yield fault
        elif not isinstance(value, str):
            yield f"{name!r} is {_kind(value)} where text was expected; write it in quotes"
        else:
            fields[name] = value.strip()


def _kind(value: object) -> str:
    kinds = ((bool, "true or false"), (dict, "an object"), (list, "an array"), (str, "text"), (int | float, "a number"))
    return next((words for kind, words in kinds if isinstance(value, kind)), "null")

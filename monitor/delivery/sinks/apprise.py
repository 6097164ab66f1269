"""
The sink for the hundred other services, by the library Apprise (extra `chat`).

Apprise blocks, so each notice goes in a daemon thread; one at a time, and a thread that does not end holds up the
sink, not the program.  Success is what Apprise calls success.  Its own pacing is off: ours is the caller's.  Apprise
says why it failed in its log alone; here its words are the error's, without what stands in the address.
"""

import asyncio
import contextlib
import importlib
import logging
import re
import threading
from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING
from urllib.parse import unquote

from monitor.delivery.people.notice import Notice
from monitor.delivery.sink import Unavailable
from monitor.delivery.sinks.plain import brings_relief, plain
from monitor.fleet.event import EventSeverity
from monitor.views.escape import terminal

if TYPE_CHECKING:
    import apprise

LIMIT = 30.0  # seconds
PER_MINUTE = 20
MOST_SHOWN = 200  # characters of Apprise's words
SHORTEST_SECRET = 4  # characters: shorter parts of an address are left where Apprise repeats them

KINDS: Mapping[EventSeverity, str] = {"critical": "failure", "warning": "warning", "info": "info"}

#: Robots of whose refusals Apprise makes a success, and the kind of sink that reads them.
OURS: Mapping[str, str] = {"dingtalk": "dingtalk", "feishu": "feishu", "lark": "lark", "wecombot": "wecom"}

_mention = re.compile("[@<](?!\u200b)")
_scheme = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=://)")


class AppriseMissing(Exception):
    """The library is not installed."""


class UnusableAddress(ValueError):
    """Apprise makes no service of the address.  The message holds its scheme alone."""


class AppriseSink:
    """One service, by its Apprise address."""

    per_minute = PER_MINUTE

    def __init__(self, name: str, *, url: str, limit: float = LIMIT) -> None:
        """
        Loading Apprise the first time takes about a third of a second.

        Args:
            name: Of the sink.
            url: Apprise's, `tgram://…`: secret as a whole, but for its scheme.
            limit: Seconds that the caller gives one notice.

        Raises:
            AppriseMissing: It is not installed.
            UnusableAddress: Apprise makes nothing of the address, or is not to be trusted with it.
        """
        library = _library()
        self.name = name
        self.limit = limit
        self._scheme = scheme(url)
        self._hidden = _hidden(url)
        self._service = _service(library, url)
        self._busy = threading.Lock()  # held while a thread is at work

    def __repr__(self) -> str:
        return f"AppriseSink({self.name!r}, {self._scheme}://)"

    async def send(self, notice: Notice) -> str:
        """
        Deliver it; what the service said to it, Apprise does not tell.

        Raises:
            Unavailable: Apprise failed, or has not come back from the notice before.
        """
        if not self._busy.acquire(blocking=False):
            raise Unavailable(f"{self._scheme}:// has not ended the notice before, which Apprise still works on")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[str | None] = loop.create_future()
        work = threading.Thread(target=self._work, args=(notice, loop, done), name=f"apprise-{self.name}", daemon=True)
        try:
            work.start()
        except RuntimeError as error:  # the system gives no more threads
            self._busy.release()
            raise Unavailable(f"{self._scheme}:// was not called: {error}") from error
        failure = await done
        if failure is not None:
            raise Unavailable(f"{self._scheme}:// failed: {failure}")
        return f"{self._scheme}:// delivered it, by Apprise"

    async def aclose(self) -> None:
        """A thread that has not ended is left alone: it ends with the process at the latest."""

    def _work(self, notice: Notice, loop: asyncio.AbstractEventLoop, done: "asyncio.Future[str | None]") -> None:
        """In the thread: deliver; None, or why not."""
        try:
            failure = self._notify(notice)
        except Exception as error:  # noqa: BLE001  # the thread's top: a hundred plugins, any of which may raise anything
            failure = self._shown(f"{type(error).__name__}: {error}")
        finally:
            self._busy.release()
        with contextlib.suppress(RuntimeError):  # the loop has ended before
            loop.call_soon_threadsafe(_tell, done, failure)

    def _notify(self, notice: Notice) -> str | None:
        result = self._service.notify(
            title=_unmentioning(notice.title),
            body=_unmentioning(plain(notice)),
            notify_type="success" if brings_relief(notice) else KINDS[notice.severity],
            body_format="text",
        )
        with result:
            if result:
                return None
            said = [entry.message for entry in result.logs()]
        return self._shown(said[-1]) if said else "Apprise does not say why"

    def _shown(self, text: str) -> str:
        """Apprise's words on one line, shortened, without what stands in the address."""
        for hidden in self._hidden:
            text = text.replace(hidden, "…")
        return terminal(" ".join(text.split()))[:MOST_SHOWN]


def scheme(url: str) -> str:
    """As much of an Apprise address as may be shown: `tgram`."""
    found = _scheme.match(url)
    return found[0].lower() if found else "apprise"


def _library() -> ModuleType:
    try:
        library = importlib.import_module("apprise")
    except ImportError as error:
        how = "pip install --require-hashes -r requirements/chat.txt"
        raise AppriseMissing(f"apprise is not installed: {how}") from error
    # Its lines come to us in each call's result; what it logs besides could hold the address.
    logging.getLogger("apprise").propagate = False
    return library


def _service(library: ModuleType, url: str) -> "apprise.Apprise":
    """
    One service alone, which works in the thread that calls it.

    `service_timeout` is Apprise's own way to leave a slow service behind, in threads that the interpreter waits for at
    its end; redirects would carry secrets to where nobody sent them.
    """
    asset = library.AppriseAsset(
        app_id="number-monitor",
        app_desc="number-monitor",
        async_mode=False,
        service_timeout=0,
        http_redirects=False,
        interpret_escapes=False,
        interpret_emojis=False,
        storage_mode="memory",
    )
    service = library.Apprise.instantiate(url, asset=asset)
    if service is None:
        raise UnusableAddress(f"Apprise makes no service of this {scheme(url)}:// address: see its documentation")
    for name in service.schemas() & OURS.keys():
        raise UnusableAddress(f"Apprise takes refusals of {name}:// for success: use a sink of type {OURS[name]}")
    service.request_rate_per_sec = 0  # seconds between two calls, whatever the name says
    if service.overflow_mode is library.OverflowMode.UPSTREAM:  # what is too long would be refused for ever
        service.overflow_mode = library.OverflowMode.SPLIT
    service_alone: apprise.Apprise = library.Apprise(asset=asset)
    service_alone.add(service)
    return service_alone


def _tell(done: "asyncio.Future[str | None]", failure: str | None) -> None:
    if not done.done():
        done.set_result(failure)


def _unmentioning(text: str) -> str:
    """No `@everyone` or `<!channel>` of a name calls anybody: some services look for them in plain text too."""
    return _mention.sub("\\g<0>\u200b", text)


def _hidden(url: str) -> tuple[str, ...]:
    """What Apprise may repeat of an address and nobody may read: the longest first."""
    rest = url.partition("://")[2]
    pieces = {rest, *re.split(r"[/?&=;:@,+]", rest)}
    pieces |= {unquote(piece) for piece in pieces}
    return tuple(sorted((piece for piece in pieces if len(piece) >= SHORTEST_SECRET), key=len, reverse=True))

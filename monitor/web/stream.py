"""
`GET /api/v1/events/stream`: events as they are recorded, as server-sent events.

Every event comes from the store, by its sequence: nothing is skipped, nothing comes twice, and what a reader does not
take is not kept for it.  A page is read when the one before was taken; a reader that takes nothing is cut off by the
connection's own limit.  Source of the format: the HTML standard's chapter on server-sent events.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from monitor.fleet.cloudevent import SEQUENCE_DIGITS
from monitor.store.errors import StoreError
from monitor.store.history import StoredEvent
from monitor.views.filters import FilterError, StreamFilter, sequence, stream_filter
from monitor.web.collaborators import EventLog, StoppingError
from monitor.web.listeners import Listeners

MEDIA_TYPE = "text/event-stream"
LAST_EVENT_ID = "last-event-id"
HEARTBEAT_SECONDS = 15.0  #: between two comments of a stream where nothing happens
GATHER_SECONDS = 0.1  #: what happens within it is read at once: in a storm the store is asked ten times a second
RETRY_MS = 3_000  #: how long a browser waits before it comes back
PAGE = 100  #: events read, and held for a reader, at once

_HEARTBEAT = b": still here\n"


class EventStream:
    """Answers streams."""

    def __init__(self, events: EventLog, listeners: Listeners, now: Callable[[], int]) -> None:
        """
        Args:
            events: What was told.
            listeners: Rings when something was recorded.
            now: Wall clock, ms since 1970.
        """
        self._events = events
        self._listeners = listeners
        self._now = now
        self._turn = asyncio.Lock()  # streams wake together: one at a time asks the store and fills the loop

    async def get(self, request: Request) -> Response:
        """
        Events after `Last-Event-ID`, else after `cursor`, else since `since`, else from now on.

        Raises:
            FilterError: Something cannot be applied.
            TooManyStreamsError, StoppingError, StoreError: There is no stream now.
        """
        asked = _resumed(stream_filter(request.query_params.multi_items(), self._now()), request)
        self._listeners.check()
        if self._listeners.stopping:
            raise StoppingError("number-monitor is stopping")
        if asked.cursor is None:
            begin = 0 if asked.since is not None else await self._events.last_sequence()
            asked = msgspec.structs.replace(asked, cursor=begin)
        headers = {"x-accel-buffering": "no"}  # nginx would keep events back
        if request.method == "HEAD":
            return Response(media_type=MEDIA_TYPE, headers=headers)
        return _Stream(self._text(asked), self._listeners, headers)

    async def _text(self, asked: StreamFilter) -> AsyncIterator[bytes]:
        """The stream; its end is the daemon's or the reader's."""
        after = asked.cursor or 0
        yield f"retry: {RETRY_MS}\nid: {after:0{SEQUENCE_DIGITS}d}\n\n".encode()  # an id alone is no event
        while not self._listeners.stopping:
            news = self._listeners.news()
            page: Sequence[StoredEvent] = ()
            with suppress(StoreError):  # it says itself that it is down; what is recorded meanwhile comes later
                async with self._turn:
                    last = await self._events.last_sequence()
                    page = await self._page(asked, after)
                after = page[-1].sequence if len(page) == PAGE else max([last, after, *(one.sequence for one in page)])
            if page:
                yield b"".join(_event(one) for one in page)
            if len(page) < PAGE and not await _heard(news):
                yield _HEARTBEAT

    async def _page(self, asked: StreamFilter, after: int) -> Sequence[StoredEvent]:
        return await self._events.events(
            since=asked.since,
            type=asked.type,
            number=asked.number,
            account=asked.account,
            appkey=asked.appkey,
            after=after,
            limit=PAGE,
        )


class _Stream(StreamingResponse):
    """An answer that holds one of the places for streams until it ends."""

    def __init__(self, text: AsyncIterator[bytes], listeners: Listeners, headers: dict[str, str]) -> None:
        super().__init__(text, headers=headers, media_type=MEDIA_TYPE)
        self._listeners = listeners

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the reader goes, or the daemon stops."""
        with self._listeners.place():
            await super().__call__(scope, receive, send)


async def _heard(news: asyncio.Event) -> bool:
    """Whether there was news before a heartbeat was due; what happens together is waited for."""
    try:
        async with asyncio.timeout(HEARTBEAT_SECONDS):
            await news.wait()
    except TimeoutError:
        return False
    await asyncio.sleep(GATHER_SECONDS)
    return True


def _resumed(asked: StreamFilter, request: Request) -> StreamFilter:
    """A browser that comes back asks for the same address, and says in a header what it has seen."""
    seen = request.headers.get(LAST_EVENT_ID, "")
    if not seen:
        return asked
    try:
        return msgspec.structs.replace(asked, cursor=sequence(seen))
    except ValueError as error:
        raise FilterError(LAST_EVENT_ID, f"Last-Event-ID: {error}") from error


def _event(one: StoredEvent) -> bytes:
    return b"id: %0*d\ndata: %s\n\n" % (SEQUENCE_DIGITS, one.sequence, one.body)

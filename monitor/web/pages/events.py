"""`GET /events`: what was told, the newest first, with where it went; and the same as files to take away."""

from collections.abc import AsyncIterator, Callable, Sequence
from urllib.parse import urlencode

import msgspec
import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from monitor.fleet.event import EVENT_TYPES
from monitor.store.errors import StoreError
from monitor.store.history import StoredEvent
from monitor.views.telling import Telling, events_csv, telling
from monitor.web.collaborators import EventLog, Known
from monitor.web.pages import words
from monitor.web.pages.frame import Frame
from monitor.web.pages.happenings import A_SINK_EACH, in_words

A_PAGE = 50
A_PIECE = 200  #: events of a file that are read and written at once
LONGEST_FILE = 100_000  #: events; more are for the API, a page at a time

SINCE = ("1h", "24h", "7d", "30d")  #: what can be chosen


class EventsPage:
    """Makes it."""

    def __init__(self, frame: Frame, *, fleet: Known, events: EventLog, now: Callable[[], int]) -> None:
        """
        Args:
            frame: Makes pages.
            fleet: Which accounts there are.
            events: What was told.
            now: Wall clock, ms since 1970.
        """
        self._frame = frame
        self._fleet = fleet
        self._events = events
        self._now = now

    async def get(self, request: Request) -> Response:
        """
        The page.

        Raises:
            FilterError: What is asked for cannot be.
        """
        now = self._now()
        asked = telling(request.query_params.multi_items(), now)
        speech = self._frame.speech(request)
        after = None if asked.before is None else (asked.before, "\uffff")
        try:
            found: Sequence[StoredEvent] = await self._newest(asked, A_PAGE + 1)
            sent = await self._events.deliveries(
                since=asked.since_ms(now),
                type=asked.type or None,
                number=asked.number or None,
                account=asked.account or None,
                appkey=asked.appkey or None,
                after=after,
                limit=A_PAGE * A_SINK_EACH,
            )
            told = [one.words for one in in_words(found[:A_PAGE], sent, speech.say)]
        except StoreError:
            found, told = (), None
        return await self._frame.page(
            request,
            "events.html",
            now,
            mood="unknown",
            asked=asked,
            types=[(type_, words.HAPPENINGS[type_]) for type_ in EVENT_TYPES],
            accounts=sorted(self._fleet.accounts),
            sinces=SINCE if asked.since in {"", *SINCE} else (*SINCE, asked.since),
            happenings=told,
            older=f"?{_query(asked, before=found[A_PAGE - 1].sequence)}" if len(found) > A_PAGE else None,
            newest=f"?{_query(asked, before=None)}" if asked.before is not None else None,
            files=_query(asked, before=None),
        )

    async def csv(self, request: Request) -> Response:
        """All that fit, as CSV."""
        return await self._file(request, "csv", "text/csv; charset=utf-8", _csv)

    async def json(self, request: Request) -> Response:
        """All that fit, as an array of CloudEvents."""
        return await self._file(request, "json", "application/json", _json)

    async def _file(
        self, request: Request, ending: str, media_type: str, written: Callable[[Sequence[StoredEvent], int], bytes]
    ) -> Response:
        asked = telling(request.query_params.multi_items(), self._now())
        first = await self._newest(asked, A_PIECE)  # what cannot be read is said before anything is given
        headers = {"content-disposition": f'attachment; filename="number-monitor-events.{ending}"'}
        return StreamingResponse(
            self._pieces(asked, first, written, end=b"]\n" if ending == "json" else b""),
            headers=headers,
            media_type=media_type,
        )

    async def _pieces(
        self,
        asked: Telling,
        piece: Sequence[StoredEvent],
        written: Callable[[Sequence[StoredEvent], int], bytes],
        end: bytes,
    ) -> AsyncIterator[bytes]:
        given = 0
        while True:
            yield written(piece, given)
            given += len(piece)
            if len(piece) < A_PIECE or given >= LONGEST_FILE:
                break
            piece = await self._newest(msgspec.structs.replace(asked, before=piece[-1].sequence), A_PIECE)
        yield end

    async def _newest(self, asked: Telling, limit: int) -> Sequence[StoredEvent]:
        return await self._events.events(
            since=asked.since_ms(self._now()),
            type=asked.type or None,
            number=asked.number or None,
            account=asked.account or None,
            appkey=asked.appkey or None,
            before=asked.before,
            limit=limit,
            newest_first=True,
        )


def _csv(piece: Sequence[StoredEvent], given: int) -> bytes:
    return events_csv([orjson.loads(one.body) for one in piece], titles=not given).encode()


def _json(piece: Sequence[StoredEvent], given: int) -> bytes:
    begin = b"," if given and piece else b"" if given else b"["
    return begin + b",\n".join(one.body for one in piece)


def _query(asked: Telling, *, before: int | None) -> str:
    given = msgspec.structs.asdict(msgspec.structs.replace(asked, before=before))
    return urlencode({name: value for name, value in given.items() if value})

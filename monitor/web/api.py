"""
The API's lists, and the two things it can be asked to do.

Lists are `{"items": […], "next": cursor or null}`.  Numbers and apps come in the order of their identity, events in
the order they were recorded; their cursor is a sequence, so a client goes on from `events_cursor`, or from the last
event it has seen.  Deliveries come the newest first: whoever asks for them looks at what is wrong now.
"""

import asyncio
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
import orjson
from starlette.requests import Request
from starlette.responses import Response

from monitor.fleet.app import App
from monitor.fleet.masking import Masking
from monitor.fleet.snapshot import Snapshot
from monitor.store.errors import StoreError
from monitor.views.apps import app as app_view
from monitor.views.deliveries import delivery as delivery_view
from monitor.views.deliveries import place
from monitor.views.filters import FilterError, NumberFilter, app_filter, delivery_filter, event_filter, number_filter
from monitor.views.numbers import number as number_view
from monitor.views.order import Listed
from monitor.web.asking import Asking
from monitor.web.collaborators import Accepter, EventLog, Known, Replicas, UnknownTargetError
from monitor.web.control import WriteGuard
from monitor.web.paths import segment
from monitor.web.tagged import tagged
from monitor.web.walk import apps, in_turns, meant, numbers


class Api:
    """Everything under `/api/v1/`."""

    def __init__(
        self,
        *,
        fleet: Known,
        events: EventLog,
        asking: Asking,
        accepter: Accepter,
        guard: WriteGuard,
        replicas: Replicas,
        masking: Masking,
        now: Callable[[], int],
    ) -> None:
        """
        Args:
            fleet: What is known.
            events: What was told, as it is shown.
            asking: Polls on request.
            accepter: Believes what is held back.
            guard: Who may do so.
            replicas: Who watches what.
            masking: How numbers are shown.
            now: Wall clock, ms since 1970.
        """
        self._fleet = fleet
        self._events = events
        self._asking = asking
        self._accepter = accepter
        self._guard = guard
        self._replicas = replicas
        self._masking = masking
        self._now = now

    async def numbers(self, request: Request) -> Response:
        """A page of numbers, with the sequence of events that they are true for."""
        masking = self._masking
        asked = number_filter(unsealed(request.query_params.multi_items(), masking), self._now())
        events_cursor = await self._events_cursor()  # before the walk: what happens meanwhile is told again, not lost
        page, more = await self._page_of_numbers(asked)
        items = await in_turns(number_view(one.app, one.snapshot, masking.entry(one.entry)) for one in page)
        sealed = None if more is None else masking.sealed(more)
        return tagged(request, orjson.dumps({"items": items, "next": sealed, "events_cursor": events_cursor}))

    async def apps(self, request: Request) -> Response:
        """A page of apps."""
        page, more = await apps(self._fleet, app_filter(request.query_params.multi_items(), self._now()))
        items = await in_turns(self._app(app, snapshot) for app, snapshot in page)
        return tagged(request, orjson.dumps({"items": items, "next": more}))

    async def events(self, request: Request) -> Response:
        """A page of events, as they were told."""
        asked = event_filter(request.query_params.multi_items(), self._now())
        found = await self._events.events(
            since=asked.since,
            type=asked.type,
            number=asked.number,
            account=asked.account,
            appkey=asked.appkey,
            after=asked.cursor,
            limit=asked.limit + 1,
        )
        page = found[: asked.limit]
        more = f"{page[-1].sequence:020d}" if len(found) > asked.limit else None
        return tagged(request, orjson.dumps({"items": [orjson.Fragment(event.body) for event in page], "next": more}))

    async def deliveries(self, request: Request) -> Response:
        """A page of deliveries, the newest event first."""
        asked = delivery_filter(request.query_params.multi_items(), self._now())
        found = await self._events.deliveries(
            sink=asked.sink,
            failed=asked.failed,
            since=asked.since,
            account=asked.account,
            appkey=asked.appkey,
            number=asked.number,
            type=asked.type,
            after=asked.cursor,
            limit=asked.limit + 1,
        )
        page = found[: asked.limit]
        more = place(page[-1]) if len(found) > asked.limit else None
        return tagged(request, orjson.dumps({"items": [delivery_view(one) for one in page], "next": more}))

    async def poll(self, request: Request) -> Response:
        """Poll an app now: 200 with the outcome, 202 when that takes long."""
        self._guard.admit(request)
        account, appkey = segment(request, "account"), segment(request, "appkey")
        if not await self._asking.poll(account, appkey):
            return _json({"outcome": "running"}, HTTPStatus.ACCEPTED)
        return _json(self._outcome((account, appkey)))

    async def accept(self, request: Request) -> Response:
        """Believe what is held back in an account."""
        user = self._guard.admit(request)
        account = segment(request, "account")
        accepted = await self._accepter.accept(account, user)
        return _json({"accepted": accepted})

    async def _page_of_numbers(self, asked: NumberFilter) -> tuple[list[Listed], str | None]:
        """A page; of numbers that are shown alike and asked for so, all of theirs."""
        if asked.number is None:
            return await numbers(self._fleet, asked)
        alike = (await meant([asked.number], self._fleet, self._masking))[asked.number]
        pages = [await numbers(self._fleet, msgspec.structs.replace(asked, number=one)) for one in alike]
        if len(pages) == 1:
            return pages[0]
        return [one for page, _more in pages for one in page][: asked.limit], None

    def _app(self, app: App, snapshot: Snapshot) -> dict[str, Any]:
        shown = app_view(app, snapshot, watched_by=self._replicas.owner(app.account))
        if shown["failure"] is not None:  # whose text may have the vendor's words
            shown["failure"]["text"] = self._masking.words(shown["failure"]["text"])
        return shown

    async def _events_cursor(self) -> str | None:
        """The last recorded sequence, once its change is shown; None while the store cannot say."""
        try:
            sequence = await self._events.last_sequence()
        except StoreError:
            return None
        await asyncio.sleep(0)  # whoever recorded it shows it in this turn of the loop
        as_of = self._replicas.as_of  # what others have recorded since is not shown yet
        return f"{sequence if as_of is None else min(sequence, as_of):020d}"

    def _outcome(self, key: tuple[str, str]) -> dict[str, Any]:
        watched = self._fleet.get(key)
        if watched is None:
            raise UnknownTargetError("the app left the list while it was polled")
        outcome = "answered" if watched.snapshot.failure is None else "failed"
        return {"outcome": outcome, "app": self._app(watched.app, watched.snapshot)}


def unsealed(asked: Sequence[tuple[str, str]], masking: Masking) -> list[tuple[str, str]]:
    """
    What is asked for, with the cursor as it was before it was sealed.

    Raises:
        FilterError: It was not sealed here.
    """
    read = []
    for name, text in asked:
        opened = masking.unsealed(text) if name == "cursor" else text
        if opened is None:
            raise FilterError(name, f"{name}: {text!r} is not the `next` of such a list")
        read.append((name, opened))
    return read


def _json(body: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(orjson.dumps(body), status_code=status, media_type="application/json")

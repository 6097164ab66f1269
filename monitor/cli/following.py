"""The recorded events, page by page and then as they come: what `events` prints."""

import asyncio
from datetime import tzinfo
from typing import Any, TextIO

import orjson

from monitor.cli.formats import EventFormat
from monitor.cli.tables import print_next_event
from monitor.store.history import StoredEvent
from monitor.store.masked import MaskedRecords
from monitor.views.filters import EventFilter, event_filter

LOOK_EVERY = 1.0  # seconds between two looks for what is new
PAGE = 500


def asked_for(since: str, kind: str | None, number: str | None, now: int) -> EventFilter:
    """
    The options as the API's filter reads them.

    Raises:
        FilterError: One of them cannot be read.
    """
    given = {"since": since, "type": kind, "number": number}
    return event_filter([(name, text) for name, text in given.items() if text is not None], now)


async def recorded(records: MaskedRecords, asked: EventFilter) -> tuple[list[dict[str, Any]], int]:
    """What is recorded and asked for, oldest first; and the sequence of the last event there is."""
    last = await records.last_sequence()
    found: list[dict[str, Any]] = []
    after = 0
    while page := await _page(records, asked, after, last + 1):
        found += [orjson.loads(event.body) for event in page]
        after = page[-1].sequence
    return found, last


async def follow_events(
    records: MaskedRecords, asked: EventFilter, last: int, form: EventFormat, out: TextIO, zone: tzinfo
) -> None:
    """Print what is recorded after the sequence `last`, until cancelled."""
    while True:
        page = await _page(records, asked, last, None)
        for event in page:
            print_next_event(orjson.loads(event.body), form, out, zone)
            last = event.sequence
        if len(page) < PAGE:
            await asyncio.sleep(LOOK_EVERY)


async def _page(records: MaskedRecords, asked: EventFilter, after: int, before: int | None) -> list[StoredEvent]:
    return await records.events(
        since=asked.since, type=asked.type, number=asked.number, after=after, before=before, limit=PAGE
    )

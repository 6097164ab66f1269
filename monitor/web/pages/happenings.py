"""The recorded events as the pages list them: in words, with links to whom they are about, and where they went."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import orjson

from monitor.store.deliveries import StoredDelivery
from monitor.store.errors import StoreError
from monitor.store.history import StoredEvent
from monitor.views.deliveries import QUIET, STATES
from monitor.web.catalogue import Translate
from monitor.web.collaborators import EventLog
from monitor.web.pages.wording import Happening, happening

A_SINK_EACH = 5  #: deliveries that are looked for of each event that is listed

STDOUT = "stdout"  #: the sink that gets everything, which nobody needs to be told


class Told(msgspec.Struct, frozen=True):
    """An event as it was recorded, and in words."""

    event: Mapping[str, Any]  #: the CloudEvent
    words: Happening


class Happenings:
    """Reads them."""

    def __init__(self, events: EventLog) -> None:
        self._events = events

    async def recent(
        self,
        say: Translate,
        *,
        limit: int,
        number: str | None = None,
        account: str | None = None,
        appkey: str | None = None,
        delivered: bool = False,
    ) -> list[Happening] | None:
        """The newest that are asked for, with their deliveries where wanted; None when the store cannot be read."""
        told = await self.told(say, limit=limit, number=number, account=account, appkey=appkey, delivered=delivered)
        return None if told is None else [one.words for one in told]

    async def told(
        self,
        say: Translate,
        *,
        limit: int,
        number: str | None = None,
        account: str | None = None,
        appkey: str | None = None,
        delivered: bool = False,
    ) -> list[Told] | None:
        """The same, each with the event itself."""
        try:
            found = await self._events.events(
                number=number, account=account, appkey=appkey, limit=limit, newest_first=True
            )
            sent: Sequence[StoredDelivery] = ()
            if delivered and found:
                sent = await self._events.deliveries(
                    number=number, account=account, appkey=appkey, limit=limit * A_SINK_EACH
                )
        except StoreError:
            return None
        return in_words(found, sent, say)


def in_words(found: Sequence[StoredEvent], sent: Sequence[StoredDelivery], say: Translate) -> list[Told]:
    """Events in words, each with those of the deliveries that are its own."""
    by_sequence: dict[int, list[tuple[str, str, str]]] = {}
    for one in sent:
        state = QUIET if one.state == "done" and one.reason else STATES[one.state]
        if one.sink != STDOUT:
            by_sequence.setdefault(one.sequence, []).append((one.sink, state, one.reason))
    told = []
    for event in found:
        body = orjson.loads(event.body)
        told.append(Told(body, happening(event.time, body, say, tuple(by_sequence.get(event.sequence, ())))))
    return told

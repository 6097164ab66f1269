"""The recorded events as the pages list them: in words, each with links to whom it is about."""

import orjson

from monitor.store.errors import StoreError
from monitor.web.catalogue import Translate
from monitor.web.collaborators import EventLog
from monitor.web.wording import Happening, happening


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
    ) -> list[Happening] | None:
        """The newest that are asked for; None when the store cannot be read."""
        try:
            found = await self._events.events(
                number=number, account=account, appkey=appkey, limit=limit, newest_first=True
            )
        except StoreError:
            return None
        return [happening(event.time, orjson.loads(event.body), say) for event in found]

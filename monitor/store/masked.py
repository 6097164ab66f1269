"""
The recorded events and deliveries with their numbers masked, for whoever shows them.

What is stored is the number itself: it is masked on the way out, so that what was recorded before somebody wanted it
masked is masked too.  A masked number may be asked for, and so may the number itself.
"""

from typing import Protocol

import msgspec

from monitor.fleet.masking import Look, Masking
from monitor.store.deliveries import Place, StoredDelivery
from monitor.store.history import StoredEvent


class Records(Protocol):
    """What a store is asked for: `monitor.store.reader.StoreReader`."""

    async def events(
        self,
        *,
        since: int | None = None,
        type: str | None = None,  # noqa: A002 - the contract's word for it
        number: str | None = None,
        account: str | None = None,
        appkey: str | None = None,
        after: int | None = None,
        before: int | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> list[StoredEvent]:
        """As `StoreReader` says, and so below."""

    async def deliveries(
        self,
        *,
        sink: str | None = None,
        failed: bool | None = None,
        since: int | None = None,
        account: str | None = None,
        appkey: str | None = None,
        number: str | None = None,
        type: str | None = None,  # noqa: A002 - the contract's word for it
        after: Place | None = None,
        limit: int = 100,
    ) -> list[StoredDelivery]: ...

    async def last_sequence(self) -> int: ...

    async def subjects(self, look: Look) -> list[str]: ...


class MaskedRecords:
    """The records of a store as they are shown."""

    def __init__(self, records: Records, masking: Masking) -> None:
        self._records = records
        self._masking = masking

    async def events(
        self,
        *,
        since: int | None = None,
        type: str | None = None,  # noqa: A002 - the contract's word for it
        number: str | None = None,
        account: str | None = None,
        appkey: str | None = None,
        after: int | None = None,
        before: int | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> list[StoredEvent]:
        """The first `limit` events that fit, masked; of numbers that are shown alike, all of theirs."""
        found = [
            event
            for meant in await self._meant(number)
            for event in await self._records.events(
                since=since,
                type=type,
                number=meant,
                account=account,
                appkey=appkey,
                after=after,
                before=before,
                limit=limit,
                newest_first=newest_first,
            )
        ]
        found.sort(key=lambda event: event.sequence, reverse=newest_first)
        return [msgspec.structs.replace(event, body=self._masking.event(event.body)) for event in found[:limit]]

    async def deliveries(
        self,
        *,
        sink: str | None = None,
        failed: bool | None = None,
        since: int | None = None,
        account: str | None = None,
        appkey: str | None = None,
        number: str | None = None,
        type: str | None = None,  # noqa: A002 - the contract's word for it
        after: Place | None = None,
        limit: int = 100,
    ) -> list[StoredDelivery]:
        """The first `limit` deliveries that fit, likewise; the newest event first."""
        found = [
            delivery
            for meant in await self._meant(number)
            for delivery in await self._records.deliveries(
                sink=sink,
                failed=failed,
                since=since,
                account=account,
                appkey=appkey,
                number=meant,
                type=type,
                after=after,
                limit=limit,
            )
        ]
        found.sort(key=lambda one: (-one.sequence, one.sink))
        return [self._masked(delivery) for delivery in found[:limit]]

    async def last_sequence(self) -> int:
        """The sequence of the last event recorded; 0 before the first."""
        return await self._records.last_sequence()

    async def _meant(self, number: str | None) -> tuple[str | None, ...]:
        """The numbers that are asked for; None: all of them."""
        if number is None:
            return (None,)
        look = self._masking.look(number)
        known = await self._records.subjects(look) if look is not None else ()
        return self._masking.meant(number, known)

    def _masked(self, delivery: StoredDelivery) -> StoredDelivery:
        number = delivery.subject if delivery.type.startswith("number.") else ""
        return msgspec.structs.replace(
            delivery,
            subject=self._masking.number(number) or delivery.subject,
            reason=self._masking.words(delivery.reason, number),
        )

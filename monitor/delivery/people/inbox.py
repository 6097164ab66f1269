"""Where the rows wait that a sink for people is to hear of, as that sink's desk needs it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from monitor.delivery.gate import Pauses
from monitor.store.people import Conclusion, Waiting


class Inbox(Pauses, Protocol):
    """Where rows wait and what is known is kept: `monitor.store.store.Store`.  All raise StoreError."""

    async def agenda(self, sink: str) -> Mapping[str, int]:
        """When to look at each account, milliseconds since 1970."""

    async def waiting(self, sink: str, account: str, after: int, limit: int) -> Sequence[Waiting]:
        """The first rows after a sequence that wait, due or not."""

    async def acquainted(self, sink: str) -> Sequence[str]:
        """The accounts of which the sink knows something."""

    async def known(self, sink: str, account: str) -> Mapping[str, str]:
        """The state by incident."""

    def epoch(self, account: str) -> int | None:
        """How often the account had changed hands when it became ours; None: it is another process's."""

    async def conclude(self, sink: str, account: str, concluded: Conclusion, epoch: int) -> None:
        """What became of rows, and what is known now; raises LeaseLost where the account has changed hands since."""

    async def put_off(self, sink: str, dues: Mapping[int, int], reason: str) -> None:
        """By sequence, when to try again."""

    async def give_up(self, sink: str, sequences: Sequence[int], reason: str) -> None:
        """Dead letters."""

    async def hasten(self, sink: str, now: int) -> None:
        """Whatever waits for another try is due now."""

"""
Whether a sink may be sent to: a receiver that is gone for good is left alone until somebody says otherwise.

Kept in the store, so that a restart does not knock again.  What could not be written yet is written before anything
else is asked; somebody may also have opened it in the store itself.
"""

from collections.abc import Mapping
from typing import Protocol


class Pauses(Protocol):
    """Where pauses are kept: `monitor.store.store.Store`.  All raise StoreError."""

    async def pause_sink(self, name: str, reason: str) -> None:
        """Nothing is sent to this sink."""

    async def resume_sink(self, name: str) -> object:
        """It is sent to again."""

    async def paused_sinks(self) -> Mapping[str, object]:
        """The paused ones, by name."""


class Gate:
    """The gate before one sink; shut until the store has said that it is not."""

    def __init__(self, sink: str, store: Pauses) -> None:
        self._sink = sink
        self._store = store
        self._open = False
        self._to_shut = ""  # the reason, until the store knows it
        self._to_open = False  # until the store knows it

    @property
    def is_open(self) -> bool:
        """As far as is known."""
        return self._open

    def shut(self, reason: str) -> None:
        """Send nothing more, also after a restart."""
        self._open, self._to_shut, self._to_open = False, reason, False

    def open(self) -> None:
        """Send again, from the next `settle` on."""
        self._to_shut, self._to_open = "", True

    async def settle(self) -> bool:
        """
        Let the store know, or learn from it; whether to send.

        Raises:
            StoreError: It cannot be reached; nothing is changed.
        """
        if self._to_shut:
            await self._store.pause_sink(self._sink, self._to_shut)
            self._to_shut = ""
        if self._to_open:
            await self._store.resume_sink(self._sink)
            self._open, self._to_open = True, False
        if not self._open:
            self._open = self._sink not in await self._store.paused_sinks()
        return self._open

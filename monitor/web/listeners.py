"""
Who waits for news: the open streams of events, how many there may be, and their end.

One for the daemon's life, so that streams outlive a reload.  It carries no events: whoever is woken looks into the
store, which alone knows what was told and in which order.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 64  #: streams open at once


class TooManyStreamsError(Exception):
    """No place for a further stream; becomes a 503."""


class Listeners:
    """Wakes streams and counts them."""

    def __init__(self) -> None:
        self._news = asyncio.Event()
        self._open = 0
        self._stopping = False

    @property
    def stopping(self) -> bool:
        """Whether streams are to end."""
        return self._stopping

    @property
    def open(self) -> int:
        """How many streams there are."""
        return self._open

    def ring(self) -> None:
        """Something was recorded."""
        self._news.set()
        self._news = asyncio.Event()

    def stop(self) -> None:
        """End every stream: the daemon stops."""
        self._stopping = True
        self.ring()

    def news(self) -> asyncio.Event:
        """Set at the next ring; take it before looking, and nothing is missed in between."""
        return self._news

    def check(self) -> None:
        """
        Say whether a stream may be opened.

        Raises:
            TooManyStreamsError: It may not, as too many are.
        """
        if self._open >= AT_ONCE:
            raise TooManyStreamsError(f"{AT_ONCE} streams are open already, which is as many as there may be")

    @contextmanager
    def place(self) -> Iterator[None]:
        """A stream's place while it is open."""
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

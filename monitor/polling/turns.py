"""Long work in short turns of the event loop."""

import asyncio
from collections.abc import Callable

A_TURN = 0.002  #: seconds of work without giving way: a scrape beside it sends one piece a turn of the loop


class Turns:
    """Gives the loop back by time, not by count: how long one thing takes depends on what else goes on."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """
        Args:
            monotonic: Seconds.
        """
        self._monotonic = monotonic
        self._until = monotonic() + A_TURN

    async def give_way(self) -> None:
        """Let others run if this turn has been long enough; call it after each small piece of the work."""
        if self._monotonic() >= self._until:
            await asyncio.sleep(0)
            self._until = self._monotonic() + A_TURN

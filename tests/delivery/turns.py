"""Waits that last until the test lets them end: what a task does between two of them is one turn."""

import asyncio
from collections.abc import Callable

from tests.delivery.fakes import Clock


class Turns:
    """Stands in for `pause`; keeps the seconds of each wait."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.waits: list[float] = []
        self._waiting = asyncio.Event()
        self._over = asyncio.Event()

    async def __call__(self, event: asyncio.Event, seconds: float) -> None:
        self.waits.append(seconds)
        self._over = asyncio.Event()
        self._waiting.set()
        waits = [asyncio.create_task(each.wait()) for each in (event, self._over)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def reached(self) -> None:
        """Until the task waits."""
        await self._waiting.wait()

    async def pass_by(self) -> None:
        """The present wait ends, its seconds later; until the next one."""
        await self._waiting.wait()
        self.clock.seconds += self.waits[-1]
        await self.after(self._over.set)

    async def after(self, happens: Callable[[], object]) -> None:
        """Something happens in the present wait, and ends it; until the next one."""
        await self._waiting.wait()
        self._waiting.clear()
        happens()
        await self._waiting.wait()

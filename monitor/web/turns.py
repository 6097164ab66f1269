"""
Looking over the whole fleet is done for a few who ask at a time.

Each look gives the loop back every few milliseconds; but those of many at once come one after another before anything
else does, and probes and polls would wait for all of them.
"""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

AT_ONCE = 4  #: looks under way

Handler = Callable[[Request], Awaitable[Response]]


class Turns:
    """Has requests wait until it is their turn; whoever has gone meanwhile costs nothing."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)

    def each(self, handler: Handler) -> Handler:
        """The handler, called in turn with all that are given here."""

        async def in_turn(request: Request) -> Response:
            async with self._places:
                if await request.is_disconnected():
                    return Response()  # for nobody
                return await handler(request)

        return in_turn

"""
A dead man's switch: an address that is asked for while all is well, so that somebody is told when that ends.

It says nothing when all is not well: the silence is the message.  Healthchecks, Uptime Kuma, Better Stack and Dead
Man's Snitch all take a GET; the older Uptime Kuma takes nothing else.  Redirects are not followed, as elsewhere: the
address is a secret.  A ping that fails is only logged.
"""

import asyncio
from collections.abc import Callable

import structlog

from monitor.delivery.endpoint import Endpoint
from monitor.delivery.lane import Pause, pause
from monitor.delivery.sink import DeliveryError, Unavailable

LIMIT = 10.0  # seconds that one ping may take

#: What Healthchecks answers with 200 to a ping that counts for nothing.
NOT_HEARD = (b"OK (not found)", b"OK (rate limited)")


class Heartbeat:
    """One address; owns its endpoint."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        every: float,
        healthy: Callable[[], str | None],
        log: structlog.typing.FilteringBoundLogger,
        limit: float = LIMIT,
        pause: Pause = pause,
    ) -> None:
        """
        Args:
            endpoint: What is asked for; `stop` closes it.
            every: Seconds between two pings.
            healthy: None while all is well, else what is wrong.
            log: For silence and for pings that fail: once, until it is over or another thing.
            limit: Seconds that one ping may take.
            pause: Waits for an event, so many seconds at most.
        """
        self._endpoint = endpoint
        self._every = every
        self._healthy = healthy
        self._log = log
        self._limit = limit
        self._pause = pause
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._said = ""  # of the present trouble, in the log

    def start(self) -> None:
        """Ping from now on."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Ping no more, a call under way included, and let go of everything."""
        self._stopping.set()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._endpoint.aclose()

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._beat()
            except Exception:  # noqa: BLE001  # the top of the task: without it everybody would be alarmed
                self._log.exception("heartbeat broke")
            await self._pause(self._stopping, self._every)

    async def _beat(self) -> None:
        wrong = self._healthy()
        if wrong is not None:
            self._say("heartbeat is silent: not healthy", wrong)
            return
        try:
            async with asyncio.timeout(self._limit):
                await self._ping()
        except TimeoutError:
            self._say("heartbeat fails", f"{self._endpoint.origin} gave no answer in time")
        except DeliveryError as error:
            self._say("heartbeat fails", str(error))
        else:
            if self._said:
                self._log.info("heartbeat goes on")
            self._said = ""

    async def _ping(self) -> None:
        answer = await self._endpoint.get()
        if not answer.is_success:
            raise self._endpoint.failure(answer)
        if answer.body.startswith(NOT_HEARD):
            raise Unavailable(self._endpoint.said(answer))

    def _say(self, what: str, reason: str) -> None:
        """Log a trouble once, until it is another one or over."""
        trouble = f"{what}: {reason.partition(': ')[0]}"  # what follows are the receiver's words, which may differ
        if trouble != self._said:
            self._log.warning(what, reason=reason)
            self._said = trouble

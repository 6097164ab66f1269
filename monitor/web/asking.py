"""
Polling an app because somebody asks for it now: waited for, but not for ever.

A poll that takes longer than a request may goes on by itself, and what breaks in it is logged.
"""

import asyncio

import structlog

from monitor.store.errors import StoreError
from monitor.web.collaborators import REFUSALS, Known, Poller, Replicas, UnknownTargetError

POLL_SECONDS = 10.0  #: how long a poll is waited for


class Asking:
    """Has apps polled."""

    def __init__(
        self, fleet: Known, poller: Poller, replicas: Replicas, log: structlog.typing.FilteringBoundLogger
    ) -> None:
        """
        Args:
            fleet: Which apps there are.
            poller: Polls them.
            replicas: Is told to look when one was polled.
            log: For a poll that broke.
        """
        self._fleet = fleet
        self._poller = poller
        self._replicas = replicas
        self._log = log
        self._polls: set[asyncio.Task[object]] = set()

    def meant(self, account: str, appkeys: list[str]) -> str:
        """The first of these that there is, else the first."""
        return next((appkey for appkey in appkeys if self._fleet.get((account, appkey)) is not None), appkeys[0])

    async def poll(self, account: str, appkey: str) -> bool:
        """
        Poll an app; False when that takes long and goes on.

        Raises:
            UnknownTargetError, TooSoonError, StoppingError, OwnerSilentError, StoreError: As `Poller`.
        """
        if self._fleet.get((account, appkey)) is None and self._replicas.owner(account) is None:
            raise UnknownTargetError(f"account {account!r} has no app {appkey!r}")
        poll = asyncio.ensure_future(self._poller.poll_now(account, appkey))
        self._polls.add(poll)
        poll.add_done_callback(self._over)
        done, _ = await asyncio.wait({poll}, timeout=POLL_SECONDS)
        if done:
            poll.result()
            await self._replicas.refresh(at_once=True)
        return bool(done)

    def _over(self, poll: asyncio.Task[object]) -> None:
        self._polls.discard(poll)
        error = None if poll.cancelled() else poll.exception()
        if error is not None and not isinstance(error, (*REFUSALS, StoreError)):
            self._log.error("poll on request broke", exc_info=error)

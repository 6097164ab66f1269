"""
An account's budget: how many calls a second, how many at once, and when none.

Calls are paced one by one (a burst of twenty in the first instant is what vendors throttle).  Regular polls come
first; retries and extra polls of degraded apps take only what is left over.  Waiting is first come, first served and
ends at once when the budget is closed.
"""

import asyncio
import math
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from aiolimiter import AsyncLimiter


class BudgetClosedError(Exception):
    """The daemon is stopping: no call starts any more."""


class BudgetPausedError(Exception):
    """Calls are paused for longer than it is worth to wait."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"calls are paused for another {seconds:.0f} s")


class _Gauge(Protocol):
    def set(self, value: float) -> None: ...


class Budget:
    """One account's; belongs to the event loop it is used on."""

    def __init__(self, *, rate: float, concurrency: int, monotonic: Callable[[], float], waiting: _Gauge) -> None:
        """
        Args:
            rate: Calls a second.
            concurrency: Calls in flight at once.
            monotonic: Seconds.
            waiting: Shows how many polls wait for their turn.
        """
        self.rate = rate
        self._pace = AsyncLimiter(1, 1 / rate)
        self._slots = asyncio.Semaphore(concurrency)
        self._spare = asyncio.Lock()
        self._monotonic = monotonic
        self._paused_until = 0.0
        self._closed = False
        self._waiters: set[asyncio.Task[Any]] = set()
        self._regular = 0  # of the waiters: those that spare calls stand back for
        self._gauge = waiting
        self._moved_at = 0.0  # when a call last began or ended, or the first of the waiters came

    @property
    def standstill(self) -> float:
        """Seconds for which polls have been waiting, no pause holding them, and no call has begun or ended."""
        if not self._regular:
            return 0.0
        return max(0.0, self._monotonic() - max(self._moved_at, self._paused_until))

    @property
    def pause_left(self) -> float:
        """Seconds until calls may start again; 0 when they may."""
        return max(0.0, self._paused_until - self._monotonic())

    @property
    def idle(self) -> bool:
        """Whether a call could start now without making a regular poll wait."""
        return not self._regular and not self.pause_left and not self._slots.locked() and self._pace.has_capacity()

    def pause(self, seconds: float) -> None:
        """Start no call for so long; a pause that runs longer already stays."""
        self._paused_until = max(self._paused_until, self._monotonic() + seconds)

    def close(self) -> None:
        """Start no call any more; whoever waits gets :class:`BudgetClosedError`.  Calls in flight go on."""
        self._closed = True
        for task in self._waiters:
            task.cancel()

    async def take(self, patience: float = math.inf) -> None:
        """
        Wait for a slot and a turn; every take is followed by one :meth:`give`.

        Args:
            patience: The longest pause that is waited for, seconds.

        Raises:
            BudgetClosedError: The budget was closed before the turn came.
            BudgetPausedError: Calls are paused for longer than that.
        """
        if self.idle and not self._closed:  # nobody waits: neither of these does
            await self._slots.acquire()
            await self._pace.acquire()
        else:
            await self._waiting(self._turn(patience))
        self._moved_at = self._monotonic()

    async def take_spare(self, until: float, *, not_before: float = 0.0) -> bool:
        """
        Wait for a turn that no regular poll wants; False when there was none in time.

        Args:
            until: The latest start, monotonic seconds.
            not_before: The earliest.

        Raises:
            BudgetClosedError: The budget was closed before the turn came.
        """
        while (early := not_before - self._monotonic()) > 0:
            if not_before >= until:
                return False
            await self._waiting(asyncio.sleep(early), counted=False)
        async with self._spare:  # one looks, the others queue behind it
            while not self.idle:
                if self._monotonic() + self.pause_left >= until:
                    return False
                nap = max(1 / self.rate, min(self.pause_left, 1.0))
                if self._monotonic() + nap >= until:
                    return False
                await self._waiting(asyncio.sleep(nap), counted=False)
            await self.take()
            return True

    def give(self) -> None:
        """The call is over: its slot is free."""
        self._slots.release()
        self._moved_at = self._monotonic()

    async def _turn(self, patience: float) -> None:
        await self._slots.acquire()
        try:
            await self._pace.acquire()
            while pause := self._bearable_pause(patience):
                await asyncio.sleep(pause)
                await self._pace.acquire()
        except BaseException:
            self._slots.release()
            raise

    def _bearable_pause(self, patience: float) -> float:
        pause = self.pause_left
        if pause > patience:
            raise BudgetPausedError(pause)
        return pause

    async def _waiting(self, turn: Coroutine[None, None, None], *, counted: bool = True) -> None:
        task = asyncio.current_task()
        assert task is not None, "a budget is used from a task"
        if self._closed:
            turn.close()
            raise BudgetClosedError
        self._waiters.add(task)
        self._count(counted)
        try:
            await turn
        except asyncio.CancelledError:
            if not self._closed:
                raise
            task.uncancel()
            raise BudgetClosedError from None
        finally:
            self._waiters.discard(task)
            self._count(-counted)

    def _count(self, by: int) -> None:
        if not self._regular:
            self._moved_at = self._monotonic()
        self._regular += by
        self._gauge.set(self._regular)

"""
Ask the vendor about one app: the call, its retries, and what they teach about the account.

Every call takes its turn in the budget and is signed anew; retries take spare turns only and none is begun that could
not end before the poll's limit.  Nothing here is believed or stored: the outcome goes to `decide`.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec
import structlog

from monitor.fleet.answer import Failure, FailureReason, Outcome
from monitor.metrics.instruments import Instruments
from monitor.phonelist.client import Reply
from monitor.phonelist.errors import PhoneListError, failure
from monitor.polling.budget import Budget, BudgetClosedError, BudgetPausedError

FIRST_RETRY_AFTER = 0.5  #: seconds; doubled from retry to retry, jittered down to half
THROTTLE_PAUSE = 5.0  #: seconds, when the vendor throttles without saying how long; doubled while it goes on,
LONGEST_THROTTLE_PAUSE = 0.5  #: of the interval at most: every app is asked within one when the vendor has calmed down


class Vendor(Protocol):
    """What is asked: one signed attempt a call (`monitor.phonelist.client.PhoneList`)."""

    async def ask(self, appkey: str, known: bytes = b"") -> Reply:
        """The vendor's answer; raises PhoneListError."""
        ...


class Asked(msgspec.Struct, frozen=True):
    """What came of asking."""

    outcome: Outcome
    first_call_at: float  #: monotonic seconds at which the first call started: its lateness
    size: int = 0  #: bytes of the answer; 0 without one
    seconds: float = 0.0  #: that the last call took


class _Called(msgspec.Struct, frozen=True):
    """What came of one call."""

    outcome: Outcome
    may_help: bool  #: whether another call may
    size: int
    seconds: float


class Asking:
    """One account's way to the vendor."""

    def __init__(
        self,
        account: str,
        *,
        vendor: Vendor,
        budget: Budget,
        timeout: float,
        retries: int,
        interval: float,
        instruments: Instruments,
        now: Callable[[], int],
        monotonic: Callable[[], float],
        random: Callable[[], float],
        log: structlog.typing.FilteringBoundLogger,
        may_ask: Callable[[], bool] = lambda: True,
    ) -> None:
        """
        Args:
            account: For the metrics' label.
            vendor: Answers one call.
            budget: Gives the turns.
            timeout: What one call may take, seconds.
            retries: How many calls may follow the first.
            interval: The account's, seconds.
            instruments: Counts calls, their duration, the clock's skew.
            now: Wall clock, ms since 1970.
            monotonic: Seconds.
            random: From 0 up to, not including, 1.
            log: Where an error of our own goes.
            may_ask: Whether the account is this process's to ask for, right before each call.
        """
        self._may_ask = may_ask
        self._account = account
        self._vendor = vendor
        self._budget = budget
        self._timeout = timeout
        self._retries = retries
        self._longest_pause = interval * LONGEST_THROTTLE_PAUSE
        self._instruments = instruments
        self._now = now
        self._monotonic = monotonic
        self._random = random
        self._log = log
        self._throttled = 0  # answers in a row that asked us to slow down

    async def ask(self, appkey: str, known: bytes, *, limit: float, patience: float) -> Asked:
        """
        Ask once, and again while that may help.

        Args:
            appkey: The app.
            known: Digest of the last answer: the same bytes come back as `Unchanged`.
            limit: Monotonic seconds by which a retry must be able to end.
            patience: The longest pause of the account that is waited for, seconds; a longer one is a failed poll.

        Raises:
            BudgetClosedError: No call was made: the daemon is stopping, or the account is another process's.
        """
        try:
            await self._budget.take(patience)
        except BudgetPausedError as error:
            return Asked(_throttled(error, self._now()), self._monotonic())
        started = self._monotonic()
        called = await self._call(appkey, known)
        pause = FIRST_RETRY_AFTER
        for _ in range(self._retries):
            if not called.may_help:
                break
            begin = self._monotonic() + pause * (1 - self._random() / 2)
            if not await self._budget.take_spare(limit - self._timeout, not_before=begin):
                break
            called = await self._call(appkey, known)
            pause *= 2
        return Asked(called.outcome, started, called.size, called.seconds)

    async def _call(self, appkey: str, known: bytes) -> _Called:
        """One call, its turn taken before."""
        if not self._may_ask():
            self._budget.give()
            raise BudgetClosedError
        began, begun_at = self._monotonic(), self._now()
        outcome: Outcome
        may_help = False
        size = 0
        skew: float | None = None
        try:
            reply = await self._vendor.ask(appkey, known)
            outcome, skew, size = reply.outcome, reply.skew, reply.size
            self._throttled = 0
        except PhoneListError as error:
            outcome, may_help, skew = failure(error, begun_at), error.retryable, error.skew
            self._heed(error)
        except Exception as error:  # noqa: BLE001  # the top of a call: a fault of our own must not end the watch
            self._log.exception("call broke", account=self._account, appkey=appkey)
            outcome = internal_failure(error, begun_at)
        finally:
            self._budget.give()
        self._instruments.calls.labels(self._account).inc()
        seconds = self._monotonic() - began
        self._instruments.call_duration.labels(self._account).observe(seconds)
        if skew is not None:
            self._instruments.clock_skew.labels(self._account).set(skew)
        return _Called(outcome, may_help, size, seconds)

    def _heed(self, error: PhoneListError) -> None:
        if error.reason is not FailureReason.THROTTLED:
            return
        pause = error.retry_after
        if pause is None:
            pause = min(THROTTLE_PAUSE * 2**self._throttled, self._longest_pause)
        self._throttled = min(self._throttled + 1, 10)
        self._budget.pause(pause)
        self._log.warning("vendor throttles", account=self._account, pause_seconds=round(pause, 1))


def _throttled(error: BudgetPausedError, now: int) -> Failure:
    text = f"not asked: the vendor wants no call for another {error.seconds:.0f} s"
    return Failure(started=now, reason=FailureReason.THROTTLED, code="", text=text, held_off=True)


def internal_failure(error: Exception, started: int) -> Failure:
    """A fault of our own as a failed poll: named, counted, survived."""
    return Failure(
        started=started,
        reason=FailureReason.INTERNAL,
        code="",
        text=f"a fault in number-monitor itself ({type(error).__name__}): please report it with the log's traceback",
    )

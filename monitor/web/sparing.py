"""What happens no oftener than this, whoever causes it: answers to requests, lines about strangers in the log."""

import time
from collections.abc import Callable

import structlog

from monitor.web.admission import Rate

LINES = Rate(interval=1.0, burst=20)  #: of the log about what strangers have tried


class TokenBucket:
    """So many at once, and then one in a while."""

    def __init__(self, rate: Rate, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._monotonic = monotonic
        self._tokens = float(rate.burst)
        self._counted = monotonic()

    def take(self) -> bool:
        """Take a token; False when there is none."""
        now = self._monotonic()
        self._tokens = min(self._rate.burst, self._tokens + (now - self._counted) / self._rate.interval)
        self._counted = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class SparingLog:
    """Warns of what strangers do; of too much, how often it was, so that they cannot fill a disk."""

    def __init__(
        self, log: structlog.typing.FilteringBoundLogger, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._log = log
        self._lines = TokenBucket(LINES, monotonic)
        self._untold = 0

    def warning(self, event: str, **told: str) -> None:
        """Write a line; or count it, and say with the next how many there were."""
        if not self._lines.take():
            self._untold += 1
            return
        more = {"untold_before": self._untold} if self._untold else {}
        self._untold = 0
        self._log.warning(event, **told, **more)

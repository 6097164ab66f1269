"""
When a call is not worth making.

A breaker holds polls off; what it holds off is a failed poll without a call, under the reason that opened it.
- Refused credentials (two apps in a row, or the only one): one probe an interval: a wrong secret must not hammer.
- An unreachable account: four probes an interval until one succeeds.
- An app that is refused for itself is asked at growing intervals up to an hour; the others are not concerned.
Pure but for what it remembers: moments are monotonic seconds and come in as arguments.
"""

from collections import deque

from monitor.fleet.answer import Failure, FailureReason

PROBES = {FailureReason.AUTH: 1}  #: a breaker's calls an interval, by the reason that opened it
PROBES_OTHERWISE = 4
LONGEST_APP_PAUSE = 3600.0
HAIR = 0.1  #: of an interval: two regular polls of an app may be that much less than it apart


class Breaker:
    """One account's."""

    def __init__(self) -> None:
        self._opened_by: Failure | None = None
        self._probes: deque[tuple[str, float]] = deque(maxlen=PROBES_OTHERWISE)  # which app, when
        self._refused: str | None = None  # the appkey that was refused last, no success since
        self._failing = 0  # calls that failed without a success between
        self._rejected: dict[str, _Rejection] = {}
        self._held_off: dict[str, None] = {}  # the apps that it held off, in order

    @property
    def reason(self) -> FailureReason | None:
        """Why the account's breaker is open; None while it is closed."""
        return self._opened_by.reason if self._opened_by else None

    def holds_off(self, appkey: str, interval: float, now: float) -> Failure | None:
        """
        The failure to count instead of a call; None: make the call.

        Args:
            appkey: The app that is due.
            interval: The account's poll interval, seconds.
            now: Monotonic seconds.
        """
        rejection = self._rejected.get(appkey)
        if rejection is not None and now < rejection.ask_again:
            return rejection.failure
        if self._opened_by is None:
            return None
        allowed = PROBES.get(self._opened_by.reason, PROBES_OTHERWISE)
        # The app that probed is due again an interval later: held off by a hair, it would probe every other time.
        spans = ((now - at, interval * (1 - HAIR) if who == appkey else interval) for who, at in self._probes)
        if sum(passed < span for passed, span in spans) >= allowed:
            self._held_off[appkey] = None
            return self._opened_by
        self._probes.append((appkey, now))
        self._held_off.pop(appkey, None)
        return None

    def succeeded(self, appkey: str) -> list[str]:
        """
        A call was answered: the account's breaker closes.

        Returns:
            The apps that it held off when they were due: there is nothing to wait for any more.
        """
        held_off = [other for other in self._held_off if other != appkey]
        self._held_off.clear()
        self._opened_by = None
        self._refused = None
        self._failing = 0
        self._rejected.pop(appkey, None)
        return held_off

    def failed(self, appkey: str, failure: Failure, *, interval: float, now: float, apps: int) -> None:
        """
        A call failed.

        Args:
            appkey: The app that was asked.
            failure: Why.
            interval: The app's poll interval, seconds.
            now: Monotonic seconds.
            apps: How many apps the account has: the only one needs no second to open the breaker.
        """
        if failure.reason is FailureReason.APP_REJECTED:
            self._reject(appkey, failure, interval, now)
            return
        self._failing += 1
        if failure.reason is not FailureReason.AUTH:
            return
        if apps == 1 or self._refused not in (None, appkey):
            self._open(failure)
        self._refused = appkey

    def account_unreachable(self, failure: Failure) -> None:
        """The account counts as unreachable; opens once as many calls in a row failed as there are probes."""
        if self._opened_by is None and self._failing >= PROBES_OTHERWISE:
            self._open(failure)

    def forget(self, appkey: str) -> None:
        """The app has left, or somebody wants it asked now."""
        self._rejected.pop(appkey, None)
        self._held_off.pop(appkey, None)

    def _open(self, failure: Failure) -> None:
        if self._opened_by is None or self._opened_by.reason is not failure.reason:
            self._opened_by = failure
            self._probes.clear()

    def _reject(self, appkey: str, failure: Failure, interval: float, now: float) -> None:
        times = self._rejected[appkey].times + 1 if appkey in self._rejected else 1
        pause = min(interval * 2 ** min(times, 12), max(LONGEST_APP_PAUSE, interval))
        # a little less than whole intervals, so that the poll at their end is not held off by a hair
        self._rejected[appkey] = _Rejection(failure, times, now + pause - interval / 2)


class _Rejection:
    __slots__ = ("ask_again", "failure", "times")

    def __init__(self, failure: Failure, times: int, ask_again: float) -> None:
        self.failure = failure
        self.times = times
        self.ask_again = ask_again

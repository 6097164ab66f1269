"""
When to try again.  Pure: randomness comes in as a number.

A message is tried at once, then 5 s, 30 s, 2 m, 10 m, 30 m and 1 h after the attempt before, then hourly until 24 h
have been spent on it, and then given up.  Apart from that a sink that is down is left alone for a moment between two
messages, so that ten thousand that wait are not ten thousand calls to somebody who does not answer.
"""

DAY = 86_400.0
_FIRST = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0)
_HOURLY = int((DAY - sum(_FIRST)) // 3600.0)
RETRIES = _FIRST + (3600.0,) * _HOURLY  #: seconds from the n-th failed attempt to the next
JITTER = 0.1  # of each wait, more or less: receivers that came back are not met by all waiting messages at once

DOWN_AFTER = 3  # subjects that failed since the last success: that many are the sink's fault, not theirs
_PAUSES = (5.0, 10.0, 20.0, 30.0)  # an event that comes while a sink is down must not wait for an hour


def retry_in(failed: int, draw: float, *, after: float = 0.0) -> float | None:
    """
    Seconds until a message is tried again.

    Args:
        failed: Attempts that have failed, the last one included; 1 at least.
        draw: Evenly random, from 0 to 1.
        after: What the receiver asked for (`Retry-After`): not before; asking for more than a day is not obeyed.

    Returns:
        None when it is to be given up.
    """
    if failed > len(RETRIES):
        return None
    wait = RETRIES[failed - 1] * (1 - JITTER + 2 * JITTER * draw)
    return max(wait, min(after, DAY))


def pause_for(times: int) -> float:
    """Seconds to leave a sink alone that is down, the n-th time in a row; 1 is the first."""
    return _PAUSES[min(times, len(_PAUSES)) - 1]

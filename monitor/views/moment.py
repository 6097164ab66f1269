"""Moments as people write them where they ask for something.  `fleet.moment` writes them.  Pure."""

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_duration = re.compile(r"([0-9]{1,9})(ms|s|m|h|d)", re.ASCII)


def moment(text: str, now: int) -> int:
    """
    Read a moment that somebody wrote.

    Args:
        text: How long ago (`24h`, as the configuration's durations), or a time as in ISO 8601, UTC where it names
            no offset.
        now: The present.

    Raises:
        ValueError: It is neither; the message says what it could be.
    """
    duration = _duration.fullmatch(text)
    if duration is not None:
        return now - int(duration[1]) * _MILLISECONDS[duration[2]]
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(
            f"{text!r} is neither a duration such as 24h nor a time such as 2026-11-23T08:00:00Z"
        ) from error
    if read.tzinfo is None:
        read = read.replace(tzinfo=UTC)
    return (read - _EPOCH) // timedelta(milliseconds=1)

"""Moments as events write them.  Inside they are milliseconds since 1970, UTC."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=1_000)  # what happens together is told with the same few moments
def iso(at: int) -> str:
    """`2026-11-23T08:00:12.345Z`: UTC, with milliseconds, always 24 characters."""
    return (_EPOCH + timedelta(milliseconds=at)).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def iso_or_none(at: int | None) -> str | None:
    """The same; None for what has no time."""
    return None if at is None else iso(at)

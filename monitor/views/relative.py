"""How long ago a moment was, or how far ahead it is, as one says it.  Pure."""

_UNITS = ((1, "s", 60), (60, "min", 3600), (3600, "h", 48 * 3600), (86_400, "d", None))  # seconds, word, up to


def relative(at: int, now: int) -> str:
    """
    `3 min ago`, `in 2 h` or `now`: whole units, rounded down; hours up to two days.

    Args:
        at: The moment, in milliseconds since 1970.
        now: What it is seen from, likewise.
    """
    seconds = abs(now - at) // 1000
    if seconds == 0:
        return "now"
    unit, word = next((unit, word) for unit, word, limit in _UNITS if limit is None or seconds < limit)
    length = f"{seconds // unit} {word}"
    return f"{length} ago" if at < now else f"in {length}"

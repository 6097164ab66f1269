"""Durations as the configuration writes them: `500ms`, `30s`, `5m`, `24h`, `90d`; inside, integer milliseconds."""

import re
from collections.abc import Mapping

UNITS: Mapping[str, int] = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
LONGEST = 100 * 365 * UNITS["d"]

_DURATION = re.compile(r"([0-9]{1,15})(ms|s|m|h|d)")


def milliseconds(text: str) -> int:
    """
    Read one number with one unit.

    Raises:
        ValueError: Something else, or more than 100 years; the message is whole.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        unit = ": the unit is missing" if text.isdecimal() else ""
        raise ValueError(f"expected a duration such as 500ms, 30s, 5m, 24h or 90d, got {text[:40]!r}{unit}")
    value = int(match[1]) * UNITS[match[2]]
    if value > LONGEST:
        raise ValueError(f"expected at most 36500d, got {text!r}")
    return value


def spelled(milliseconds: int) -> str:
    """The shortest spelling that reads back as the same: `90000` is `90s`, `86400000` is `1d`."""
    if milliseconds == 0:
        return "0s"
    unit = next(unit for unit in reversed(list(UNITS)) if milliseconds % UNITS[unit] == 0)
    return f"{milliseconds // UNITS[unit]}{unit}"

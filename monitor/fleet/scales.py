"""
The tables: the vendor's words, the figures they are exported as, and how bad each state is.

Code elsewhere only reads these tables.  One rule for quality_rating, status and severity: 0 unknown, 1 healthy,
the higher the worse.  A word nobody documented is unknown, stays visible as given, and is counted.
Sources: the vendor's page on phoneList; words met elsewhere (`LINKED`, `PAUSED`, …) are assumed equivalents.
"""

import math
import re
from collections.abc import Mapping
from enum import IntEnum

UNKNOWN_WORDS = frozenset({"", "UNKNOW", "UNKNOWN", "NA"})  #: no verdict: off every scale, never an event


class Severity(IntEnum):
    """How much a state matters; the value of `nxcloud_number_severity`."""

    UNKNOWN = 0
    OK = 1
    WARNING = 2
    CRITICAL = 3

    @property
    def word(self) -> str:
        """`unknown`, `ok`, `warning` or `critical`, as the API and the configuration spell it."""
        return self.name.lower()


QUALITY_RATING: Mapping[str, int] = {"GREEN": 1, "YELLOW": 2, "RED": 3}

STATUS: Mapping[str, int] = {
    "CONNECTED": 1,
    "FLAGGED": 2,
    "RATE_LIMITED": 3,
    "RESTRICTED": 4,
    "PENDING": 5,
    "UNVERIFIED": 6,
    "DISCONNECTED": 7,
    "MIGRATED": 8,
    "DELETED": 9,
    "BANNED": 10,
}
FIRST_STATUS_THAT_CANNOT_SEND = 5

STATUS_ALIASES: Mapping[str, str] = {
    "LINKED": "CONNECTED",
    "VERIFIED": "CONNECTED",
    "UNLINKED": "DISCONNECTED",
    "OFFLINE": "DISCONNECTED",
    "PAUSED": "RESTRICTED",
}

QUALITY_SEVERITY: Mapping[str, Severity] = {
    "GREEN": Severity.OK,
    "YELLOW": Severity.WARNING,
    "RED": Severity.CRITICAL,
}

STATUS_SEVERITY: Mapping[str, Severity] = {
    "CONNECTED": Severity.OK,
    "FLAGGED": Severity.CRITICAL,
    "RATE_LIMITED": Severity.WARNING,
    "RESTRICTED": Severity.WARNING,
    "PENDING": Severity.CRITICAL,  # of a number that could send; a new number's is ok until it persists
    "UNVERIFIED": Severity.CRITICAL,  # likewise
    "DISCONNECTED": Severity.CRITICAL,
    "MIGRATED": Severity.CRITICAL,
    "DELETED": Severity.WARNING,
    "BANNED": Severity.CRITICAL,
}

NAME_STATUS_ALIASES: Mapping[str, str] = {"NON_EXISTS": "NONE"}
NAME_STATUS = frozenset({"APPROVED", "AVAILABLE_WITHOUT_REVIEW", "PENDING_REVIEW", "DECLINED", "EXPIRED", "NONE"})
CODE_VERIFICATION_STATUS = frozenset({"VERIFIED", "NOT_VERIFIED", "EXPIRED", "COMPLETED"})
REGISTER_STATUS = frozenset({"1", "2", "3", "4", "5"})

TIERS = ("TIER_50", "TIER_250", "TIER_1K", "TIER_2K", "TIER_10K", "TIER_100K", "TIER_UNLIMITED")
NO_TIER_WORDS = frozenset({"", "TIER_NOT_SET"})
_TIER = re.compile(r"TIER_([0-9]{1,9})([KM]?)")
_MULTIPLIER = {"": 1, "K": 1_000, "M": 1_000_000}


def quality_value(word: str) -> int:
    """1 GREEN to 3 RED; 0 for unknown and for words nobody documented."""
    return QUALITY_RATING.get(word, 0)


def canonical_status(word: str) -> str:
    """The documented word for an assumed equivalent; any other word as it is."""
    return STATUS_ALIASES.get(word, word)


def status_value(word: str) -> int:
    """1 CONNECTED to 10 BANNED; 0 for unknown and for words nobody documented."""
    return STATUS.get(STATUS_ALIASES.get(word, word), 0)


def can_send(word: str) -> bool:
    """Whether a number of this status can send at all; False for unknown."""
    return 0 < status_value(word) < FIRST_STATUS_THAT_CANNOT_SEND


def tier_limit(word: str) -> float | None:
    """
    Read the messaging tier: unique recipients in 24 h outside service windows.

    Any `TIER_<n>[K|M]` is read, since Meta adds rungs without notice; `TIER_UNLIMITED` is infinity.
    None when the vendor states no tier, or in a word that cannot be read.
    """
    if word == "TIER_UNLIMITED":
        return math.inf
    match = _TIER.fullmatch(word)
    if match is None:
        return None
    return float(int(match[1]) * _MULTIPLIER[match[2]])

"""
How many exposed entries of an account have each value, kept by adding and taking away single entries.

The samples of `nxcloud_numbers_by_*`: every documented value, UNKNOWN, NONE (no tier) and OTHER are always there.
"""

from collections.abc import Mapping

from monitor.fleet.answer import Row
from monitor.fleet.scales import NO_TIER_WORDS, QUALITY_RATING, STATUS, STATUS_ALIASES, TIERS, UNKNOWN_WORDS
from monitor.metrics.families import COUNT_FAMILIES
from monitor.metrics.labels import identity

UNKNOWN, NONE, OTHER = "UNKNOWN", "NONE", "OTHER"

_UNKNOWN: Mapping[str, str] = dict.fromkeys(UNKNOWN_WORDS, UNKNOWN)

#: The value that a word counts under; OTHER for a word that is not here.
_QUALITY_RATING: Mapping[str, str] = {**{word: word for word in QUALITY_RATING}, **_UNKNOWN}
_STATUS: Mapping[str, str] = {**{word: word for word in STATUS}, **STATUS_ALIASES, **_UNKNOWN}
_TIER: Mapping[str, str] = {**{word: word for word in TIERS}, **_UNKNOWN, **dict.fromkeys(NO_TIER_WORDS, NONE)}


class Tally:
    """The counts of one account, and their finished text."""

    def __init__(self, account: str) -> None:
        """Every count is 0."""
        self.apps = 0  #: apps of the account that are shown; the owner of the tally counts them
        self._account = identity(account)
        self._quality_rating = dict.fromkeys((*QUALITY_RATING, UNKNOWN, OTHER), 0)
        self._status = dict.fromkeys((*STATUS, UNKNOWN, OTHER), 0)
        self._tier = dict.fromkeys((*TIERS, NONE, UNKNOWN, OTHER), 0)
        self._texts: tuple[bytes, ...] | None = None

    def count(self, row: Row, step: int) -> None:
        """Add an entry (`step` 1) or take it away again (-1)."""
        self._quality_rating[_QUALITY_RATING.get(row.quality_rating, OTHER)] += step
        self._status[_STATUS.get(row.status, OTHER)] += step
        self._tier[_TIER.get(row.tier, OTHER)] += step
        self._texts = None

    def texts(self) -> tuple[bytes, ...]:
        """The sample lines of each of `COUNT_FAMILIES`, in that order; rendered when a count has moved."""
        if self._texts is None:
            counts = {"quality_rating": self._quality_rating, "status": self._status, "tier": self._tier}
            self._texts = tuple(self._text(attribute, counts[attribute]) for attribute in COUNT_FAMILIES)
        return self._texts

    def _text(self, attribute: str, counts: Mapping[str, int]) -> bytes:
        head = f'{COUNT_FAMILIES[attribute].name}{{account="{self._account}",{attribute}="'
        return "".join(f'{head}{word}"}} {count}\n' for word, count in counts.items()).encode()

"""
The attributes of a number, and what their words mean: which are known, which say the same, which nobody documented.

The tables are in `scales`.  A word that is not known is off every scale: nothing is ever told of it.
"""

from collections.abc import Callable, Mapping

from monitor.fleet.answer import Row
from monitor.fleet.scales import (
    CODE_VERIFICATION_STATUS,
    NAME_STATUS,
    NAME_STATUS_ALIASES,
    NO_TIER_WORDS,
    QUALITY_RATING,
    REGISTER_STATUS,
    STATUS,
    STATUS_ALIASES,
    TIERS,
    UNKNOWN_WORDS,
    tier_limit,
)

QUALITY = "quality_rating"
STATE = "status"
TIER = "tier"
NAME_STATE = "name_status"
LEVELS = (QUALITY, STATE)  #: have a scale, a severity and an incident
TEXTS = ("verified_name", NAME_STATE, "code_verification_status", "register_status", "waba_name")  #: are only told
ATTRIBUTES = (*LEVELS, TIER, *TEXTS)

_SCALES: Mapping[str, Mapping[str, int]] = {
    QUALITY: QUALITY_RATING,
    STATE: {**STATUS, **{alias: STATUS[status] for alias, status in STATUS_ALIASES.items()}},
}


def _spelled(*statuses: str) -> frozenset[str]:
    """Documented statuses with their assumed equivalents."""
    return frozenset(statuses) | {alias for alias, status in STATUS_ALIASES.items() if status in statuses}


PENDING_WORDS = _spelled("PENDING", "UNVERIFIED")  #: a number on its way in, or fallen out of registration
LEFT_WORDS = _spelled("MIGRATED", "DELETED", "DISCONNECTED")  #: a number that may have gone elsewhere
LIMITED_WORDS = _spelled("RESTRICTED", "RATE_LIMITED")  #: normal for a while
_KIN = {status: kin for kin in (PENDING_WORDS, LIMITED_WORDS) for status in kin}
_NO_KIN: frozenset[str] = frozenset()

#: The vendor's word for an attribute, as given; without a frame of its own, for nothing is asked as often.
word: Callable[[Row, str], str] = getattr

_ALIASES: Mapping[str, Mapping[str, str]] = {STATE: STATUS_ALIASES, NAME_STATE: NAME_STATUS_ALIASES}
_KNOWN: Mapping[str, frozenset[str]] = {
    QUALITY: frozenset(QUALITY_RATING),
    STATE: frozenset(STATUS) | frozenset(STATUS_ALIASES),
    TIER: frozenset(TIERS),  # any other `TIER_<n>` is read too
    NAME_STATE: NAME_STATUS | frozenset(NAME_STATUS_ALIASES),
    "code_verification_status": CODE_VERIFICATION_STATUS,
    "register_status": REGISTER_STATUS,
}


def canonical(attribute: str, text: str) -> str:
    """The documented word for an assumed equivalent; any other word as it is."""
    aliases = _ALIASES.get(attribute)
    return text if aliases is None else aliases.get(text, text)


def known(attribute: str, text: str) -> bool:
    """Whether the word says something: a documented one, an equivalent, any tier with a number; any name but none."""
    words = _KNOWN.get(attribute)
    if words is None:
        return text != ""
    return text in words or (attribute == TIER and tier_limit(text) is not None)


def same(attribute: str, one: str, other: str) -> bool:
    """Whether two words say the same."""
    if one == other:
        return True
    if attribute == TIER:
        return tier_limit(one) is not None and tier_limit(one) == tier_limit(other)
    aliases = _ALIASES.get(attribute)
    return aliases is not None and aliases.get(one, one) == aliases.get(other, other)


def value(attribute: str, text: str) -> int:
    """The place on the scale of a level: 0 unknown, 1 healthy, the higher the worse."""
    return _SCALES[attribute].get(text, 0)


def kin_of(status: str) -> frozenset[str]:
    """The words that say the same trouble as this status, itself among them: how long they last is counted together."""
    return _KIN.get(status, _NO_KIN)


def undocumented(row: Row) -> list[tuple[str, str]]:
    """The (attribute, word) pairs of a row that nobody documented and that are no way of saying nothing."""
    return [
        (attribute, text)
        for attribute, words in _KNOWN.items()
        if (text := word(row, attribute)) not in words and text not in UNKNOWN_WORDS and _is_news(attribute, text)
    ]


def _is_news(attribute: str, text: str) -> bool:
    return attribute != TIER or (text not in NO_TIER_WORDS and tier_limit(text) is None)

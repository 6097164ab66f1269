"""The rules that the configuration may change, as `decide` reads them.  Durations are milliseconds."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import msgspec

from monitor.fleet.match import Match
from monitor.fleet.scales import Severity

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

Language = Literal["en", "zh-CN"]

DEFAULT_DWELL: Mapping[tuple[str, str], int] = MappingProxyType(
    {("status", "PENDING"): 10 * MINUTE, ("status", "UNVERIFIED"): 10 * MINUTE, ("status", "MIGRATED"): 10 * MINUTE}
)


class SeverityRule(msgspec.Struct, frozen=True):
    """An override of `events.severity`: entries that match take these severities for these states."""

    match: Match
    severities: Mapping[tuple[str, str], Severity]  #: by (attribute, word): ("quality_rating", "RED")


class IgnoreRule(msgspec.Struct, frozen=True):
    """Known trouble of `events.ignore`: polled, shown and counted, its events info, its severity ok."""

    match: Match
    until: int | None = None  #: milliseconds since 1970; None: until the rule is deleted
    comment: str = ""


class Policy(msgspec.Struct, frozen=True):
    """What the configuration decides about judging and telling."""

    confirm_removal: int = 3  #: polls in a row that a number must be missing from,
    confirm_removal_for: int = 10 * MINUTE  #: and this long
    #: by (attribute, word): how long it must hold before it is told
    dwell: Mapping[tuple[str, str], int] = DEFAULT_DWELL
    recovery_dwell: int = 0  #: the same for every improvement and recovery
    severity: tuple[SeverityRule, ...] = ()  #: the first that matches wins
    ignore: tuple[IgnoreRule, ...] = ()
    language: Language = "en"
    retention: int = 90 * DAY  #: how long a removed entry is remembered
    interval: int = MINUTE  #: between polls: refused credentials are over after one without a refusal

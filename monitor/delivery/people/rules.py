"""What a sink for people wants to hear of, and when.  Pure."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

import msgspec

from monitor.delivery.people.digest import Trouble
from monitor.delivery.people.fact import Fact
from monitor.fleet.match import Match

MINUTE = 60_000
DEFAULT_SETTLE: Mapping[tuple[str, str], int] = MappingProxyType(
    {
        ("quality_rating", "YELLOW"): 30 * MINUTE,
        ("status", "RATE_LIMITED"): 30 * MINUTE,
        ("quality_rating", "RED"): 5 * MINUTE,
    }
)


class Window(Protocol):
    """A maintenance window."""

    match: Match  #: of what nothing is sent meanwhile

    def open_until(self, at: int) -> int | None:
        """When the window that is open at this moment ends, milliseconds since 1970; None: it is not open."""


class Rules(msgspec.Struct, frozen=True):
    """One sink's; durations are milliseconds."""

    match: Match = Match(severity=("warning", "critical"))
    #: By (attribute, word): trouble that is over before that time is not told.
    settle: Mapping[tuple[str, str], int] = DEFAULT_SETTLE
    remind_every: int = 0  #: of critical trouble that is open; 0: never
    windows: Sequence[Window] = ()

    def wants(self, fact: Fact) -> bool:
        """Whether the event itself is one to be told."""
        return self.match.fits(_facts(fact), fact.data.labels)

    def wants_type(self, fact: Fact) -> bool:
        """Whether news of a known incident may come by this type of event: its end is info, and told all the same."""
        return msgspec.structs.replace(self.match, severity=()).fits(_facts(fact), fact.data.labels)

    def follows(self, fact: Fact) -> bool:
        """Whether the event is about something that is told, whatever it says of it."""
        return follows(self.match).fits(_facts(fact), fact.data.labels)

    def wants_severity(self, trouble: Trouble) -> bool:
        """Whether trouble of this severity is to be told."""
        return not self.match.severity or trouble.severity in self.match.severity

    def closed_until(self, fact: Fact, at: int) -> int | None:
        """Until when maintenance keeps this event back, milliseconds since 1970; None: it does not."""
        return self._closed_until(_facts(fact), fact.data.labels, at)

    def lets_remind(self, trouble: Trouble, at: int) -> bool:
        """Whether somebody may be reminded of it now: it is still asked for, and no maintenance is under way."""
        facts = _facts_of(trouble)
        asked_for = follows(self.match).fits(facts, trouble.labels) and self.wants_severity(trouble)
        return asked_for and self._closed_until(facts, trouble.labels, at) is None

    def _closed_until(self, facts: Mapping[str, str], labels: Mapping[str, str], at: int) -> int | None:
        fitting = (window for window in self.windows if window.match.fits(facts, labels))
        ends = (window.open_until(at) for window in fitting)
        return max((end for end in ends if end is not None), default=None)


def follows(match: Match) -> Match:
    """The part of a match that says what an event is about, not what happens to it: how an incident ends is info."""
    return msgspec.structs.replace(match, severity=(), type=())


def _facts(fact: Fact) -> dict[str, str]:
    data = fact.data
    return {
        "account": data.account,
        "appkey": data.appkey,
        "number": fact.subject if fact.type.startswith("number.") else "",
        "waba_id": data.waba_id,
        "severity": data.severity,
        "type": fact.type,
        "attribute": data.attribute or "",
    }


def _facts_of(trouble: Trouble) -> dict[str, str]:
    return {
        "account": trouble.account,
        "appkey": trouble.appkey,
        "number": trouble.number,
        "waba_id": trouble.waba_id,
        "severity": trouble.severity,
        "type": trouble.type,
        "attribute": trouble.attribute,
    }

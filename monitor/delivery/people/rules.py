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
        return Match(type=self.match.type).fits({"type": fact.type}, {})

    def wants_trouble(self, trouble: Trouble) -> bool:
        """Whether trouble as it stands is to be told, whatever event brought it."""
        return self.match.fits(_facts_of(trouble), trouble.labels)

    def wants_severity(self, trouble: Trouble) -> bool:
        """Whether trouble of this severity is to be told."""
        return not self.match.severity or trouble.severity in self.match.severity

    def hears(self, fact: Fact) -> bool:
        """Whether such events come here at all: those about others may end what is told."""
        return follows(self.match).fits(_facts(fact), fact.data.labels)

    def follows(self, fact: Fact) -> bool:
        """Whether the event is about something that is told, whatever it says of it."""
        return self._about.fits(_facts(fact), fact.data.labels)

    def follows_trouble(self, trouble: Trouble) -> bool:
        """Whether the trouble is something that is told, however bad it is."""
        return self._about.fits(_facts_of(trouble), trouble.labels)

    def asks_for(self, trouble: Trouble) -> bool:
        """Whether trouble that was told is still of the kind that is."""
        return self.follows_trouble(trouble) and self.wants_severity(trouble)

    @property
    def is_of_apps(self) -> bool:
        """Whether it hears of some apps alone: of what keeps an incident open elsewhere it will never know the end."""
        return bool(self.match.appkey or self.match.labels)

    def closed_until(self, fact: Fact, at: int) -> int | None:
        """Until when maintenance keeps this event back, milliseconds since 1970; None: it does not."""
        return self._closed_until(_facts(fact), fact.data.labels, at)

    def silent_until(self, trouble: Trouble, at: int) -> int | None:
        """Likewise of a reminder of this trouble."""
        return self._closed_until(_facts_of(trouble), trouble.labels, at)

    @property
    def _about(self) -> Match:
        return msgspec.structs.replace(self.match, severity=(), type=())

    def _closed_until(self, facts: Mapping[str, str], labels: Mapping[str, str], at: int) -> int | None:
        fitting = (window for window in self.windows if window.match.fits(facts, labels))
        ends = (window.open_until(at) for window in fitting)
        return max((end for end in ends if end is not None), default=None)


def follows(match: Match) -> Match:
    """
    The part of a match by which events are routed to whoever tells people.

    How an incident ends is info, and it may be an app's event that ends a number's: what an event says, and of which
    number, is looked at by those who know the incidents.
    """
    return msgspec.structs.replace(match, severity=(), type=(), attribute=(), number=(), waba_id=())


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

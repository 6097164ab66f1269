"""
A notice: one message to people, finished but for the markup of the place where it is shown.

Every text is plain, in the language of `people.language`, one line each, and without characters that cannot be seen.
Whoever shows it escapes it for its own markup: names come from the vendor and may look like anything.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol

import msgspec

from monitor.fleet.event import EventSeverity

MOST_SHOWN = 10  #: items that a text shows in full; the rest is counted

RANK: Mapping[EventSeverity, int] = {"info": 0, "warning": 1, "critical": 2}


class News(StrEnum):
    """What an item is to people."""

    OPENED = "opened"  #: trouble that they have not been told of
    CHANGED = "changed"  #: trouble that they know, and that has got worse, better or wider
    REMINDER = "reminder"  #: trouble that they know, and that lasts
    CLOSED = "closed"  #: trouble that they know, and that is over: recovered, gone, moved, ignored
    ONCE = "once"  #: told once, and over with that


class Item(msgspec.Struct, frozen=True):
    """One thing that a notice tells."""

    news: News
    severity: EventSeverity  #: of the trouble as it is now; info once it is over
    incident: str  #: what it opens, changes and closes, stable: a pager's key; for what is told once, the event's id
    headline: str  #: `+8613800000001 is RED (was GREEN)`
    details: tuple[str, ...]  #: a line each: app, WABA, since when, what to do
    at: int  #: when it became so, milliseconds since 1970
    source: str  #: the CloudEvent's: `/accounts/main/apps/jh42xxxd434`
    url: str | None = None  #: the number's page
    facts: Mapping[
        str, str
    ] = {}  #: for receivers that keep fields: account, appkey, number, attribute, before, after …


class Notice(msgspec.Struct, frozen=True):
    """One message to people: what happened in one account within about a minute."""

    id: str  #: the same for the same content: a message's identity where receivers know one
    account: str
    severity: EventSeverity  #: the worst of its items
    alarm: EventSeverity  #: the worst of what is new or worse; info when it only brings relief or reminds
    title: str  #: one line that says it all to somebody who reads no further
    items: tuple[Item, ...]  #: the worst first; all of them
    more: str  #: how many follow after `MOST_SHOWN`, in words; empty when none do
    footer: str  #: where it comes from, and how old the data is
    url: str | None = None  #: the status page
    language: str = "en"
    is_test: bool = False

    @property
    def shown(self) -> Sequence[Item]:
        """The items that a text shows in full."""
        return self.items[:MOST_SHOWN]

    def alarms(self, threshold: EventSeverity) -> bool:
        """Whether somebody is to be mentioned who wants to be from this severity on."""
        return RANK[self.alarm] >= RANK[threshold]


class NoticeSink(Protocol):
    """A place where people read or hear; each reads the receiver's success by that receiver's own rules."""

    name: str  #: the label `sink` of the metrics, unique
    limit: float  #: seconds that one `send` may take
    per_minute: int  #: notices that it may be given in any minute

    async def send(self, notice: Notice) -> str:
        """
        Deliver it; returning means that the receiver has it.

        Returns:
            What the receiver said, in one line without a secret.

        Raises:
            Refused: It will never take it.
            Throttled: It wants less.
            Gone: It wants nothing more, for good.
            Unavailable: Not now.
        """

    async def aclose(self) -> None:
        """Let go of everything; nothing is sent afterwards."""

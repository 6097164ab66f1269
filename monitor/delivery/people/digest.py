"""
What one notice is about, before it is put into words: the lines for one account and minute.

Pure.  Made by `gathering`, put into words by `wording`.
"""

from collections.abc import Mapping

import msgspec

from monitor.delivery.people.notice import News
from monitor.fleet.event import EventSeverity

TIER = "tier"


class Trouble(msgspec.Struct, frozen=True):
    """
    One incident as people know it, or are about to.

    Of a number: `attribute` is quality_rating or status, `word` the vendor's word for what it is now.  Of a WABA:
    `attribute` is tier, `numbers` are those that changed.  Of an app, an account or a list of apps: `attribute` is
    empty, `type` says what is wrong and `text` why.
    """

    incident: str
    type: str  #: of the event that told it last: number.degraded, waba.tier_lowered, app.unreachable …
    source: str  #: the CloudEvent's
    account: str
    severity: EventSeverity
    since: int  #: when it became so, milliseconds since 1970
    seen: int  #: when that was last known to be so: the start of the call that showed it
    appkey: str = ""
    app_name: str = ""
    labels: Mapping[str, str] = {}
    number: str = ""
    waba_id: str = ""
    waba_name: str = ""
    verified_name: str = ""
    attribute: str = ""
    word: str = ""
    before: str = ""  #: the word that people knew, or else the one before it all; empty where none was
    hint_id: str = ""
    hint: str = ""  #: of the event, in the language of its recording; `hint_id` goes before it
    text: str = ""  #: the event's own sentence: why an app cannot be reached
    numbers: tuple[str, ...] = ()
    began: int = 0  #: of what is over: when the state in `before` began, milliseconds since 1970; 0: nobody knows
    said: Mapping[str, str] = {}  #: what only some types say beside it, from `said.said`


class Line(msgspec.Struct, frozen=True):
    """
    One thing to tell.

    Of more than one trouble: a group, numbers of one WABA in one attribute that went the same way together; they may
    be in different states, and some of those that were told may have recovered since.
    """

    news: News
    incident: str  #: the trouble's, or the group's own; for what is told once, the event's id
    severity: EventSeverity  #: the worst of what is open now; info when nothing is
    troubles: tuple[Trouble, ...]  #: one; of a group all that the line is about, the worst first
    #: Of CLOSED: recovered, removed, moved, ignored, left.  Of any: flapping: quiet from here until it is calm.
    why: str = ""
    changes: int = 0  #: of flapping: how often it changed within the hour
    open: int = 1  #: of a group: how many are in trouble now
    told: int = 1  #: of a group: how many have ever been in it
    once: str = ""  #: of ONCE: the type of the event, whose facts are in the one trouble


class Baseline(msgspec.Struct, frozen=True):
    """The first answers of an account's apps, summed up."""

    account: str
    apps: int
    numbers: int
    counts: Mapping[str, Mapping[str, int]]  #: by attribute (quality_rating, status, tier) and word
    severity: EventSeverity
    degraded: tuple[Trouble, ...]  #: those in trouble that are listed, the worst first; each opens its incident
    degraded_count: int  #: how many there are
    seen: int  #: the oldest of the answers, milliseconds since 1970


class Digest(msgspec.Struct, frozen=True):
    """One message's worth."""

    account: str
    at: int  #: when it is put together, milliseconds since 1970
    sequences: tuple[int, ...]  #: the events that it tells, in order; none of a mere reminder
    lines: tuple[Line, ...]
    baseline: Baseline | None = None
    is_test: bool = False

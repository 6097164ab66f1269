"""
Judge whether a list of apps may be believed, given the last believed one.

Pure: no clock, no I/O.  A list that comes back empty or much shorter is more often a half-written file or a tired
query than so many customers leaving at once, and a believed one ends the history of every app it leaves out.  It is
held back until enough reads over enough time leave out the same apps.  A failed read says nothing and is not judged.
"""

from enum import StrEnum

import msgspec

from monitor.fleet.app import App

HELD_SHARE = 0.20  # of the list gone at once,
HELD_COUNT = 5  # and this many at least: one app of three may simply have been deleted
AGREEING_READS = 3  # and they must span
AGREEING_SECONDS = 600.0

Apps = tuple[App, ...]


class News(StrEnum):
    """What a read means for those who watch; the word is the log's and the event's."""

    HELD = "held"  #: the list is held back from now on
    CONFIRMED = "confirmed"  #: enough reads agreed: what was held back is believed
    ACCEPTED = "accepted"  #: a user said so: what was held back is believed
    RESTORED = "restored"  #: the list is back to what may be believed at once


class Hold(msgspec.Struct, frozen=True):
    """A list that is held back."""

    apps: Apps  #: the latest read's
    missing: frozenset[str]  #: appkeys of the believed list that it leaves out: what has to agree
    since: float  #: monotonic seconds of the first read that left out the same
    reads: int = 1


class Guarded(msgspec.Struct, frozen=True):
    """What is known of one source's list between two reads."""

    believed: Apps | None = None  #: None: no list has ever been read
    hold: Hold | None = None
    holding: bool = False  #: survives a restart, where `hold` does not: the reads are counted anew


class Verdict(msgspec.Struct, frozen=True):
    """The list's state after a read, and what is new about it, if anything."""

    state: Guarded
    news: News | None = None
    before: Apps = ()  #: where there are news: the list believed until now,
    after: Apps = ()  #: and the one that is held back or believed from now on


def judge(state: Guarded, read: Apps, at: float) -> Verdict:
    """What to make of a list that was read at `at` (monotonic seconds)."""
    if state.believed is None or not _much_shorter(state.believed, read):
        believed = state.believed if state.believed == read else read
        news = News.RESTORED if state.holding else None
        return Verdict(Guarded(believed), news, state.believed or (), read)
    missing = frozenset(app.appkey for app in state.believed) - {app.appkey for app in read}
    if state.hold is None or state.hold.missing != missing:
        hold = Hold(read, missing, since=at)
    else:
        hold = Hold(read, missing, state.hold.since, state.hold.reads + 1)
    if hold.reads >= AGREEING_READS and at - hold.since >= AGREEING_SECONDS:
        return Verdict(Guarded(read), News.CONFIRMED, state.believed, read)
    news = None if state.holding else News.HELD
    return Verdict(Guarded(state.believed, hold, holding=True), news, state.believed, read)


def accept(state: Guarded) -> Verdict:
    """Believe what is held back now; nothing held, nothing changes."""
    if state.hold is None:
        return Verdict(state)
    return Verdict(Guarded(state.hold.apps), News.ACCEPTED, state.believed or (), state.hold.apps)


def _much_shorter(believed: Apps, read: Apps) -> bool:
    gone = len(believed) - len(read)
    return bool(believed) and (not read or (gone >= HELD_COUNT and gone > HELD_SHARE * len(believed)))

"""
What is known of an app and of an account between two polls.

Frozen values: a decision makes new ones, and parts that did not change stay the same objects, so that the store
and the exposition can tell by identity what to write and render.  Times are milliseconds since 1970, UTC.
All of them are stored as JSON by msgspec: a field that is added needs a default.
"""

from collections.abc import Mapping

import msgspec

from monitor.fleet.answer import Failure, Row
from monitor.fleet.scales import Severity

EntryKey = tuple[str, str]  #: (waba_id, number): with account and appkey the identity of an entry


class Since(msgspec.Struct, frozen=True, gc=False):
    """Since when each attribute has had its value."""

    quality_rating: int
    status: int
    tier: int


class Entry(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """
    One row of an app's list between two polls.

    `now` is what the last believed answer said, `told` the last known values that an event has told.
    Where nothing waits to be told both are the same object.
    """

    now: Row
    told: Row  #: an empty word: nothing told yet
    since: Since  #: of `now`
    told_since: Since  #: of `told`
    first_seen: int
    severity: Severity = Severity.UNKNOWN  #: of `told`, after overrides, ignore and moves: what is exported and alerted on
    ambiguous: bool = False  #: two rows of this identity in one answer: the worst is shown, nothing is told


class Snapshot(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that is known of one app."""

    entries: Mapping[EntryKey, Entry] = {}
    version: int = 0  #: counts recorded decisions; 0: the store has no row of this app
    baselined: bool = False  #: its first answer has been told
    digest: bytes = b""  #: of the last believed answer; empty when the next answer must be decoded
    last_success: int | None = None  #: start of the last believed answer; stands still while suspect
    failures: int = 0  #: failed polls in a row
    failure: Failure | None = None  #: the last poll's, None while it succeeds
    due_at: int | None = None  #: the moment at which time alone would tell something


class AccountState(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of an account as a whole, beside its apps."""

    version: int = 0
    unmapped: frozenset[tuple[str, str]] = frozenset()  #: (attribute, word) already told

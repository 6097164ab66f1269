"""
What is known of an app and of an account between two polls.

Frozen values: a decision makes new ones, and parts that did not change stay the same objects, so that the store
and the exposition can tell by identity what to write and render.  Times are milliseconds since 1970, UTC.
All of them are stored as JSON by msgspec: a field that is added needs a default.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from monitor.fleet.answer import Failure, FailureReason, Row
from monitor.fleet.scales import Severity

EntryKey = tuple[str, str]  #: (waba_id, number): with account and appkey the identity of an entry


class Since(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Since when each attribute has had its value: the start of the first answer that showed it."""

    quality_rating: int
    status: int
    tier: int


class Loss(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """An entry that the answers no longer show, or no longer with its values, while that is not believed."""

    since: int  #: start of the first answer without it that counts
    polls: int  #: answers in a row without it; 0 while the account is suspect, whose answers do not count
    seen: int  #: start of the last answer with it
    attributes: tuple[str, ...] = ()  #: the values held back; empty when the whole entry is missing


class Marks(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What is out of the ordinary about an entry.  Most entries share `NO_MARKS`."""

    announced: bool = True  #: False: shown while the store was down; `number.added` is still to be told
    missing: Loss | None = None  #: the answers no longer list it
    blank: Loss | None = None  #: suspect answers list it without values it had; `now` still has them
    #: by attribute, where *now* differs from *told*: start of the last answer that showed what is told
    shown_at: Mapping[str, int] | None = None
    #: by text attribute: since when it has its *told* value, where that is not since `first_seen`
    changed_at: Mapping[str, int] | None = None
    fresh: bool = False  #: *told* is PENDING or UNVERIFIED and nothing else ever was: a new number
    came_from: str = ""  #: the status told before PENDING or UNVERIFIED
    kin_since: int = 0  #: since when the status has been this word or its kin, where that is not `since.status`
    persisted: bool = False  #: `number.persisting` has been told of the status
    moved: bool = False  #: `number.moved` holds: severity ok, in no incident
    ignored: bool = False  #: an `ignore` rule holds: severity ok, in no incident
    borrowed: bool = False  #: the *told* status is another place's: none has been known here yet
    bad: tuple[str, ...] = ()  #: the attributes whose incidents this entry keeps open
    tier_before_drop: str = ""  #: the tier before the first drop; empty: not dropped
    tier_dropped_at: int = 0

    @property
    def in_doubt(self) -> bool:
        """Whether the entry waits for the next answer, whatever that says."""
        return not self.announced or self.missing is not None or self.blank is not None

    @property
    def quiet(self) -> bool:
        """Whether the entry's trouble counts nowhere."""
        return self.moved or self.ignored

    @property
    def means_more(self) -> bool:
        """Whether the status says something else than its word does."""
        return self.fresh or self.persisted or self.came_from != ""

    @property
    def at_rest(self) -> bool:
        """Whether nothing here can make anything due, but for what the status itself does."""
        return self is NO_MARKS or not (
            self.in_doubt or self.shown_at or self.quiet or self.borrowed or self.tier_before_drop
        )


NO_MARKS = Marks()


class Entry(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """
    One row of an app's list between two polls.

    `now` is what the last believed answer said, `told` the last known values that an event has told (or that were
    taken over silently).  Where nothing waits to be told both are the same object.
    """

    now: Row
    told: Row  #: an empty word: nothing told yet
    since: Since  #: of `now`
    told_since: Since  #: of `told`
    first_seen: int
    #: of `told`, after overrides, ignore and moves: what is exported and alerted on
    severity: Severity = Severity.UNKNOWN
    ambiguous: bool = False  #: two rows of this identity in one answer: the worst is shown, nothing is told
    marks: Marks = NO_MARKS

    def marked(self, **changes: object) -> "Entry":
        """The same entry with some of its marks changed."""
        return self.with_marks(msgspec.structs.replace(self.marks, **changes))

    def with_marks(self, marks: Marks) -> "Entry":
        """The same entry with these marks; the same object when they are its own."""
        if marks == self.marks:
            return self
        return msgspec.structs.replace(self, marks=NO_MARKS if marks == NO_MARKS else marks)


class Gone(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The tombstone of an entry that was confirmed gone, kept for `Policy.retention`."""

    entry: Entry  #: as it was last known
    gone_at: int  #: start of the answer that confirmed it
    moved: bool = False  #: `number.moved` has been told of it


class SuspicionReason(StrEnum):
    """Why an answer is not believed as it is."""

    EMPTY = "empty"  #: an empty list where numbers were
    MANY_MISSING = "many_missing"
    MANY_UNKNOWN = "many_unknown"
    MANY_LOST = "many_lost"  #: missing and unknown together


class Suspicion(msgspec.Struct, frozen=True, omit_defaults=True):
    """Losses of an app that are held back."""

    reason: SuspicionReason  #: of the last answer
    since: int  #: start of the first suspect answer
    polls: int  #: suspect answers in a row
    missing: int = 0  #: entries missing from the last answer
    unknown: int = 0  #: entries that lost a value in the last answer
    told: bool = False  #: `app.suspect` has been told


class Snapshot(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """
    All that is known of one app.

    The store writes `entries` and `gone` a row each and the rest as one header (both left empty).
    """

    entries: Mapping[EntryKey, Entry] = {}
    version: int = 0  #: counts recorded decisions; 0: the store has no row of this app
    baselined: bool = False  #: its first answer has been told
    digest: bytes = b""  #: of the last believed answer; empty when the next answer must be decoded
    last_success: int | None = None  #: start of the last believed answer; stands still while suspect
    failures: int = 0  #: failed polls in a row
    failure: Failure | None = None  #: the last poll's, None while it succeeds
    due_at: int | None = None  #: the moment at which time alone would tell something
    gone: Mapping[EntryKey, Gone] = {}  #: tombstones
    last_answer: int | None = None  #: start of the last answer while suspect; elsewhere `last_success` is it
    failing_since: int | None = None  #: start of the first failed poll of the streak
    unreachable: bool = False  #: `app.unreachable` has been told
    suspicion: Suspicion | None = None
    accept: bool = False  #: somebody believes what is held back: so will the next answer

    @property
    def suspect(self) -> bool:
        """Whether the last answer was held back: the value of `nxcloud_app_suspect`."""
        return self.suspicion is not None

    @property
    def up(self) -> bool | None:
        """Whether the last poll succeeded, None before the first: the value of `nxcloud_app_up`."""
        if self.failure is not None:
            return False
        return True if self.last_success is not None or self.suspect else None


class Trouble(msgspec.Struct, frozen=True, omit_defaults=True):
    """An account that has been told unreachable."""

    since: int
    told_at: int
    reason: FailureReason  #: what most apps fail for; AUTH: refused credentials
    critical: bool = False  #: it has been told as critical

    @property
    def refused(self) -> bool:
        """Whether it is about credentials: it ends by an interval without a refusal, not by a count."""
        return self.reason is FailureReason.AUTH


class AccountState(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of an account as a whole, beside its apps."""

    version: int = 0
    unmapped: frozenset[tuple[str, str]] = frozenset()  #: (attribute, word) already told
    unreachable: Trouble | None = None  #: `account.unreachable` has been told
    suspect_since: int | None = None  #: `account.suspect` has been told
    refused_appkey: str = ""  #: the app that was refused last
    refused_at: int | None = None  #: start of the last call that was refused for the account's credentials

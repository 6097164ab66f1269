"""
What is in an event's `data`, type by type: the one declaration that the published schemas are made of.

Nothing is decoded into these in the daemon: the rules tell plain mappings, and the tests hold every event they can
think of against these.  A field that is added here is documented in docs/events.md; one that may be missing has the
type UNSET beside its own, one that may be null has None.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from monitor.fleet.answer import FailureReason
from monitor.fleet.snapshot import SuspicionReason


def _says(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


def _counts(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text, ge=0)


ISO = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"
Moment = Annotated[str, msgspec.Meta(pattern=ISO, extra_json_schema={"format": "date-time"})]
Level = Literal["quality_rating", "status"]
Text = Literal["verified_name", "name_status", "code_verification_status", "register_status", "waba_name"]


class Incident(msgspec.Struct, kw_only=True):
    """What the event does to an incident."""

    id: Annotated[str, _says("account/number/attribute; account/waba_id/tier for a tier, `-` for an empty waba_id")]
    action: Annotated[
        Literal["open", "update", "close"],
        _says("open: the first entry is bad; close: none is any more; update: anything between"),
    ]


class State(msgspec.Struct, kw_only=True):
    """The number as it is now, in the vendor's words; empty where the vendor says nothing."""

    quality_rating: str
    status: str
    tier: str


class Place(msgspec.Struct, kw_only=True):
    """The entry of the same number that can send."""

    appkey: str
    app_name: str
    waba_id: str


class Sight(msgspec.Struct, kw_only=True):
    """Where the word was seen."""

    appkey: str
    waba_id: str
    number: str


class Degraded(msgspec.Struct, kw_only=True):
    """An entry that was in trouble when the app was seen first."""

    number: str
    waba_id: str
    quality_rating: str
    status: str
    severity: Literal["warning", "critical"]


class Counts(msgspec.Struct, kw_only=True):
    """How many entries have each value; UNKNOWN, OTHER (undocumented words) and NONE (no tier) among them."""

    quality_rating: Mapping[str, int]
    status: Mapping[str, int]
    tier: Mapping[str, int]


class OfAccount(msgspec.Struct, kw_only=True):
    """What every event has."""

    account: Annotated[str, _says("the account's name in the configuration")]
    severity: Annotated[str, _says("after `events.severity` and `events.ignore` of the configuration")]
    hint_id: Annotated[str, _says("what to do about it, for programs: `quality.red`")]
    hint: Annotated[str, _says("the same for people, in the language of `people.language`")]
    test: Annotated[bool | UnsetType, _says("true in an event that only tries a sink; no other has it")] = UNSET


class OfApp(OfAccount, kw_only=True):
    """What every event of an app or a number has."""

    appkey: str
    app_name: Annotated[str, _says("empty when the app has no name")]
    labels: Annotated[Mapping[str, str], _says("the app's, from the configuration")]


class OfNumber(OfApp, kw_only=True):
    """What every event of a number has."""

    number: Annotated[str, _says("E.164 with its plus sign; as given when the vendor masks it")]
    waba_id: str
    waba_name: str
    verified_name: str
    before_since: Annotated[Moment | None, _says("since when it had been so")]
    last_seen_before: Annotated[Moment | None, _says("when it was last seen so")]
    state: State


class LevelTold(OfNumber, kw_only=True):
    """A level of a number, and what that does to its incident."""

    attribute: Level
    before: Annotated[str | None, _says("null: nothing had been told of it")]
    after: str
    incident: Incident | None


class NumberDegraded(LevelTold, kw_only=True):
    """Quality rating or status got worse."""


class NumberImproved(LevelTold, kw_only=True):
    """Quality rating or status got better, but is not healthy yet."""

    before: str


class NumberRecovered(LevelTold, kw_only=True):
    """Quality rating or status is healthy again."""

    before: str


class NumberPersisting(LevelTold, kw_only=True):
    """What is normal for a while lasts."""

    attribute: Literal["status"]
    before: str


class NumberChanged(OfNumber, kw_only=True):
    """A name or a further state changed, the status between two that cannot send, or an `ignore` rule's hold."""

    attribute: Text | Literal["status", "ignored"]
    before: str
    after: Annotated[str, _says("`true` or `false` for ignored")]
    incident: Annotated[Incident | None, _says("for ignored the first of `incidents`")]
    incidents: Annotated[list[Incident] | UnsetType, _says("for ignored: all that it closes or opens")] = UNSET
    comment: Annotated[str | UnsetType, _says("for ignored: the rule's comment, when it begins")] = UNSET


class NumberAdded(OfNumber, kw_only=True):
    """An entry appeared in an app that is known."""

    attribute: None
    before: None
    after: None
    before_since: None
    last_seen_before: None
    incident: None


class NumberRemoved(OfNumber, kw_only=True):
    """An entry is confirmed gone."""

    attribute: None
    before: None
    after: None
    before_since: None
    incidents: list[Incident]
    reason: Annotated[
        Literal["missing", "accepted"], _says("missing for long enough; or held back, and a user said that it is true")
    ]


class NumberMoved(OfNumber, kw_only=True):
    """An entry is gone or has left, while the same number elsewhere in the account can send."""

    attribute: Annotated[Literal["status"] | None, _says("null: the entry is gone from the list")]
    before: str | None
    after: str | None
    incidents: list[Incident]
    moved_to: Place


class TierTold(OfApp, kw_only=True):
    """A step of the messaging tier, for all numbers of a WABA that took it in one answer."""

    waba_id: str
    waba_name: str
    attribute: Literal["tier"]
    before: str
    after: Annotated[str, _says("the same as `before` where the lower tier is taken as the rule")]
    before_since: Moment
    last_seen_before: Moment
    numbers: list[str]
    incident: Incident | None


class WabaTierLowered(TierTold, kw_only=True):
    """The tier fell; or a lower one is taken as the rule."""


class WabaTierRaised(TierTold, kw_only=True):
    """The tier rose."""


class AppBaseline(OfApp, kw_only=True):
    """The first answer of an app: what its numbers are."""

    numbers: Annotated[int, _counts("entries of the app")]
    counts: Counts
    degraded: Annotated[list[Degraded], msgspec.Meta(description="the first 100 in trouble", max_length=100)]
    degraded_count: Annotated[int, _counts("all that are in trouble")]
    incidents: Annotated[list[Incident], _says("those that it opens, and those that other apps had open")]


class AppUnreachable(OfApp, kw_only=True):
    """The third failed poll in a row."""

    reason: FailureReason
    code: Annotated[str, _says("the vendor's code or the HTTP status; empty when there was neither")]
    text: Annotated[str, _says("one line for people")]
    failures: Annotated[int, _counts("failed polls in a row")]
    since: Annotated[Moment, _says("the first of them")]
    last_success: Annotated[Moment | None, _says("null: it never answered")]


class AppRecovered(OfApp, kw_only=True):
    """The first success after the app was unreachable."""

    failures: Annotated[int, _counts("failed polls in a row, until now")]
    since: Annotated[Moment, _says("the first of them")]


class SuspicionTold(OfApp, kw_only=True):
    """Losses that are, or were, held back."""

    reason: SuspicionReason
    missing: Annotated[int, _counts("entries that the last such answer did not list")]
    unknown: Annotated[int, _counts("entries that it listed without a value they had")]
    since: Moment
    polls: Annotated[int, _counts("such answers in a row")]


class AppSuspect(SuspicionTold, kw_only=True):
    """Disappearances or lost values are held back for the second poll in a row."""


class AppTrusted(SuspicionTold, kw_only=True):
    """The app's answers are believed again."""


class AppRemoved(OfApp, kw_only=True):
    """The app left the configuration."""

    numbers: Annotated[int, _counts("entries that it had")]
    incidents: list[Incident]


class FailuresTold(OfAccount, kw_only=True):
    """How many of an account's apps fail, and why."""

    reason: Annotated[FailureReason, _says("of most of them; auth: the credentials are refused")]
    since: Moment
    apps: Annotated[int, _counts("apps of the account")]
    failing: Annotated[int, _counts("of those, the ones whose last poll failed")]
    reasons: Annotated[Mapping[FailureReason, int], _says("how many fail for each reason")]


class AccountUnreachable(FailuresTold, kw_only=True):
    """Most of the account's apps cannot be polled, or its credentials are refused."""

    code: Annotated[str | UnsetType, _says("of the failure that told it; missing where an answer did")] = UNSET
    text: Annotated[str | UnsetType, _says("likewise, one line for people")] = UNSET


class AccountRecovered(FailuresTold, kw_only=True):
    """That is over."""


class AccountSuspicion(OfAccount, kw_only=True):
    """How many of an account's apps are suspect."""

    apps: Annotated[int, _counts("apps of the account")]
    suspect: Annotated[int, _counts("of those, the suspect ones")]
    since: Moment


class AccountSuspect(AccountSuspicion, kw_only=True):
    """Most of the account's apps are suspect."""


class AccountTrusted(AccountSuspicion, kw_only=True):
    """That is over."""


class ListTold(OfAccount, kw_only=True):
    """A list of apps that shrank."""

    source: Annotated[str, _says("which of the account's lists")]
    before: Annotated[int, _counts("apps before")]
    after: Annotated[int, _counts("apps after")]
    missing: Annotated[int, _counts("apps that the new list lacks")]
    appkeys: Annotated[list[str], msgspec.Meta(description="the first 100 of those", max_length=100)]


class AppListHeld(ListTold, kw_only=True):
    """A list of apps came back empty or much shorter and is held back."""

    why: Literal["held"]


class AppListAccepted(ListTold, kw_only=True):
    """It is believed, or it is back to what may be believed at once."""

    why: Annotated[
        Literal["confirmed", "accepted", "restored"],
        _says("enough reads agreed; a user said so; the list is back to what may be believed at once"),
    ]


class VendorUnmapped(OfAccount, kw_only=True):
    """A word nobody documented, once an account, attribute and word."""

    attribute: Level | Literal["tier", "name_status", "code_verification_status", "register_status"]
    word: Annotated[str, msgspec.Meta(description="its first 200 characters", max_length=200)]
    seen_in: Sight


#: The shape of the data of every type of event.
SHAPES: Mapping[str, type[OfAccount]] = {
    "number.degraded": NumberDegraded,
    "number.improved": NumberImproved,
    "number.recovered": NumberRecovered,
    "number.persisting": NumberPersisting,
    "number.changed": NumberChanged,
    "number.added": NumberAdded,
    "number.removed": NumberRemoved,
    "number.moved": NumberMoved,
    "waba.tier_lowered": WabaTierLowered,
    "waba.tier_raised": WabaTierRaised,
    "app.baseline": AppBaseline,
    "app.unreachable": AppUnreachable,
    "app.recovered": AppRecovered,
    "app.suspect": AppSuspect,
    "app.trusted": AppTrusted,
    "app.removed": AppRemoved,
    "account.unreachable": AccountUnreachable,
    "account.recovered": AccountRecovered,
    "account.suspect": AccountSuspect,
    "account.trusted": AccountTrusted,
    "app_list.held": AppListHeld,
    "app_list.accepted": AppListAccepted,
    "vendor.unmapped": VendorUnmapped,
}

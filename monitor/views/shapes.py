"""
What the API's objects look like: the one declaration that its description is made of.

Nothing is decoded into these in the daemon; the tests hold what is answered against them.  Events have shapes of their
own, in `fleet.shapes`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from monitor.fleet.answer import FailureReason
from monitor.fleet.event import EVENT_TYPES
from monitor.fleet.shapes import Moment


def _says(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


def _counts(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text, ge=0)


Severity = Annotated[Literal["unknown", "ok", "warning", "critical"], _says("of what was told last")]
Labels = Annotated[Mapping[str, str], _says("the app's, from the configuration")]
Next = Annotated[str | None, _says("the `cursor` of the next page; null after the last")]
Sequence = Annotated[str, msgspec.Meta(pattern="^[0-9]{20}$")]


class Since(msgspec.Struct, kw_only=True):
    """Since when each attribute has been what it is."""

    quality_rating: Moment
    status: Moment
    tier: Moment


class Number(msgspec.Struct, kw_only=True):
    """One entry of an app's list; the vendor's words as given."""

    account: str
    appkey: str
    app_name: Annotated[str, _says("empty when the app has no name")]
    labels: Labels
    waba_id: str
    waba_name: str
    number: Annotated[str, _says("E.164 with its plus sign; as given when the vendor masks it")]
    verified_name: str
    quality_rating: Annotated[str, _says("GREEN, YELLOW, RED; what else the vendor says is unknown")]
    status: str
    tier: str
    tier_limit: Annotated[int | None, _says("recipients in 24 h; null where none is stated or it is unlimited")]
    tier_unlimited: bool
    name_status: str
    code_verification_status: str
    register_status: str
    severity: Severity
    since: Since
    as_of: Annotated[Moment | None, _says("start of the app's last believed answer")]


class Failure(msgspec.Struct, kw_only=True):
    """Why the last poll failed."""

    reason: FailureReason
    code: Annotated[str, _says("the vendor's code or the HTTP status; empty when there was neither")]
    text: Annotated[str, _says("one line for people")]
    at: Moment


class App(msgspec.Struct, kw_only=True):
    """One app, as a whole."""

    account: str
    appkey: str
    app_name: Annotated[str, _says("empty when the app has no name")]
    labels: Labels
    up: Annotated[bool | None, _says("whether the last poll succeeded; null before the first")]
    numbers: Annotated[Annotated[int, msgspec.Meta(ge=0)] | None, _says("null before the first believed answer")]
    degraded: Annotated[int, _counts("entries in warning or critical")]
    severity: Severity
    suspect: Annotated[bool, _says("its losses are held back")]
    withdrawn: Annotated[bool, _says("its answers are too old for the metrics")]
    last_success: Moment | None
    failures: Annotated[int, _counts("failed polls in a row")]
    failure: Failure | None
    watched_by: Annotated[
        str | None, _says("the process that watches its account, where several share the store; null while none does")
    ]


class Delivery(msgspec.Struct, kw_only=True):
    """An event on its way to a sink, or at its end."""

    event_id: str
    sequence: Sequence
    type: str
    time: Moment
    account: str
    appkey: Annotated[str, _says("empty for what concerns the whole account")]
    subject: str
    sink: str
    state: Annotated[
        Literal["waiting", "delivered", "quiet", "dead", "discarded"],
        _says("quiet: people did not have to be told; dead: given up by us; discarded: given up by hand"),
    ]
    tries: Annotated[int, _counts("the failed ones")]
    due: Annotated[Moment | None, _says("when it is tried next; null unless it waits")]
    reason: str


class Numbers(msgspec.Struct, kw_only=True):
    """A page of numbers, by account, appkey, WABA and number."""

    items: list[Number]
    next: Next
    events_cursor: Annotated[
        Sequence | None, _says("the sequence of events that these are true for; null while the store cannot say")
    ]


class Apps(msgspec.Struct, kw_only=True):
    """A page of apps, by account and appkey."""

    items: list[App]
    next: Next


class Deliveries(msgspec.Struct, kw_only=True):
    """A page of deliveries, the newest event first."""

    items: list[Delivery]
    next: Next


class Polled(msgspec.Struct, kw_only=True):
    """What a poll on request came to."""

    outcome: Literal["answered", "failed"]
    app: App


class Polling(msgspec.Struct, kw_only=True):
    """A poll on request that takes long."""

    outcome: Literal["running"]


class Accepted(msgspec.Struct, kw_only=True):
    """What was believed."""

    accepted: Annotated[int, _counts("apps and lists of apps that it concerned")]


class Problem(msgspec.Struct, kw_only=True):
    """Why there is no answer, as in RFC 9457."""

    type: Annotated[str, _says("which problem it is, for programs; about:blank: the status says all")]
    title: Annotated[str, _says("the same in words; the status's phrase where the type is about:blank")]
    status: Annotated[int, msgspec.Meta(ge=400, le=599)]
    detail: Annotated[str, _says("what is wrong and what to do, for people")]


DURATION = "^[0-9]{1,9}(ms|s|m|h|d)$"
ISO = ("date-time", "date")

_NAME: Mapping[str, Any] = {"type": "string", "pattern": r"^[^\x00]*$"}

#: How each filter of a list is read, and what it means; the filters that a list has are its own (`views.filters`).
FILTERS: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "account": (_NAME, "only this account's"),
    "appkey": (_NAME, "only this app's"),
    "waba_id": (_NAME, "only this WABA's"),
    "number": (_NAME, "only this number's, in E.164 with or without its plus sign"),
    "degraded": ({"enum": ["true", "false", "1", "0", ""]}, "only what is in warning or critical; false: the others"),
    "failed": ({"enum": ["true", "false", "1", "0", ""]}, "only what was tried in vain; false: the others"),
    "sink": (_NAME, "only what goes to this sink"),
    "type": ({"enum": list(EVENT_TYPES)}, "only events of this type"),
    "since": (
        {"anyOf": [{"type": "string", "pattern": DURATION}, *({"type": "string", "format": one} for one in ISO)]},
        "not before this: how long ago (`24h`), or a time as in ISO 8601",
    ),
    "limit": ({"type": "integer", "minimum": 1, "maximum": 1000}, "the longest page"),
    "part": ({"enum": ["fleet", "daemon"]}, "only this part of the metrics"),
    "cursor": (
        {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"},
        "go on after this: the `next` of the page before, as it came",
    ),
}

#: The cursor of what comes in the order of its recording: any sequence.
SEQUENCE_CURSOR: tuple[Mapping[str, Any], str] = (
    {"type": "string", "pattern": "^[0-9]{1,20}$"},
    "go on after this sequence: the `next` of the page before, or that of the last event seen",
)

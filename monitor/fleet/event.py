"""An event as it is decided, before the store gives it its id and its place in the sequence."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

EventSeverity = Literal["info", "warning", "critical"]

#: Every type of event, with all severities it can have; the metrics start a counter for each.
EVENT_TYPES: Mapping[str, tuple[EventSeverity, ...]] = {
    "number.degraded": ("info", "warning", "critical"),
    "number.improved": ("info",),
    "number.recovered": ("info",),
    "number.persisting": ("info", "warning", "critical"),
    "number.changed": ("info", "warning"),
    "number.added": ("info",),
    "number.removed": ("info", "warning"),
    "number.moved": ("info",),
    "waba.tier_lowered": ("info", "warning"),
    "waba.tier_raised": ("info",),
    "app.baseline": ("info", "warning"),
    "app.unreachable": ("warning",),
    "app.recovered": ("info",),
    "app.suspect": ("warning",),
    "app.trusted": ("info",),
    "app.removed": ("info",),
    "account.unreachable": ("warning", "critical"),
    "account.recovered": ("info",),
    "account.suspect": ("warning",),
    "account.trusted": ("info",),
    "app_list.held": ("warning",),
    "app_list.accepted": ("info",),
    "vendor.unmapped": ("warning",),
}


class Event(msgspec.Struct, frozen=True):
    """One thing worth telling; `cloudevent` gives it its public form."""

    type: str
    time: int  #: milliseconds since 1970: the start of the answering call
    severity: EventSeverity
    account: str
    subject: str  #: the number; the WABA of a tier; the appkey of an app; the account of an account or app list
    appkey: str = ""  #: empty for what concerns the whole account
    waba_id: str = ""
    attribute: str = ""  #: quality_rating, status, tier, …; empty where the type says all
    labels: tuple[tuple[str, str], ...] = ()  #: the app's, for matching
    data: Mapping[str, Any] = {}  #: the CloudEvent's `data`, complete

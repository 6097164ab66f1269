"""
The table of the fleet's families: name, type, labels and help of every `nxcloud_*` metric.

`exposition` writes them in this order; `make tables` writes docs/metrics.md from this table.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

ENTRY = ("account", "appkey", "waba_id", "number")
APP = ("account", "appkey")


class Family(msgspec.Struct, frozen=True):
    """One metric: what stands above its samples."""

    name: str  #: as its samples are named, `_info` included
    kind: Literal["gauge", "info"]
    labels: tuple[str, ...]  #: in the order in which the samples write them; `label_*` stands for the roster's own
    help: str  #: one sentence; free of backslash, quote and newline, which the formats escape differently

    def header(self, *, openmetrics: bool) -> bytes:
        """
        The HELP and TYPE lines.

        OpenMetrics knows the type `info` and names such a family without its suffix; in the format 0.0.4 it is a
        gauge of the full name.  The sample lines are the same in both.
        """
        if openmetrics:
            name, kind = self.name.removesuffix("_info") if self.kind == "info" else self.name, self.kind
        else:
            name, kind = self.name, "gauge"
        return f"# HELP {name} {self.help}\n# TYPE {name} {kind}\n".encode()


#: By the name that `metrics.number_series` of the configuration gives them.
NUMBER_FAMILIES: Mapping[str, Family] = {
    "quality_rating": Family(
        name="nxcloud_number_quality_rating",
        kind="gauge",
        labels=ENTRY,
        help="Quality rating as of the last believed answer: 0 unknown, 1 GREEN, 2 YELLOW, 3 RED.",
    ),
    "status": Family(
        name="nxcloud_number_status",
        kind="gauge",
        labels=ENTRY,
        help=(
            "Status as of the last believed answer: 0 unknown, 1 CONNECTED, 2 FLAGGED, 3 RATE_LIMITED, 4 RESTRICTED,"
            " 5 PENDING, 6 UNVERIFIED, 7 DISCONNECTED, 8 MIGRATED, 9 DELETED, 10 BANNED; from 5 on it cannot send."
        ),
    ),
    "tier": Family(
        name="nxcloud_number_tier",
        kind="gauge",
        labels=ENTRY,
        help=(
            "Messaging tier: unique recipients in 24 h outside service windows, +Inf when unlimited."
            " The limit is the business portfolio's: never sum it, take max by (waba_id)."
        ),
    ),
    "severity": Family(
        name="nxcloud_number_severity",
        kind="gauge",
        labels=ENTRY,
        help="Severity of the state last told by an event: 0 unknown, 1 ok, 2 warning, 3 critical. Alert on this one.",
    ),
    "info": Family(
        name="nxcloud_number_info",
        kind="info",
        labels=(
            *ENTRY,
            "app_name",
            "waba_name",
            "verified_name",
            "name_status",
            "code_verification_status",
            "register_status",
        ),
        help="Names and further states of a number, in the vendor's words.",
    ),
}

#: By the attribute that they count.
COUNT_FAMILIES: Mapping[str, Family] = {
    "quality_rating": Family(
        name="nxcloud_numbers_by_quality_rating",
        kind="gauge",
        labels=("account", "quality_rating"),
        help="Exposed entries of an account by quality rating; OTHER counts words nobody documented.",
    ),
    "status": Family(
        name="nxcloud_numbers_by_status",
        kind="gauge",
        labels=("account", "status"),
        help="Exposed entries of an account by status; OTHER counts words nobody documented.",
    ),
    "tier": Family(
        name="nxcloud_numbers_by_tier",
        kind="gauge",
        labels=("account", "tier"),
        help="Exposed entries of an account by messaging tier; NONE states no tier, OTHER counts all other words.",
    ),
}

#: By the field of `AppLines` that holds their sample.
APP_FAMILIES: Mapping[str, Family] = {
    "up": Family(
        name="nxcloud_app_up",
        kind="gauge",
        labels=APP,
        help="1 the last poll of the app succeeded, 0 it failed or was held off; none before the first try.",
    ),
    "numbers": Family(
        name="nxcloud_app_numbers",
        kind="gauge",
        labels=APP,
        help="Entries of the app that are exposed; none before its first believed answer and while withdrawn.",
    ),
    "suspect": Family(
        name="nxcloud_app_suspect",
        kind="gauge",
        labels=APP,
        help="1 while disappearances or lost values of the app are held back, else 0.",
    ),
    "last_success": Family(
        name="nxcloud_app_last_success_timestamp_seconds",
        kind="gauge",
        labels=APP,
        help="Start of the last believed answer of the app, in seconds since 1970.",
    ),
    "failure": Family(
        name="nxcloud_app_failure_info",
        kind="info",
        labels=(*APP, "reason", "code"),
        help="Why the last poll of the app failed; only while nxcloud_app_up is 0.",
    ),
    "info": Family(
        name="nxcloud_app_info",
        kind="info",
        labels=(*APP, "app_name", "label_*"),
        help="Name and labels of an app, as the list of apps gives them.",
    ),
}

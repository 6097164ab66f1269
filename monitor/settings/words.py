"""
The words of the domain that a configuration may name.

Copies of what `monitor.fleet` decides by, since settings imports nothing of ours; a test compares the two.
"""

from collections.abc import Mapping

STATES: Mapping[str, tuple[str, ...]] = {
    "quality_rating": ("GREEN", "YELLOW", "RED"),
    "status": (
        "CONNECTED",
        "FLAGGED",
        "RATE_LIMITED",
        "RESTRICTED",
        "PENDING",
        "UNVERIFIED",
        "DISCONNECTED",
        "MIGRATED",
        "DELETED",
        "BANNED",
    ),
}

EVENT_TYPES = (
    "number.degraded",
    "number.improved",
    "number.recovered",
    "number.persisting",
    "number.changed",
    "number.added",
    "number.removed",
    "number.moved",
    "waba.tier_lowered",
    "waba.tier_raised",
    "app.baseline",
    "app.unreachable",
    "app.recovered",
    "app.suspect",
    "app.trusted",
    "app.removed",
    "account.unreachable",
    "account.recovered",
    "account.suspect",
    "account.trusted",
    "app_list.held",
    "app_list.accepted",
    "vendor.unmapped",
)

ALERT_ATTRIBUTES = (*STATES, "tier")

EVENT_ATTRIBUTES = (
    "quality_rating",
    "status",
    "tier",
    "verified_name",
    "name_status",
    "code_verification_status",
    "register_status",
    "waba_name",
    "ignored",
)

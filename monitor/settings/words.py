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

#: Known to the contract; this version has none of them.
SINK_TYPES = (
    "webhook",
    "email",
    "slack",
    "dingtalk",
    "feishu",
    "lark",
    "wecom",
    "pagerduty",
    "alertmanager",
    "apprise",
)

"""The API's number: one entry of an app's list, as `/api/v1/numbers` and `numbers --format json` give it.  Pure."""

from math import isfinite
from typing import Any

from monitor.fleet.app import App
from monitor.fleet.moment import iso, iso_or_none
from monitor.fleet.scales import tier_limit
from monitor.fleet.snapshot import Entry, Snapshot
from monitor.views.escape import valid


def number(app: App, snapshot: Snapshot, entry: Entry) -> dict[str, Any]:
    """
    The public form of an entry; every key is always there.

    Words are the vendor's as given (*now*), `severity` is of what was last told.  `since` and `as_of` are UTC with
    milliseconds; `as_of` is the app's last believed answer.  `tier_limit` is null where no tier is stated or it is
    unlimited.
    """
    row, since = entry.now, entry.since
    limit = tier_limit(row.tier)
    return {
        "account": app.account,
        "appkey": app.appkey,
        "app_name": valid(app.name),
        "labels": {valid(name): valid(text) for name, text in app.labels},
        "waba_id": valid(row.waba_id),
        "waba_name": valid(row.waba_name),
        "number": valid(row.number),
        "verified_name": valid(row.verified_name),
        "quality_rating": valid(row.quality_rating),
        "status": valid(row.status),
        "tier": valid(row.tier),
        "tier_limit": int(limit) if limit is not None and isfinite(limit) else None,
        "tier_unlimited": limit is not None and not isfinite(limit),
        "name_status": valid(row.name_status),
        "code_verification_status": valid(row.code_verification_status),
        "register_status": valid(row.register_status),
        "severity": entry.severity.word,
        "since": {
            "quality_rating": iso(since.quality_rating),
            "status": iso(since.status),
            "tier": iso(since.tier),
        },
        "as_of": iso_or_none(snapshot.last_success),
    }

"""The API's app: what is known of one appkey as a whole, as `/api/v1/apps` gives it.  Pure."""

from typing import Any

from monitor.fleet.answer import Failure
from monitor.fleet.app import App
from monitor.fleet.moment import iso, iso_or_none
from monitor.fleet.scales import Severity
from monitor.fleet.snapshot import Snapshot
from monitor.views.escape import valid
from monitor.views.order import worst


def app(app: App, snapshot: Snapshot, *, withdrawn: bool = False, watched_by: str | None = None) -> dict[str, Any]:
    """
    The public form of an app; every key is always there.

    `up` is null before the first try, `numbers` null before the first believed answer.  `degraded` counts the entries
    in warning or critical, `severity` is the worst of all.  `withdrawn` says that its answers are too old for the
    metrics.  `failures` counts the failed polls in a row.  `watched_by` is the process that watches it, where several
    share the store.
    """
    severities = [entry.severity for entry in snapshot.entries.values()]
    answered = snapshot.last_success is not None or bool(snapshot.entries)
    return {
        "account": app.account,
        "appkey": app.appkey,
        "app_name": valid(app.name),
        "labels": {valid(name): valid(text) for name, text in app.labels},
        "up": snapshot.up,
        "numbers": len(severities) if answered else None,
        "degraded": sum(severity >= Severity.WARNING for severity in severities),
        "severity": worst(severities).word,
        "suspect": snapshot.suspect,
        "withdrawn": withdrawn,
        "last_success": iso_or_none(snapshot.last_success),
        "failures": 0 if snapshot.failure is None else snapshot.failures,
        "failure": None if snapshot.failure is None else _failure(snapshot.failure),
        "watched_by": watched_by,
    }


def _failure(failure: Failure) -> dict[str, str]:
    return {
        "reason": str(failure.reason),
        "code": valid(failure.code),
        "text": valid(failure.text),
        "at": iso(failure.started),
    }

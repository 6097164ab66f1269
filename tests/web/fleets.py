"""Fleets made by hand: apps with entries, as decisions would have left them."""

from monitor.fleet.answer import Failure, FailureReason, Row
from monitor.fleet.app import App
from monitor.fleet.fleet import Fleet
from monitor.fleet.scales import Severity
from monitor.fleet.snapshot import Entry, Since, Snapshot, Suspicion, SuspicionReason

NOW = 1_795_420_800_000  # 2026-11-23 08:00:00 UTC
MINUTE = 60_000
HOUR = 60 * MINUTE


def row(number="+8613800000001", waba_id="116960000086404", **words):
    given = {
        "waba_name": "GLORY TEST",
        "verified_name": "GLORY JACK",
        "quality_rating": "GREEN",
        "status": "CONNECTED",
        "tier": "TIER_10K",
        "name_status": "APPROVED",
        "code_verification_status": "VERIFIED",
        "register_status": "5",
    }
    return Row(number=number, waba_id=waba_id, **(given | words))


def entry(number="+8613800000001", waba_id="116960000086404", *, severity=Severity.OK, since=NOW - HOUR, **words):
    now = row(number, waba_id, **words)
    held = Since(quality_rating=since, status=since, tier=since)
    return Entry(now=now, told=now, since=held, told_since=held, first_seen=since, severity=severity)


def red(number="+8613800000001", waba_id="116960000086404", **words):
    return entry(number, waba_id, severity=Severity.CRITICAL, **({"quality_rating": "RED"} | words))


def snapshot(*entries, **facts):
    facts = {"last_success": NOW - 12_000, "baselined": True, "version": 1} | facts
    return Snapshot(entries={(one.now.waba_id, one.now.number): one for one in entries}, **facts)


def failing(*entries, text="the vendor did not answer within 10 s; nothing to do if it passes", **facts):
    failure = Failure(started=NOW - MINUTE, reason=FailureReason.TIMEOUT, code="", text=text)
    facts = {"failures": 4, "failing_since": NOW - HOUR, "last_success": NOW - 2 * HOUR} | facts
    return snapshot(*entries, failure=failure, **facts)


def suspect(*entries):
    held = Suspicion(reason=SuspicionReason.MANY_MISSING, since=NOW - 5 * MINUTE, polls=3, missing=7)
    return snapshot(*entries, suspicion=held)


def fleet_of(*apps):
    """A fleet of (app or appkey, snapshot)."""
    fleet = Fleet()
    for app, known in apps:
        fleet.add(app if isinstance(app, App) else App(account="main", appkey=app), known)
    return fleet

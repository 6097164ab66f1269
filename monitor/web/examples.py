"""
An example of each of the API's answers, made by what really answers: two numbers of a fleet that never was.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from monitor.fleet import cloudevent
from monitor.fleet.answer import Row
from monitor.fleet.app import App
from monitor.fleet.sample import sample
from monitor.fleet.scales import Severity
from monitor.fleet.snapshot import Entry, Since, Snapshot
from monitor.views.apps import app as app_view
from monitor.views.numbers import number as number_view
from monitor.views.order import Listed
from monitor.views.verdict import NOT_LISTED, no_verdict, verdict

NOW = 1_795_420_800_000  # 2026-11-23 08:00:00 UTC
SEQUENCE = 42
RED = "+8613800000001"
GREEN = "+8613800000002"
ABSENT = "+8613800000009"
MAX_AGE = 300_000
_HOUR = 3_600_000

APP = App("main", "jh42xxxd434", "shop-one", labels=(("team", "emea"),))


def _entry(number: str, rating: str, severity: Severity) -> Entry:
    row = Row(
        number=number,
        waba_id="116960000086404",
        waba_name="GLORY TEST",
        verified_name="GLORY JACK",
        quality_rating=rating,
        status="CONNECTED",
        tier="TIER_10K",
        name_status="APPROVED",
        code_verification_status="VERIFIED",
        register_status="5",
    )
    since = Since(quality_rating=NOW - _HOUR, status=NOW - 72 * _HOUR, tier=NOW - 72 * _HOUR)
    return Entry(now=row, told=row, since=since, told_since=since, first_seen=NOW - 72 * _HOUR, severity=severity)


ENTRIES = (_entry(RED, "RED", Severity.CRITICAL), _entry(GREEN, "GREEN", Severity.OK))
SNAPSHOT = Snapshot(
    entries={(entry.now.waba_id, entry.now.number): entry for entry in ENTRIES},
    version=1,
    baselined=True,
    last_success=NOW - 12_000,
)


def examples() -> Mapping[str, Any]:
    """What each operation answers, by its id; those that answer with text are not here."""
    red, green = (_verdict(entry) for entry in ENTRIES)
    absent = msgspec.to_builtins(no_verdict(ABSENT, NOT_LISTED))
    number = number_view(APP, SNAPSHOT, ENTRIES[0])
    app = app_view(APP, SNAPSHOT)
    return {
        "numbers": {"items": [number], "next": None, "events_cursor": f"{SEQUENCE:020d}"},
        "verdict": red,
        "verdicts": {"items": [red, green, absent], "next": None},
        "apps": {"items": [app], "next": None},
        "poll": {"outcome": "answered", "app": app},
        "accept": {"accepted": 2},
        "events": {"items": [_event()], "next": None},
        "deliveries": {"items": [_delivery()], "next": None},
    }


PLACE: Mapping[str, str] = {"account": APP.account, "appkey": APP.appkey, "number": RED}  #: what paths name
ASKED: Mapping[str, Any] = {"verdicts": {"numbers": [RED, GREEN, ABSENT]}}  #: the bodies of questions


def _verdict(entry: Entry) -> Any:  # noqa: ANN401  # JSON
    listed = Listed(APP, SNAPSHOT, entry)
    return msgspec.to_builtins(verdict(entry.now.number, [listed], now=NOW, max_age=MAX_AGE))


def _event() -> dict[str, Any]:
    told = sample("number.degraded", number=RED, at=NOW - 12_000, language="en")
    data = {name: value for name, value in told.data.items() if name != "test"}
    event = msgspec.structs.replace(told, data=data)
    body = cloudevent.body(event, id="6f0c2a4e-3c1b-5d0e-9a51-2f7f4e0c8b11", sequence=SEQUENCE)
    decoded: dict[str, Any] = msgspec.json.decode(body)
    return decoded


def _delivery() -> dict[str, Any]:
    event = _event()
    shown = {name: event[name] for name in ("sequence", "type", "time", "subject")}
    place = {"account": APP.account, "appkey": APP.appkey, "sink": "ops"}
    end = {"state": "dead", "tries": 12, "due": None, "reason": "HTTP 422 from the receiver"}
    return {"event_id": event["id"], **shown, **place, **end}

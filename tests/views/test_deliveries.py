"""Deliveries as programs and people read them."""

import json
from base64 import urlsafe_b64encode
from zoneinfo import ZoneInfo

import pytest

from monitor.store.deliveries import StoredDelivery
from monitor.store.tables import DeliveryState
from monitor.views.columns import Times, delivery_columns
from monitor.views.deliveries import STATES, delivery, place
from monitor.views.filters import DeliveryFilter, FilterError, delivery_filter

NOW = 1_795_420_800_000  # 2026-11-23 08:00:00 UTC
ID = "6f0c2a4e-0000-5000-8000-000000000042"


def stored(state=DeliveryState.OPEN, tries=0, reason=""):
    return StoredDelivery(
        42, "ops", state, tries, NOW + 5_000, reason, ID, "number.degraded", NOW, "main", "jh42", "+8613800000001"
    )


def test_a_delivery_is_an_object_with_every_key():
    assert delivery(stored(tries=2, reason="HTTP 500")) == {
        "event_id": ID,
        "sequence": "00000000000000000042",
        "type": "number.degraded",
        "time": "2026-11-23T08:00:00.000Z",
        "account": "main",
        "appkey": "jh42",
        "subject": "+8613800000001",
        "sink": "ops",
        "state": "waiting",
        "tries": 2,
        "due": "2026-11-23T08:00:05.000Z",
        "reason": "HTTP 500",
    }


def test_only_what_waits_is_due():
    assert [state for state in DeliveryState if delivery(stored(state))["due"]] == [DeliveryState.OPEN]


def test_what_is_done_for_a_reason_was_not_sent():
    assert delivery(stored(DeliveryState.DONE, reason="not asked for"))["state"] == "quiet"


def test_every_state_has_a_word():
    assert set(STATES) == set(DeliveryState)


@pytest.mark.parametrize(
    ("state", "tries", "severity"),
    [
        ("open", 0, "unknown"),
        ("open", 1, "warning"),
        ("done", 1, "ok"),
        ("dead", 20, "critical"),
        ("discarded", 1, "unknown"),
    ],
)
def test_a_table_marks_what_is_in_trouble(state, tries, severity):
    column = delivery_columns(Times(ZoneInfo("UTC")))[0]

    assert column.severity is not None
    assert column.severity(delivery(stored(DeliveryState(state), tries))) == severity


def test_times_in_a_table_are_the_peoples():
    cells = [column.text(delivery(stored())) for column in delivery_columns(Times(ZoneInfo("Asia/Shanghai")))]

    assert "2026-11-23 16:00:05" in cells


def test_every_filter_of_deliveries_is_read():
    asked = {"sink": "ops", "failed": "true", "since": "1h", "limit": "5", "cursor": place(stored())}

    assert delivery_filter(asked.items(), NOW) == DeliveryFilter(
        sink="ops", failed=True, since=NOW - 3_600_000, limit=5, cursor=(42, "ops")
    )


@pytest.mark.parametrize(
    "identity", [["42"], ["42", "ops", "x"], ["-1", "ops"], ["9" * 19, "ops"], ["٣", "ops"], [42, "ops"]]
)
def test_a_cursor_of_something_else_is_refused(identity):
    text = urlsafe_b64encode(json.dumps(identity).encode()).decode().rstrip("=")

    with pytest.raises(FilterError, match=r"cursor: '.*' is not the `next` of such a list"):
        delivery_filter([("cursor", text)], NOW)

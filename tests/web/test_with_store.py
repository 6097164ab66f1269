"""The web room on the real store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitor.fleet.event import Event
from monitor.store.store import Store
from tests.web.fleets import NOW, fleet_of, red, snapshot


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(f"sqlite:///{tmp_path}/number-monitor.db", now=lambda: NOW, wait=0)
    yield store
    await store.close()


def degraded(number):
    return Event(
        type="number.degraded",
        time=NOW,
        severity="critical",
        account="main",
        subject=number,
        appkey="a",
        waba_id="116960000086404",
        attribute="quality_rating",
        data={"account": "main", "appkey": "a", "attribute": "quality_rating", "before": "GREEN", "after": "RED"},
    )


async def test_what_was_recorded_is_listed_and_shown(house, ask, store):
    recorded = await store.tell([degraded("+8613800000001"), degraded("+8613800000002")], lambda _: ())
    house.events, house.fleet = store, fleet_of(("a", snapshot(red(), red("+8613800000002"))))

    listed = (await ask("/api/v1/events", params={"number": "+8613800000002"})).json()
    numbers = (await ask("/api/v1/numbers")).json()
    page = await ask("/numbers/main/a/116960000086404/%2B8613800000002")

    assert [item["id"] for item in listed["items"]] == [recorded[1].id]
    assert numbers["events_cursor"] == f"{recorded[1].sequence:020d}"
    assert page.text.count("degraded: quality GREEN → RED") == 1


async def test_where_it_went_is_listed(house, ask, store):
    recorded = await store.tell([degraded("+8613800000001"), degraded("+8613800000002")], lambda _: ("ops",))
    await store.bury("ops", 1, "HTTP 422")
    house.events = store

    failed = (await ask("/api/v1/deliveries", params={"failed": "true"})).json()["items"]
    first = (await ask("/api/v1/deliveries", params={"limit": 1})).json()
    second = (await ask("/api/v1/deliveries", params={"cursor": first["next"]})).json()

    assert [(item["event_id"], item["reason"]) for item in failed] == [(recorded[0].id, "HTTP 422")]
    assert [item["event_id"] for item in first["items"] + second["items"]] == [recorded[1].id, recorded[0].id]
    assert second["next"] is None


@pytest.mark.parametrize("cursor", ["0", "99999999999999999999"])
async def test_any_sequence_is_a_cursor(house, ask, store, cursor):
    house.events = store

    assert (await ask("/api/v1/events", params={"cursor": cursor})).json() == {"items": [], "next": None}

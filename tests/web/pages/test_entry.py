"""An entry's history and deliveries; an app's page and its button."""

import re

import pytest

from monitor.fleet.app import App
from monitor.store.deliveries import StoredDelivery
from monitor.store.tables import DeliveryState
from monitor.web.collaborators import PollSeen, TooSoonError
from tests.web.fleets import HOUR, MINUTE, NOW, entry, failing, fleet_of, red, snapshot, suspect
from tests.web.pages.test_pages import Page, told

ENTRY = "/numbers/main/a/116960000086404/%2B8613800000001"
APP = App(account="main", appkey="a", name="shop-one", labels=(("team", "emea"),))


def sent(sequence, sink, state, reason=""):
    return StoredDelivery(
        sequence, sink, state, 1, NOW, reason, f"id-{sequence}", "number.degraded", NOW, "main", "a", "+8613800000001"
    )


async def test_a_history_is_drawn_from_what_was_told(house, ask):
    house.fleet = fleet_of((APP, snapshot(red(since=NOW - MINUTE))))
    house.events.stored = [told(1, attribute="quality_rating", before="YELLOW", after="RED")]

    text = (await ask(ENTRY, params={"range": "all"})).text

    assert re.findall(r'<svg x="([0-9.]+)%" width="([0-9.]+)%" height="26"><title>(\w+),', text)[:2] == [
        ("0.00", "100.00", "RED"),
        ("0.00", "100.00", "CONNECTED"),
    ]
    assert 'aria-current="true">all<' in text


@pytest.mark.parametrize(("since", "shown"), [(NOW - HOUR, "all"), (NOW - 200 * HOUR, "7d")], ids=["young", "old"])
async def test_a_week_is_shown_of_a_number_that_is_known_for_one(house, ask, since, shown):
    house.fleet = fleet_of((APP, snapshot(red(since=since))))

    assert f'aria-current="true">{shown}<' in (await ask(ENTRY)).text


@pytest.mark.parametrize("query", [{"range": "1y"}, {"since": "1h"}])
async def test_a_range_that_there_is_not_is_said(house, ask, query):
    house.fleet = fleet_of((APP, snapshot(red())))

    assert (await ask(ENTRY, params=query)).status_code == 400


async def test_an_event_says_where_it_went(house, ask):
    house.fleet = fleet_of((APP, snapshot(red())))
    house.events.stored = [told(1, attribute="quality_rating", before="YELLOW", after="RED")]
    house.events.sent = [
        sent(1, "ops", DeliveryState.DONE),
        sent(1, "mail", DeliveryState.DONE, "known already"),
        sent(1, "pager", DeliveryState.DEAD, "HTTP 422 <no>"),
        sent(1, "chat", DeliveryState.OPEN),
        sent(1, "stdout", DeliveryState.DONE),
    ]

    shown = " ".join(Page((await ask(ENTRY)).text).text.split())

    for said in ("ops: delivered", "mail: quiet", "pager: dead (HTTP 422 <no>)", "chat: waiting"):
        assert said in shown
    assert "stdout" not in shown


async def test_an_app_says_what_there_is_to_know_of_it(house, ask):
    house.fleet = fleet_of((APP, snapshot(entry("+2"), red("+1"))))
    house.watch.polls = [
        PollSeen(NOW - MINUTE, "answered", held_off=False, size=12_345, milliseconds=310),
        PollSeen(NOW - 2 * MINUTE, "timeout", held_off=True, size=0, milliseconds=0),
    ]

    page = Page((await ask("/apps/main/a")).text)
    shown = " ".join(page.text.split())

    assert shown.index("+1") < shown.index("+2")
    for said in (
        *("shop-one", "team: emea", "Answered", "12,345", "310 ms", "not asked: calls are held off"),
        *("Asked every 1 min", "1,200 apps ask for 20 calls a second, of 20 that there may be", "Poll now"),
    ):
        assert said in shown
    assert "../../numbers/main/a/116960000086404/%2B1" in page.links


async def test_an_account_that_cannot_keep_its_intervals_says_so(house, ask):
    house.fleet, house.watch.stretch, house.watch.held_by = fleet_of((APP, snapshot())), 3, "auth"

    shown = " ".join(Page((await ask("/apps/main/a")).text).text.split())

    assert "Asked every 3 min instead of 1 min" in shown
    assert "The vendor refuses the credentials" in shown


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (failing(entry(), text="timed out"), "The vendor does not answer in time timeout"),
        (suspect(entry()), "held back as suspect: 7 numbers missing, for 5 min"),
        (snapshot(entry(), last_success=NOW - HOUR), "Last answer 1 h ago; its numbers are shown as they were then"),
    ],
)
async def test_an_app_says_why_it_may_not_be_as_it_seems(house, ask, known, said):
    house.fleet = fleet_of((APP, known))

    assert said in " ".join(Page((await ask("/apps/main/a")).text).text.split())


@pytest.mark.parametrize("appkey", ["a/b", ".", "..", "~", "%2e", "<script>", "应用"])
async def test_an_app_of_any_name_has_its_page(house, ask, appkey):
    house.fleet = fleet_of((App("main", appkey), snapshot(red())))
    text = (await ask("/")).text
    link = re.findall(r'class="tile critical" href="\./([^"]+)"', text)[0]

    answer = await ask(f"/{link}")

    assert answer.status_code == 200
    assert "RED" in answer.text


@pytest.mark.parametrize("path", ["/apps/main/b", "/apps/other/a", "/apps/main"])
async def test_an_app_that_there_is_not_is_said(house, ask, path):
    house.fleet = fleet_of((APP, snapshot()))

    assert (await ask(path)).status_code == 404


async def test_an_app_is_polled_at_the_press_of_a_button(house, ask):
    house.fleet = fleet_of((APP, snapshot()))

    answer = await ask("/apps/main/a/poll", method="POST")

    assert (answer.status_code, answer.headers["location"]) == (303, "../../../apps/main/a")
    assert house.poller.asked == [("main", "a")]


async def test_a_button_that_is_pressed_too_often_says_so(house, ask):
    house.fleet, house.poller.error = fleet_of((APP, snapshot())), TooSoonError(3.0)

    answer = await ask("/apps/main/a/poll", method="POST")

    assert answer.status_code == 429
    assert "try again in 3 s" in answer.text


@pytest.mark.parametrize("headers", [{"origin": "http://evil.example"}, {"sec-fetch-site": "same-site"}])
async def test_a_page_of_another_site_cannot_have_an_app_polled(house, ask, headers):
    house.fleet = fleet_of((APP, snapshot()))

    answer = await ask("/apps/main/a/poll", method="POST", headers=headers)

    assert (answer.status_code, house.poller.asked) == (403, [])

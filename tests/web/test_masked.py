"""The API and the pages where numbers are masked: what is shown, and what a question in either form finds."""

import pytest

from monitor.fleet.masking import KEY_BYTES, Masking
from tests.metrics.test_masked import alike
from tests.web.fleets import entry, failing, fleet_of, snapshot

MASKING = Masking(b"k" * KEY_BYTES)
NUMBER = "+8613800000001"
SHOWN = MASKING.number(NUMBER)
APPKEY = "jh42xxxd434"


@pytest.fixture
def masked(house):
    house.masking = MASKING
    return house


async def test_a_page_of_numbers_goes_on_from_a_cursor_that_shows_none(masked, ask):
    masked.fleet = fleet_of((APPKEY, snapshot(*(entry(f"+861380000000{place}") for place in range(1, 5)))))

    first = (await ask("/api/v1/numbers?limit=3")).json()
    second = (await ask(f"/api/v1/numbers?limit=3&cursor={first['next']}")).json()

    numbers = [one["number"] for page in (first, second) for one in page["items"]]
    assert numbers == [MASKING.number(f"+861380000000{place}") for place in range(1, 5)]
    assert second["next"] is None


async def test_a_cursor_that_was_not_sealed_here_is_refused(masked, ask):
    answer = await ask("/api/v1/numbers?cursor=WyJtYWluIiwgImpoMSIsICIxIiwgIis4NjEzODAwMDAwMDAxIl0")

    assert (answer.status_code, "is not the `next` of such a list" in answer.json()["detail"]) == (400, True)


async def test_two_numbers_that_are_shown_alike_are_both_found_and_the_worse_decides(masked, ask):
    one, other = alike()
    masked.fleet = fleet_of((APPKEY, snapshot(entry(one), entry(other, quality_rating="RED"))))
    shown = MASKING.number(one)

    listed = (await ask("/api/v1/numbers", params={"number": shown})).json()["items"]
    verdict = (await ask(f"/api/v1/numbers/{shown}/verdict")).json()
    own = (await ask(f"/api/v1/numbers/{one}/verdict")).json()

    assert [item["quality_rating"] for item in listed] == ["GREEN", "RED"]
    assert (verdict["number"], verdict["campaign"], own["campaign"]) == (shown, "hold", "go")


async def test_a_list_of_verdicts_takes_numbers_in_every_form_and_keeps_its_order(masked):
    masked.fleet = fleet_of((APPKEY, snapshot(entry(NUMBER), entry("+8613800000002", quality_rating="RED"))))

    async with masked.client() as client:
        asked = {"numbers": ["8613800000002", SHOWN, "+8613800000009"]}
        items = (await client.post("/api/v1/verdicts", json=asked)).json()["items"]

    assert [item["number"] for item in items] == [
        MASKING.number(number) for number in ("+8613800000002", NUMBER, "+8613800000009")
    ]
    assert [item["campaign"] for item in items] == ["hold", "go", "unknown"]


@pytest.mark.parametrize("named", [NUMBER.replace("+", "%2B"), SHOWN])
async def test_the_page_of_a_number_is_found_by_either_form_and_shows_one(masked, ask, named):
    masked.fleet = fleet_of((APPKEY, snapshot(entry(NUMBER, verified_name="Glory 138 0000 0001"))))

    page = (await ask(f"/numbers/main/jh42xxxd434/116960000086404/{named}")).text

    assert SHOWN in page
    assert "0000001" not in page


@pytest.mark.parametrize(
    ("text", "found"), [(NUMBER, True), ("8613800000001", True), (SHOWN, True), ("+86138", True), ("3800000", False)]
)
async def test_a_search_finds_a_number_as_a_whole_or_by_what_is_shown(masked, ask, text, found):
    masked.fleet = fleet_of((APPKEY, snapshot(entry(NUMBER))))

    page = (await ask("/", params={"q": text})).text

    assert (f">{SHOWN}<" in page) is found


async def test_what_the_vendor_says_of_a_failure_is_masked_for_the_api(masked, ask):
    masked.fleet = fleet_of((APPKEY, failing(text=f"no such number {NUMBER}")))

    (app,) = (await ask("/api/v1/apps")).json()["items"]

    assert app["failure"]["text"] == f"no such number {SHOWN}"

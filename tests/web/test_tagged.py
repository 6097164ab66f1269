import pytest

from tests.web.fleets import entry, fleet_of, red, snapshot
from tests.web.test_api import told

PATHS = ["/api/v1/numbers", "/api/v1/apps", "/api/v1/events", "/api/v1/deliveries", "/api/openapi.json"]


@pytest.mark.parametrize("path", PATHS)
async def test_what_the_client_has_is_not_sent_again(house, ask, path):
    house.fleet = fleet_of(("a", snapshot(red())))
    first = await ask(path)

    again = await ask(path, headers={"if-none-match": first.headers["etag"]})

    assert first.headers["etag"].startswith('W/"')
    assert first.headers["cache-control"] == "private, no-cache"
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


async def test_what_changed_is_sent(house, ask):
    house.fleet = fleet_of(("a", snapshot(entry())))
    etag = (await ask("/api/v1/numbers")).headers["etag"]
    house.fleet = fleet_of(("a", snapshot(red())))

    answer = await ask("/api/v1/numbers", headers={"if-none-match": etag})

    assert (answer.status_code, answer.headers["etag"] == etag) == (200, False)


async def test_another_page_has_another_tag(house, ask):
    house.fleet = fleet_of(("a", snapshot(entry(), red("+8613800000002"))))
    etag = (await ask("/api/v1/numbers")).headers["etag"]

    assert (await ask("/api/v1/numbers?degraded=true", headers={"if-none-match": etag})).status_code == 200


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ('W/"{0}"', 304),
        ('"{0}"', 304),
        ('"other", W/"{0}"', 304),
        ("*", 304),
        ('"other"', 200),
        ("{0}", 200),
        ("", 200),
    ],
)
async def test_a_condition_is_read_as_the_standard_has_it(house, ask, condition, status):
    house.events.stored = [told(1)]
    opaque = (await ask("/api/v1/events")).headers["etag"].removeprefix('W/"').removesuffix('"')

    answer = await ask("/api/v1/events", headers={"if-none-match": condition.format(opaque)})

    assert answer.status_code == status

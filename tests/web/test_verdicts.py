import orjson
import pytest

from monitor.fleet.app import App
from monitor.web.verdicts import BODY_BYTES, MOST
from tests.web.fleets import HOUR, NOW, entry, fleet_of, red, snapshot

GREEN = {
    "number": "+8613800000001",
    "sendable": "yes",
    "campaign": "go",
    "reasons": [],
    "as_of": "2026-11-23T07:59:48.000Z",
    "age": 12.0,
}


@pytest.fixture
def ask_many(house):
    """Posts a body to the verdicts."""

    async def ask_many(body, *, params=None):
        async with house.client() as client:
            sent = body if isinstance(body, bytes) else orjson.dumps(body)
            return await client.post("/api/v1/verdicts", content=sent, params=params)

    return ask_many


@pytest.mark.parametrize(
    "number", ["+8613800000001", "8613800000001", "%2B8613800000001", "%2b86138-0000-0001", "008613800000001"]
)
async def test_a_number_has_its_verdict_however_it_is_written(house, ask, number):
    house.fleet = fleet_of(("a", snapshot(entry())))

    answer = await ask(f"/api/v1/numbers/{number}/verdict")

    assert (answer.status_code, answer.json()) == (200, GREEN)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("params", "campaign"),
    [
        pytest.param({}, "hold", id="everywhere"),
        pytest.param({"account": "main"}, "hold", id="an account"),
        pytest.param({"appkey": "a"}, "go", id="an app"),
        pytest.param({"account": "other"}, "slow", id="another account"),
    ],
)
async def test_a_verdict_can_be_narrowed(house, ask, params, campaign):
    house.fleet = fleet_of(
        ("a", snapshot(entry())),
        ("b", snapshot(red())),
        (App(account="other", appkey="c"), snapshot(entry(quality_rating="YELLOW"))),
    )

    answer = await ask("/api/v1/numbers/8613800000001/verdict", params=params)

    assert answer.json()["campaign"] == campaign


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/numbers/8613800000009/verdict",
        "/api/v1/numbers/shop/verdict",
        "/api/v1/numbers/8613800000001/verdict?appkey=b",
        "/api/v1/numbers/8613800000001/verdict?account=nobody",
    ],
)
async def test_a_number_that_nobody_lists_is_not_found(house, ask, path):
    house.fleet = fleet_of(("a", snapshot(entry())))

    answer = await ask(path)

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["detail"] == "no app that is asked about lists this number"


async def test_before_everything_was_asked_nobody_knows_that_a_number_is_not_listed(house, ask, ask_many):
    house.health.waiting = "first round: 3 of 4 apps have not been asked yet"

    one = await ask("/api/v1/numbers/8613800000009/verdict")
    many = await ask_many({"numbers": ["8613800000009"]})

    assert (one.status_code, one.json()["detail"]) == (503, f"the number is not known yet: {house.health.waiting}")
    assert many.json()["items"][0]["reasons"] == ["not_ready"]


async def test_before_what_others_watch_is_read_nobody_knows_that_a_number_is_not_listed(house, ask, ask_many):
    house.fleet, house.replicas.unread = fleet_of(("a", snapshot(entry()))), ["theirs"]

    known = await ask("/api/v1/numbers/8613800000001/verdict")
    one = await ask("/api/v1/numbers/8613800000009/verdict")
    many = await ask_many({"numbers": ["8613800000009"]})

    assert (known.status_code, one.status_code) == (200, 503)
    assert one.json()["detail"] == "the number is not known yet: what other processes watch is being read: theirs"
    assert many.json()["items"][0]["reasons"] == ["not_ready"]


async def test_what_is_restored_and_not_yet_polled_is_judged_by_its_age(house, ask):
    house.health.waiting = "first round: 1 of 1 apps have not been asked yet"
    house.fleet = fleet_of(("a", snapshot(entry(), last_success=NOW - HOUR)))

    answer = (await ask("/api/v1/numbers/8613800000001/verdict")).json()

    assert (answer["sendable"], answer["campaign"], answer["reasons"], answer["age"]) == (
        "unknown",
        "unknown",
        ["stale"],
        3600.0,
    )


async def test_verdicts_come_in_the_order_in_which_they_are_asked_for(house, ask_many):
    house.fleet = fleet_of(("a", snapshot(entry(), red("+8613800000002"))))

    answer = await ask_many({"numbers": ["8613800000002", "+8613800000009", "8613800000001", "8613800000001"]})

    found = [(item["number"], item["campaign"], item["reasons"]) for item in answer.json()["items"]]
    assert found == [
        ("+8613800000002", "hold", ["quality.red"]),
        ("+8613800000009", "unknown", ["not_listed"]),
        *(2 * [("+8613800000001", "go", [])]),
    ]
    assert answer.json()["next"] is None


@pytest.mark.parametrize(
    ("narrowed", "params"),
    [
        pytest.param({"appkey": "a"}, {}, id="in the body"),
        pytest.param({}, {"appkey": "a"}, id="in the query"),
        pytest.param({"appkey": "a"}, {"appkey": "a", "account": "main"}, id="in both"),
        pytest.param({"appkey": "a", "account": None}, {}, id="null is everybody"),
    ],
)
async def test_many_verdicts_can_be_narrowed(house, ask_many, narrowed, params):
    house.fleet = fleet_of(("a", snapshot(entry())), ("b", snapshot(red())))

    answer = await ask_many({"numbers": ["8613800000001"], **narrowed}, params=params)

    assert answer.json()["items"] == [GREEN]


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        pytest.param(b"", 400, "The body is not JSON", id="nothing"),
        pytest.param(b"numbers=1", 400, "The body is not JSON", id="a form"),
        pytest.param(b'{"numbers": ["\xff"]}', 400, "The body is not JSON", id="bad UTF-8"),
        pytest.param(b'{"numbers": ["\\ud800"]}', 400, "The body is not JSON", id="half a surrogate pair"),
        pytest.param({}, 422, "numbers", id="no numbers"),
        pytest.param([], 422, "Expected `object`", id="a list"),
        pytest.param({"numbers": "8613800000001"}, 422, "$.numbers", id="one number"),
        pytest.param({"numbers": [8613800000001]}, 422, "$.numbers[0]", id="a number that is none"),
        pytest.param({"numbers": ["8" * 101]}, 422, "$.numbers[0]", id="a long number"),
        pytest.param({"numbers": [], "appkeys": ["a"]}, 422, "appkeys", id="an unknown field"),
        pytest.param({"numbers": ["8613800000001"] * (MOST + 1)}, 422, "1000", id="too many"),
        pytest.param(b" " * (BODY_BYTES + 1), 413, "at most 1000 numbers", id="too large"),
    ],
)
async def test_what_cannot_be_read_is_a_problem(ask_many, body, status, said):
    answer = await ask_many(body)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    ("params", "named"),
    [({"limit": "1"}, "there is no filter 'limit'"), ({"appkey": "b"}, "appkey: the body and the query differ")],
)
async def test_a_query_that_cannot_be_applied_is_a_problem(ask_many, params, named):
    answer = await ask_many({"numbers": [], "appkey": "a"}, params=params)

    assert (answer.status_code, answer.json()["detail"].startswith(named)) == (400, True)


async def test_as_many_as_may_be_are_answered(house, ask_many):
    numbers = [f"+86138{index:08d}" for index in range(MOST)]
    house.fleet = fleet_of(("a", snapshot(*map(entry, numbers))))

    answer = await ask_many({"numbers": numbers})

    assert [item["campaign"] for item in answer.json()["items"]] == ["go"] * MOST


async def test_no_numbers_have_no_verdicts(ask_many):
    assert (await ask_many({"numbers": []})).json() == {"items": [], "next": None}

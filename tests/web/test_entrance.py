"""The entrance in front of the whole application."""

import asyncio
import base64
import re

import bcrypt
import pytest

from monitor.web import users
from monitor.web.access import Refusal
from monitor.web.admission import Admission, Rate
from monitor.web.users import Users

HASHES = {user: bcrypt.hashpw(user.encode(), bcrypt.gensalt(4)).decode() for user in ("ops", "reader")}
PATHS = ["/", "/metrics", "/api/v1/numbers", "/nowhere", "/numbers/main/a/-/1", "/-/healthy/", "/-/healthyx"]
WRITE = "/api/v1/accounts/main/accept"


def named(user: str, password: str | None = None) -> dict[str, str]:
    pair = f"{user}:{user if password is None else password}"
    return {"authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


@pytest.fixture
def guarded(house):
    """The house with two users, one of whom may write."""
    house.admission = Admission(
        users=Users(HASHES), writers=frozenset({"ops"}), own_places=frozenset({"numbers.example.com"})
    )
    return house


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="nobody"),
        pytest.param(named("ops", "open"), id="a wrong password"),
        pytest.param(named("eve"), id="nobody's name"),
        pytest.param({"authorization": "Bearer x"}, id="another scheme"),
    ],
)
async def test_who_is_no_user_learns_nothing(guarded, ask, path, headers):
    answer = await ask(path, headers=headers)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Basic realm="number-monitor", charset="UTF-8"'
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_who_is_no_user_does_not_learn_what_runs_here(guarded, ask):
    stranger, user = await ask("/nowhere"), await ask("/nowhere", headers=named("reader"))

    traces = [re.findall(r"assets/style|number-monitor [0-9]", answer.text) for answer in (stranger, user)]

    assert (traces[0], len(traces[1])) == ([], 2)


async def test_a_flood_of_passwords_is_told_to_come_back_and_who_was_known_stays_so(guarded, monkeypatch):
    monkeypatch.setattr(users, "MOST_WAITING", 2)
    async with guarded.client() as client:
        known = await client.get("/metrics", headers=named("ops"))
        guesses = (client.get("/metrics", headers=named("ops", f"guess {count}")) for count in range(20))
        answers = await asyncio.gather(*guesses, client.get("/metrics", headers=named("ops")))

    told = [answer.status_code for answer in answers]
    assert (known.status_code, told[-1]) == (200, 200)
    assert set(told[:-1]) == {401, 503}
    assert {answer.headers.get("retry-after") for answer in answers if answer.status_code == 503} == {"5"}


@pytest.mark.parametrize("path", ["/-/healthy", "/-/ready", "/%2D/healthy"])
@pytest.mark.parametrize("headers", [{}, named("ops", "open")])
async def test_probes_need_no_password(guarded, ask, path, headers):
    assert (await ask(path, headers=headers)).status_code == 200


@pytest.mark.parametrize("path", ["/", "/metrics", "/api/v1/numbers"])
@pytest.mark.parametrize("user", ["ops", "reader"])
async def test_users_may_read(guarded, ask, path, user):
    assert (await ask(path, headers=named(user))).status_code == 200


async def test_two_authorizations_are_none(guarded):
    async with guarded.client() as client:
        header = named("ops")["authorization"]
        answer = await client.get("/metrics", headers=[("authorization", header), ("authorization", header)])

    assert answer.status_code == 401


async def test_a_refusal_of_the_api_is_a_problem(guarded, ask):
    answer = await ask("/api/v1/numbers")

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "This needs a user and a password."


async def test_a_writer_writes_under_their_name_from_anywhere(guarded, ask):
    answer = await ask(WRITE, method="POST", address="192.0.2.7", host="10.0.0.5:8620", headers=named("ops"))

    assert (answer.status_code, guarded.accepter.accepted) == (200, [("main", "ops")])


@pytest.mark.parametrize("address", ["127.0.0.1", "192.0.2.7"])
async def test_a_user_who_is_no_writer_may_not_write_even_here(guarded, ask, address):
    answer = await ask(WRITE, method="POST", address=address, headers=named("reader"))

    assert (answer.status_code, answer.json()["detail"]) == (403, Refusal.NO_WRITER.value)
    assert guarded.accepter.accepted == []


async def test_nobody_may_not_write_even_here(guarded, ask):
    answer = await ask(WRITE, method="POST")

    assert (answer.status_code, guarded.accepter.accepted) == (401, [])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"origin": "https://evil.example"}, 403, id="another origin"),
        pytest.param({"origin": "null"}, 403, id="an origin that hides"),
        pytest.param({"sec-fetch-site": "cross-site"}, 403, id="another site"),
        pytest.param({"sec-fetch-site": "same-site"}, 403, id="another host of the site"),
        pytest.param({"origin": "https://127.0.0.1:8620", "sec-fetch-site": "same-origin"}, 200, id="our own page"),
        pytest.param({"origin": "https://numbers.example.com"}, 200, id="our own page behind a proxy"),
        pytest.param({"sec-fetch-site": "none"}, 200, id="typed by a person"),
    ],
)
async def test_a_password_that_a_browser_remembers_is_no_way_in_for_other_sites(guarded, ask, headers, status):
    answer = await ask("/-/reload", method="POST", headers={**named("ops"), **headers})

    assert (answer.status_code, guarded.reloader.reloads) == (status, status == 200)


async def test_configured_headers_go_before_ours(house, ask):
    house.admission = Admission(
        headers={"content-security-policy": "sandbox", "strict-transport-security": "max-age=1"}
    )

    for path in ("/", "/metrics", "/api/v1/numbers", "/nowhere"):
        answer = await ask(path)
        assert answer.headers.get_list("content-security-policy") == ["sandbox"]
        assert answer.headers["strict-transport-security"] == "max-age=1"
        assert answer.headers["x-frame-options"] == "DENY"


async def test_more_than_the_rate_is_told_to_come_back_but_for_probes(house):
    house.admission = Admission(rate=Rate(interval=3600, burst=2))
    async with house.client() as client:
        answers = [await client.get("/metrics") for _ in range(3)]
        probe = await client.get("/-/healthy")

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert (answers[2].headers["retry-after"], probe.status_code) == ("1", 200)

import pytest

from monitor.web.access import Refusal
from tests.web.fleets import fleet_of, red, snapshot

WRITES = ["/-/reload", "/api/v1/apps/main/a/poll", "/api/v1/accounts/main/accept"]


async def test_a_reload_that_works_says_so(house, ask):
    answer = await ask("/-/reload", method="POST")

    assert (answer.status_code, answer.text, house.reloader.reloads) == (200, "reloaded\n", 1)


async def test_a_reload_that_fails_gives_the_reason_and_keeps_the_old(house, ask):
    house.reloader.reason = "poll.interval: expected a duration, got 'often'"

    answer = await ask("/-/reload", method="POST")

    assert answer.status_code == 500
    assert answer.text == "the old configuration stays in force: poll.interval: expected a duration, got 'often'\n"


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize(
    ("asker", "refusal"),
    [
        pytest.param({"address": "192.0.2.7"}, Refusal.REMOTE, id="from another machine"),
        pytest.param({"headers": {"x-forwarded-for": "127.0.0.1"}}, Refusal.FORWARDED, id="through a proxy"),
        pytest.param({"host": "numbers.example.com"}, Refusal.OTHER_HOST, id="for another host"),
        pytest.param({"headers": {"origin": "https://evil.example"}}, Refusal.CROSS_SITE, id="from another site"),
    ],
)
async def test_a_write_is_refused_with_a_sentence(house, ask, path, asker, refusal):
    house.fleet = fleet_of(("a", snapshot(red())))

    answer = await ask(path, method="POST", **asker)

    assert answer.status_code == 403
    assert refusal.value in answer.text
    assert (house.reloader.reloads, house.poller.asked, house.accepter.accepted) == (0, [], [])


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_a_write_is_a_post(ask, path, method):
    answer = await ask(path, method=method)

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_a_stranger_does_not_learn_which_apps_there_are(ask):
    answer = await ask("/api/v1/apps/main/nobody/poll", method="POST", address="192.0.2.7")

    assert answer.status_code == 403

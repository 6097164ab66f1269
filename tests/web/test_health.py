import pytest


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(("path", "word"), [("/-/healthy", "healthy"), ("/-/ready", "ready")])
async def test_all_is_well(ask, method, path, word):
    answer = await ask(path, method=method)

    assert answer.status_code == 200
    assert answer.text == (f"{word}\n" if method == "GET" else "")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_the_reason_is_said_when_something_is_stuck(house, ask, method):
    house.health.sick = "the scheduler is stuck: a poll has been due for 90 s"

    answer = await ask("/-/healthy", method=method)

    assert answer.status_code == 503
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    if method == "GET":
        assert answer.text == "not healthy: the scheduler is stuck: a poll has been due for 90 s\n"


async def test_readiness_waits_with_a_reason(house, ask):
    house.health.waiting = "12 apps have not been tried yet"

    answer = await ask("/-/ready")

    assert (answer.status_code, answer.text) == (503, "not ready: 12 apps have not been tried yet\n")


async def test_not_ready_is_healthy(house, ask):
    house.health.waiting = "12 apps have not been tried yet"

    assert (await ask("/-/healthy")).status_code == 200


async def test_strangers_may_ask(ask):
    assert (await ask("/-/healthy", address="192.0.2.7", host="numbers.example.com")).status_code == 200


async def test_nothing_can_be_posted(ask):
    assert (await ask("/-/healthy", method="POST")).status_code == 405

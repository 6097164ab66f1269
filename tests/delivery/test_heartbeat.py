"""The dead man's switch, against a receiver on a socket."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from monitor.delivery.endpoint import Endpoint
from monitor.delivery.heartbeat import Heartbeat
from monitor.http.transport import open_transport
from tests.delivery.fakes import Clock, capturing
from tests.delivery.receiver import CLOSE, HANG, Receiver, answer
from tests.delivery.turns import Turns

EVERY = 60.0

Opener = Callable[..., tuple[Heartbeat, Turns, list[tuple[str, str]]]]


class Health:
    """What is wrong; nothing at first."""

    def __init__(self) -> None:
        self.wrong: str | None = None

    def __call__(self) -> str | None:
        return self.wrong


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
async def heart(receiver: Receiver, health: Health) -> AsyncIterator[Callable[..., Any]]:
    """Starts heartbeats; gives the turns and the log."""
    async with AsyncExitStack() as opened:

        def opener(*, limit: float = 30.0) -> Any:
            turns = Turns(Clock())
            log, logged = capturing()
            endpoint = Endpoint(receiver.url, transport=open_transport(proxy=None, connections=1), now=turns.clock.now)
            heartbeat = Heartbeat(endpoint, every=EVERY, healthy=health, log=log, limit=limit, pause=turns)
            opened.push_async_callback(heartbeat.stop)
            heartbeat.start()
            return turns, logged

        yield opener


def told(logged: Any) -> list[tuple[str, str]]:
    """Of each line its level and its event."""
    return [(call.method_name, call.kwargs["event"]) for call in logged.calls]


async def test_it_pings_at_once_and_then_every_so_often(receiver, heart):
    turns, logged = heart()

    await turns.reached()
    await turns.pass_by()

    assert [request.line for request in receiver.requests] == ["GET /in/hunter2-path?token=hunter2-query HTTP/1.1"] * 2
    assert (turns.waits[0], told(logged)) == (EVERY, [])


async def test_a_ping_carries_nothing_but_itself(receiver, heart):
    turns, _ = heart()

    await turns.reached()

    (request,) = receiver.requests
    assert set(request.headers) == {"host", "user-agent", "accept-encoding", "accept"}
    assert request.body == b""


async def test_while_something_is_wrong_it_is_silent_and_says_so_once(receiver, heart, health):
    health.wrong = "the event loop is stuck"
    turns, logged = heart()

    await turns.pass_by()

    assert receiver.requests == []
    assert told(logged) == [("warning", "heartbeat is silent: not healthy")]
    assert logged.calls[0].kwargs["reason"] == "the event loop is stuck"


async def test_it_goes_on_when_all_is_well_again(receiver, heart, health):
    health.wrong = "the scheduler is stuck"
    turns, logged = heart()
    await turns.reached()

    health.wrong = None
    await turns.pass_by()

    assert len(receiver.requests) == 1
    assert told(logged)[-1] == ("info", "heartbeat goes on")


@pytest.mark.parametrize(
    ("fails", "reason"),
    [
        (answer("404 Not Found", body=b"no such check"), "answered HTTP 404: no such check"),
        (answer("500 Oops"), "answered HTTP 500"),
        (answer("301 Moved", "Location: https://elsewhere.example/"), "answered HTTP 301"),
        (answer("200 OK", body=b"OK (not found)"), "answered HTTP 200: OK (not found)"),
        (answer("200 OK", body=b"OK (rate limited)"), "answered HTTP 200: OK (rate limited)"),
        (CLOSE, "closed the connection before its answer"),
    ],
)
async def test_a_ping_that_fails_is_said_once_until_it_is_over(receiver, heart, fails, reason):
    receiver.plan(fails, fails, answer("200 OK", body=b"OK"))
    turns, logged = heart()

    for _ in range(2):
        await turns.pass_by()

    assert told(logged) == [("warning", "heartbeat fails"), ("info", "heartbeat goes on")]
    assert logged.calls[0].kwargs["reason"] == f"http://127.0.0.1:{receiver.port} {reason}"


async def test_a_ping_without_an_answer_is_given_up(receiver, heart):
    receiver.plan(HANG)
    turns, logged = heart(limit=0.05)

    await turns.reached()

    assert logged.calls[0].kwargs["reason"] == f"http://127.0.0.1:{receiver.port} gave no answer in time"


async def test_nothing_that_breaks_ends_it(receiver, heart, health, monkeypatch):
    def broken() -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(Health, "__call__", lambda self: broken())
    turns, logged = heart()
    await turns.reached()

    monkeypatch.setattr(Health, "__call__", lambda self: None)
    await turns.pass_by()

    assert told(logged) == [("error", "heartbeat broke")]
    assert len(receiver.requests) == 1


async def test_it_ends_in_the_middle_of_a_ping(receiver, health):
    receiver.plan(HANG)
    turns = Turns(Clock())
    endpoint = Endpoint(receiver.url, transport=open_transport(proxy=None, connections=1), now=turns.clock.now)
    heartbeat = Heartbeat(endpoint, every=EVERY, healthy=health, log=capturing()[0], pause=turns)
    heartbeat.start()
    await receiver.has(1)

    await heartbeat.stop()

    assert turns.waits == []

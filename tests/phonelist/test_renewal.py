"""A client that serves no more is replaced; calls under way are left alone."""

import asyncio
import contextlib

import pytest
import structlog

from monitor.fleet.answer import Unchanged
from monitor.phonelist.client import Reply
from monitor.phonelist.errors import CallBroke, NotConnected, TimedOut
from monitor.phonelist.renewal import MOST_SILENT, SILENT, RenewedPhoneList

ANSWER = Reply(Unchanged(0), None, 0.0, 0)
TIMED_OUT = TimedOut("no answer within 10 s")


class Client:
    """Says what it was told to; a call that is held ends when it is let go."""

    def __init__(self) -> None:
        self.says: Reply | Exception = ANSWER
        self.hold: asyncio.Event | None = None
        self.asked = 0
        self.closed = False

    async def ask(self, appkey: str, known: bytes = b"") -> Reply:
        self.asked += 1
        if self.hold is not None:
            await self.hold.wait()
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    async def aclose(self) -> None:
        self.closed = True


class Opened:
    """The clients that were opened, and what was logged."""

    def __init__(self, *says: Reply | Exception) -> None:
        self.clients: list[Client] = []
        self._says = list(says)
        capture = structlog.testing.LogCapture()
        self.log = capture.entries
        self.phone_list = RenewedPhoneList(self._open, account="main", log=structlog.wrap_logger(None, [capture]))

    async def ask(self, times: int = 1) -> None:
        for _ in range(times):
            with contextlib.suppress(TimedOut, CallBroke, NotConnected):
                await self.phone_list.ask("a")

    def _open(self) -> Client:
        client = Client()
        client.says = self._says.pop(0) if self._says else ANSWER
        self.clients.append(client)
        return client


@pytest.mark.parametrize("error", [TIMED_OUT, CallBroke("Session is closed")], ids=["times out", "breaks"])
async def test_a_client_whose_calls_only_fail_so_is_replaced_and_closed(error):
    opened = Opened(error)

    await opened.ask(SILENT + 1)

    assert [client.asked for client in opened.clients] == [SILENT, 1]
    assert [client.closed for client in opened.clients] == [True, False]


async def test_a_call_that_is_answered_or_refused_between_keeps_the_client():
    opened = Opened(TIMED_OUT)
    for says in (ANSWER, NotConnected("refused")):
        await opened.ask(SILENT - 1)
        opened.clients[0].says = says
        await opened.ask()
        opened.clients[0].says = TIMED_OUT
    await opened.ask(SILENT - 1)

    assert len(opened.clients) == 1


async def test_a_client_that_is_replaced_ends_its_calls_before_it_is_closed():
    opened = Opened(TIMED_OUT)
    (first,) = opened.clients
    first.hold = held = asyncio.Event()
    under_way = asyncio.create_task(opened.phone_list.ask("slow"))
    await asyncio.sleep(0)
    first.hold = None
    await opened.ask(SILENT)
    closed_meanwhile = first.closed
    first.says = ANSWER
    held.set()

    assert await under_way is ANSWER
    assert (closed_meanwhile, first.closed) == (False, True)


async def test_while_replacing_does_not_help_it_is_done_less_and_less_often_and_said_once():
    opened = Opened(*[TIMED_OUT] * 10)

    await opened.ask(5 + 10 + 20 + 40 + 80 + 80)

    assert [client.asked for client in opened.clients] == [5, 10, 20, 40, MOST_SILENT, MOST_SILENT, 0]
    assert [entry["event"] for entry in opened.log] == ["calls only time out: the HTTP client is replaced"]


async def test_what_an_old_client_still_says_does_not_count_against_the_new_one():
    opened = Opened(TIMED_OUT)
    (first,) = opened.clients
    first.hold = asyncio.Event()
    late = [asyncio.create_task(opened.ask()) for _ in range(2 * SILENT)]
    await asyncio.sleep(0)
    first.hold.set()
    await asyncio.gather(*late)

    assert len(opened.clients) == 2


async def test_closing_closes_the_client_in_use():
    opened = Opened()

    await opened.phone_list.aclose()

    assert opened.clients[0].closed

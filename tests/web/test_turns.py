"""Looking over the fleet is done for a few at a time, and for nobody who has gone."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from monitor.web.turns import AT_ONCE, Turns


class Looks:
    """A handler that is slow, and counts."""

    def __init__(self) -> None:
        self.made = 0
        self.most_at_once = 0
        self._at_once = 0

    async def __call__(self, _request: Request) -> Response:
        self.made += 1
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await asyncio.sleep(0)
        self._at_once -= 1
        return Response("seen")


def request(*, has_gone: bool = False) -> Request:
    async def receive():
        if not has_gone:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http", "method": "GET", "headers": []}, receive)


async def test_many_who_look_at_once_do_not_do_so_together():
    looks = Looks()
    look = Turns().each(looks)

    answers = await asyncio.gather(*(look(request()) for _ in range(50)))

    assert {answer.body for answer in answers} == {b"seen"}
    assert (looks.made, looks.most_at_once) == (50, AT_ONCE)


async def test_nothing_is_looked_up_for_who_has_gone_while_waiting():
    looks = Looks()
    look = Turns().each(looks)

    await asyncio.gather(*(look(request(has_gone=count > 0)) for count in range(50)))

    assert looks.made == 1


async def test_a_look_that_breaks_gives_its_turn_back():
    async def broken(_request: Request) -> Response:
        raise ValueError

    turns = Turns()
    await asyncio.gather(*(turns.each(broken)(request()) for _ in range(20)), return_exceptions=True)

    assert (await turns.each(Looks())(request())).body == b"seen"

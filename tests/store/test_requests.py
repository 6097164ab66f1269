"""What one process asks of another: taken once, by whom it is for, answered; withdrawn, where nobody has taken it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from monitor.store.requests import Asked, Progress, Requests
from monitor.store.store import Store
from tests.postgresql import PostgresqlServer
from tests.store.making import NOW

Opener = Callable[[], Awaitable[Requests]]
MINUTE = 60_000


@pytest.fixture
async def opener(postgresql: PostgresqlServer) -> AsyncIterator[Opener]:
    """The requests of as many processes as one likes."""
    url = postgresql.url(postgresql.empty_database())
    async with AsyncExitStack() as opened:

        async def opener() -> Requests:
            store = await Store.open(url, now=lambda: NOW, wait=0.0, alone=False)
            opened.push_async_callback(store.close)
            assert store.requests is not None
            return store.requests

        yield opener


@pytest.fixture
async def asking(opener: Opener) -> Requests:
    return await opener()


@pytest.fixture
async def owner(opener: Opener) -> Requests:
    """Of account a, as it says itself."""
    return await opener()


async def test_the_owner_of_an_account_gets_what_is_asked_of_it_once(asking, owner):
    asked = await asking.ask("poll", "{}", within=MINUTE, account="a")

    assert await owner.take(["b"]) == []
    assert await owner.take(["a", "b"]) == [Asked(asked, "a", "poll", "{}")]
    assert await owner.take(["a"]) == []


async def test_a_process_gets_what_is_asked_of_itself_whatever_it_owns(asking, owner):
    asked = await asking.ask("reload", "{}", within=MINUTE, holder=owner._holder)

    assert await asking.take(["a"]) == []
    assert await owner.take([]) == [Asked(asked, "", "reload", "{}")]


async def test_who_asked_sees_that_it_is_taken_and_what_is_answered(asking, owner):
    asked = await asking.ask("poll", "{}", within=MINUTE, account="a")
    seen = [await asking.progress(asked)]
    await owner.take(["a"])
    seen.append(await asking.progress(asked))
    await owner.answer(asked, "done")

    assert [*seen, await asking.progress(asked)] == [
        Progress(taken=False, answer=None),
        Progress(taken=True, answer=None),
        Progress(taken=True, answer="done"),
    ]


async def test_what_is_withdrawn_is_not_taken_and_what_is_taken_is_not_withdrawn(asking, owner):
    first = await asking.ask("poll", "{}", within=MINUTE, account="a")
    assert await asking.withdraw(first)
    assert await owner.take(["a"]) == []

    second = await asking.ask("poll", "{}", within=MINUTE, account="a")
    await owner.take(["a"])
    assert not await asking.withdraw(second)


async def test_what_was_not_taken_in_time_is_nobodys(asking, owner):
    await asking.ask("poll", "{}", within=-1, account="a")

    assert await owner.take(["a"]) == []


async def test_what_nobody_waits_for_any_more_is_forgotten(asking):
    old = await asking.ask("poll", "{}", within=-3_600_000, account="a")
    await asking.ask("poll", "{}", within=MINUTE, account="a")

    assert not await asking.withdraw(old)

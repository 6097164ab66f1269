"""A vendor on a socket and the client that asks it, both closed afterwards."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from monitor.http.transport import open_transport
from monitor.phonelist.client import PhoneList
from tests.phonelist.faulty_vendor import FaultyVendor

NOW = 1_800_000_000_000  # 15 January 2027, 08:00:00 UTC
NOW_AS_DATE = "Fri, 15 Jan 2027 08:00:00 GMT"
SECRET = "abciiiko2k3"

Opener = Callable[..., PhoneList]


@pytest.fixture
async def vendor() -> AsyncIterator[FaultyVendor]:
    async with FaultyVendor() as vendor:
        yield vendor


@pytest.fixture
async def client() -> AsyncIterator[Opener]:
    """Opens clients; one connection unless told otherwise, so that a slot that got lost stops the next call."""
    async with AsyncExitStack() as opened:

        def opener(base_url, *, proxy=None, connections=1, timeout=20.0, sign_algorithm="md5", now=lambda: NOW):
            phonelist = PhoneList(
                account="main",
                base_url=base_url,
                access_key="fme2na3kdi3ki",
                access_secret=SECRET,
                sign_algorithm=sign_algorithm,
                transport=open_transport(proxy=proxy, connections=connections),
                timeout=timeout,
                now=now,
            )
            opened.push_async_callback(phonelist.aclose)
            return phonelist

        yield opener

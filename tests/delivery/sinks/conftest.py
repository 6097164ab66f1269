"""A receiver, and sinks for chats that send to it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from monitor.delivery.sinks.chat import ChatSink
from tests.delivery.receiver import Receiver
from tests.delivery.robots import SECRET, endpoint


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


@pytest.fixture
async def chat(receiver: Receiver) -> AsyncIterator[Callable[..., ChatSink]]:
    """Opens sinks of a service that send to the receiver."""
    async with AsyncExitStack() as opened:

        def opener(service, **options) -> ChatSink:
            sink = ChatSink("team", service, endpoint(receiver, SECRET), **options)
            opened.push_async_callback(sink.aclose)
            return sink

        yield opener

"""
number-monitor as it is, but its event loop and its HTTP clients can be seized from outside, by signals.

    SIGUSR1      something holds the loop for 0.9 s of each second, until SIGUSR2
    SIGRTMIN     every HTTP client that there is takes calls from now on and never ends one
    SIGRTMIN+1   something holds the loop and never lets go
    SIGRTMIN+2   a thread waits for something that takes an hour

The watchdog waits for 5 s, not 60.
"""

import asyncio
import signal
import ssl
import threading
import time
import weakref
from functools import partial

import httpx

from monitor.__main__ import main
from monitor.cli import serving
from monitor.daemon.watchdog import watched
from monitor.http import transport

HELD = 0.9  # seconds of each second
STUCK = 5  # seconds

clients: weakref.WeakSet[httpx.AsyncBaseTransport] = weakref.WeakSet()
clogged: weakref.WeakSet[httpx.AsyncBaseTransport] = weakref.WeakSet()


class Transport(transport._Transport):
    """The real one, until it is clogged."""

    def __init__(self, proxy: httpx.Proxy | None, connections: int, context: ssl.SSLContext) -> None:
        super().__init__(proxy, connections, context)
        clients.add(self)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self in clogged:
            await asyncio.Event().wait()
        return await super().handle_async_request(request)


if __name__ == "__main__":
    transport._Transport = Transport  # type: ignore[misc]
    vars(serving)["watched"] = partial(watched, limit=STUCK)
    signal.signal(signal.SIGALRM, lambda *_: time.sleep(HELD))
    signal.signal(signal.SIGUSR1, lambda *_: signal.setitimer(signal.ITIMER_REAL, 0.01, 1.0))
    signal.signal(signal.SIGUSR2, lambda *_: signal.setitimer(signal.ITIMER_REAL, 0))
    signal.signal(signal.SIGRTMIN, lambda *_: clogged.update(clients))
    signal.signal(signal.SIGRTMIN + 1, lambda *_: time.sleep(3600))
    signal.signal(signal.SIGRTMIN + 2, lambda *_: threading.Thread(target=time.sleep, args=(3600,)).start())
    main()

"""
Notice that the event loop is stuck, and end the process: then whoever started it can start it again.

Nothing inside the loop can tell that the loop has stopped, and `/-/healthy` is answered by it.  So a thread counts its
own ticks between two signs of life.  Ticks, not time: a process that was stopped, or a machine that slept, is none the
worse for it.  What cannot be noticed is code that never lets go of the interpreter's lock.
"""

import asyncio
import contextlib
import faulthandler
import os
import threading
from collections.abc import Callable, Iterator

import structlog

STUCK_SECONDS = 60
TICK_SECONDS = 1.0
LAST_WORDS_SECONDS = 5.0  #: that telling may take: what holds the loop may be the very place that is written to
EXIT_CODE = 1


@contextlib.contextmanager
def watched(
    log: structlog.typing.FilteringBoundLogger,
    flush: Callable[[], object],
    *,
    descriptor: int = 2,
    limit: int = STUCK_SECONDS,
    tick: float = TICK_SECONDS,
    end: Callable[[int], object] = os._exit,
) -> Iterator[None]:
    """
    Watch over the running loop for as long as the block lasts.

    Args:
        log: For the reason.
        flush: Has the log written.
        descriptor: Where the stacks of all threads are written: our standard error.
        limit: Ticks without a sign of life after which it is stuck.
        tick: Seconds of a tick.
        end: Ends the process, with this code.
    """
    loop = asyncio.get_running_loop()
    over = threading.Event()
    alive = threading.Event()

    def watch() -> None:
        silent = 0
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(alive.set)
            while not over.wait(tick):
                if alive.is_set():
                    silent = 0
                    alive.clear()
                    loop.call_soon_threadsafe(alive.set)
                else:
                    silent += 1
                if silent >= limit:
                    _tell(log, flush, descriptor, round(limit * tick))
                    end(EXIT_CODE)
                    return

    thread = threading.Thread(target=watch, name="watchdog", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(LAST_WORDS_SECONDS)


def _tell(
    log: structlog.typing.FilteringBoundLogger, flush: Callable[[], object], descriptor: int, seconds: int
) -> None:
    """Say why, and where every thread is; in a thread of its own, as writing may never return."""

    def tell() -> None:
        log.critical("event loop stuck: the process ends, the stacks of its threads follow", seconds=seconds)
        flush()
        faulthandler.dump_traceback(descriptor, all_threads=True)

    teller = threading.Thread(target=tell, name="last words", daemon=True)
    teller.start()
    teller.join(LAST_WORDS_SECONDS)

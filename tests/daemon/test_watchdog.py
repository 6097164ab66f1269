"""The loop stands still in a process of its own, and what is left of it is read."""

import asyncio
import subprocess
import sys
import threading

import structlog

from monitor.daemon.watchdog import watched

STUCK = """
import asyncio, sys, threading
import structlog
from monitor.daemon.watchdog import watched

def stand_still():
    threading.Event().wait()

async def main():
    log = structlog.wrap_logger(structlog.PrintLogger(sys.stderr), processors=[structlog.processors.JSONRenderer()])
    with watched(log, sys.stderr.flush, limit=3, tick=0.02):
        stand_still()

asyncio.run(main())
"""

HASTE = "import monitor.daemon.watchdog; monitor.daemon.watchdog.LAST_WORDS_SECONDS = 0.05"


def test_a_stuck_loop_ends_the_process_and_shows_where_it_stood():
    ended = subprocess.run([sys.executable, "-c", STUCK], capture_output=True, text=True, check=False, timeout=60)

    assert ended.returncode == 1
    assert "event loop stuck" in ended.stderr
    assert "in stand_still" in ended.stderr


def test_a_log_that_cannot_be_written_does_not_save_the_process():
    deaf = STUCK.replace("sys.stderr.flush,", "threading.Event().wait,")
    hasty = deaf.replace(
        "from monitor.daemon.watchdog import watched", "from monitor.daemon.watchdog import watched\n" + HASTE
    )

    ended = subprocess.run([sys.executable, "-c", hasty], capture_output=True, text=True, check=False, timeout=60)

    assert ended.returncode == 1


async def test_a_loop_that_turns_is_left_alone_and_the_watch_ends_with_the_block():
    ends: list[int] = []

    with watched(structlog.get_logger(), bool, limit=10**6, tick=0.001, end=ends.append):
        for _ in range(200):
            await asyncio.sleep(0)

    assert ends == []
    assert "watchdog" not in {thread.name for thread in threading.enumerate()}


def test_the_watch_ends_with_a_loop_that_was_closed_before_it():
    ends: list[int] = []
    loop = asyncio.new_event_loop()

    async def begin():
        watch = watched(structlog.get_logger(), bool, limit=10**6, tick=0.001, end=ends.append)
        watch.__enter__()
        return watch

    watch = loop.run_until_complete(begin())
    loop.close()
    watch.__exit__(None, None, None)

    assert ends == []

"""
The sink that is always there: events as JSON lines on stdout.

Each line is the CloudEvent with structlog's `event` (= type), `level` and `timestamp` beside it.  Stdout may be a pipe
that nobody reads: it is written from a thread of its own, so that a full one holds up this sink and nothing else, and
what was not written stays with the dispatcher.  Lines are whole: after a torn one the next begins on a new line.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue

import msgspec
import orjson

from monitor.delivery.sink import Message, Unavailable
from monitor.delivery.stream import PartlyWrittenError, write_whole
from monitor.fleet.moment import iso
from monitor.views.escape import json_text

STDOUT = "stdout"  #: the sink that is always there
BATCH = 500  # lines of 1 KB: one write that a disk or a collector takes at once


class _Data(msgspec.Struct):
    severity: str = "info"


class _Head(msgspec.Struct):
    """As much of a CloudEvent as a line repeats."""

    type: str
    data: _Data


_Batch = tuple[Sequence[Message], "asyncio.Future[None]"]


class LogSink:
    """Writes lines to a file descriptor, which stays the caller's to close."""

    batch = BATCH
    concurrency = 1  # lines come in the order of recording
    limit: float | None = None  # a reader that has paused is no failure: the lines wait in the store

    def __init__(self, descriptor: int, *, now: Callable[[], int], name: str = STDOUT) -> None:
        """
        Args:
            descriptor: Where to write; 1 is stdout.
            now: Wall clock, milliseconds since 1970: the lines' `timestamp`.
            name: Of the sink.
        """
        self.name = name
        self._descriptor = descriptor
        self._now = now
        self._torn = False
        self._batches: SimpleQueue[_Batch | None] = SimpleQueue()
        # A daemon thread: nothing can end a write to a full pipe but its reader, and the process must end without it.
        self._thread = threading.Thread(target=self._write_batches, name=f"sink-{name}", daemon=True)
        self._thread.start()

    async def send(self, messages: Sequence[Message]) -> str:
        """
        Write them; returns, with nothing said, when the operating system has them all.

        Raises:
            Unavailable: Stdout is closed, or its disk is full.
        """
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._batches.put((messages, written))
        await written
        return ""

    async def aclose(self) -> None:
        """End the thread, without holding the loop meanwhile."""
        await asyncio.to_thread(self.close)

    def close(self, wait: float = 1.0) -> None:
        """End the thread once it has written what it was given; does not wait longer than so many seconds for it."""
        self._batches.put(None)
        self._thread.join(wait)

    def _write_batches(self) -> None:
        while (batch := self._batches.get()) is not None:
            messages, written = batch
            error: Exception | None
            try:
                error = self._write(messages)
            except Exception as bug:  # noqa: BLE001  # the top of the thread: whoever waits must hear of it
                error = bug
            try:
                written.get_loop().call_soon_threadsafe(_settle, written, error)
            except RuntimeError:
                return  # the loop is closed: nobody waits any more

    def _write(self, messages: Sequence[Message]) -> Unavailable | None:
        timestamp = iso(self._now())
        lines = b"".join(line(message.body, timestamp) for message in messages)
        try:
            write_whole(self._descriptor, b"\n" + lines if self._torn else lines)
        except OSError as error:
            self._torn = self._torn or isinstance(error, PartlyWrittenError)
            return Unavailable(f"cannot be written: {os.strerror(error.errno or 0)}")
        self._torn = False
        return None


def line(body: bytes, timestamp: str) -> bytes:
    """The event's line on stdout, with its line feed; `body` is a JSON object with `type` and `data`."""
    head = msgspec.json.decode(body, type=_Head)
    beside = orjson.dumps({"event": head.type, "level": head.data.severity, "timestamp": timestamp}).decode()
    return (json_text(body.decode().rstrip()[:-1]) + "," + beside[1:] + "\n").encode()


def _settle(written: "asyncio.Future[None]", error: Exception | None) -> None:
    if written.cancelled():
        return
    if error is None:
        written.set_result(None)
    else:
        written.set_exception(error)

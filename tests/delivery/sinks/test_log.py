"""Events on stdout: the lines, and a real pipe that is full or closed."""

import asyncio
import contextlib
import fcntl
import json
import os
from collections.abc import Iterator

import pytest

from monitor.delivery.sink import Message, Unavailable
from monitor.delivery.sinks.log import LogSink, line
from tests.delivery.fakes import body, message

PIPE = 4096  # bytes; the smallest that Linux makes


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIPE)
    yield reading, writing
    for descriptor in (reading, writing):
        with contextlib.suppress(OSError):
            os.close(descriptor)


@pytest.fixture
def sink(pipe: tuple[int, int]) -> Iterator[LogSink]:
    made = LogSink(pipe[1], now=lambda: 1_795_420_812_345)
    yield made
    made.close()


async def read(descriptor: int, size: int) -> bytes:
    """So many bytes of the pipe, however they come."""
    content = b""
    while len(content) < size:
        content += await asyncio.to_thread(os.read, descriptor, size - len(content))
    return content


def big(sequence: int, size: int) -> Message:
    """A message whose line is longer than the pipe."""
    text = json.dumps({"type": "app.baseline", "data": {"severity": "info"}, "filler": "x" * size})
    return Message(sequence, "id", text.encode(), "s", 0, 0)


async def test_a_line_is_the_event_with_what_structlog_adds(pipe, sink):
    await sink.send([message(1)])

    assert json.loads(os.read(pipe[0], PIPE)) == {
        "id": "id-1",
        "type": "number.degraded",
        "data": {"severity": "critical"},
        "event": "number.degraded",
        "level": "critical",
        "timestamp": "2026-11-23T08:00:12.345Z",
    }


@pytest.mark.parametrize("severity", ["info", "warning", "critical"])
def test_the_level_is_the_severity(severity):
    assert json.loads(line(body(1, severity=severity), "t"))["level"] == severity


def test_what_acts_on_a_terminal_is_written_out():
    text = '{"type":"t","data":{"severity":"info","name":"a\u009b31m\u202eb"}}'

    assert line(text.encode(), "t") == (
        b'{"type":"t","data":{"severity":"info","name":"a\\u009b31m\\u202eb"},"event":"t","level":"info","timestamp":"t"}\n'
    )


async def test_several_messages_are_whole_lines_in_their_order(pipe, sink):
    await sink.send([message(sequence) for sequence in (1, 2, 3)])

    assert [json.loads(text)["id"] for text in os.read(pipe[0], PIPE).splitlines()] == ["id-1", "id-2", "id-3"]


async def test_a_full_pipe_is_waited_for_without_holding_the_loop(pipe, sink):
    sending = asyncio.create_task(sink.send([big(1, 3 * PIPE)]))
    first = await read(pipe[0], PIPE)
    waits = not sending.done()
    rest = await read(pipe[0], len(line(big(1, 3 * PIPE).body, "2026-11-23T08:00:12.345Z")) - PIPE)
    await sending

    assert waits
    assert json.loads(first + rest)["event"] == "app.baseline"


async def test_a_descriptor_that_does_not_block_is_waited_for_too(pipe, sink):
    os.set_blocking(pipe[1], False)
    sending = asyncio.create_task(sink.send([big(1, 3 * PIPE)]))
    content = await read(pipe[0], len(line(big(1, 3 * PIPE).body, "2026-11-23T08:00:12.345Z")))
    await sending

    assert content.endswith(b"}\n")


async def test_a_closed_pipe_is_unavailable(pipe, sink):
    os.close(pipe[0])

    with pytest.raises(Unavailable, match=r"^cannot be written: Broken pipe$"):
        await sink.send([message(1)])


async def test_after_a_torn_line_the_next_begins_anew(tmp_path):
    """A pipe whose reader leaves in the middle, then one that stays: the descriptor is the same."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIPE)
    sink = LogSink(writing, now=lambda: 0)
    sending = asyncio.create_task(sink.send([big(1, 3 * PIPE)]))
    await read(reading, PIPE)
    os.close(reading)
    with pytest.raises(Unavailable):
        await sending
    target = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT)
    os.dup2(target, writing)
    await sink.send([message(2)])
    sink.close()
    os.close(target)
    os.close(writing)

    assert (tmp_path / "log").read_bytes().startswith(b'\n{"id": "id-2"')


async def test_a_body_that_is_no_event_is_told_to_the_caller_and_the_thread_goes_on(pipe, sink):
    with pytest.raises(Exception, match="truncated"):
        await sink.send([Message(1, "id", b"{", "s", 0, 0)])
    await sink.send([message(2)])

    assert json.loads(os.read(pipe[0], PIPE))["id"] == "id-2"


async def test_closing_does_not_wait_for_a_reader_that_never_comes(pipe):
    sink = LogSink(pipe[1], now=lambda: 0)
    sending = asyncio.create_task(sink.send([big(1, 3 * PIPE)]))
    await read(pipe[0], PIPE)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)

    sink.close(wait=0)
    os.close(pipe[0])

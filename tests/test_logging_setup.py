"""The daemon's log: its lines, the libraries' among them, and a stderr that nobody reads."""

import asyncio
import json
import logging
import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.logging_setup import MOST_WAITING, Form, Level, Logging

Open = Callable[..., Logging]


class Stderr:
    """A file in place of stderr, and the logs that write to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
        self.logs: list[Logging] = []

    def open(self, level: Level = "info", form: Form = "json", shown: Callable[[str], str] = str) -> Logging:
        self.logs.append(Logging(level, form, now=lambda: 1_795_420_812_345, descriptor=self.descriptor, shown=shown))
        return self.logs[-1]

    def text(self) -> str:
        """All that was written; ends the logs."""
        self.close()
        return self.path.read_text()

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines()]

    def close(self) -> None:
        while self.logs:
            self.logs.pop().close()


@pytest.fixture
def stderr(tmp_path: Path) -> Iterator[Stderr]:
    made = Stderr(tmp_path / "stderr")
    yield made
    made.close()
    os.close(made.descriptor)


def test_a_line_is_a_json_object_with_time_level_and_event_first(stderr):
    stderr.open().log.warning("poll failed", account="main", reason="timeout")

    assert stderr.text() == (
        '{"timestamp":"2026-11-23T08:00:12.345Z","level":"warning","event":"poll failed",'
        '"account":"main","reason":"timeout"}\n'
    )


def test_lines_below_the_level_are_left_out(stderr):
    log = stderr.open("warning").log
    log.info("quiet")
    log.error("loud")

    assert [line["event"] for line in stderr.lines()] == ["loud"]


def test_a_reload_changes_level_and_form_of_loggers_already_handed_out(stderr):
    logging_ = stderr.open("warning")
    log = logging_.log.bind(account="main")
    logging_.change("debug", "console")
    log.debug("seen")

    assert "[debug    ] seen" in stderr.text()


@pytest.mark.parametrize("value", ["half a pair: \ud800", 2**70, Path("/x"), {1: 2}, b"bytes"])
def test_any_value_makes_one_line_of_json(stderr, value):
    stderr.open().log.info("odd", value=value)

    assert [line["event"] for line in stderr.lines()] == ["odd"]


@pytest.mark.parametrize("form", ["json", "console"])
def test_what_acts_on_a_terminal_is_written_out(stderr, form):
    stderr.open(form=form).log.info("name", name="a\x1b[31m\x9b\u202e\nb")

    assert not {"\x1b", "\x9b", "\u202e"} & set(stderr.text())


def test_a_console_line_stays_one_line(stderr):
    stderr.open(form="console").log.info("name", name="a\nb")

    assert stderr.text().count("\n") == 1


def failing_with(secret: str) -> None:
    raise ValueError(f"no\nway in {len(secret)}")


def failing_at(log: Any) -> None:
    try:
        failing_with(chr(104) + "ush")
    except ValueError:
        log.exception("poll broke")


def test_an_exception_is_said_in_one_line(stderr):
    failing_at(stderr.open().log)

    (line,) = stderr.lines()
    assert (line["level"], line["exception"]) == ("error", "ValueError: no way in 4")
    assert "test_logging_setup.py:" in line["at"]
    assert "traceback" not in line


@pytest.mark.parametrize("form", ["json", "console"])
def test_at_debug_an_exception_has_its_traceback_without_the_values_of_variables(stderr, form):
    failing_at(stderr.open("debug", form).log)

    text = stderr.text()
    assert "failing_with" in text
    assert "hush" not in text


def test_libraries_lines_are_among_ours(stderr):
    stderr.open()
    logging.getLogger("asyncio").error("executor is %s", "slow")

    (line,) = stderr.lines()
    assert (line["event"], line["logger"], line["level"]) == ("executor is slow", "asyncio", "error")


def test_libraries_below_warning_are_left_out_even_at_debug(stderr):
    stderr.open("debug")
    logging.getLogger("httpx").info("HTTP Request: GET https://crm.example/?token=hush")

    assert stderr.text() == ""


def test_a_job_that_still_runs_is_not_logged_by_the_scheduler(stderr):
    stderr.open()
    logging.getLogger("apscheduler.scheduler").warning(
        'Execution of job "%s" skipped: maximum number of running instances reached (%d)', "poll", 1
    )

    assert stderr.text() == ""


def test_warnings_are_lines_too(stderr):
    stderr.open()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("old way", DeprecationWarning, stacklevel=1)

    assert "old way" in stderr.lines()[0]["event"]


def test_the_root_logger_is_put_back(stderr):
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    stderr.open()
    stderr.close()

    assert (root.level, root.handlers) == before


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    os.close(writing)


async def test_a_stderr_that_nobody_reads_holds_up_nobody_and_what_it_missed_is_counted(pipe):
    reading, writing = pipe
    logging_ = Logging("info", "json", now=lambda: 0, descriptor=writing)
    written = 3 * MOST_WAITING
    for number in range(written):
        logging_.log.info("line", number=number)
    with os.fdopen(reading, "rb") as lines:
        got = [json.loads(await asyncio.to_thread(lines.readline)) for _ in range(1)]
        closing = asyncio.create_task(asyncio.to_thread(logging_.close, 60))
        while got[-1].get("number") != written - 1 and "lines" not in got[-1]:
            got.append(json.loads(await asyncio.to_thread(lines.readline)))
        await closing

    assert got[-1]["event"] == "log lines dropped: nobody read stderr"
    assert len(got) - 1 + got[-1]["lines"] == written


def test_a_closed_stderr_is_no_fault_of_the_work(pipe):
    reading, writing = pipe
    os.close(reading)
    logging_ = Logging("info", "json", now=lambda: 0, descriptor=writing)
    logging_.log.info("line")

    logging_.close()


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_text_of_a_line_gets_past_discretion(stderr, form):
    logging_ = stderr.open("debug", form, shown=lambda text: text.replace("hunter2", "…"))

    logging_.log.error(
        "hunter2 broke", url="http://hunter2", all=["hunter2", {"hunter2": ("hunter2",)}], at=Path("hunter2")
    )
    error = RuntimeError("cannot ask http://host/hunter2")
    error.__cause__ = OSError("hunter2")
    logging_.log.error("sink broke", exc_info=error)
    logging.getLogger("library").warning("sent hunter2")

    text = stderr.text()
    assert "hunter2" not in text
    assert text.count("…") >= 8

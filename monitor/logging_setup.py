"""
The daemon's own log: structlog's lines on stderr, and the libraries' among them.

For the composition root: it makes one `Logging`, hands its `log` to the parts and closes it last.  Nothing is
configured process-wide but the standard library's root logger, which is put back at the end.
Stderr may be a pipe that nobody reads: lines are written by a thread, and what a full one cannot take is dropped and
counted, for a log must never hold up the work.
"""

import json
import logging
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Literal

import orjson
import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from monitor.delivery.stream import write_whole
from monitor.fleet.moment import iso
from monitor.views.escape import json_text, terminal

Level = Literal["debug", "info", "warning", "error", "critical"]
Form = Literal["json", "console"]

MOST_WAITING = 5_000  # lines, of some 300 bytes each

LEVELS: Mapping[str, int] = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}
_FIRST_KEYS = ("timestamp", "level", "event")

#: Log lines of libraries that say nothing: (logger's name, part of the message).
_SILENCED = (("apscheduler", "maximum number of running instances reached"),)


class Logging:
    """The log of one process."""

    def __init__(
        self,
        level: Level,
        form: Form,
        *,
        now: Callable[[], int],
        descriptor: int = 2,
        colours: bool = False,
        shown: Callable[[str], str] = str,
    ) -> None:
        """
        Args:
            level: Lines below it are not written.
            form: `json`, a JSON object a line; `console`, for people.
            now: Wall clock, milliseconds since 1970.
            descriptor: Where to write; 2 is stderr.
            colours: Whether `console` may use them.
            shown: Makes of each text what may be shown of it; called by whichever thread logs.
        """
        self._shown = shown
        self._threshold = LEVELS[level]
        self._form: Form = form
        self._console = structlog.dev.ConsoleRenderer(colors=colours, sort_keys=False)
        self._now = now
        self._lines = _Lines(descriptor, self._dropped_line)
        processors: list[Processor] = [
            self._drop_below_threshold,
            structlog.processors.add_log_level,
            self._stamp,
            self._explain_exception,
            self._keep_discretion,
            self._render,
        ]
        self.log: FilteringBoundLogger = structlog.wrap_logger(
            structlog.BytesLogger(self._lines),  # type: ignore[arg-type]  # it writes and flushes; no more is asked of it
            processors=processors,
            wrapper_class=structlog.make_filtering_bound_logger(0),  # the threshold may change while we run
        )
        self._bridge = _Bridge(self.log)
        root = logging.getLogger()
        self._root_level = root.level
        # Libraries below warning are noise, and at debug they tell headers and statements: secrets, that is.
        root.setLevel(logging.WARNING)
        root.addHandler(self._bridge)
        logging.captureWarnings(capture=True)

    def change(self, level: Level, form: Form) -> None:
        """Take over what a reload has changed; loggers already handed out follow."""
        self._threshold = LEVELS[level]
        self._form = form

    def close(self, wait: float = 1.0) -> None:
        """Write what waits, so many seconds long at most, and let go of the root logger."""
        logging.captureWarnings(capture=False)
        root = logging.getLogger()
        root.removeHandler(self._bridge)
        root.setLevel(self._root_level)
        self._lines.close(wait)

    def _drop_below_threshold(self, _logger: WrappedLogger, method: str, event_dict: EventDict) -> EventDict:
        if LEVELS.get(method, 0) < self._threshold:
            raise structlog.DropEvent
        return event_dict

    def _stamp(self, _logger: WrappedLogger, _method: str, event_dict: EventDict) -> EventDict:
        event_dict["timestamp"] = iso(self._now())
        return event_dict

    def _explain_exception(self, _logger: WrappedLogger, _method: str, event_dict: EventDict) -> EventDict:
        """Say an exception in one line; at debug with its traceback, never with the values of variables."""
        error = _exception(event_dict.pop("exc_info", None))
        if error is None:
            return event_dict
        frames = traceback.extract_tb(error.__traceback__)
        event_dict["exception"] = "".join(traceback.format_exception_only(error)).strip().replace("\n", " ")
        if frames:
            event_dict["at"] = f"{frames[-1].filename}:{frames[-1].lineno}"
        if self._threshold <= LEVELS["debug"]:
            if self._form == "json":
                event_dict["traceback"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
            else:
                event_dict["exception"] = "".join(traceback.format_exception(error))
        return event_dict

    def _keep_discretion(self, _logger: WrappedLogger, _method: str, event_dict: EventDict) -> EventDict:
        return {key: self._discreet(value) for key, value in event_dict.items()}

    def _discreet(self, value: object) -> object:
        """The value with every text in it as it may be shown; what JSON does not know becomes text."""
        match value:
            case bool() | int() | float() | None:
                return value
            case Mapping():
                return {self._shown(str(key)): self._discreet(item) for key, item in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self._discreet(item) for item in value]
        return self._shown(str(value))

    def _render(self, logger: WrappedLogger, method: str, event_dict: EventDict) -> bytes:
        if self._form == "json":
            return json_line(event_dict)
        text = self._console(logger, method, _harmless(event_dict))
        return str(text).encode()

    def _dropped_line(self, count: int) -> bytes:
        said: EventDict = {
            "timestamp": iso(self._now()),
            "level": "warning",
            "event": "log lines dropped: nobody read stderr",
            "lines": count,
        }
        return self._render(None, "warning", said) + b"\n"


def json_line(event_dict: Mapping[str, Any]) -> bytes:
    """The line's JSON, its time, level and event first; whatever the values are, it comes out on one line."""
    ordered = {key: event_dict[key] for key in _FIRST_KEYS if key in event_dict} | dict(event_dict)
    try:
        line = orjson.dumps(ordered, default=str, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:  # half a surrogate pair from the vendor, or an integer of more than 64 bits
        line = json.dumps(ordered, default=str).encode()
    return json_text(line.decode()).encode()


def _harmless(event_dict: EventDict) -> EventDict:
    """With every character that a terminal would obey written out; a traceback keeps its lines."""
    return {
        key: "\n".join(map(terminal, value.split("\n")))
        if key == "exception"
        else terminal(value)
        if isinstance(value, str)
        else value
        for key, value in event_dict.items()
    }


def _exception(exc_info: object) -> BaseException | None:
    """The exception that a log call was given, in any of the forms that logging knows."""
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return exc_info[1] if isinstance(exc_info[1], BaseException) else None
    return sys.exc_info()[1] if exc_info else None


class _Lines:
    """What structlog writes to: keeps the lines until the thread has written them."""

    def __init__(self, descriptor: int, dropped_line: Callable[[int], bytes]) -> None:
        self._descriptor = descriptor
        self._dropped_line = dropped_line
        self._waiting: deque[bytes] = deque()
        self._dropped = 0
        self._closing = False
        self._changed = threading.Condition()
        # A daemon thread: nothing ends a write to a full pipe but its reader, and the process must end without it.
        self._thread = threading.Thread(target=self._write, name="log", daemon=True)
        self._thread.start()

    def write(self, line: bytes) -> None:
        with self._changed:
            if len(self._waiting) < MOST_WAITING:
                self._waiting.append(line)
            else:
                self._dropped += 1
            self._changed.notify()

    def flush(self) -> None:
        """Nothing: the thread writes as soon as it can."""

    def close(self, wait: float) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(wait)

    def _write(self) -> None:
        while lines := self._take():
            try:
                write_whole(self._descriptor, lines)
            except OSError:
                continue  # stderr is closed or its disk is full: there is nobody left to tell

    def _take(self) -> bytes:
        """Everything that waits; empty at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            lines = b"".join(self._waiting)
            self._waiting.clear()
            dropped, self._dropped = self._dropped, 0
        return lines + self._dropped_line(dropped) if dropped else lines


class _Bridge(logging.Handler):
    """Puts the libraries' lines among ours."""

    def __init__(self, log: FilteringBoundLogger) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = record.getMessage()
            if any(record.name.startswith(name) and part in text for name, part in _SILENCED):
                return
            level = max((value for value in LEVELS.values() if value <= record.levelno), default=LEVELS["debug"])
            self._log.log(level, text, logger=record.name, exc_info=record.exc_info)
        except Exception:  # noqa: BLE001  # as logging.Handler asks: a log line must not break who wrote it
            self.handleError(record)

"""
What programs can ask for: one declaration each, which the routes and the API's description are both made of.

The pages for people are not here.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Literal

import msgspec

from monitor.views import filters, shapes
from monitor.views.verdict import Verdict
from monitor.web import stream
from monitor.web.problem import NOT_READY, OWNER, STOPPING, STORE, STREAMS, TOO_SOON, UNKNOWN, Kind, plain
from monitor.web.verdicts import Asked

JSON = "application/json"
TEXT = "text/plain"
OPENMETRICS = "application/openmetrics-text"


class Events(msgspec.Struct, kw_only=True):
    """A page of events, in the order in which they were recorded."""

    items: list["Event"]
    next: shapes.Next


class Event(msgspec.Struct, kw_only=True):
    """Stands for a CloudEvent, whose schema is `fleet.schema`'s."""


class Verdicts(msgspec.Struct, kw_only=True):
    """The verdicts on many numbers, in the order in which they were asked for."""

    items: list[Verdict]
    next: None


class Part(msgspec.Struct, frozen=True):
    """Which part of the metrics."""

    part: Literal["fleet", "daemon"] | None = None


class Answer(msgspec.Struct, frozen=True):
    """What an operation answers where all is well."""

    says: str
    shape: type | None = None  #: None: any text
    media: tuple[str, ...] = (JSON,)


class Operation(msgspec.Struct, frozen=True):
    """A path and a method."""

    id: str
    method: Literal["GET", "POST"]
    path: str
    summary: str
    answers: Mapping[int, Answer]
    problems: tuple[Kind, ...] = ()  #: what can go wrong, beside what every operation has, and a filter brings
    filter: type[Any] | None = None  #: its fields are the query's parameters
    resumable: bool = False  #: takes Last-Event-ID
    tagged: bool = False  #: has an ETag
    asked: type | None = None  #: the body's form

    @property
    def is_api(self) -> bool:
        """Whether its errors are problems and its answers are negotiated."""
        return self.path.startswith("/api/")

    @property
    def media(self) -> str:
        """The form of its answer."""
        return next(iter(self.answers.values())).media[0]


def _ok(says: str, shape: type) -> Mapping[int, Answer]:
    return {HTTPStatus.OK: Answer(says, shape)}


def _text(*says: tuple[int, str]) -> Mapping[int, Answer]:
    return {status: Answer(sentence, None, (TEXT,)) for status, sentence in says}


_WRITE = (plain(403), UNKNOWN, STOPPING, STORE, OWNER)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "numbers",
        "GET",
        "/api/v1/numbers",
        "The numbers, as they are now",
        _ok("A page", shapes.Numbers),
        problems=(NOT_READY,),
        filter=filters.NumberFilter,
        tagged=True,
    ),
    Operation(
        "verdict",
        "GET",
        "/api/v1/numbers/{number}/verdict",
        "Whether a number can send, and whether a campaign should",
        _ok("The verdict", Verdict),
        problems=(UNKNOWN, NOT_READY),
        filter=filters.Scope,
    ),
    Operation(
        "verdicts",
        "POST",
        "/api/v1/verdicts",
        "The same for up to 1,000 numbers",
        _ok("The verdicts, in the order of the numbers", Verdicts),
        problems=(plain(400), plain(413), plain(422)),
        filter=filters.Scope,
        asked=Asked,
    ),
    Operation(
        "apps",
        "GET",
        "/api/v1/apps",
        "The apps, as they are now",
        _ok("A page", shapes.Apps),
        problems=(NOT_READY,),
        filter=filters.AppFilter,
        tagged=True,
    ),
    Operation(
        "poll",
        "POST",
        "/api/v1/apps/{account}/{appkey}/poll",
        "Poll an app now",
        {
            HTTPStatus.OK: Answer("It was polled", shapes.Polled),
            HTTPStatus.ACCEPTED: Answer("It takes long and goes on", shapes.Polling),
        },
        problems=(*_WRITE, TOO_SOON, NOT_READY),
    ),
    Operation(
        "accept",
        "POST",
        "/api/v1/accounts/{account}/accept",
        "Believe what is held back as suspect",
        _ok("It is believed", shapes.Accepted),
        problems=_WRITE,
    ),
    Operation(
        "events",
        "GET",
        "/api/v1/events",
        "The recorded events",
        _ok("A page", Events),
        problems=(STORE,),
        filter=filters.EventFilter,
        tagged=True,
    ),
    Operation(
        "stream",
        "GET",
        "/api/v1/events/stream",
        "Events as they are recorded, as server-sent events",
        {HTTPStatus.OK: Answer("A stream without end", None, (stream.MEDIA_TYPE,))},
        problems=(STORE, STOPPING, STREAMS),
        filter=filters.StreamFilter,
        resumable=True,
    ),
    Operation(
        "deliveries",
        "GET",
        "/api/v1/deliveries",
        "Which event went to which sink",
        _ok("A page", shapes.Deliveries),
        problems=(STORE,),
        filter=filters.DeliveryFilter,
        tagged=True,
    ),
    Operation(
        "openapi", "GET", "/api/openapi.json", "This description", _ok("OpenAPI 3.1", dict[str, Any]), tagged=True
    ),
    Operation(
        "metrics",
        "GET",
        "/metrics",
        "The metrics, for Prometheus",
        {
            HTTPStatus.OK: Answer("All of them, or the part", None, (TEXT, OPENMETRICS)),
            **_text((400, "No such part"), (503, "Too many scrapes at once")),
        },
        filter=Part,
    ),
    Operation(
        "healthy",
        "GET",
        "/-/healthy",
        "Whether the daemon goes on",
        _text((200, "It does"), (503, "It does not, and why")),
    ),
    Operation(
        "ready",
        "GET",
        "/-/ready",
        "Whether the daemon shows something yet",
        _text((200, "It does"), (503, "Not yet, and why")),
    ),
    Operation(
        "reload",
        "POST",
        "/-/reload",
        "Read the configuration anew",
        _text((200, "It is in force"), (403, "Not from here"), (500, "The old one stays in force, and why")),
    ),
)

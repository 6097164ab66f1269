"""
The API's description, OpenAPI 3.1, made of what the code declares: operations, filters, shapes, schemas of events.

Schemas are open: an answer may have more fields in a later version, and what it has stays.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
import orjson
from starlette.requests import Request
from starlette.responses import Response

from monitor.fleet.schema import ENVELOPE
from monitor.fleet.shapes import SHAPES
from monitor.views.shapes import FILTERS, SEQUENCE_CURSOR, Problem
from monitor.web.entrance import OPEN
from monitor.web.examples import ASKED, PLACE, examples
from monitor.web.operations import OPERATIONS, Answer, Operation
from monitor.web.problem import FILTER, Kind, plain
from monitor.web.problem import MEDIA_TYPE as PROBLEM
from monitor.web.tagged import tagged

Json = dict[str, Any]

_ALWAYS = (plain(406), plain(500))  #: problems of every operation of the API
_REFERENCE = "#/components/schemas/{name}"
_DESCRIPTION = """\
What number-monitor knows of an integrator's WhatsApp numbers, and what it was told to do about it.
Errors are problems as in RFC 9457.  Schemas are open: leave alone what you do not know."""


class Entry(msgspec.Struct, frozen=True):
    """What the entrance may answer instead, as `web.config_file` has it."""

    asks: bool = True  #: there are users: without a password there is 401, while many wait for theirs 503, probes aside
    limits: bool = True  #: there is a rate limit: beyond it there is 429

    @property
    def refusals(self) -> Mapping[int, str]:
        """Statuses, and what they say."""
        told = {401: "No user of `web.config_file`", 503: "Many passwords wait to be checked"} if self.asks else {}
        return told | ({429: "More than its `rate_limit` allows"} if self.limits else {})


class OpenApi:
    """`GET /api/openapi.json`."""

    def __init__(self, version: str, entry: Entry) -> None:
        self._version = version
        self._entry = entry
        self._body = b""  # made when it is first asked for: few ever do

    async def get(self, request: Request) -> Response:
        """The description, always the same."""
        if not self._body:
            self._body = orjson.dumps(
                await asyncio.to_thread(description, self._version, self._entry)
            )  # it takes 30 ms
        return tagged(request, self._body)


def description(version: str, entry: Entry) -> Json:
    """The whole document; `version` is number-monitor's, `entry` says who is let in."""
    paths: dict[str, Json] = {}
    shown = examples()
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, shown, entry)
    components = {"schemas": _schemas()}
    if entry.asks:
        components["securitySchemes"] = {"basic": {"type": "http", "scheme": "basic"}}
    return {
        "openapi": "3.1.1",
        "info": {"title": "number-monitor", "version": version, "description": _DESCRIPTION},
        "security": [{"basic": []}] if entry.asks else [],
        "paths": paths,
        "components": components,
    }


def _operation(operation: Operation, shown: Mapping[str, Any], entry: Entry) -> Json:
    described: Json = {"operationId": operation.id, "summary": operation.summary}
    if operation.path in OPEN:
        described["security"] = []
    parameters = [*_of_path(operation), *_of_query(operation), *_of_headers(operation)]
    if parameters:
        described["parameters"] = parameters
    if operation.asked is not None:
        content = {"schema": _reference(operation.asked), "example": ASKED[operation.id]}
        described["requestBody"] = {"required": True, "content": {"application/json": content}}
    described["responses"] = {str(status): one for status, one in sorted(_responses(operation, shown, entry).items())}
    return described


def _of_path(operation: Operation) -> list[Json]:
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": _PATHS[name],
            "schema": {"type": "string", "minLength": 1},
            "example": PLACE[name],
        }
        for name in names
    ]


_PATHS = {
    "account": "as the configuration names it",
    "appkey": "of an app that is watched",
    "number": "E.164 with or without its plus sign",
}


def _of_query(operation: Operation) -> list[Json]:
    fields = () if operation.filter is None else msgspec.structs.fields(operation.filter)
    found = []
    for field in fields:
        schema, text = SEQUENCE_CURSOR if _is_sequence(field) else FILTERS[field.name]
        found.append({"name": field.name, "in": "query", "description": text, "schema": dict(schema)})
    return found


def _is_sequence(field: msgspec.structs.FieldInfo) -> bool:
    return field.name == "cursor" and field.type == int | None


def _of_headers(operation: Operation) -> list[Json]:
    found: list[Json] = []
    if operation.tagged:
        found.append(_header("If-None-Match", "the `ETag` of what is known already", _TEXT_SCHEMA))
    if operation.resumable:
        sequence = {"type": "string", "pattern": "^[0-9]{1,20}$"}
        found.append(_header("Last-Event-ID", "go on after this sequence; goes before `cursor`", sequence))
    return found


def _header(name: str, text: str, schema: Json) -> Json:
    return {"name": name, "in": "header", "description": text, "schema": schema}


def _responses(operation: Operation, shown: Mapping[str, Any], entry: Entry) -> dict[int, Json]:
    responses = {status: _answer(operation, answer, shown) for status, answer in operation.answers.items()}
    if operation.tagged:
        responses[HTTPStatus.NOT_MODIFIED] = {"description": "It is as the client knows it", "headers": _ETAG}
    if operation.is_api:
        responses |= _problems([*_kinds(operation), *map(plain, entry.refusals)])
    elif operation.path not in OPEN:
        refused = {status: {"description": text, "content": _TEXT} for status, text in entry.refusals.items()}
        responses = refused | responses
    for status in responses.keys() & _HEADERS.keys():
        responses[status]["headers"] = _HEADERS[status]
    return responses


def _kinds(operation: Operation) -> Iterable[Kind]:
    """The problems that an operation of the API can answer, the entrance's aside."""
    resumed = operation.filter is not None or operation.resumable
    return (*operation.problems, *((FILTER,) if resumed else ()), *_ALWAYS)


def _problems(kinds: Iterable[Kind]) -> dict[int, Json]:
    """By status, which problems there are; each type once."""
    by_status: dict[int, list[Kind]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind)
    return {status: _one_of(list(dict.fromkeys(some))) for status, some in by_status.items()}


def _one_of(kinds: Sequence[Kind]) -> Json:
    types = {"properties": {"type": {"enum": [kind.type for kind in kinds]}}}
    schema = {"allOf": [_reference(Problem), types]}
    return {"description": "; ".join(kind.title for kind in kinds), "content": {PROBLEM: {"schema": schema}}}


_TEXT_SCHEMA = {"type": "string"}
_TEXT = {"text/plain": {"schema": _TEXT_SCHEMA}}
_ETAG = {"ETag": {"description": "weak; for If-None-Match", "schema": _TEXT_SCHEMA}}
_HEADERS: Mapping[int, Json] = {
    401: {"WWW-Authenticate": {"description": "Basic", "schema": _TEXT_SCHEMA}},
    429: {"Retry-After": {"description": "seconds", "schema": {"type": "integer", "minimum": 0}}},
}


def _answer(operation: Operation, answer: Answer, shown: Mapping[str, Any]) -> Json:
    schema = {"type": "string"} if answer.shape is None else _reference(answer.shape)
    content: Json = {"schema": schema}
    if operation.id in shown and answer is next(iter(operation.answers.values())):
        content["example"] = shown[operation.id]
    described: Json = {"description": answer.says, "content": dict.fromkeys(answer.media, content)}
    if operation.tagged:
        described["headers"] = _ETAG
    return described


def _reference(shape: type) -> Json:
    if not issubclass(shape, msgspec.Struct):
        return {"type": "object"}
    return {"$ref": _REFERENCE.format(name=shape.__name__)}


def _shapes() -> Iterable[type]:
    yield Problem
    for operation in OPERATIONS:
        if operation.asked is not None:
            yield operation.asked
        for answer in operation.answers.values():
            if answer.shape is not None and issubclass(answer.shape, msgspec.Struct):
                yield answer.shape


def _schemas() -> Json:
    told, of_events = msgspec.json.schema_components(SHAPES.values(), ref_template=_REFERENCE)
    _, of_answers = msgspec.json.schema_components(list(dict.fromkeys(_shapes())), ref_template=_REFERENCE)
    return {**of_events, **of_answers, "Event": _event(dict(zip(SHAPES, told, strict=True)))}


def _event(told: Mapping[str, Json]) -> Json:
    return {
        "description": "A CloudEvent 1.0.  An unlisted type is a later version's.",
        "type": "object",
        "properties": dict(ENVELOPE),
        "required": list(ENVELOPE),
        "allOf": [
            {"if": {"properties": {"type": {"const": kind}}}, "then": {"properties": {"data": data}}}
            for kind, data in told.items()
        ],
    }

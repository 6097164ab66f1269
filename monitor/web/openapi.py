"""
The API's description, OpenAPI 3.1, made of what the code declares: operations, filters, shapes, schemas of events.

Schemas are open: an answer may have more fields in a later version, and what it has stays.
"""

import asyncio
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
import orjson
from starlette.requests import Request
from starlette.responses import Response

from monitor.fleet.schema import ENVELOPE
from monitor.fleet.shapes import SHAPES
from monitor.views.shapes import FILTERS, Problem
from monitor.web.entrance import OPEN
from monitor.web.examples import ASKED, PLACE, examples
from monitor.web.operations import OPERATIONS, Answer, Operation
from monitor.web.problem import MEDIA_TYPE as PROBLEM
from monitor.web.tagged import tagged

Json = dict[str, Any]

_ALWAYS = (401, 406, 429, 500)  #: statuses of problems of every operation of the API
_REFUSED = {401: "No user of `web.config_file`", 429: "More than its `rate_limit` allows"}  #: the same of the others
_REFERENCE = "#/components/schemas/{name}"
_DESCRIPTION = """\
What number-monitor knows of an integrator's WhatsApp numbers, and what it was told to do about it.
Errors are problems as in RFC 9457.  Schemas are open: leave alone what you do not know."""


class OpenApi:
    """`GET /api/openapi.json`."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._body = b""  # made when it is first asked for: few ever do

    async def get(self, request: Request) -> Response:
        """The description, always the same."""
        if not self._body:
            self._body = orjson.dumps(await asyncio.to_thread(description, self._version))  # it takes 30 ms
        return tagged(request, self._body)


def description(version: str) -> Json:
    """The whole document; `version` is number-monitor's."""
    paths: dict[str, Json] = {}
    shown = examples()
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, shown)
    return {
        "openapi": "3.1.1",
        "info": {"title": "number-monitor", "version": version, "description": _DESCRIPTION},
        "security": [{}, {"basic": []}],
        "paths": paths,
        "components": {"schemas": _schemas(), "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}}},
    }


def _operation(operation: Operation, shown: Mapping[str, Any]) -> Json:
    described: Json = {"operationId": operation.id, "summary": operation.summary}
    if operation.path in OPEN:
        described["security"] = []
    parameters = [*_of_path(operation), *_of_query(operation), *_of_headers(operation)]
    if parameters:
        described["parameters"] = parameters
    if operation.asked is not None:
        content = {"schema": _reference(operation.asked), "example": ASKED[operation.id]}
        described["requestBody"] = {"required": True, "content": {"application/json": content}}
    described["responses"] = {str(status): one for status, one in sorted(_responses(operation, shown).items())}
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
    names = () if operation.filter is None else operation.filter.__struct_fields__
    return [
        {"name": name, "in": "query", "description": FILTERS[name][1], "schema": dict(FILTERS[name][0])}
        for name in names
    ]


def _of_headers(operation: Operation) -> list[Json]:
    found: list[Json] = []
    if operation.tagged:
        found.append(_header("If-None-Match", "the `ETag` of what is known already", {"type": "string"}))
    if operation.resumable:
        sequence = {"type": "string", "pattern": "^[0-9]{1,20}$"}
        found.append(_header("Last-Event-ID", "go on after this sequence; goes before `cursor`", sequence))
    return found


def _header(name: str, text: str, schema: Json) -> Json:
    return {"name": name, "in": "header", "description": text, "schema": schema}


def _responses(operation: Operation, shown: Mapping[str, Any]) -> dict[int, Json]:
    responses = {status: _answer(operation, answer, shown) for status, answer in operation.answers.items()}
    if operation.tagged:
        responses[HTTPStatus.NOT_MODIFIED] = {"description": "It is as the client knows it", "headers": _ETAG}
    if operation.is_api:
        read = (HTTPStatus.BAD_REQUEST,) if operation.filter is not None else ()
        for status in (*operation.problems, *read, *_ALWAYS):
            content = {PROBLEM: {"schema": _reference(Problem)}}
            responses[status] = {"description": HTTPStatus(status).phrase, "content": content}
    elif operation.path not in OPEN:
        responses |= {status: {"description": text, "content": _TEXT} for status, text in _REFUSED.items()}
    return responses


_TEXT = {"text/plain": {"schema": {"type": "string"}}}
_ETAG = {"ETag": {"description": "weak; for If-None-Match", "schema": {"type": "string"}}}


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

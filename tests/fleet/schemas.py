"""Events held against their schemas, strictly: a field that is not in one is a problem too."""

from functools import cache
from typing import Any

import msgspec
from jsonschema import Draft202012Validator

from monitor.fleet.cloudevent import body, event_id, identity
from monitor.fleet.event import Event
from monitor.fleet.schema import schema_of

STORE = "7d444840-9dc0-11d1-b245-5ffdce74fad2"


def problems(told: Any) -> list[str]:
    """What is wrong with an event as it goes out, decoded; nothing when all is well."""
    return [f"{error.json_path}: {error.message}" for error in _strict(told["type"]).iter_errors(told)]


def as_told(event: Event) -> Any:
    """An event as it goes out, decoded."""
    return msgspec.json.decode(body(event, id=event_id(STORE, identity(event), 1), sequence=1))


def closed(schema: Any) -> Any:
    """The schema without room for what it does not name."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    own = {name: closed(item) for name, item in schema.items()}
    return {"additionalProperties": False, **own} if isinstance(schema.get("properties"), dict) else own


@cache
def _strict(kind: str) -> Draft202012Validator:
    return Draft202012Validator(closed(schema_of(kind)))

"""
The JSON Schemas of events, made of `shapes`: one of each type, and one of any event.

Pure.  They are open: a field that is not in a schema may come with a later version, and so may a type of event; what
is in it stays.  Draft 2020-12; `format` is for readers, `pattern` says the same to validators.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from monitor.fleet.cloudevent import SEQUENCE_DIGITS
from monitor.fleet.event import EVENT_TYPES
from monitor.fleet.shapes import ISO, SHAPES

DRAFT = "https://json-schema.org/draft/2020-12/schema"
UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

Schema = dict[str, Any]

#: What an event is beside its data, in the order in which it is written.
ENVELOPE: Mapping[str, Schema] = {
    "specversion": {"const": "1.0"},
    "id": {"type": "string", "format": "uuid", "pattern": UUID, "description": "the same in every attempt, for ever"},
    "source": {
        "type": "string",
        "format": "uri-reference",
        "pattern": "^/accounts/[^/]+(/apps/[^/]+)?$",
        "description": "the account, or the app; names are percent-encoded",
    },
    "type": {"type": "string"},
    "subject": {
        "type": "string",
        "minLength": 1,
        "description": "the number; the WABA of a tier; the appkey of an app; the account of what concerns all of it",
    },
    "time": {
        "type": "string",
        "format": "date-time",
        "pattern": ISO,
        "description": "the start of the call whose answer told it",
    },
    "sequence": {
        "type": "string",
        "pattern": f"^[0-9]{{{SEQUENCE_DIGITS}}}$",
        "description": "rises with every recorded event; compare as text or as a number; all zeros in a trial",
    },
    "datacontenttype": {"const": "application/json"},
    "data": {"type": "object"},
}


def schema_of(kind: str) -> Schema:
    """The schema of a type of event, complete in itself.  KeyError for one that there is not."""
    shape = SHAPES[kind]
    _, components = msgspec.json.schema_components([shape], ref_template="#/$defs/{name}")
    data = components.pop(shape.__name__)
    data["properties"]["severity"]["enum"] = list(EVENT_TYPES[kind])
    data.pop("title")
    description = data.pop("description")
    return {
        "$schema": DRAFT,
        "title": kind,
        "description": description,
        "type": "object",
        "properties": {**ENVELOPE, "type": {"const": kind}, "data": data},
        "required": list(ENVELOPE),
        "$defs": components,
    }


def schema_of_any() -> Schema:
    """The schema of any event, with those of the types beside it, by their file names."""
    return {
        "$schema": DRAFT,
        "title": "event",
        "description": "Any event of number-monitor: a CloudEvent 1.0.  An unlisted type is a later version's.",
        "type": "object",
        "properties": dict(ENVELOPE),
        "required": list(ENVELOPE),
        "allOf": [
            {"if": {"properties": {"type": {"const": kind}}}, "then": {"$ref": file_name(kind)}} for kind in SHAPES
        ],
    }


def file_name(kind: str) -> str:
    """Under which a type's schema is published."""
    return f"{kind}.schema.json"


def files() -> dict[str, bytes]:
    """Every published file by its name, as it is written."""
    schemas = {"event": schema_of_any(), **{kind: schema_of(kind) for kind in SHAPES}}
    return {file_name(name): _written(schema) for name, schema in schemas.items()}


def _written(schema: Schema) -> bytes:
    return msgspec.json.format(msgspec.json.encode(schema), indent=2) + b"\n"

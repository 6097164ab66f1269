"""The reference of docs/event-types.md, from the schemas of events: which fields each type has, and what they say."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from docs.markers import Row, code, codes, filled, table
from monitor.fleet.event import EVENT_TYPES, EventSeverity
from monitor.fleet.schema import file_name, schema_of

PAGE = Path(__file__).with_name("event-types.md")
HEADS = ("field of `data`", "is", "says")

#: Groups whose types share fields, by what their names begin with, the widest first.
GROUPS: Sequence[tuple[str, tuple[str, ...]]] = (
    ("every event", ("",)),
    ("every event of an app, a number or a WABA", ("number.", "waba.", "app.")),
    ("every event of a number", ("number.",)),
)

Schema = Mapping[str, Any]


def written(page: str) -> str:
    """The page with its reference as it has to be."""
    return filled(page, {"envelope": envelope(), "types": "\n".join(sections())}, PAGE.name)


def envelope() -> str:
    """The table of what stands around `data`."""
    fields: Schema = schema_of(next(iter(EVENT_TYPES)))["properties"]
    rows = [(code(name), kind(field), field.get("description", "")) for name, field in fields.items() if name != "data"]
    return table(("field", "is", "says"), [row for row in rows if row[0] != "`type`"])


def sections() -> Iterator[str]:
    """What groups of types share, then each type with the rest."""
    told: dict[str, set[str]] = {of: set() for of in EVENT_TYPES}
    for title, beginnings in GROUPS:
        among = [of for of in EVENT_TYPES if of.startswith(beginnings)]
        first, *others = ({name: row(of, name) for name in data(of) if name not in told[of]} for of in among)
        shared = {name: cells for name, cells in first.items() if all(one.get(name) == cells for one in others)}
        yield f"## Of {title}\n\n{table(HEADS, shared.values())}"
        for of in among:
            told[of].update(shared)
    for of, severities in EVENT_TYPES.items():
        about = f"{schema_of(of)['description']} Severity: {', '.join(severities)}."
        rest = [row(of, name) for name in data(of) if name not in told[of]]
        yield f"## {of}\n\n{about} [Schema](events/{file_name(of)}).\n" + (f"\n{table(HEADS, rest)}" if rest else "")


def data(of: str) -> Schema:
    """The fields of a type's `data`."""
    fields: Schema = schema_of(of)["properties"]["data"]["properties"]
    return fields


def row(of: str, name: str) -> Row:
    """One field of a type."""
    schema = schema_of(of)
    field = schema["properties"]["data"]["properties"][name]
    if name == "severity":
        return code(name), codes(get_args(EventSeverity)), says(field, {})  # which of them, says each type
    optional = "" if name in schema["properties"]["data"]["required"] else ", or absent"
    return code(name), f"{kind(field, schema)}{optional}", says(field, shape_of(field, schema))


def shape_of(field: Schema, schema: Schema) -> Schema:
    """What the field's value, or each of its list, refers to; empty where it refers to nothing."""
    places = [field, field.get("items", {}), *field.get("anyOf", ())]
    names = [place["$ref"].rsplit("/", 1)[-1] for place in places if "$ref" in place]
    shape: Schema = schema["$defs"][names[0]] if names else {}
    return shape


def says(field: Schema, shape: Schema) -> str:
    """What it means, and what is in it."""
    text = (field.get("description") or shape.get("description", "")).rstrip(".")
    within = f"has {codes(shape['properties'])}" if "properties" in shape else ""
    return "; ".join(part for part in (text[:1].lower() + text[1:] if shape else text, within) if part)


def kind(field: Schema, schema: Schema | None = None) -> str:
    """What a field's value is, in a word or two."""
    if "const" in field:
        return code(str(field["const"]))
    if "enum" in field:
        return codes(str(word) for word in field["enum"])
    if "anyOf" in field:
        return " or ".join(kind(one, schema) for one in field["anyOf"])
    if "$ref" in field:
        shape = (schema or {}).get("$defs", {})[field["$ref"].rsplit("/", 1)[-1]]
        return "a word" if "enum" in shape else "an object"
    if field.get("type") == "array":
        return f"a list of {plural(kind(field['items'], schema))}"
    return KINDS.get(field.get("format", ""), KINDS[field["type"]])


KINDS: Mapping[str, str] = {
    "date-time": "a time",
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "an object",
    "null": "null",
}


def plural(word: str) -> str:
    """`objects` of `an object`."""
    return {"an object": "objects", "text": "texts"}.get(word, word)

"""
The configuration in force as people may read it: as the file would say it, with its defaults and without its secrets.

Of long lists the first are shown, and how many follow: whoever lists a thousand apps knows them from elsewhere.
"""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import yaml

from monitor.settings.durations import spelled
from monitor.settings.model import Contents, SeverityRule
from monitor.settings.section import Section

LONGEST_LIST = 20  #: of apps, rules or sinks

Plain: TypeAlias = "str | int | float | bool | list[Plain] | dict[str, Plain] | None"

_DURATION = "_ms"  # the ending of the fields that are durations


def shown(settings: Contents) -> str:
    """YAML; what is not configured and has no default is left out."""
    known = {name: getattr(settings, name) for name in Contents.model_fields}
    plain = {name: _plain(value) for name, value in known.items()}
    return yaml.dump(plain, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=110)


def _plain(value: object) -> Plain:
    match value:
        case SeverityRule():
            return {"match": _plain(value.match), **{_key(state): word for state, word in value.severities.items()}}
        case Section():
            return _section(value)
        case bool() | int() | float() | str() | None:
            return value
        case Mapping():
            return {_key(key): _plain(one) for key, one in value.items()}
        case Iterable():
            return _list([_plain(one) for one in value])
        case _:
            return str(value)  # a path, a date; of a secret this is its mask


def _section(section: Section) -> dict[str, Plain]:
    said: dict[str, Plain] = {}
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if value is not None and value not in ("", (), {}):
            said[field.alias or name] = _durations(value) if name.endswith(_DURATION) else _plain(value)
    return said


def _list(plain: list[Plain]) -> list[Plain]:
    more = len(plain) - LONGEST_LIST
    return plain if more <= 0 else [*plain[:LONGEST_LIST], f"… and {more} more"]


def _durations(value: object) -> Plain:
    if isinstance(value, Mapping):
        return {_key(key): spelled(one) for key, one in value.items()}
    return spelled(value) if isinstance(value, int) else _plain(value)


def _key(key: object) -> str:
    return ".".join(key) if isinstance(key, tuple) else str(key)

"""
The tables of docs/configuration.md: keys, their `_file` twins and their defaults come from the models.

What a key means stays as the page has it, and so do the order of the rows and a default that is none in the models and
needs words (`HTTPS_PROXY`, *everything*).  A new key gets a row without a meaning, which a test then asks for.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic.fields import FieldInfo

from docs.markers import Row, code, codes, filled, table
from monitor.settings.durations import milliseconds, spelled
from monitor.settings.heartbeat import Heartbeat
from monitor.settings.maintenance import MaintenanceWindow
from monitor.settings.model import (
    Account,
    AppsUrl,
    ConfiguredApp,
    Events,
    IgnoreRule,
    Log,
    Metrics,
    People,
    Poll,
    Privacy,
    SeverityRule,
    Store,
    Verdict,
    Web,
)
from monitor.settings.people_sinks import ForPeople, Robot, SignedRobot
from monitor.settings.section import Section
from monitor.settings.shape import keys
from monitor.settings.sink_types import SINKS

PAGE = Path(__file__).with_name("configuration.md")
SPELLED = {"events.severity[].severities": "events.severity[].<state>"}  #: whose name in the file is any state
#: Defaults that words say better, or that the loader finds out.
IN_WORDS = {"store.url", "events.severity[].<state>", "events.maintenance[].weekdays"}
WITHIN: Mapping[str, type[Section]] = {
    "events.severity": SeverityRule,
    "events.ignore": IgnoreRule,
}  #: told in the table of what has them
EVERY_SINK = ("name", "type", "match", "timeout")

Words = Mapping[str, tuple[str, str]]  #: default and meaning as the page has them, by the key


def written(page: str) -> str:
    """The page with every table as it has to be."""
    tables = {}
    for name, head in HEADS.items():
        said = words(page, name)
        places = {key: place for place, key in enumerate(said)}
        found = sorted(rows(name, said), key=lambda row: places.get(first(row), len(places)))
        tables[name] = table((head, "default", "meaning"), found)
    return filled(page, tables, PAGE.name)


HEADS: Mapping[str, str] = {
    **dict.fromkeys(("accounts", "apps", "poll", "store", "web", "events"), "key"),
    "every sink": "key of every sink",
    "sinks for people": "key of sinks for people",
    "webhook": "key of webhook",
    "email": "key of email",
    "robots": "key of slack, dingtalk, feishu, lark and wecom",
    "signed robots": "key of dingtalk, feishu and lark",
    "pagerduty": "key of pagerduty",
    "alertmanager": "key of alertmanager",
    "apprise": "key of apprise",
    **dict.fromkeys(("maintenance", "heartbeat", "rest"), "key"),
}

#: Which sections a table has, each with what stands before its keys.
SECTIONS: Mapping[str, Sequence[tuple[str, type[Section]]]] = {
    "accounts": [("accounts[].", Account)],
    "apps": [("accounts[].apps[].", ConfiguredApp), ("accounts[].apps_url.", AppsUrl)],
    "poll": [("poll.", Poll)],
    "store": [("store.", Store)],
    "web": [("web.", Web)],
    "events": [("events.", Events)],
    "maintenance": [("events.maintenance[].", MaintenanceWindow)],
    "heartbeat": [("events.heartbeat.", Heartbeat)],
    "rest": [
        *(("people.", People), ("verdict.", Verdict), ("metrics.", Metrics)),
        *(("privacy.", Privacy), ("log.", Log)),
    ],
}

#: Which types of sink a table of their keys is about, and what is told of them elsewhere.
KINDS: Mapping[str, tuple[Sequence[type[Section]], type[Section] | None]] = {
    "every sink": (tuple(SINKS.values()), None),
    "sinks for people": ([ForPeople], None),
    "robots": ([Robot], ForPeople),
    "signed robots": ([SignedRobot], Robot),
    **{kind: ([sink], ForPeople if issubclass(sink, ForPeople) else None) for kind, sink in SINKS.items()},
}


def rows(name: str, said: Words) -> Iterator[Row]:
    """The rows of one table."""
    if name in SECTIONS:
        for prefix, section in SECTIONS[name]:
            yield from rows_of(section, prefix, said)
        return
    sinks, elsewhere = KINDS[name]
    known = set(keys(elsewhere)) if elsewhere else set()
    for key, field in fields(sinks[0]):
        if (key in EVERY_SINK) is (name == "every sink") and key not in known:
            defaults = {default(key, fields_of[key], "") for sink in sinks if (fields_of := dict(fields(sink)))}
            yield row("", key, sinks[0], field, said, agreed=len(defaults) == 1 and key != "type")


def rows_of(section: type[Section], prefix: str, said: Words) -> Iterator[Row]:
    """A row for each key, those of a rule behind the key of its list."""
    for key, field in fields(section):
        yield row(prefix, key, section, field, said)
        if rule := WITHIN.get(f"{prefix}{key}"):
            yield from rows_of(rule, f"{prefix}{key}[].", said)


def fields(section: type[Section]) -> Iterator[tuple[str, FieldInfo]]:
    """Every field by the name that its key has in the file."""
    return ((field.alias or name, field) for name, field in section.model_fields.items())


def row(prefix: str, key: str, section: type[Section], field: FieldInfo, said: Words, *, agreed: bool = True) -> Row:
    """A key with its twin, its default, and what the page says that it means."""
    path = SPELLED.get(f"{prefix}{key}", f"{prefix}{key}")
    names = [path, f"{path}_file"] if keys(section)[key].has_twin else [path]
    words, meaning = said.get(path, ("none", ""))
    return codes(names), default(path, field, words) if agreed else words, meaning


def default(path: str, field: FieldInfo, words: str) -> str:
    """As the file would give it; the page's words for what is no value, or is found out when it is read."""
    if path in IN_WORDS or says_so(words, field):
        return words
    return "required" if field.is_required() else shown(field.default, field) or words


def says_so(words: str, field: FieldInfo) -> bool:
    """Whether the page gives the same duration in another unit: `24h` reads better than `1d` where hours count."""
    try:
        return lasts(field) and milliseconds(words.strip("`")) == field.default
    except ValueError:
        return False


def shown(value: object, field: FieldInfo) -> str:
    """A value as the file would give it; nothing for what is none, or empty, or a section of its own."""
    if value is None or value in ((), "") or isinstance(value, Section) or value == {}:
        return ""
    if isinstance(value, Mapping):
        return code("{" + ", ".join(f"{'.'.join(state)}: {spelled(until)}" for state, until in value.items()) + "}")
    if isinstance(value, tuple):
        return code(value[0] if len(value) == 1 else f"[{', '.join(value)}]")
    if isinstance(value, float):
        return code(f"{value:g}")
    return code(spelled(value) if isinstance(value, int) and lasts(field) else str(value))


def lasts(field: FieldInfo) -> bool:
    """Whether it is a duration: these have another name in the models than in the file, and whole numbers."""
    return field.alias is not None and isinstance(field.default, int)


def words(page: str, name: str) -> Words:
    """What the page says in a table of each key, by the first of its row."""
    part = page.partition(f"<!-- {name} -->\n")[2].partition(f"<!-- /{name} -->")[0]
    found = re.findall(r"^(\| `[^|]*) \|(?: (.*?))? \| (.*) \|$", part, re.MULTILINE)
    return {first((cell.removeprefix("| "),)): (given, meaning) for cell, given, meaning in found}


def first(row: Row) -> str:
    """The first key of a row's first cell."""
    return row[0].split("`")[1]

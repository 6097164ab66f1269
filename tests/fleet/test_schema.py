"""The published schemas are the code's, and every event there can be is as they say."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from monitor.fleet.event import EVENT_TYPES
from monitor.fleet.match import Match
from monitor.fleet.policy import IgnoreRule, Policy
from monitor.fleet.sample import sample
from monitor.fleet.schema import file_name, files, schema_of
from monitor.fleet.shapes import SHAPES
from monitor.roster.guard import News
from tests.fleet.making import Watch, row
from tests.fleet.schemas import as_told, problems
from tests.fleet.test_properties import APPS, run, stepped

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "docs" / "events"
AT = 1_795_420_800_000  # 2026-11-23 08:00:00 UTC

every_type = pytest.mark.parametrize("kind", EVENT_TYPES)


def any_event():
    """A validator by the published schema of any event, which refers to the files beside it."""
    found = {path.name: json.loads(path.read_text("utf-8")) for path in PUBLISHED.glob("*.schema.json")}
    beside = Registry().with_resources((name, Resource.from_contents(schema)) for name, schema in found.items())
    return Draft202012Validator(found["event.schema.json"], registry=beside)


def documented():
    """Every event that the documents show, in lists too; an id that is cut short there is made whole."""
    for document in sorted(ROOT.glob("docs/*.md")):
        for block in re.findall(r"^```json\n(.*?)^```$", document.read_text("utf-8"), re.MULTILINE | re.DOTALL):
            if '"specversion"' in block:
                shown = json.loads(block.replace("6f0c2a4e-…", "6f0c2a4e-0000-5000-8000-000000000000"))
                yield from shown.get("items", [shown])


def test_the_published_files_are_what_the_code_makes_of_its_shapes():
    published = {path.name: path.read_bytes() for path in PUBLISHED.glob("*.schema.json")}

    assert published == files(), "run `make schemas`"


def test_every_type_of_event_has_a_shape():
    assert list(SHAPES) == list(EVENT_TYPES)


@every_type
def test_a_schema_is_one(kind):
    Draft202012Validator.check_schema(schema_of(kind))


@every_type
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_sample_is_as_its_schema_says(kind, language):
    told = as_told(sample(kind, number="+8613800000001", at=AT, language=language))

    assert problems(told) == []
    assert list(any_event().iter_errors(told)) == []


@given(stepped(twice=True))
@settings(max_examples=50, deadline=None)
def test_whatever_happens_is_told_as_the_schemas_say(steps):
    watch = run(steps)
    for app in APPS:
        watch.loses(app)

    assert [(event, found) for event in watch.told if (found := problems(as_told(event)))] == []


def test_an_ignored_number_is_told_as_the_schema_says():
    watch = Watch()
    watch.answers(row(quality_rating="RED"))
    watch.rule(Policy(ignore=(IgnoreRule(Match(number=("+86*",)), comment="being retired"),)))

    (told,) = watch.answers(row(quality_rating="RED"))

    assert told.data["comment"] == "being retired"
    assert problems(as_told(told)) == []


def test_the_documents_examples_are_as_the_schemas_say():
    shown = list(documented())

    assert shown
    assert [found for event in shown for found in problems(event)] == []


def test_why_a_list_is_held_or_believed_is_the_guards_own_words():
    words = {
        word
        for kind in ("app_list.held", "app_list.accepted")
        for word in schema_of(kind)["properties"]["data"]["properties"]["why"]["enum"]
    }

    assert words == {news.value for news in News}


def test_a_type_and_a_field_of_a_later_version_are_no_error():
    told = as_told(sample("number.degraded", number="+8613800000001", at=AT, language="en"))
    later = {**told, "traceparent": "00-0-0-00", "data": {**told["data"], "country": "CN"}}

    assert list(any_event().iter_errors(later)) == []
    assert list(any_event().iter_errors({**later, "type": "number.praised", "data": {}})) == []


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        pytest.param({"country": "CN"}, ["$.data: Additional properties are not allowed"], id="an unknown field"),
        pytest.param({"severity": "bad"}, ["$.data.severity: 'bad' is not one of"], id="a severity there is not"),
        pytest.param({"before_since": "today"}, ["$.data.before_since: 'today' is not valid"], id="no moment"),
    ],
)
def test_what_is_not_as_a_schema_says_is_found(wrong, found):
    told = as_told(sample("number.degraded", number="+8613800000001", at=AT, language="en"))

    said = problems({**told, "data": {**told["data"], **wrong}})

    assert [text[: len(start)] for text, start in zip(said, found, strict=True)] == found


@every_type
def test_a_type_is_named_where_the_documents_link_its_schema(kind):
    assert f"](events/{file_name(kind)})" in (ROOT / "docs" / "events.md").read_text("utf-8")


def fields(schema):
    """The names of the data's own fields."""
    return set(schema["properties"]["data"]["properties"])


def test_every_field_is_in_the_documents_and_back():
    section = (ROOT / "docs" / "events.md").read_text("utf-8").split("\n## Data\n")[1].split("\n## ")[0]
    intro, _, rows = section.partition("\n| --- | --- | --- |\n")
    first = [row.split(" | ")[0] for row in rows.splitlines() if row.startswith("|")]

    named = set(re.findall(r"`([a-z_]+)`", " ".join([intro.partition("Beside them")[0], *first]))) - {"data"}

    assert named == set().union(*(fields(schema_of(kind)) for kind in SHAPES))

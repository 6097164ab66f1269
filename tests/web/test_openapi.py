"""The API's description is true: of every route, every answer, every parameter."""

import base64
import re
from collections.abc import Mapping
from typing import Any

import bcrypt
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from starlette.routing import Route

from monitor.fleet import cloudevent
from monitor.fleet.event import EVENT_TYPES
from monitor.fleet.sample import sample
from monitor.store.history import StoredEvent
from monitor.views.shapes import FILTERS
from monitor.web.admission import Admission, Rate
from monitor.web.errors import KINDS
from monitor.web.openapi import Entry, description
from monitor.web.operations import OPERATIONS
from monitor.web.users import Users
from tests.web.fleets import NOW, entry, failing, fleet_of, red, snapshot, suspect
from tests.web.test_api import sent

DOCUMENT = description("1.2.3", Entry())
OPEN_TO_ALL = Entry(asks=False, limits=False)
DESCRIBED = [
    pytest.param(path, method, operation, id=operation["operationId"])
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
PLACES = {"account": "main", "appkey": "a", "number": "8613800000001"}

each = pytest.mark.parametrize(("path", "method", "operation"), DESCRIBED)


def validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    """Of a schema that refers to the document's components."""
    return Draft202012Validator({**schema, "components": DOCUMENT["components"]})


def schema_of(operation, status, media="application/json"):
    return operation["responses"][str(status)]["content"][media]["schema"]


def is_as_described(operation, answer):
    """Whether the answer's status, form and body are in the description."""
    described = operation["responses"][str(answer.status_code)]
    if "content" not in described:
        return answer.content == b""
    media = answer.headers["content-type"].partition(";")[0]
    schema = validator(described["content"][media]["schema"])
    return schema.is_valid(answer.json() if media.endswith("json") else answer.text)


def told(sequence, kind):
    event = sample(kind, number="+8613800000001", at=NOW, language="en")
    body = cloudevent.body(event, id="6f0c2a4e-3c1b-5d0e-9a51-2f7f4e0c8b11", sequence=sequence)
    return StoredEvent(sequence, "6f0c", NOW, kind, "main", "a", body)


@pytest.fixture
def busy(house):
    """A house that has something of everything."""
    house.fleet = fleet_of(
        ("a", snapshot(red(), entry("+8613800000002", tier="TIER_UNLIMITED"))),
        ("b", failing()),
        ("c", suspect(entry())),
    )
    house.fleet.add(msgspec.structs.replace(house.fleet.get(("main", "a")).app, appkey="d"))
    house.events.stored = [told(index, kind) for index, kind in enumerate(EVENT_TYPES, start=1)]
    house.events.sent = [sent(1), sent(2)]
    return house


def test_it_is_of_the_version_it_says():
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert DOCUMENT["info"]["version"] == "1.2.3"


async def test_it_is_served(house, ask):
    answer = await ask("/api/openapi.json")

    assert (answer.status_code, answer.json()) == (200, description("1.2.3", OPEN_TO_ALL))


async def test_what_is_served_says_whom_this_daemon_lets_in(house, ask):
    users = Users({"ops": bcrypt.hashpw(b"secret", bcrypt.gensalt(4)).decode()})
    house.admission = Admission(users=users, rate=Rate(interval=0.001, burst=9))
    client = {"authorization": "Basic " + base64.b64encode(b"ops:secret").decode()}

    assert (await ask("/api/openapi.json", headers=client)).json() == DOCUMENT


def test_a_password_is_described_where_one_is_asked_for():
    open_to_all = description("1.2.3", OPEN_TO_ALL)

    assert DOCUMENT["security"] == [{"basic": []}]
    assert DOCUMENT["paths"]["/-/healthy"]["get"]["security"] == []
    assert (open_to_all["security"], "securitySchemes" in open_to_all["components"]) == ([], False)
    assert {"401", "429"} <= DOCUMENT["paths"]["/metrics"]["get"]["responses"].keys()
    assert not {"401", "429"} & open_to_all["paths"]["/metrics"]["get"]["responses"].keys()


@pytest.mark.parametrize("entry", [Entry(), OPEN_TO_ALL], ids=["with users", "without"])
def test_it_is_what_the_standard_calls_a_description(entry):
    validate(description("1.2.3", entry))


@pytest.mark.parametrize(("error", "kind"), KINDS.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_every_problem_with_a_type_of_its_own_is_described_somewhere(error, kind):
    assert any(kind.type in types_of(operation, kind.status) for _, _, operation in parts_of(DOCUMENT))


def types_of(operation, status):
    """The types of problems that the description has under a status."""
    content = operation["responses"].get(str(status), {}).get("content", {})
    schema = content.get("application/problem+json", {}).get("schema", {"allOf": [{}]})
    return schema["allOf"][-1].get("properties", {}).get("type", {}).get("enum", [])


def parts_of(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


PAGES = {
    "numbers",
    "apps",
    "events",
    "events.csv",
    "events.json",
    "settings",
    "accounts",
    "assets",
}  #: what is for people, or brings it to them


def test_every_route_for_programs_is_described_and_nothing_else_is(house):
    routes = [route for route in house.application().routes if isinstance(route, Route)]
    served = {(route.path, method) for route in routes for method in route.methods or () if method != "HEAD"}
    described = {(path, method.upper()) for path, methods in DOCUMENT["paths"].items() for method in methods}
    pages = {(path, method) for path, method in served if path == "/" or path.split("/")[1] in PAGES}

    assert served - pages == {(operation.path, operation.method) for operation in OPERATIONS}
    assert served - pages == described


def test_every_operation_has_a_name_of_its_own():
    assert len({operation.id for operation in OPERATIONS}) == len(OPERATIONS)


@pytest.mark.parametrize("name", sorted(DOCUMENT["components"]["schemas"]))
def test_every_schema_is_one(name):
    assert re.fullmatch(r"[A-Za-z0-9._-]+", name)
    Draft202012Validator.check_schema(DOCUMENT["components"]["schemas"][name])


def references(value):
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from [below] if key == "$ref" else references(below)
    elif isinstance(value, list):
        for below in value:
            yield from references(below)


def test_every_schema_that_is_referred_to_is_there_and_is_referred_to():
    used = {reference.removeprefix("#/components/schemas/") for reference in references(DOCUMENT)}

    assert used == set(DOCUMENT["components"]["schemas"])


@each
def test_every_path_says_what_its_places_are(path, method, operation):
    named = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}

    assert named == set(re.findall(r"{(\w+)}", path))


@each
def test_every_example_is_as_its_schema_says(path, method, operation):
    for answer in operation["responses"].values():
        for content in answer.get("content", {}).values():
            if "example" in content:
                validator(content["schema"]).validate(content["example"])
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]
        validator(content["schema"]).validate(content["example"])


def test_every_json_answer_has_an_example():
    with_json = [
        operation
        for methods in DOCUMENT["paths"].values()
        for operation in methods.values()
        if "application/json" in operation["responses"]["200"]["content"] and operation["operationId"] != "openapi"
    ]

    assert all("example" in operation["responses"]["200"]["content"]["application/json"] for operation in with_json)


@each
async def test_what_is_answered_is_as_described(busy, path, method, operation):
    if operation["operationId"] == "stream":
        method = "head"
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    async with busy.client() as client:
        answer = await client.request(method, path.format(**PLACES), json=body)

    assert answer.status_code == 200
    assert method == "head" or is_as_described(operation, answer)


@pytest.mark.parametrize("path", ["/api/v1/numbers", "/api/v1/apps", "/api/v1/deliveries"])
async def test_an_object_has_no_field_that_is_not_described(busy, ask, path):
    shape = {"/api/v1/numbers": "Number", "/api/v1/apps": "App", "/api/v1/deliveries": "Delivery"}[path]

    for item in (await ask(path)).json()["items"]:
        assert list(item) == list(DOCUMENT["components"]["schemas"][shape]["properties"])


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_an_event_is_described_by_its_type(kind):
    schema = validator({"$ref": "#/components/schemas/Event"})
    event = msgspec.json.decode(told(1, kind).body)

    schema.validate(event)
    assert not schema.is_valid({**event, "data": {}})


@each
async def test_what_breaks_is_as_described(house, path, method, operation):
    house.fleet = house.events = house.exposition = house.health = house.reloader = house.accepter = None
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    async with house.client(raise_app_exceptions=False) as client:
        answer = await client.request(method, path.format(**PLACES), json=body)

    described = path.startswith("/api/") and operation["operationId"] != "openapi"
    assert not described or (answer.status_code == 500 and is_as_described(operation, answer))


@each
async def test_a_form_that_there_is_not_is_refused(house, path, method, operation):
    async with house.client() as client:
        answer = await client.request(method, path.format(**PLACES), headers={"accept": "image/png"})

    assert not path.startswith("/api/") or (answer.status_code == 406 and is_as_described(operation, answer))


@each
async def test_another_method_is_a_problem_that_names_the_right_one(house, path, method, operation):
    async with house.client() as client:
        answer = await client.request("DELETE", path.format(**PLACES))

    assert answer.status_code == 405
    assert method.upper() in answer.headers["allow"]
    assert not path.startswith("/api/") or answer.headers["content-type"] == "application/problem+json"


def test_every_filter_is_described():
    used = {name for operation in OPERATIONS if operation.filter for name in operation.filter.__struct_fields__}

    assert used == set(FILTERS)


names = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)
QUERIES: Mapping[str, st.SearchStrategy[str]] = {
    "account": names,
    "appkey": st.sampled_from(["a", "b", "no"]),
    "waba_id": names,
    "number": names | st.just("8613800000001"),
    "degraded": st.sampled_from(FILTERS["degraded"][0]["enum"]),
    "failed": st.sampled_from(FILTERS["failed"][0]["enum"]),
    "sink": names,
    "type": st.sampled_from(sorted(EVENT_TYPES)),
    "since": st.from_regex(r"\A[0-9]{1,5}(ms|s|m|h|d)\Z") | st.datetimes().map(lambda at: at.isoformat()),
    "limit": st.integers(1, 1000).map(str),
    "part": st.sampled_from(["fleet", "daemon"]),
}
#: Lists, and what any filter may make of them.
LISTS = [operation for operation in OPERATIONS if operation.filter is not None and operation.id != "stream"]


@pytest.mark.parametrize("listed", LISTS, ids=lambda operation: operation.id)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
async def test_whatever_is_described_is_answered_and_whatever_is_answered_is_described(busy, listed, data):
    known = [name for name in listed.filter.__struct_fields__ if name in QUERIES]
    query = data.draw(st.fixed_dictionaries({}, optional={name: QUERIES[name] for name in known}))
    noise = data.draw(st.dictionaries(st.sampled_from([*known, "cursor", "q"]), st.text(max_size=12), max_size=1))
    operation = DOCUMENT["paths"][listed.path][listed.method.lower()]
    body = {"numbers": data.draw(st.lists(st.text(max_size=100), max_size=5))} if listed.asked else None

    async with busy.client() as client:
        path = listed.path.format(**PLACES)
        right = await client.request(listed.method, path, params=query, json=body)
        wrong = await client.request(listed.method, path, params={**query, **noise}, json=body)

    assert right.status_code in {200, 404}
    assert is_as_described(operation, right)
    assert is_as_described(operation, wrong)


bodies = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=8),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(["numbers", "account", "x"]), below),
    max_leaves=6,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(body=bodies)
async def test_a_body_is_taken_exactly_where_the_description_says_so(busy, body):
    operation = DOCUMENT["paths"]["/api/v1/verdicts"]["post"]
    fits = validator(operation["requestBody"]["content"]["application/json"]["schema"]).is_valid(body)

    async with busy.client() as client:
        answer = await client.post("/api/v1/verdicts", content=msgspec.json.encode(body))

    assert answer.status_code == (200 if fits else 422)
    assert is_as_described(operation, answer)

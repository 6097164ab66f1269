"""docs/api.md is true: its paths, examples, filters and reasons; the programs that ask the API run."""

import asyncio
import json
import re
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from monitor.views.verdict import OF_QUALITY, OF_STATUS, REASONS
from monitor.web.collaborators import TooSoonError
from monitor.web.errors import KINDS
from monitor.web.examples import ASKED, examples
from monitor.web.operations import OPERATIONS
from monitor.web.server import Server
from tests.web.conftest import House, ask, house  # noqa: F401  # fixtures
from tests.web.fleets import entry, fleet_of, red, snapshot
from tests.web.test_api import told

DOCS = Path(__file__).parents[1] / "docs"
TEXT = (DOCS / "api.md").read_text(encoding="utf-8")
SECTIONS = {
    (method, path): section
    for method, path, section in re.findall(r"^### `(GET|POST) (\S+)`\n(.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL)
}
DESCRIBED = {(one.method, one.path): one for one in OPERATIONS if one.is_api and one.id != "openapi"}


def shown(section):
    return [json.loads(block) for block in re.findall(r"^```json\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)]


def test_every_operation_has_its_section_and_every_section_its_operation():
    assert sorted(SECTIONS) == sorted(DESCRIBED)


@pytest.mark.parametrize("key", sorted(DESCRIBED), ids=" ".join)
def test_the_examples_are_those_of_the_description(key):
    operation = DESCRIBED[key]
    expected = [made[operation.id] for made in (ASKED, examples()) if operation.id in made]

    assert shown(SECTIONS[key]) == expected


FILTERS = {key: one.filter.__struct_fields__ for key, one in DESCRIBED.items() if one.filter is not None}


@pytest.mark.parametrize("key", sorted(FILTERS), ids=" ".join)
def test_every_filter_is_named_where_it_can_be_used(key):
    named = set(re.findall(r"`(\w+)`", SECTIONS[key]))

    assert set(FILTERS[key]) - {"limit", "cursor"} <= named


def test_every_reason_is_explained_and_no_other():
    rows = TEXT.split("\n| reason |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    listed = {word for row in rows for word in re.findall(r"`([^`]+)`", row.split(" | ")[0])}
    qualities = {f"quality.{word.lower()}" for word in [*OF_QUALITY, "UNKNOWN"]} - {"quality.green"}

    assert listed == {*REASONS, *qualities, "status.…", "status.banned"}


def test_every_status_is_in_the_table_of_verdicts():
    table = TEXT.split("\n| `sendable` |", 1)[1].split("\n\n", 1)[0]

    for status, (sendable, _) in OF_STATUS.items():
        assert re.search(rf"^\| `{sendable}` \|[^|]*\b{status}\b", table, re.MULTILINE)


async def test_the_problem_that_is_shown_is_what_is_answered(ask):  # noqa: F811
    problem = json.loads(TEXT.split("```json\n", 1)[1].split("```", 1)[0])

    assert (await ask("/api/v1/numbers?degrade=true")).json() == problem


def test_every_type_of_problem_is_in_the_table_and_no_other():
    table = TEXT.split("\n## Problems\n", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| (\d+) \| `([a-z-]+)` \|", table, re.MULTILINE)

    assert sorted(rows) == sorted((str(kind.status.value), kind.type.rpartition(":")[2]) for kind in KINDS.values())


@pytest.fixture
def programs():
    """What the programs that ask the API define; the one that takes a webhook has its own test."""
    defined: dict[str, Any] = {}
    for page in ("campaigns.md", "relay.md"):
        text = (DOCS / page).read_text(encoding="utf-8")
        for source in re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            if "hook_key.secret" not in source:
                exec(compile(source, page, "exec"), defined)
    return defined


@asynccontextmanager
async def answering(house: House, programs):  # noqa: F811
    server = Server(house.application(), ["127.0.0.1:0"], None)
    await server.start()
    programs["MONITOR"] = f"http://{server.addresses[0]}"
    try:
        yield server.addresses[0]
    finally:
        house.listeners.stop()
        await server.stop()


async def test_the_program_that_asks_before_a_campaign_holds_what_nobody_knows(house, programs):  # noqa: F811
    numbers = [f"+86138{index:08d}" for index in range(1, 1200)]
    house.fleet = fleet_of(("a", snapshot(red(numbers[0]), *map(entry, numbers[1:1100]))))

    async with answering(house, programs):
        found = await asyncio.to_thread(programs["verdicts"], numbers)

    assert list(found) == numbers
    assert [found[numbers[place]] for place in (0, 1, 1099, 1100, 1198)] == ["hold", "go", "go", "hold", "hold"]


async def test_the_program_that_reads_the_stream_hears_what_was_told_and_what_is(house, programs, monkeypatch):  # noqa: F811
    monkeypatch.setattr(programs["time"], "sleep", lambda _: None)
    house.events.stored = [told(sequence) for sequence in range(1, 4)]

    async with answering(house, programs) as address:
        reading = programs["events"](address, f"{1:020d}")
        first = [await asyncio.to_thread(next, reading) for _ in range(2)]
        house.events.stored.append(told(4))
        house.listeners.ring()
        last = await asyncio.to_thread(next, reading)
        reading.close()

    assert [int(event["sequence"]) for event in [*first, last]] == [2, 3, 4]


@pytest.mark.parametrize(("status", "polled"), [(200, True), (429, False)])
async def test_the_program_that_relays_a_webhook_has_the_app_polled(house, programs, status, polled):  # noqa: F811
    house.fleet = fleet_of(("a", snapshot(red())))
    house.poller.error = TooSoonError(3) if status == 429 else None

    async with answering(house, programs):
        answer = await asyncio.to_thread(programs["relay"], "main", "a")

    assert (answer, house.poller.asked) == (polled, [("main", "a")])

"""`deliveries` from outside: what it prints of a store, what it changes in it, and what it refuses."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor.cli.program import program
from monitor.fleet.event import Event
from monitor.store.store import Store

NOW = 1_795_420_800_000  # 2026-11-23 08:00:00 UTC
CONFIGURATION = """accounts:
  - {name: main, access_key: abc, access_secret: hunter2, apps: [jh1]}
people: {timezone: Asia/Shanghai}
events:
  sinks: [{name: hook, type: webhook, url: "https://hook.example.com/"}]
"""


@pytest.fixture
async def store(tmp_path: Path):
    """A store that holds its lock, as a daemon's: delivered 1, dead 2, put off 3, waiting 4; to `mail` 1 alone."""
    (tmp_path / "number-monitor.yml").write_text(CONFIGURATION, encoding="utf-8")
    store = await Store.open(f"sqlite:///{tmp_path}/number-monitor.db", now=lambda: NOW)
    numbers = [f"+861380000000{digit}" for digit in range(1, 5)]
    told = [Event("number.degraded", NOW, "critical", "main", number, "jh1") for number in numbers]
    await store.tell(told[:1], lambda _: ("ops", "mail"))
    await store.tell(told[1:], lambda _: ("ops",))
    for sink in ("ops", "mail"):
        await store.delivered(sink, [1])
    await store.bury("ops", 2, "HTTP 422: \x1b[31mno such field")
    await store.postpone("ops", 3, NOW + 5_000, "HTTP 500")
    yield store
    await store.close()


@pytest.fixture
async def ids(store):
    return {event.sequence: event.id for event in await store.events()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "number-monitor.yml"


def run(path: Path, *words: str) -> Result:
    return CliRunner().invoke(program, ["--config", str(path), "deliveries", *words])


def shown(result: Result) -> list[tuple[int, str, str]]:
    """Sequence, sink and state of each delivery printed as JSON."""
    assert result.exit_code == 0, result.stderr
    return [(int(item["sequence"]), item["sink"], item["state"]) for item in json.loads(result.stdout)]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(
            [],
            [
                *((4, "ops", "waiting"), (3, "ops", "waiting"), (2, "ops", "dead")),
                *((1, "mail", "delivered"), (1, "ops", "delivered")),
            ],
            id="all",
        ),
        pytest.param(["--failed"], [(3, "ops", "waiting"), (2, "ops", "dead")], id="failed"),
        pytest.param(["--sink", "mail"], [(1, "mail", "delivered")], id="of a sink"),
        pytest.param(["--sink", "mail", "--failed"], [], id="failed of a sink"),
        pytest.param(["--since", "2026-11-24T00:00:00Z"], [], id="of a span"),
        pytest.param(["--sink", "hook"], [], id="of a sink that got nothing yet"),
    ],
)
def test_what_went_where_is_printed(store, path, options, expected):
    assert shown(run(path, "--format", "json", *options)) == expected


def test_a_table_says_why_and_what_to_name(store, ids, path):
    result = run(path, "--failed")

    assert [line.split()[:3] for line in result.stdout.splitlines()] == [
        ["STATE", "SINK", "EVENT"],
        ["waiting", "ops", ids[3]],
        ["dead", "ops", ids[2]],
    ]
    assert "2026-11-23 16:00:05" in result.stdout
    assert "HTTP 422: \\x1b[31mno such field" in result.stdout


@pytest.mark.parametrize(("options", "lines"), [([], 1), (["--sink", "ops"], 1), (["--sink", "mail"], 0)])
async def test_a_paused_sink_is_told_beside_them(store, path, options, lines):
    await store.pause_sink("ops", "HTTP 410")

    result = await asyncio.to_thread(run, path, *options)

    said = "sink ops is paused since 2026-11-23T08:00:00.000Z, `sinks resume ops` lets it go on: HTTP 410"
    assert result.stderr.splitlines() == lines * [said]


@pytest.mark.parametrize(("limit", "said"), [("4", "the newest 4 are shown; --limit shows more\n"), ("5", "")])
def test_what_is_not_shown_is_said(store, path, limit, said):
    result = run(path, "--format", "json", "--limit", limit)

    assert (len(json.loads(result.stdout)), result.stderr) == (int(limit), said)


@pytest.mark.parametrize(
    ("words", "said", "changed"),
    [
        pytest.param(["replay", "--sink", "ops"], "1 delivery is sent again", {2: "waiting"}, id="dead letters"),
        pytest.param(["replay", "--sink", "mail"], "0 deliveries are sent again", {}, id="none"),
        pytest.param(
            ["replay", "--since", "2026-11-23T08:00:00Z", "--sink", "ops"],
            "2 deliveries are sent again",
            {1: "waiting", 2: "waiting"},
            id="of a span",
        ),
        pytest.param(["replay", "{1}", "--sink", "ops"], "1 delivery is sent again", {1: "waiting"}, id="by id"),
        pytest.param(
            ["discard", "{2}", "{3}"], "2 deliveries are given up", {2: "discarded", 3: "discarded"}, id="ids"
        ),
        pytest.param(
            ["discard", "--sink", "ops"],
            "3 deliveries are given up",
            {2: "discarded", 3: "discarded", 4: "discarded"},
            id="of a sink",
        ),
    ],
)
def test_what_is_chosen_is_changed_while_the_store_is_held(store, ids, path, words, said, changed):
    words = [ids[int(word[1])] if word.startswith("{") else word for word in words]
    before = {sequence: state for sequence, _, state in shown(run(path, "--sink", "ops", "--format", "json"))}

    result = run(path, *words)
    after = {sequence: state for sequence, _, state in shown(run(path, "--sink", "ops", "--format", "json"))}

    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{said}\n", "")
    assert after == {**before, **changed}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["replay", "nope"], 1, "the store knows no event nope"),
        (["replay", "{4}"], 1, "nothing is sent again: it waits as it is, or goes to no sink"),
        (["discard", "{1}"], 1, "nothing is given up: it has arrived, or goes to no sink"),
        (["--sink", "osp"], 1, "no sink 'osp' in the configuration or in the store; there are stdout, hook"),
        (["replay", "--sink", "osp"], 1, "no sink 'osp' in the configuration or in the store; there are stdout, hook"),
        (["replay"], 2, "name the events by ID, or give --since or --sink"),
        (["discard"], 2, "name the events by ID, or give --since or --sink"),
        (["discard", "--since", "soon"], 2, "since: 'soon' is neither a duration"),
        (["--since", "soon"], 2, "since: 'soon' is neither a duration"),
        (["--sink", "mail", "discard", "--since", "1h"], 2, "options of discard stand behind its name"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(store, ids, path, words, code, said):
    words = [ids[int(word[1])] if word.startswith("{") else word for word in words]
    before = shown(run(path, "--format", "json"))

    result = run(path, *words)

    assert (result.exit_code, result.stdout) == (code, "")
    assert said in " ".join(result.stderr.replace("│", " ").split())
    assert shown(run(path, "--format", "json")) == before


@pytest.mark.parametrize("words", [[], ["replay", "--since", "1h"], ["discard", "--sink", "ops"]])
def test_a_store_that_is_not_there_is_not_made(tmp_path, path, words):
    path.write_text(CONFIGURATION, encoding="utf-8")

    result = run(path, *words)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith("does not exist: `number-monitor run` makes it\n")
    assert list(tmp_path.iterdir()) == [path]

"""`numbers` from outside: what it prints of a store, and what it says of what is not there."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor.cli.program import program
from monitor.fleet.answer import Answer
from monitor.fleet.app import App
from monitor.fleet.decide import decide
from monitor.fleet.policy import Policy
from monitor.fleet.siblings import NoSiblings
from monitor.fleet.snapshot import Snapshot
from monitor.store.store import Store
from tests.web.fleets import row

NOW = 1_795_420_800_000  # 2026-11-23 08:00:00 UTC
CONFIGURATION = """accounts:
  - {name: main, access_key: abc, access_secret: hunter2, apps: [jh1, jh2]}
  - {name: spare, access_key: def, access_secret: hunter2, apps: [jh8]}
people: {timezone: Asia/Shanghai}
"""


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A configuration whose store knows a number of jh1, and jh2 without numbers."""
    path = tmp_path / "number-monitor.yml"
    path.write_text(CONFIGURATION, encoding="utf-8")
    store = await Store.open(f"sqlite:///{tmp_path}/number-monitor.db", now=lambda: NOW)
    for appkey, rows in (("jh1", (row(),)), ("jh2", ())):
        answer = Answer(started=NOW, rows=rows, digest=b"")
        decision = decide(App("main", appkey), Snapshot(), answer, NoSiblings(), Policy(), NOW)
        await store.record(decision, lambda event: ())
    await store.close()
    return path


def run(path: Path, *words: str) -> Result:
    return CliRunner().invoke(program, ["--config", str(path), *words])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--account", "nope"], "the store knows no account 'nope'\n"),
        (["--appkey", "nope"], "the store knows no appkey 'nope'\n"),
        (["--account", "main", "--appkey", "nope"], "the store knows no appkey 'nope' of account 'main'\n"),
        (["--account", "spare", "--appkey", "jh1"], "the store knows no appkey 'jh1' of account 'spare'\n"),
        (["--account", "nope", "--format", "json"], "the store knows no account 'nope'\n"),
    ],
)
def test_what_nobody_knows_is_not_found(path, options, message):
    result = run(path, "numbers", *options)

    assert (result.exit_code, result.stdout, result.stderr) == (1, "", message)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(["--appkey", "jh2"], id="an app that lists none"),
        pytest.param(["--account", "spare"], id="an account that has not answered"),
        pytest.param(["--account", "spare", "--appkey", "jh8"], id="an app that has not answered"),
        pytest.param(["--degraded"], id="none in trouble"),
    ],
)
def test_what_has_no_numbers_is_an_empty_list(path, options):
    result = run(path, "numbers", "--format", "json", *options)

    assert (result.exit_code, result.stdout, result.stderr) == (0, "[]\n", "")


def test_the_numbers_asked_for_are_printed(path):
    result = run(path, "numbers", "--account", "main", "--appkey", "jh1")

    assert result.exit_code == 0
    assert [line.split()[1] for line in result.stdout.splitlines()[1:]] == ["+8613800000001"]
    assert "2026-11-23 16:00" in result.stdout

"""`sinks resume` from outside: a paused sink goes on, also while the daemon holds the store."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor.cli.program import program
from monitor.store.pauses import PausedSink
from monitor.store.store import Store

NOW = 1_795_420_800_000  # 2026-11-23 08:00:00 UTC


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "number-monitor.yml"
    path.write_text("accounts:\n  - {access_key: abc, access_secret: hunter2, apps: [jh1]}\n", encoding="utf-8")
    return path


def run(path: Path) -> Result:
    return CliRunner().invoke(program, ["--config", str(path), "sinks", "resume", "ops"])


async def test_a_paused_sink_is_resumed_while_the_store_is_held(path, tmp_path):
    store = await Store.open(f"sqlite:///{tmp_path}/number-monitor.db", now=lambda: NOW)
    await store.pause_sink("ops", "HTTP 410")
    before = await store.paused_sinks()

    resumed = await asyncio.to_thread(run, path)
    again = await asyncio.to_thread(run, path)
    after = await store.paused_sinks()
    await store.close()

    assert (before, after) == ({"ops": PausedSink("HTTP 410", NOW)}, {})
    assert (resumed.exit_code, resumed.stdout) == (0, "sink ops is sent to again, with all that waits for it\n")
    assert (again.exit_code, again.stderr) == (1, "no sink 'ops' is paused: nothing to resume\n")


def test_a_store_that_is_not_there_is_not_made(path, tmp_path):
    result = run(path)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith("number-monitor.db does not exist: `number-monitor run` makes it\n")
    assert list(tmp_path.iterdir()) == [path]

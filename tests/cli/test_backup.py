"""`store backup` from outside: also while a daemon holds the store; every refusal is one line, and 1."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor.cli.program import program
from monitor.store.store import Store

NOW = 1_795_420_800_000  # 2026-11-23 08:00:00 UTC


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "number-monitor.yml"
    path.write_text("accounts:\n  - {access_key: abc, access_secret: hunter2, apps: [jh1]}\n", encoding="utf-8")
    return path


def run(path: Path, *words: str) -> Result:
    return CliRunner().invoke(program, ["--config", str(path), "store", "backup", *words])


async def test_the_store_of_a_running_daemon_is_backed_up(path, tmp_path):
    store = await Store.open(f"sqlite:///{tmp_path}/number-monitor.db", now=lambda: NOW)
    await store.save_roster("main", "apps_url", b"[]")

    result = await asyncio.to_thread(run, path, f"{tmp_path}/backup.db")
    await store.close()

    with closing(sqlite3.connect(tmp_path / "backup.db")) as copy:
        assert copy.execute("SELECT body FROM roster").fetchall() == [(b"[]",)]
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"the store is copied into {tmp_path}/backup.db (0.2 MB)")


async def test_a_file_that_is_there_stays_unless_told(path, tmp_path):
    await (await Store.open(f"sqlite:///{tmp_path}/number-monitor.db", now=lambda: NOW)).close()
    (tmp_path / "backup.db").touch()

    refused = await asyncio.to_thread(run, path, f"{tmp_path}/backup.db")
    told = await asyncio.to_thread(run, path, "--overwrite", f"{tmp_path}/backup.db")

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"backup {tmp_path}/backup.db cannot be made: it is there already: --overwrite puts the new one in its place\n"
    )
    assert told.exit_code == 0


def test_without_a_store_there_is_nothing_to_back_up(path, tmp_path):
    result = run(path, f"{tmp_path}/backup.db")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith("number-monitor.db does not exist: `number-monitor run` makes it\n")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("words", [pytest.param((), id="no file"), pytest.param(("a.db", "b.db"), id="two files")])
def test_wrong_usage_is_2(path, words):
    assert run(path, *words).exit_code == 2


def test_a_wrong_configuration_is_2(path, tmp_path):
    path.write_text("accounts: 5\n", encoding="utf-8")

    assert run(path, f"{tmp_path}/backup.db").exit_code == 2

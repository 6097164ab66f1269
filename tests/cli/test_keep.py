"""`store keep` from outside: what was left behind by `store copy` is used again, under ids of its own."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor.cli.program import program
from monitor.store.store import Store

NOW = 1_795_420_800_000  # 2026-11-23 08:00:00 UTC
LEAP = 1_000_000_000  # of the sequence, as after a backup was put back


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "number-monitor.yml"
    path.write_text("accounts:\n  - {access_key: abc, access_secret: hunter2, apps: [jh1]}\n", encoding="utf-8")
    return path


@pytest.fixture
async def url(tmp_path: Path) -> str:
    """The configured store, empty."""
    url = f"sqlite:///{tmp_path}/number-monitor.db"
    await (await Store.open(url, now=lambda: NOW)).close()
    return url


def run(path: Path, *words: str) -> Result:
    return CliRunner().invoke(program, ["--config", str(path), *words])


async def test_what_was_left_behind_is_used_again(path, url, tmp_path):
    await asyncio.to_thread(run, path, "store", "copy", "--to", f"sqlite:///{tmp_path}/there.db")
    refused = await asyncio.to_thread(run, path, "events")
    result = await asyncio.to_thread(run, path, "store", "keep")

    store = await Store.open(url, now=lambda: NOW)
    assert (refused.exit_code, result.exit_code, result.stderr) == (1, 0, "")
    assert "`number-monitor store keep` lets this one go on" in refused.stderr
    assert result.stdout == (
        f"store {tmp_path}/number-monitor.db goes on: its events have ids and a sequence of their own now\n"
    )
    assert await store.last_sequence() == LEAP
    await store.close()


async def test_a_store_in_use_needs_none(path, url, tmp_path):
    result = await asyncio.to_thread(run, path, "store", "keep")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"store {tmp_path}/number-monitor.db was not moved: it goes on as it is\n"

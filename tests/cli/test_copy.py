"""`store copy` from outside: from where to where, a password that stays unseen; every refusal is one line, and 1."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor.cli.program import program
from monitor.store.store import Store
from tests.cli.terminal import Terminal
from tests.postgresql import PostgresqlServer
from tests.store.making import event, to

NOW = 1_795_420_800_000  # 2026-11-23 08:00:00 UTC


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "number-monitor.yml"
    path.write_text("accounts:\n  - {access_key: abc, access_secret: hunter2, apps: [jh1]}\n", encoding="utf-8")
    return path


@pytest.fixture
async def left(tmp_path: Path) -> Path:
    """The configured store, with two events of which one has arrived."""
    store = await Store.open(f"sqlite:///{tmp_path}/number-monitor.db", now=lambda: NOW)
    await store.tell([event(), event()], to("ops"))
    await store.delivered("ops", [1])
    await store.close()
    return tmp_path / "number-monitor.db"


def run(path: Path, *words: str) -> Result:
    return CliRunner().invoke(program, ["--config", str(path), "store", "copy", *words])


async def events(url: str) -> int:
    reader = await Store.open_readonly(url)
    found = await reader.events()
    await reader.close()
    return len(found)


async def test_the_configured_store_goes_where_it_is_told(path, left, tmp_path):
    result = await asyncio.to_thread(run, path, "--to", f"sqlite:///{tmp_path}/there.db")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        f"store {left} is in {tmp_path}/there.db now: 7 rows (events: 2, deliveries still to be made: 1)\n"
        "give its address in store.url or store.url_file, and start number-monitor\n"
    )
    assert await events(f"sqlite:///{tmp_path}/there.db") == 2


async def test_from_one_file_to_another_no_configuration_is_needed(left, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    result = await asyncio.to_thread(
        run, tmp_path / "none.yml", "--from", "sqlite:///number-monitor.db", "--to", "sqlite:///there.db"
    )

    assert result.exit_code == 0
    assert await events(f"sqlite:///{tmp_path}/there.db") == 2


async def test_a_url_can_stand_in_a_file(path, left, tmp_path, postgresql: PostgresqlServer):
    url = postgresql.url(postgresql.empty_database())
    (tmp_path / "from").write_text(f"sqlite:///{left}\n", encoding="utf-8")
    (tmp_path / "to").write_text(f"{url}&password=hunter3\n", encoding="utf-8")

    result = await asyncio.to_thread(run, path, "--from-file", f"{tmp_path}/from", "--to-file", f"{tmp_path}/to")

    assert (result.exit_code, result.stderr) == (0, "")
    assert "hunter3" not in result.stdout
    assert await events(url) == 2


async def test_a_password_that_others_can_see_is_remarked_upon(path, left, postgresql: PostgresqlServer):
    url = postgresql.url(postgresql.empty_database())

    result = await asyncio.to_thread(run, path, "--to", f"{url}&password=hunter3")

    assert result.exit_code == 0
    assert result.stderr == "--to: other users of this machine can see its password; --to-file keeps it from them\n"
    assert "hunter3" not in result.output


async def test_a_backup_that_is_copied_is_said_to_be_one(path, left, tmp_path):
    words = ["--config", str(path), "store", "backup", f"{tmp_path}/backup.db"]
    await asyncio.to_thread(CliRunner().invoke, program, words)

    result = await asyncio.to_thread(
        run, path, "--from", f"sqlite:///{tmp_path}/backup.db", "--to", f"sqlite:///{tmp_path}/there.db"
    )

    assert "\nit was a backup: from now on its events have ids and a sequence of their own\n" in result.stdout


async def test_a_refusal_is_one_line(path, left, tmp_path):
    store = await Store.open(f"sqlite:///{left}", now=lambda: NOW)

    result = await asyncio.to_thread(run, path, "--to", f"sqlite:///{tmp_path}/there.db")
    await store.close()

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"store {left} is in use by process ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param((), "where to? Give --to or --to-file", id="nothing"),
        pytest.param(("--to", "sqlite:///a", "--to-file", "b"), "--to and --to-file: give one of the two", id="both"),
        pytest.param(("--to", "mysql://me:hunter3@a/b"), "--to: expected sqlite:///FILE (a fourth", id="another kind"),
        pytest.param(("--to", "sqlite:///a", "--from", "a.db"), "--from: expected sqlite:///FILE", id="no url"),
        pytest.param(("--to-file", "none"), "--to-file: none: there is no such file", id="no file"),
    ],
)
def test_wrong_usage_is_2(path, words, said):
    result = run(path, *words)

    assert result.exit_code == 2
    shown = " ".join(result.stderr.replace("│", " ").split())
    assert "hunter3" not in shown
    assert said.partition(": ")[2] or said in shown


def test_a_wrong_configuration_is_2(path, tmp_path):
    path.write_text("accounts: 5\n", encoding="utf-8")

    assert run(path, "--to", f"sqlite:///{tmp_path}/there.db").exit_code == 2


async def test_at_a_terminal_a_bar_shows_how_far_it_is(path, left, tmp_path):
    async with Terminal("store", "copy", "--to", "sqlite:///there.db", directory=tmp_path) as terminal:
        await terminal.shows("copying rows")
        await terminal.shows("start number-monitor")

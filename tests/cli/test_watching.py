"""`numbers --watch`: what a frame holds, and the real thing at a real terminal."""

import asyncio
import io
import re
from datetime import UTC

import pytest
from rich.console import Console
from typer.testing import CliRunner

from monitor.cli.program import program
from monitor.cli.watching import frame
from monitor.fleet.answer import Answer
from monitor.fleet.app import App
from monitor.fleet.decide import decide
from monitor.fleet.policy import Policy
from monitor.fleet.scales import Severity
from monitor.fleet.siblings import NoSiblings
from monitor.fleet.snapshot import Snapshot
from monitor.store.store import Store
from monitor.views.columns import Times
from monitor.views.numbers import number
from tests.cli.terminal import Terminal
from tests.metrics.known import SHOP_ONE, entry, known
from tests.web.fleets import row

NOW = 1_795_420_980_000
CONFIGURATION = "accounts:\n  - {name: main, access_key: abc, access_secret: hunter2, apps: [jh1]}\n"


def seen(severity, place=1):
    one = entry(severity, number=f"+86138{place:08}")
    return number(SHOP_ONE, known(one), one)


def shown(numbers, height=24, trouble=""):
    out = io.StringIO()
    console = Console(file=out, width=80, height=height, force_terminal=True, color_system=None)
    console.print(frame(numbers, console, Times(UTC, NOW), trouble))
    return out.getvalue().splitlines()


def test_the_first_line_counts_by_severity():
    lines = shown([seen(Severity.CRITICAL), seen(Severity.WARNING), seen(Severity.OK), seen(Severity.OK)])

    assert lines[0] == "4 numbers: ✖ 1 critical, ▲ 1 warning, ● 2 ok"
    assert lines[1] == "2026-11-23 08:03:00 UTC, Ctrl-C ends"


@pytest.mark.parametrize("height", [10, 24])
def test_what_there_is_no_room_for_is_counted(height):
    lines = shown([seen(Severity.OK, place) for place in range(100)], height)

    assert len(lines) == height
    assert lines[-1] == f"and {100 - (height - 5)} more"


def test_all_are_shown_where_there_is_just_room():
    lines = shown([seen(Severity.OK, place) for place in range(6)], 10)

    assert len(lines) == 10
    assert not lines[-1].startswith("and")


def test_a_store_that_cannot_be_read_is_said_over_what_was_known():
    lines = shown([seen(Severity.OK)], trouble="the store is gone")

    assert lines[2] == "the store is gone"
    assert "+8613800000001" in lines[-1]


@pytest.fixture
async def store(tmp_path):
    store = await Store.open(f"sqlite:///{tmp_path}/number-monitor.db", now=lambda: NOW)
    (tmp_path / "number-monitor.yml").write_text(CONFIGURATION, encoding="utf-8")
    yield store
    await store.close()


async def record(store, **words):
    restored = await store.restore()
    before = restored.snapshots.get(("main", "jh1"), Snapshot())
    answer = Answer(started=NOW, rows=(row(**words),), digest=b"")
    decision = decide(App("main", "jh1"), before, answer, NoSiblings(), Policy(), NOW)
    await store.record(decision, lambda event: ())


async def test_a_change_is_seen_without_typing_anything(store, tmp_path):
    await record(store)
    async with Terminal("numbers", "--watch", directory=tmp_path, columns=80) as terminal:
        await terminal.shows("1 number: ● 1 ok")
        await record(store, quality_rating="RED")
        await terminal.shows("1 number: ✖ 1 critical")
        terminal.types("\x03")
        code = await terminal.ends()

    assert code == 0
    assert terminal.screen.count("\x1b[?1049h") == terminal.screen.count("\x1b[?1049l") == 1  # the screen is given back


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param([], "needs a terminal", id="a pipe"),
        pytest.param(["--format", "json"], "draws a table", id="for programs"),
    ],
)
async def test_what_cannot_be_watched_is_refused(store, tmp_path, options, said):
    await record(store)

    words = ["--config", str(tmp_path / "number-monitor.yml"), "numbers", "--watch", *options]
    result = await asyncio.to_thread(CliRunner().invoke, program, words)

    assert result.exit_code == 2
    assert said in re.sub(r"[│\s]+", " ", result.stderr)


async def test_a_terminal_that_cannot_be_drawn_upon_is_refused(store, tmp_path):
    async with Terminal("numbers", "--watch", directory=tmp_path, environ={"TERM": "dumb"}) as terminal:
        await terminal.shows("needs a terminal that can be drawn upon")
        code = await terminal.ends()

    assert code == 2

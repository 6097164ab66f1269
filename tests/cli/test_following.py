"""`events --follow`: what is recorded, and then what comes."""

import asyncio
import io
import json
from datetime import UTC

import pytest

from monitor.cli.following import asked_for, follow_events, recorded
from monitor.cli.formats import EventFormat
from monitor.fleet.masking import FULL
from monitor.store.masked import MaskedRecords
from monitor.store.store import Store
from tests.cli.terminal import PATIENCE, Terminal
from tests.delivery.people.happening import banned

NOW = 1_795_420_980_000
ONE, TWO, THREE = "+8613800000001", "+8613800000002", "+8613800000003"


@pytest.fixture
async def store(tmp_path):
    store = await Store.open(f"sqlite:///{tmp_path}/number-monitor.db", now=lambda: NOW)
    account = {"name": "main", "access_key": "abc", "access_secret": "hunter2", "apps": ["jh1"]}
    (tmp_path / "number-monitor.yml").write_text(json.dumps({"accounts": [account]}), encoding="utf-8")
    yield store
    await store.close()


async def record(store, *numbers):
    await store.tell([banned(number, NOW) for number in numbers], lambda _event: ())


async def test_what_is_recorded_is_shown_and_then_what_comes_until_ctrl_c(store, tmp_path):
    await record(store, ONE)
    async with Terminal("events", "--since", "3000d", "--follow", directory=tmp_path) as terminal:
        await terminal.shows(ONE)
        await record(store, TWO)
        await terminal.shows(TWO)
        await record(store, THREE)
        await terminal.shows(THREE)
        terminal.types("\x03")
        code = await terminal.ends()

    assert code == 130
    assert "Traceback" not in terminal.text
    assert [terminal.text.count(number) for number in (ONE, TWO, THREE)] == [1, 1, 1]


async def test_for_programs_each_is_a_line_and_others_than_asked_for_are_none(store):
    await record(store, ONE)
    records, out = MaskedRecords(store, FULL), io.StringIO()
    asked = asked_for("24h", "number.degraded", TWO, NOW)
    before, last = await recorded(records, asked)

    following = asyncio.create_task(follow_events(records, asked, last, EventFormat.JSON, out, UTC))
    await record(store, ONE, TWO)
    async with asyncio.timeout(PATIENCE):
        while not out.getvalue():
            await asyncio.sleep(0.02)
    following.cancel()
    await asyncio.wait([following])

    assert before == []
    assert [json.loads(line)["data"]["number"] for line in out.getvalue().splitlines()] == [TWO]

"""A daemon's store is copied from SQLite into PostgreSQL, and a daemon on the copy goes on where the first one was."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.delivery.receiver import Receiver
from tests.system.running import Running, eventually


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


async def copied(*words: str) -> int | None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "monitor", "store", "copy", *words)
    return await process.wait()


def degraded(daemon: Running, vendor: Any, quality: str) -> Any:
    """Change every number, and wait until it was told."""
    for number in vendor.world.numbers:
        vendor.world.change(number, {"quality_rating": quality})
    return eventually(lambda: len(daemon.told("number.degraded", after=quality)) == len(vendor.world.numbers))


async def test_a_daemon_on_the_copy_goes_on_and_one_on_the_original_ends(vendor, start, receiver, postgresql, tmp_path):
    events = {"sinks": [{"name": "ops", "type": "webhook", "url": receiver.url}]}
    await receiver.stop()
    first = await start(events=events)
    await eventually(lambda: len(first.told("app.baseline")) == 3)
    await degraded(first, vendor, "YELLOW")
    assert await first.end() == 0
    (tmp_path / "store-url").write_text(f"{postgresql.url(postgresql.empty_database())}\n", encoding="utf-8")

    code = await copied("--from", f"sqlite:///{tmp_path}/number-monitor.db", "--to-file", f"{tmp_path}/store-url")
    await receiver.start()
    second = await start(events=events, store={"url_file": "store-url"})
    await degraded(second, vendor, "RED")
    await eventually(lambda: len({request.headers["webhook-id"] for request in receiver.taken}) == 27)
    third = await start(events=events)

    assert code == 0
    told = [*first.events, *second.events]
    assert {event["type"] for event in second.events} == {"number.degraded"}
    assert [event["sequence"] for event in told] == [f"{number:020}" for number in range(1, 28)]
    assert {request.headers["webhook-id"] for request in receiver.taken} == {event["id"] for event in told}
    assert await third.end_by_itself() == 1
    assert f"number-monitor: store {tmp_path}/number-monitor.db was moved to postgresql://postgres@/" in third.log[-1]

"""The API of the real daemon, as a campaign system uses it: verdicts, the stream, and its end."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.system.running import PATIENCE, eventually

STREAM = "/api/v1/events/stream"


@asynccontextmanager
async def streaming(address: str, after: str) -> AsyncIterator[AsyncIterator[str]]:
    async with (
        asyncio.timeout(PATIENCE),
        httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as client,
        client.stream("GET", f"{address}{STREAM}", headers={"last-event-id": after}) as answer,
    ):
        assert answer.status_code == 200
        yield answer.aiter_lines()


async def first(lines: AsyncIterator[str], kind: str) -> dict[str, Any]:
    """The first event of a type in a stream."""
    async for line in lines:
        if line.startswith("data: "):
            event: dict[str, Any] = json.loads(line.removeprefix("data: "))
            if event["type"] == kind:
                return event
    raise AssertionError(f"the stream ended without {kind}")


async def verdict(daemon, number: str) -> dict[str, Any]:
    found: dict[str, Any] = (await daemon.get(f"/api/v1/numbers/{number}/verdict")).json()
    return found


async def test_a_degraded_number_is_streamed_and_held_and_the_stream_ends_with_the_daemon(vendor, start):
    number = vendor.world.numbers[0]
    daemon = await start()
    address = await daemon.ready()
    before = await verdict(daemon, number)
    cursor = (await daemon.get("/api/v1/numbers")).json()["events_cursor"]

    async with streaming(address, cursor) as lines:
        vendor.world.change(number, {"quality_rating": "RED"})
        event = await first(lines, "number.degraded")
        held = await eventually(lambda: _campaign(daemon, number, "hold"))
        ended = asyncio.create_task(daemon.end())
        rest = [line async for line in lines if line]
        code = await ended

    assert (before["sendable"], before["campaign"]) == ("yes", "go")
    assert (event["subject"], event["data"]["after"]) == (held["number"], "RED")
    assert held["reasons"] == ["quality.red"]
    assert (rest, code) == ([], 0)


async def _campaign(daemon, number: str, campaign: str) -> dict[str, Any] | None:
    found = await verdict(daemon, number)
    return found if found["campaign"] == campaign else None


async def test_who_was_away_is_told_by_the_next_daemon_what_was_missed(vendor, start):
    number = vendor.world.numbers[0]
    daemon = await start()
    await daemon.ready()
    cursor = (await daemon.get("/api/v1/numbers")).json()["events_cursor"]
    vendor.world.change(number, {"quality_rating": "YELLOW"})
    await eventually(lambda: daemon.told("number.degraded"))
    await daemon.end()

    async with streaming(await (await start()).watching(), cursor) as lines:
        event = await first(lines, "number.degraded")

    assert event["id"] == daemon.told("number.degraded")[0]["id"]

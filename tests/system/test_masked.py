"""
`privacy.numbers: masked` over all outputs: no number shows in full, and every number can still be asked for.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from monitor.cli.program import program
from monitor.settings.sink_types import SINKS
from tests.system.places import OK, Places
from tests.system.planting import traces
from tests.system.running import PATIENCE, Running, eventually

FORM = re.compile(r"\+[0-9]{1,5}\*{4}[0-9]{1,4}~[0-9a-f]{4}")
COMMANDS = (
    *(
        ["numbers"],
        ["numbers", "--format", "json"],
        ["numbers", "--format", "csv"],
        ["poll"],
        ["poll", "--format", "json"],
    ),
    *(
        ["events"],
        ["events", "--format", "json"],
        ["deliveries"],
        ["deliveries", "--format", "json"],
        ["check", "--live"],
    ),
)


@pytest.fixture
async def places() -> AsyncIterator[Places]:
    async with Places() as places:
        yield places


async def command(path: Path, *words: str) -> str:
    """What it prints, on both streams; it has a loop of its own, so it gets a thread."""
    environ = {"NO_PROXY": "*"}
    return (await asyncio.to_thread(CliRunner().invoke, program, ["--config", str(path), *words], env=environ)).output


def leaks(outputs: Mapping[str, str], numbers: list[str]) -> list[str]:
    """Where a number shows in full, or in a form that gives it back."""
    forms = {number: _forms(number.removeprefix("+")) for number in numbers}
    return [
        f"{where} shows {number}"
        for where, output in outputs.items()
        for number in numbers
        if _shows(output, forms[number])
    ]


def _forms(digits: str) -> set[str]:
    kept = ("plain", "hex", "base64 0", "base64 1", "base64 2", "URL-safe base64 1")
    return {trace.decode() for how, trace in traces(digits).items() if how in kept} | {digits[-10:]}


def _shows(output: str, forms: set[str]) -> bool:
    return any(form in output for form in forms)


async def settled(daemon: Running, places: Places) -> None:
    """Wait until every place has been told of the ban."""
    for kind in OK:
        await asyncio.wait_for(places[kind].has(1), PATIENCE)
    await eventually(lambda: places.mail.mails)
    await eventually(lambda: daemon.told("number.degraded"))


async def streamed(daemon: Running) -> str:
    """The recorded events as the stream gives them."""
    async with (
        asyncio.timeout(PATIENCE),
        httpx.AsyncClient(base_url=await daemon.watching(), timeout=PATIENCE) as client,
        client.stream("GET", "/api/v1/events/stream?since=1h") as answer,
    ):
        lines: list[str] = []
        async for line in answer.aiter_lines():
            lines.append(line)
            if "number.degraded" in line:
                break
    return "\n".join(lines)


async def test_no_number_shows_in_full_anywhere_and_each_is_the_same_everywhere(vendor, start, places, tmp_path):
    world = vendor.world
    number = world.numbers[0]
    world.change(number, {"verified_name": f"Shop {number}"})
    daemon = await start(
        program="tests.system.hasty",
        privacy={"numbers": "masked"},
        web={"listen": "127.0.0.1:0", "external_url": "https://numbers.example.com"},
        events={
            "sinks": [places.sink(kind) for kind in SINKS],
            "ignore": [{"match": {"number": world.numbers[1]}}],
        },
        log={"level": "debug"},
    )
    await daemon.ready()
    world.change(number, {"status": "BANNED"})
    await settled(daemon, places)
    outputs: dict[str, str] = {}
    listed = (await daemon.get("/api/v1/numbers?limit=5")).json()
    (entry,) = (await daemon.get(f"/api/v1/numbers?number={number.removeprefix('+')}")).json()["items"]
    shown = entry["number"]
    page = "/numbers/{account}/{appkey}/{waba_id}/".format(**entry)
    for path in (
        *(
            "/",
            "/events",
            "/events.csv",
            "/events.json",
            "/settings",
            f"/apps/{entry['account']}/{entry['appkey']}",
            "/?q=" + shown.partition("*")[0].removeprefix("+"),
            "/metrics",
            "/api/v1/numbers",
            "/api/v1/numbers?limit=5",
        ),
        *(
            "/api/v1/apps",
            "/api/v1/events",
            "/api/v1/deliveries?limit=1000",
            page + shown,
            page + number.replace("+", "%2B"),
        ),
        *(
            f"/api/v1/numbers/{number}/verdict",
            f"/api/v1/numbers/{shown}/verdict",
            "/api/v1/numbers/12345678901/verdict",
        ),
        *(f"/api/v1/events?number={shown}", f"/api/v1/numbers?cursor={listed['next']}"),
    ):
        outputs[path.replace(number, "N")] = (await daemon.get(path)).text
    outputs["the stream"] = await streamed(daemon)
    for words in COMMANDS:
        outputs[" ".join(words)] = await command(tmp_path / "number-monitor.yml", *words)
    tried = await command(tmp_path / "number-monitor.yml", "sinks", "test", "webhook", "--number", number)
    await daemon.end()
    outputs |= {"stdout": json.dumps(daemon.events), "the log": "".join(daemon.log), "sinks test": tried}
    for kind in OK:
        outputs[f"requests at {kind}"] = " ".join(
            f"{one.line} {one.headers} {one.body.decode()}" for one in places[kind].requests
        )
    outputs["mails"] = " ".join(str(mail.content) for mail in places.mail.mails)

    assert leaks(outputs, list(world.numbers)) == []
    assert FORM.fullmatch(shown)
    for where in (
        "/",
        "/metrics",
        "the stream",
        "stdout",
        "events",
        "deliveries",
        "numbers",
        *(f"requests at {kind}" for kind in OK),
    ):
        assert shown in outputs[where].replace("%2B", "+").replace("%2A", "*").replace("\\", ""), where
    (ban,) = daemon.told("number.degraded")
    assert ban["data"]["incident"]["id"] == f"main/{shown}/status"
    assert entry["verified_name"] == f"Shop {shown}"


async def test_what_is_asked_for_by_the_number_and_by_what_is_shown_of_it_is_the_same(vendor, start):
    number = vendor.world.numbers[0]
    daemon = await start(privacy={"numbers": "masked"})
    await daemon.ready()
    await eventually(lambda: daemon.told("app.baseline"))
    vendor.world.change(number, {"quality_rating": "RED"})
    (event,) = await eventually(lambda: daemon.told("number.degraded"))
    shown = event["subject"]

    for path in ("/api/v1/numbers?number={}", "/api/v1/events?number={}", "/api/v1/deliveries?number={}"):
        by_number, by_shown = [
            (await daemon.get(path.format(one.replace("+", "%2B")))).json() for one in (number, shown)
        ]
        assert len(by_number["items"]) == 1
        assert by_number["items"] == by_shown["items"]
    verdicts = [(await daemon.get(f"/api/v1/numbers/{one}/verdict")).json() for one in (number, number[1:], shown)]
    assert {(one["number"], one["campaign"]) for one in verdicts} == {(shown, "hold")}
    assert (await daemon.get(f"/api/v1/numbers/{shown[:-4]}0000/verdict")).status_code == 404


async def test_a_restart_shows_numbers_as_before_and_leaving_it_shows_them_in_full(vendor, start, tmp_path):
    number = vendor.world.numbers[0]
    path = tmp_path / "number-monitor.yml"
    daemon = await start(privacy={"numbers": "masked"})
    await daemon.ready()
    before = {one["number"] for one in (await daemon.get("/api/v1/numbers")).json()["items"]}
    contents = json.loads(path.read_text())
    path.write_text(json.dumps({**contents, "privacy": {"numbers": "full"}}))
    await daemon.reload()
    still = {one["number"] for one in (await daemon.get("/api/v1/numbers")).json()["items"]}
    warned = any("takes a restart" in line and '"privacy"' in line for line in daemon.log)
    await daemon.end()

    again = await start(privacy={"numbers": "masked"})
    await again.ready()
    after = {one["number"] for one in (await again.get("/api/v1/numbers")).json()["items"]}
    await again.end()
    full = await start()
    await full.ready()

    assert before == still == after
    assert warned
    assert all(map(FORM.fullmatch, before))
    assert number in {one["number"] for one in (await full.get("/api/v1/numbers")).json()["items"]}
    assert await full.sample("nxcloud_number_status", number=number) == 1

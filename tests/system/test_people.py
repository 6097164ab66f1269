"""What people are told, end to end: a real daemon, a vendor whose numbers change, mail, robots and a pager."""

import asyncio
import base64
import hashlib
import hmac
import json
import signal
import sys
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.delivery.receiver import Receiver
from tests.delivery.robots import said
from tests.system.places import SECRET, Places
from tests.system.running import Running, eventually

HASTY = "tests.system.hasty"
ROBOTS = ("slack", "dingtalk", "feishu", "lark", "wecom")


@pytest.fixture
async def places() -> AsyncIterator[Places]:
    async with Places() as places:
        yield places


def subjects(places: Places) -> list[str]:
    """Of the mails."""
    contents = [mail.content for mail in places.mail.mails if isinstance(mail.content, bytes)]
    return [message_from_bytes(content, policy=policy.default)["Subject"] for content in contents]


def of(*sinks: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The section `events` with these sinks."""
    return {"sinks": list(sinks), **more}


def digest(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


async def deliveries(daemon: Running, sink: str) -> list[tuple[str, str, str]]:
    """Type, state and reason of each delivery to the sink, the oldest first."""
    items = (await daemon.get(f"/api/v1/deliveries?sink={sink}")).json()["items"]
    return [(item["type"], item["state"], item["reason"]) for item in reversed(items)]


async def shown(tmp_path, *words: str) -> str:
    """What a command prints, in a process of its own."""
    command = (sys.executable, "-m", "monitor", "--config", str(tmp_path / "number-monitor.yml"), *words)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    return output.decode()


async def test_a_ban_is_a_mail_a_message_of_every_robot_and_an_alert_of_the_pager(vendor, start, places):
    number = vendor.world.numbers[0]
    daemon = await start(events=of(*map(places.sink, ["email", "pagerduty", *ROBOTS])))
    await daemon.ready()

    vendor.world.change(number, {"status": "BANNED"})
    for kind in ("pagerduty", *ROBOTS):
        await asyncio.wait_for(places[kind].has_taken(1), 40)
    await eventually(lambda: places.mail.mails)

    (ban,) = daemon.told("number.degraded")
    appkey = ban["data"]["appkey"]
    assert subjects(places) == [f"[critical] {number} is BANNED, cannot send ({appkey})"]
    for kind in ROBOTS:
        (body,) = places.bodies(kind)
        text = json.dumps(body, ensure_ascii=False)
        assert f"{number} ({appkey}) is BANNED (cannot send), was CONNECTED" in text
        assert "number-monitor" in text  # a keyword that a robot may want
    (alert,) = places.bodies("pagerduty")
    assert (alert["event_action"], alert["dedup_key"]) == ("trigger", f"main/{number}/status")
    (request,) = places["dingtalk"].requests
    query = parse_qs(urlsplit(request.line.split()[1]).query)
    assert query["sign"] == [digest(SECRET, f"{query['timestamp'][0]}\n{SECRET}")]
    for kind in ("feishu", "lark"):
        (body,) = places.bodies(kind)
        assert body["sign"] == digest(f"{body['timestamp']}\n{SECRET}", "")


async def test_what_is_over_is_resolved_and_what_heals_before_it_settled_is_never_told(vendor, start, places, tmp_path):
    banned, flash = vendor.world.numbers[:2]
    calm = {"settle": {"quality_rating.RED": "1h"}}
    daemon = await start(events=of(places.sink("email", **calm), places.sink("pagerduty", **calm)), program=HASTY)
    await daemon.ready()
    vendor.world.change(banned, {"status": "BANNED"})
    vendor.world.change(flash, {"quality_rating": "RED"})
    await eventually(lambda: daemon.told("number.degraded", after="RED"))
    await eventually(lambda: places.mail.mails and places["pagerduty"].taken)

    vendor.world.change(banned, {"status": "CONNECTED"})
    vendor.world.change(flash, {"quality_rating": "GREEN"})
    await eventually(lambda: len(places.mail.mails) == len(places["pagerduty"].taken) == 2)
    await eventually(lambda: len(daemon.told("number.recovered")) == 2)

    incident = f"main/{banned}/status"
    pages = [(body["event_action"], body["dedup_key"]) for body in places.bodies("pagerduty")]
    assert pages == [("trigger", incident), ("resolve", incident)]
    assert [subject.partition("]")[0] for subject in subjects(places)] == ["[critical", "[ok"]
    over = "over before it was to be told"
    await eventually(lambda: told_quietly(daemon, over))
    assert (await shown(tmp_path, "deliveries", "--sink", "email")).count(over) == 2


async def told_quietly(daemon: Running, reason: str) -> bool:
    found = {(kind, state) for kind, state, why in await deliveries(daemon, "email") if why == reason}
    return found == {("number.degraded", "quiet"), ("number.recovered", "quiet")}


async def test_the_numbers_that_are_in_trouble_at_the_first_start_are_one_message(vendor, start, places):
    for number in vendor.world.numbers[:3]:
        vendor.world.change(number, {"quality_rating": "YELLOW"})
    daemon = await start(events=of(places.sink("email")), program=HASTY)
    await daemon.ready()

    await eventually(lambda: places.mail.mails)

    assert subjects(places) == ["[warning] main: first look: 3 of 12 numbers need attention"]


async def test_a_robot_that_says_no_with_http_200_counts_as_failed_and_has_the_message_once_it_says_yes(
    vendor, start, places
):
    places.answers("dingtalk", said(errcode=310000, errmsg="sign not match"))
    daemon = await start(events=of(places.sink("dingtalk")), program=HASTY)
    await daemon.ready()
    vendor.world.change(vendor.world.numbers[0], {"status": "BANNED"})

    await places["dingtalk"].has(1)
    failed = await eventually(lambda: waits(daemon, "dingtalk"))
    await places["dingtalk"].has(2)
    await eventually(lambda: arrived(daemon, "dingtalk"))

    first, second = (body["markdown"]["title"] for body in places.bodies("dingtalk"))
    assert first == second
    assert "sign not match" in failed
    refused = await daemon.sample("number_monitor_delivery_failures_total", sink="dingtalk", reason="unavailable")
    assert refused == 1


async def waits(daemon: Running, sink: str) -> str:
    """The reason of the delivery that failed and waits."""
    return next((why for _, state, why in await deliveries(daemon, sink) if state == "waiting" and why), "")


async def arrived(daemon: Running, sink: str) -> bool:
    return ("number.degraded", "delivered", "") in await deliveries(daemon, sink)


async def test_a_ban_that_could_not_be_told_before_a_kill_is_told_after_it_once(vendor, start, places):
    await places["slack"].stop()
    events = of(places.sink("slack"))
    first = await start(events=events, program=HASTY)
    await first.ready()
    vendor.world.change(vendor.world.numbers[0], {"status": "BANNED"})
    await eventually(lambda: waits(first, "slack"))
    await first.end(signal.SIGKILL)
    await places["slack"].start()

    second = await start(events=events, program=HASTY)
    await second.ready()
    await places["slack"].has(1)
    await eventually(lambda: arrived(second, "slack"))

    (message,) = places.bodies("slack")
    assert f"{vendor.world.numbers[0]} is BANNED" in message["text"]
    assert second.told("number.degraded") == []


async def test_the_heartbeat_pings_while_it_runs_and_ends_with_it(start):
    async with Receiver() as switch:
        daemon = await start(events={"heartbeat": {"url": switch.url, "every": "5s"}})
        await daemon.ready()

        await switch.has(2)
        await daemon.end()

        assert {request.line.split()[0] for request in switch.requests} == {"GET"}
        assert "hunter2" not in "".join(daemon.log)

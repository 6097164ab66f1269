"""Events by webhook, end to end: a real daemon, a receiver on a socket that fails, leaves, and comes back."""

import base64
import json
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.delivery.receiver import HANG, Receiver, answer, verifies
from tests.system.running import eventually

KEY, OLD_KEY = b"k" * 32, b"o" * 32
SECRET, OLD_SECRET = (f"whsec_{base64.b64encode(key).decode()}" for key in (KEY, OLD_KEY))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


def sinks(receiver: Receiver, **more: Any) -> dict[str, Any]:
    """The section `events` with one sink."""
    return {"sinks": [{"name": "ops", "type": "webhook", "url": receiver.url, "secret": SECRET, **more}]}


def reconfigure(tmp_path, events: dict[str, Any]) -> None:
    path = tmp_path / "number-monitor.yml"
    path.write_text(json.dumps({**json.loads(path.read_text()), "events": events}))


def ids(receiver: Receiver) -> list[str]:
    return [request.headers["webhook-id"] for request in receiver.requests]


async def test_a_number_that_turns_red_arrives_signed_as_it_is_on_stdout(vendor, start, receiver):
    daemon = await start(events=sinks(receiver, match={"type": "number.*"}))
    await daemon.ready()

    vendor.world.change(vendor.world.numbers[0], {"quality_rating": "RED"})
    await receiver.has(1)
    await eventually(lambda: daemon.told("number.degraded"))

    (request,), (told,) = receiver.requests, daemon.told("number.degraded")
    beside = {"event", "level", "timestamp"}
    assert request.event == {key: value for key, value in told.items() if key not in beside}
    assert (request.headers["webhook-id"], verifies(KEY, request)) == (told["id"], True)
    await eventually(lambda: daemon.sample("number_monitor_deliveries_total", sink="ops"))


async def test_a_receiver_that_is_down_and_back_misses_nothing_and_gets_a_numbers_events_in_order(
    vendor, start, receiver
):
    number, other = vendor.world.numbers[:2]
    await receiver.stop()
    daemon = await start(events=sinks(receiver, match={"type": "number.*"}))
    await daemon.ready()
    vendor.world.change(number, {"quality_rating": "YELLOW"})
    await eventually(lambda: daemon.told("number.degraded", after="YELLOW"))
    vendor.world.change(number, {"quality_rating": "RED"})
    await eventually(lambda: daemon.told("number.degraded", after="RED"))

    await receiver.start()
    vendor.world.change(other, {"quality_rating": "RED"})  # what arrives makes all that waits due
    await eventually(lambda: len(set(ids(receiver))) == 3)
    await eventually(lambda: len(daemon.told("number.degraded")) == 3)

    assert set(ids(receiver)) == {event["id"] for event in daemon.told("number.degraded")}
    of_number = [request.event["data"]["after"] for request in receiver.requests if request.event["subject"] == number]
    assert of_number == ["YELLOW", "RED"]


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
async def test_what_was_not_delivered_before_a_restart_is_delivered_after_it_under_the_same_id(
    vendor, start, receiver, end
):
    await receiver.stop()
    first = await start(events=sinks(receiver))
    await first.ready()
    await eventually(lambda: len(first.told("app.baseline")) == 3)
    await first.end(end)
    await receiver.start()

    second = await start(events=sinks(receiver))
    await second.ready()
    vendor.world.change(vendor.world.numbers[0], {"quality_rating": "RED"})  # as above
    await eventually(lambda: len(set(ids(receiver))) == 4)

    assert {event["id"] for event in first.events} < set(ids(receiver))


async def test_a_receiver_that_hangs_keeps_no_stop_and_what_was_under_way_is_sent_again(start, receiver):
    receiver.plan(*[HANG] * 3)
    first = await start(events=sinks(receiver))
    await first.ready()
    await receiver.has(3)
    code = await first.end()
    asked = ids(receiver)

    second = await start(events=sinks(receiver))
    await second.ready()
    await eventually(lambda: len(set(ids(receiver)[3:])) == 3)

    assert (code, set(ids(receiver)[3:])) == (0, set(asked))


async def test_after_a_410_nothing_is_sent_also_after_a_restart_until_a_reload(vendor, start, receiver):
    receiver.plan(*[answer("410 Gone")] * 8)
    first = await start(events=sinks(receiver))
    await first.ready()
    await eventually(lambda: any("sink paused" in line for line in first.log))
    await eventually(lambda: len(first.told("app.baseline")) == 3)
    await first.end()
    asked = len(receiver.requests)
    second = await start(events=sinks(receiver))
    await second.ready()
    await eventually(lambda: any("sink is paused" in line for line in second.log))
    still = len(receiver.requests)
    receiver.recover()

    await second.post("/-/reload")
    await eventually(lambda: len(set(ids(receiver)[asked:])) == 3)

    assert still == asked
    assert set(ids(receiver)[asked:]) == {event["id"] for event in first.events}


async def test_a_reload_brings_a_sink_changes_its_secret_and_takes_it_away(vendor, start, receiver, tmp_path):
    daemon = await start()
    await daemon.ready()
    await eventually(lambda: len(daemon.told("app.baseline")) == 3)
    number = vendor.world.numbers[0]

    reconfigure(tmp_path, sinks(receiver, secret=OLD_SECRET))
    await daemon.post("/-/reload")
    vendor.world.change(number, {"quality_rating": "YELLOW"})
    await receiver.has(1)
    reconfigure(tmp_path, sinks(receiver, previous_secret=OLD_SECRET))
    await daemon.post("/-/reload")
    vendor.world.change(number, {"quality_rating": "RED"})
    await receiver.has(2)
    reconfigure(tmp_path, {})
    await daemon.post("/-/reload")
    vendor.world.change(number, {"quality_rating": "GREEN"})
    await eventually(lambda: daemon.told("number.recovered"))

    assert [request.event["data"]["after"] for request in receiver.requests] == ["YELLOW", "RED"]
    verified = [[verifies(key, request) for key in (KEY, OLD_KEY)] for request in receiver.requests]
    assert verified == [[False, True], [True, True]]
    assert await daemon.sample("number_monitor_deliveries_total", sink="ops") is None


async def test_what_waits_for_a_sink_that_was_taken_away_is_delivered_when_it_is_back(
    vendor, start, receiver, tmp_path
):
    await receiver.stop()
    events = sinks(receiver)
    daemon = await start(events=events)
    await daemon.ready()
    await eventually(lambda: len(daemon.told("app.baseline")) == 3)
    reconfigure(tmp_path, {})
    await daemon.post("/-/reload")
    await eventually(lambda: any("events are left for a sink" in line for line in daemon.log))

    await receiver.start()
    reconfigure(tmp_path, events)
    await daemon.post("/-/reload")
    vendor.world.change(vendor.world.numbers[0], {"quality_rating": "RED"})  # as above
    await eventually(lambda: len(set(ids(receiver))) == 4)

    assert set(ids(receiver)) == {event["id"] for event in daemon.events}


async def test_neither_the_address_nor_a_secret_of_a_sink_shows_in_logs_and_metrics(vendor, start, receiver):
    receiver.plan(*[answer("500 Oops", body=receiver.url.encode())] * 50)
    daemon = await start(events=sinks(receiver, headers={"X-Key": "sesame-hunter2"}), log={"level": "debug"})
    await daemon.ready()
    await receiver.has(3)
    await eventually(lambda: any("deliveries fail" in line for line in daemon.log))
    metrics = (await daemon.get("/metrics")).text
    await daemon.end()

    shown = "".join(daemon.log) + metrics
    assert [secret for secret in ("hunter2", SECRET, KEY.decode()) if secret in shown] == []

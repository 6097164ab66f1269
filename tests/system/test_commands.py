"""The commands, as a person or a script runs them."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from monitor.simulator.faults import Code, Throttled
from tests.delivery.receiver import Receiver, answer
from tests.system.running import configuration, eventually


class Ended(NamedTuple):
    """How a command ended."""

    code: int | None
    out: str
    err: str


@pytest.fixture
def config(vendor, tmp_path) -> Path:
    return configuration(
        tmp_path,
        base_url=vendor.base_url,
        access_key=vendor.world.access_key,
        access_secret=vendor.world.access_secret,
        apps=[{"appkey": appkey, "name": f"shop {appkey}"} for appkey in vendor.world.appkeys],
    )


async def ran(*arguments: object, shell: str = "") -> Ended:
    """Run a command to its end; `shell` is what stands behind it on a shell's line."""
    words = [sys.executable, "-m", "monitor", *map(str, arguments)]
    line = " ".join(f"'{word}'" for word in words)
    process = await asyncio.create_subprocess_exec(
        *(["sh", "-c", f"{line} {shell}"] if shell else words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "NO_COLOR": "1"},
    )
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    return Ended(process.returncode, out.decode(), err.decode())


async def test_poll_prints_every_number_and_ends_with_0_when_all_is_fine(vendor, config):
    ended = await ran("--config", config, "poll")

    assert (ended.code, ended.err) == (0, "")
    assert all(number in ended.out for number in vendor.world.numbers)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"quality_rating": "YELLOW"}, 1, id="a warning"),
        pytest.param({"quality_rating": "RED"}, 2, id="critical"),
        pytest.param({"status": "BANNED"}, 2, id="banned"),
    ],
)
async def test_poll_ends_as_monitoring_plugins_do(vendor, config, changes, code):
    vendor.world.change(vendor.world.numbers[0], changes)

    ended = await ran("--config", config, "poll", "--format", "json")

    assert ended.code == code
    assert len(json.loads(ended.out)) == 12
    assert json.loads(ended.out)[0]["number"] == vendor.world.numbers[0]


async def test_poll_says_which_app_could_not_be_polled_and_ends_with_3(vendor, config):
    appkey = vendor.world.appkeys[0]
    vendor.faults.add(Code(code=9008, appkey=appkey))

    ended = await ran("--config", config, "poll")

    assert ended.code == 3
    assert ended.err.startswith(f"account main, {appkey}: ")
    assert len(ended.err.splitlines()) == 1


async def test_poll_does_not_wait_out_a_vendor_that_throttles_for_an_hour(vendor, config):
    vendor.faults.add(Throttled(retry_after="3600"))

    ended = await ran("--config", config, "poll")

    assert ended.code == 3


async def test_poll_does_not_ask_for_every_app_with_refused_credentials(vendor, tmp_path):
    calls: list[object] = []
    vendor._on_call = calls.append
    config = configuration(
        tmp_path,
        base_url=vendor.base_url,
        access_key=vendor.world.access_key,
        access_secret="wrong",
        apps=list(vendor.world.appkeys) + [f"more-{n}" for n in range(40)],
    )

    ended = await ran("--config", config, "poll")

    assert ended.code == 3
    assert len(ended.err.splitlines()) == 1
    assert len(calls) < 40


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(["poll", "--account", "nope"], 3, id="poll of an unknown account"),
        pytest.param(["poll", "--nonsense"], 3, id="poll with a wrong option"),
        pytest.param(["check", "--nonsense"], 2, id="a wrong option"),
        pytest.param(["nonsense"], 2, id="no such command"),
        pytest.param(["numbers"], 1, id="numbers without a store"),
        pytest.param(["events"], 1, id="events without a store"),
        pytest.param(["events", "--since", "soon"], 2, id="a moment that cannot be read"),
        pytest.param(["deliveries"], 1, id="deliveries without a store"),
        pytest.param(["deliveries", "discard", "--sink", "ops"], 1, id="giving up without a store"),
        pytest.param(["deliveries", "replay"], 2, id="sending nothing again"),
        pytest.param(["sinks", "test", "nope"], 1, id="a test of an unknown sink"),
        pytest.param(["sinks", "resume", "ops"], 1, id="resuming without a store"),
        pytest.param(["healthcheck"], 1, id="healthcheck without a daemon"),
        pytest.param(["accept", "--account", "main"], 1, id="accept without a daemon"),
    ],
)
async def test_what_goes_wrong_is_one_line_on_stderr(config, arguments, code):
    ended = await ran("--config", config, *arguments)

    assert (ended.code, ended.out, len(ended.err.splitlines())) == (code, "", 1)
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("command", ["poll", "check"])
async def test_a_wrong_configuration_is_told_at_once(tmp_path, command):
    path = tmp_path / "wrong.yml"
    path.write_text("accounts: [{acces_key: k}]\npol: {}\n")

    ended = await ran("--config", path, command)

    assert ended.code == (3 if command == "poll" else 2)
    assert ended.err.count("\n") >= 2


async def test_numbers_and_events_read_the_store_while_the_daemon_writes_it(vendor, start, config):
    daemon = await start(apps=[{"appkey": appkey, "name": f"shop {appkey}"} for appkey in vendor.world.appkeys])
    await daemon.ready()
    number = vendor.world.numbers[0]
    vendor.world.change(number, {"quality_rating": "RED"})
    await eventually(lambda: daemon.told("number.degraded"))

    degraded = await ran("--config", config, "numbers", "--degraded", "--format", "json")
    events = await ran("--config", config, "events", "--type", "number.degraded", "--format", "json")

    assert [found["number"] for found in json.loads(degraded.out)] == [number]
    assert json.loads(degraded.out)[0]["app_name"].startswith("shop ")
    assert [found["subject"] for found in json.loads(events.out)] == [number]


async def test_the_running_daemon_sends_again_what_a_replay_names_under_the_same_id(vendor, start, config):
    daemon = await start()
    await daemon.ready()
    first, second = vendor.world.numbers[:2]
    vendor.world.change(first, {"quality_rating": "RED"})
    (told,) = await eventually(lambda: daemon.told("number.degraded"))

    listed = await ran("--config", config, "deliveries", "--sink", "stdout", "--format", "json")
    ended = await ran("--config", config, "deliveries", "replay", told["id"])
    vendor.world.change(second, {"quality_rating": "RED"})  # so that it looks at once
    again = await eventually(lambda: daemon.told("number.degraded", number=first)[1:])

    assert (json.loads(listed.out)[0]["event_id"], json.loads(listed.out)[0]["state"]) == (told["id"], "delivered")
    assert (ended.code, ended.out) == (0, "1 delivery is sent again\n")
    assert [(one["id"], one["sequence"]) for one in again] == [(told["id"], told["sequence"])]


async def test_a_sink_that_was_paused_gets_all_that_waited_when_it_is_resumed(vendor, start, config):
    async with Receiver() as receiver:
        receiver.plan(answer("410 Gone"))
        hook = {"name": "ops", "type": "webhook", "url": receiver.url, "match": {"type": "number.*"}}
        daemon = await start(events={"sinks": [hook]})
        await daemon.ready()
        first, second = vendor.world.numbers[:2]
        vendor.world.change(first, {"quality_rating": "RED"})
        await receiver.has(1)
        waiting = await eventually(lambda: _paused(config))
        resumed = await ran("--config", config, "sinks", "resume", "ops")
        vendor.world.change(second, {"quality_rating": "RED"})  # so that it looks at once
        await receiver.has(3)

    assert [(one["subject"], one["state"]) for one in waiting] == [(first, "waiting")]
    assert (resumed.code, resumed.out) == (0, "sink ops is sent to again, with all that waits for it\n")
    assert [request.event["subject"] for request in receiver.requests][1:] == [first, second]


async def _paused(config: Path) -> Any:
    """What waits for the sink, once it is paused."""
    ended = await ran("--config", config, "deliveries", "--sink", "ops", "--format", "json")
    return json.loads(ended.out) if "sink ops is paused" in ended.err else None


async def test_accept_believes_what_is_held_back(vendor, start, tmp_path):
    daemon = await start(poll={"interval": "1h"})
    address = await daemon.ready()
    appkey = vendor.world.appkeys[0]
    listed = [number for number in vendor.world.numbers if number in str(vendor.world.listed(appkey))]
    for number in listed:
        vendor.world.place(number)
    await daemon.post(f"/api/v1/apps/main/{appkey}/poll")
    assert await daemon.sample("nxcloud_app_suspect", appkey=appkey) == 1
    path = tmp_path / "number-monitor.yml"
    contents = json.loads(path.read_text())
    contents["web"]["listen"] = address.removeprefix("http://")
    (tmp_path / "asking.yml").write_text(json.dumps(contents))

    ended = await ran("--config", tmp_path / "asking.yml", "accept", "--account", "main")

    assert (ended.code, ended.out) == (0, "account main: 1 held-back answer believed\n")
    assert await daemon.sample("nxcloud_app_numbers", appkey=appkey) == 0


@pytest.mark.parametrize(
    ("shell", "said"),
    [
        pytest.param(">&-", "standard output is closed", id="closed"),
        pytest.param(">/dev/full", "No space left on device", id="full"),
    ],
)
@pytest.mark.parametrize("command", ["check", "numbers", "poll"])
async def test_an_output_that_cannot_be_written_is_one_line(start, config, shell, said, command):
    daemon = await start()
    await daemon.ready()

    ended = await ran("--config", config, command, shell=shell)

    assert said in ended.err
    assert "Traceback" not in ended.err
    assert ended.code != 0


async def test_the_daemon_refuses_to_tell_events_to_nobody(config):
    ended = await ran("--config", config, "run", shell=">&-")

    assert (ended.code, ended.err) == (
        1,
        "number-monitor: standard output is closed; send it to /dev/null if nobody is to read it\n",
    )


async def test_demo_prints_where_its_page_is():
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "monitor", "demo", "--port", "0"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    async with asyncio.timeout(60):
        while b"page " not in (line := await process.stderr.readline()):
            assert line
        process.terminate()
        code = await process.wait()

    assert line.decode().split()[1].startswith("http://127.0.0.1:")
    assert code == 0

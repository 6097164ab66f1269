"""The main job, end to end: a real daemon, a strict vendor, events on stdout, gauges on /metrics."""

import asyncio
import json
import signal

import pytest

from monitor.simulator.faults import Code, Hang
from tests.system.running import eventually


@pytest.mark.parametrize(
    ("field", "word", "severity", "gauge", "value"),
    [
        pytest.param("quality_rating", "RED", "critical", "nxcloud_number_quality_rating", 3, id="RED"),
        pytest.param("status", "FLAGGED", "critical", "nxcloud_number_status", 2, id="FLAGGED"),
        pytest.param("status", "BANNED", "critical", "nxcloud_number_status", 10, id="BANNED"),
    ],
)
async def test_a_number_that_degrades_is_one_event_and_a_changed_gauge(
    vendor, start, field, word, severity, gauge, value
):
    daemon = await start()
    await daemon.ready()
    number = vendor.world.numbers[0]

    vendor.world.change(number, {field: word})
    await eventually(lambda: daemon.told("number.degraded"))

    (event,) = daemon.told("number.degraded")
    assert (event["subject"], event["data"]["after"], event["data"]["severity"]) == (number, word, severity)
    assert await daemon.sample(gauge, number=number) == value
    assert await daemon.sample("nxcloud_number_severity", number=number) == 3


async def test_a_number_that_recovers_closes_its_incident(vendor, start):
    daemon = await start()
    await daemon.ready()
    number = vendor.world.numbers[0]
    vendor.world.change(number, {"quality_rating": "RED"})
    await eventually(lambda: daemon.told("number.degraded"))

    vendor.world.change(number, {"quality_rating": "GREEN"})
    await eventually(lambda: daemon.told("number.recovered"))

    (event,) = daemon.told("number.recovered")
    assert event["data"]["incident"] == {"id": f"main/{number}/quality_rating", "action": "close"}


async def test_a_first_start_tells_one_baseline_an_app_and_no_number(vendor, start):
    vendor.world.change(vendor.world.numbers[0], {"quality_rating": "RED"})

    daemon = await start()
    await daemon.ready()
    await eventually(lambda: len(daemon.told("app.baseline")) == 3)

    assert {event["type"] for event in daemon.events} == {"app.baseline"}


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
async def test_a_restart_repeats_nothing_and_tells_what_changed_meanwhile_once(vendor, start, end):
    first = await start()
    await first.ready()
    number = vendor.world.numbers[0]
    vendor.world.change(number, {"quality_rating": "YELLOW"})
    await eventually(lambda: first.told("number.degraded"))
    await first.end(end)
    vendor.world.change(number, {"quality_rating": "RED"})

    second = await start()
    await second.ready()
    await eventually(lambda: second.told("number.degraded", after="RED"))

    new = [event["type"] for event in second.events if event["id"] not in {old["id"] for old in first.events}]
    assert new == ["number.degraded"]


async def test_a_restart_shows_the_last_state_before_the_first_answer(vendor, start):
    first = await start()
    await first.ready()
    await eventually(lambda: len(first.told("app.baseline")) == 3)
    await first.end()
    await vendor.stop()

    second = await start()
    await second.ready()

    numbers = (await second.get("/api/v1/numbers")).json()["items"]
    assert len(numbers) == 12


async def test_a_stop_is_clean_and_ends_with_0(start):
    daemon = await start()
    await daemon.ready()

    assert await daemon.end() == 0


async def test_an_app_that_fails_keeps_its_numbers_and_says_why(vendor, start):
    daemon = await start()
    await daemon.ready()
    appkey = vendor.world.appkeys[0]
    before = await daemon.sample("nxcloud_app_numbers", appkey=appkey)

    vendor.faults.add(Code(code=9001, appkey=appkey))
    await eventually(lambda: daemon.told("app.unreachable"))

    assert await daemon.sample("nxcloud_app_up", appkey=appkey) == 0
    assert await daemon.sample("nxcloud_app_failure_info", appkey=appkey, reason="vendor", code="9001") == 1
    assert await daemon.sample("nxcloud_app_numbers", appkey=appkey) == before


async def test_a_reload_takes_over_a_new_app_and_forgets_a_left_one(vendor, start, tmp_path):
    keys = vendor.world.appkeys
    daemon = await start(apps=[keys[0], keys[1]])
    await daemon.ready()
    path = tmp_path / "number-monitor.yml"
    changed = json.loads(path.read_text())
    changed["accounts"][0]["apps"] = [keys[1], keys[2]]
    path.write_text(json.dumps(changed))

    daemon.process.send_signal(signal.SIGHUP)
    await eventually(lambda: daemon.told("app.baseline", appkey=keys[2]))

    assert [event["data"]["appkey"] for event in daemon.told("app.removed")] == [keys[0]]
    assert await daemon.sample("nxcloud_app_up", appkey=keys[0]) is None


async def test_a_wrong_reload_leaves_the_running_configuration_in_force(vendor, start, tmp_path):
    daemon = await start()
    await daemon.ready()
    (tmp_path / "number-monitor.yml").write_text("accounts: nonsense")

    answer = await daemon.post("/-/reload")

    assert answer.status_code == 500
    assert await daemon.sample("number_monitor_config_last_reload_successful") == 0
    assert await daemon.sample("nxcloud_app_up", appkey=vendor.world.appkeys[0]) == 1


async def test_the_metrics_pass_promtool(start, command):
    daemon = await start()
    await daemon.ready()

    text = (await daemon.get("/metrics")).content
    promtool = await asyncio.create_subprocess_exec(
        *(command("promtool"), "check", "metrics"),
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, complaints = await promtool.communicate(text)

    assert (promtool.returncode, complaints.decode()) == (0, "")


async def test_poll_now_asks_at_once_and_not_twice_within_5_s(vendor, start):
    daemon = await start(poll={"interval": "1h"})
    await daemon.ready()
    number = vendor.world.numbers[0]
    (appkey,) = (app for app in vendor.world.appkeys if number in str(vendor.world.listed(app)))
    vendor.world.change(number, {"quality_rating": "RED"})

    first = await daemon.post(f"/api/v1/apps/main/{appkey}/poll")
    second = await daemon.post(f"/api/v1/apps/main/{appkey}/poll")

    assert (first.is_success, second.status_code) == (True, 429)
    assert await daemon.sample("nxcloud_number_quality_rating", number=number) == 3


async def test_it_is_not_ready_before_every_app_had_its_first_try(vendor, start):
    vendor.faults.add(Hang(appkey=vendor.world.appkeys[0]))
    daemon = await start(poll={"interval": "1h", "timeout": "50s", "retries": 0})
    await daemon.watching()

    answer = await daemon.get("/-/ready")

    assert (answer.status_code, "have not been asked yet" in answer.text) == (503, True)


async def test_a_bad_configuration_that_a_missing_file_puts_right_is_taken_over(vendor, start, tmp_path):
    daemon = await start()
    await daemon.ready()
    path = tmp_path / "number-monitor.yml"
    changed = json.loads(path.read_text())
    del changed["accounts"][0]["access_secret"]
    changed["accounts"][0]["access_secret_file"] = "secret"
    path.write_text(json.dumps(changed))
    refused = await daemon.post("/-/reload")
    (tmp_path / "secret").write_text(vendor.world.access_secret)

    accepted = await daemon.post("/-/reload")

    assert (refused.status_code, accepted.status_code) == (500, 200)
    assert await daemon.sample("number_monitor_config_last_reload_successful") == 1

"""Sinks for people over reloads: one is added, wants something else, and is taken away, by SIGHUP."""

import json

from tests.system.places import Places
from tests.system.running import eventually
from tests.system.test_people import HASTY


def write(tmp_path, *sinks) -> None:
    path = tmp_path / "number-monitor.yml"
    path.write_text(json.dumps({**json.loads(path.read_text()), "events": {"sinks": list(sinks)}}))


async def test_a_reload_brings_a_sink_changes_what_it_wants_and_takes_it_away(vendor, start, tmp_path):
    first, unwanted, wanted, last = vendor.world.numbers[:4]
    daemon = await start(program=HASTY)
    await daemon.ready()
    async with Places() as places:
        write(tmp_path, places.sink("slack"))
        await daemon.reload()
        vendor.world.change(first, {"status": "BANNED"})
        await places["slack"].has(1)

        write(tmp_path, places.sink("slack", match={"severity": "critical", "number": wanted}))
        await daemon.reload()
        vendor.world.change(unwanted, {"status": "BANNED"})
        vendor.world.change(wanted, {"status": "BANNED"})
        await places["slack"].has(2)
        await eventually(lambda: len(daemon.told("number.degraded")) == 3)

        write(tmp_path)
        await daemon.reload()
        vendor.world.change(last, {"status": "BANNED"})
        await eventually(lambda: len(daemon.told("number.degraded")) == 4)

        told = [body["text"].split()[1] for body in places.bodies("slack")]
        assert told == [first, wanted]
        assert await daemon.sample("number_monitor_deliveries_total", sink="slack") is None

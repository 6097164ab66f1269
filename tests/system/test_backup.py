"""The real daemon on a store that was copied, put in the place of its original, or damaged."""

import asyncio
import shutil
import sys

from tests.system.running import eventually


async def backed_up(directory, name: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "monitor", "--config", str(directory / "number-monitor.yml")),
        *("store", "backup", str(directory / name)),
    )
    assert await process.wait() == 0


async def degrade(daemon, vendor, quality: str, count: int) -> None:
    """Change every number, and wait until it was told."""
    for number in vendor.world.numbers:
        vendor.world.change(number, {"quality_rating": quality})
    await eventually(lambda: len(daemon.told("number.degraded")) >= count)


async def test_a_backup_put_in_place_gives_no_id_and_no_sequence_again(vendor, start, tmp_path):
    original = await start()
    await eventually(lambda: len(original.told("app.baseline")) == 3)
    await backed_up(tmp_path, "backup.db")
    await degrade(original, vendor, "YELLOW", 12)
    await original.end()
    shutil.move(tmp_path / "backup.db", tmp_path / "number-monitor.db")

    copy = await start()
    await eventually(lambda: len(copy.told("number.degraded")) >= 12)

    new = [event for event in copy.events if event["type"] == "number.degraded"]
    assert not {event["id"] for event in new} & {event["id"] for event in original.events}
    assert min(event["sequence"] for event in new) > max(event["sequence"] for event in original.events)
    assert any("store is a backup" in line for line in copy.log)


async def test_a_damaged_store_is_set_aside_and_the_numbers_are_watched(vendor, start, tmp_path):
    (tmp_path / "number-monitor.db").write_bytes(b"no database" * 1000)

    daemon = await start()
    await eventually(lambda: len(daemon.told("app.baseline")) == 3)

    aside = tmp_path / "number-monitor.db.aside-1"
    assert aside.read_bytes() == b"no database" * 1000
    (line,) = [line for line in daemon.log if '"level":"error"' in line]
    assert f"is no SQLite database: it is set aside as {aside}, and a new store is begun" in line

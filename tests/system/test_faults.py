"""What goes wrong around the daemon: its store, its port, its reader."""

import asyncio
import json
import os
import signal
import socket
import sqlite3
import sys
from contextlib import closing

import pytest

from tests.system.running import PATIENCE, configuration, eventually


async def test_a_locked_store_stops_neither_polls_nor_scrapes(vendor, start, tmp_path):
    daemon = await start()
    await daemon.ready()
    await eventually(lambda: len(daemon.told("app.baseline")) == 3)
    locked = sqlite3.connect(tmp_path / "number-monitor.db", isolation_level=None)
    locked.execute("BEGIN EXCLUSIVE")
    for number in vendor.world.numbers:
        vendor.world.change(number, {"quality_rating": "RED"})

    async def all_red() -> bool:
        values = [value for (name, _), value in (await daemon.samples()).items() if name.endswith("_quality_rating")]
        return values.count(3) == 12

    assert await eventually(all_red)
    assert not daemon.told("number.degraded")
    assert await eventually(lambda: _is(daemon, "number_monitor_store_up", 0))
    locked.rollback()
    locked.close()
    await eventually(lambda: len(daemon.told("number.degraded")) == 12)

    assert await daemon.sample("number_monitor_store_up") == 1


async def _is(daemon, name: str, value: float) -> bool:
    return bool(await daemon.sample(name) == value)


async def test_a_stop_takes_no_longer_for_a_reader_that_reads_no_more(vendor, tmp_path):
    path = configuration(
        tmp_path,
        base_url=vendor.base_url,
        access_key=vendor.world.access_key,
        access_secret=vendor.world.access_secret,
        apps=list(vendor.world.appkeys),
    )
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, b"x" * 65536)
    except BlockingIOError:
        os.set_blocking(writing, True)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "monitor", "--config", str(path), "run"),
        stdout=writing,
        stderr=asyncio.subprocess.PIPE,
    )
    os.close(writing)
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE):
        while b'"watching"' not in await process.stderr.readline():
            pass
        process.terminate()
        log = await process.stderr.read()
        code = await process.wait()
    os.close(reading)

    assert code == 0
    assert b'"stopped"' in log


def foreign() -> bytes:
    """The database of another program."""
    with closing(sqlite3.connect(":memory:")) as other:
        other.execute("CREATE TABLE songs (title)")
        return other.serialize()


async def test_a_stop_does_not_wait_for_a_thread_that_hangs(start):
    daemon = await start(program="tests.chaos.seized")
    await daemon.ready()
    daemon.process.send_signal(signal.SIGRTMIN + 2)  # as a name server does that never answers

    assert await daemon.end() == 0
    assert '"stopped"' in daemon.log[-1]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(lambda path: path.write_bytes(foreign()), "number-monitor.db", id="another program's database"),
        pytest.param(lambda path: path.mkdir(), "number-monitor.db", id="a directory in its place"),
    ],
)
async def test_a_store_that_cannot_be_used_is_one_line(start, tmp_path, spoil, said):
    spoil(tmp_path / "number-monitor.db")

    daemon = await start()
    code = await daemon.end_by_itself()

    errors = [line for line in daemon.log if not line.startswith("{")]
    assert (code, len(errors)) == (1, 1)
    assert said in errors[0]
    assert not any('"level":"error"' in line for line in daemon.log)


async def test_a_port_in_use_is_one_line(start):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        daemon = await start(web={"listen": f"127.0.0.1:{port}"})
        code = await daemon.end_by_itself()

    (error,) = [line for line in daemon.log if not line.startswith("{")]
    assert code == 1
    assert f"cannot listen on 127.0.0.1:{port}: the port is in use by another process" in error


async def test_a_second_daemon_on_the_same_store_is_refused(start):
    first = await start()
    await first.ready()

    second = await start()
    code = await second.end_by_itself(patience=60)

    assert code == 1
    assert any("number-monitor.db" in line and not line.startswith("{") for line in second.log)


async def test_a_reload_with_another_rate_limit_shows_it(start, tmp_path):
    daemon = await start()
    await daemon.ready()
    path = tmp_path / "number-monitor.yml"
    changed = json.loads(path.read_text())
    changed["accounts"][0]["rate_limit"] = 0.5
    path.write_text(json.dumps(changed))

    await daemon.post("/-/reload")

    assert await daemon.sample("number_monitor_rate_limit_calls_per_second") == 0.5
    assert await daemon.sample("number_monitor_poll_interval_seconds") == pytest.approx(6.67, abs=0.01)

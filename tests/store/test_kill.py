"""A process that is killed in the middle of its work has recorded all of a decision or nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.fleet.app import App
from tests.store.making import event, sequences, telling, to

ROOT = Path(__file__).parents[2]
APPS = 8
ACKNOWLEDGED = 200

#: Records without end, many apps at a time; each decision tells one event and leaves its number in the entry.
VICTIM = f"""
import asyncio, sys
from monitor.fleet.app import App
from monitor.fleet.snapshot import Snapshot
from monitor.store.store import Store
from msgspec.structs import replace
from tests.store.making import decision, entries, entry, event

async def watch(store, app):
    before = Snapshot()
    while True:
        count = before.version + 1
        after = Snapshot(entries(replace(entry(), first_seen=count)), version=count)
        told_of = event(app.appkey, app=app, time=count)
        (told,) = await store.record(decision(before, after, told_of, app=app), lambda _: ["ops"])
        print(told.sequence, told.id, flush=True)
        before = after

async def main():
    store = await Store.open(sys.argv[1], now=lambda: 0)
    await asyncio.gather(*(watch(store, App("main", f"app{{index}}")) for index in range({APPS})))

asyncio.run(main())
"""


@pytest.fixture
def victim(path):
    with subprocess.Popen(
        [sys.executable, "-c", VICTIM, f"sqlite:///{path}"], stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as process:
        yield process
        process.kill()


async def test_a_process_killed_while_recording_leaves_every_decision_whole(victim, open_store):
    acknowledged = [victim.stdout.readline() for _ in range(ACKNOWLEDGED)]
    victim.kill()
    acknowledged += [line for line in victim.stdout if line.endswith("\n")]
    victim.wait()

    store = await open_store()
    events = await store.events(limit=1_000_000)
    snapshots = (await store.restore()).snapshots

    assert {f"{each.sequence} {each.id}\n" for each in events} >= set(acknowledged)
    assert sequences(events) == list(range(1, await store.last_sequence() + 1))
    assert [json.loads(each.body)["id"] for each in events] == [each.id for each in events]
    assert (await store.backlog())["ops"].waiting == len(events)
    told = {key: [each.time for each in events if (each.account, each.appkey) == key] for key in snapshots}
    assert told == {key: list(range(1, found.version + 1)) for key, found in snapshots.items()}
    assert all(each.first_seen == found.version for found in snapshots.values() for each in found.entries.values())


async def test_a_store_whose_process_was_killed_goes_on_where_it_was(victim, open_store):
    victim.stdout.readline()
    victim.kill()
    victim.wait()

    store = await open_store()
    key, before = next(iter((await store.restore()).snapshots.items()))
    last = await store.last_sequence()
    (recorded,) = await store.record(telling(event(), before=before, app=App(*key)), to())

    assert recorded.sequence == last + 1

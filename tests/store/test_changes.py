"""What a process reads of accounts that others watch: everything once, and then what has changed."""

import pytest

from monitor.fleet.app import App
from monitor.fleet.snapshot import Snapshot
from monitor.store import changes as module
from monitor.store.store import Store
from tests.store.making import NOW, SHOP, decision, entries, entry, event, to

KIOSK, OTHER = App("main", "kiosk", "kiosk"), App("other", "shop", "")


@pytest.fixture
async def store(tmp_path):
    """Two apps of account main, and one of another."""
    store = await Store.open(f"sqlite:///{tmp_path}/store.db", now=lambda: NOW)
    for app in (SHOP, KIOSK, OTHER):
        await record(store, app, Snapshot(), event(app=app))
    yield store
    await store.close()


async def record(store, app, before, *events, quality="GREEN"):
    after = Snapshot(entries(entry(quality=quality)), last_success=NOW)
    await store.record(decision(before, after, *events, app=app), to())


def known(found):
    return {key: (snapshot.version, snapshot.last_success) for key, (_, snapshot) in found.changed.items()}


@pytest.mark.parametrize("piece", [0, module.PIECE], ids=["account by account", "app by app"])
async def test_what_is_not_known_is_read_as_a_whole_with_the_sequence_that_it_is_true_for(store, monkeypatch, piece):
    monkeypatch.setattr(module, "PIECE", piece)

    found = await store.changes(["main"], {})

    restored = await store.restore(["main"])
    assert found.changed == {key: (restored.apps[key], restored.snapshots[key]) for key in (SHOP.key, KIOSK.key)}
    assert (found.sequence, found.moved, set(found.gone)) == (3, {}, set())


async def test_what_is_known_already_is_not_read_again(store):
    before = known(await store.changes(["main"], {}))

    found = await store.changes(["main"], before)

    assert (found.changed, found.moved, set(found.gone)) == ({}, {}, set())


async def test_of_what_has_changed_since_each_is_read_for_what_it_is(store):
    before = known(await store.changes(["main"], {}))
    await record(store, SHOP, Snapshot(version=1), quality="RED")
    store.note_success(KIOSK.key, NOW + 5)
    await store.flush()

    found = await store.changes(["main"], before)

    assert [snapshot.version for _, snapshot in found.changed.values()] == [2]
    assert (list(found.changed), found.moved) == ([SHOP.key], {KIOSK.key: NOW + 5})


async def test_what_is_there_no_more_and_what_is_not_asked_for_is_gone(store):
    before = known(await store.changes(["main", "other"], {}))
    await store.record(decision(Snapshot(version=1), None, app=SHOP), to())

    assert set((await store.changes(["main"], before)).gone) == {SHOP.key, OTHER.key}

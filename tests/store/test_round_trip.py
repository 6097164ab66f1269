"""What is recorded is what is restored."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from monitor.fleet.app import App
from monitor.fleet.snapshot import AccountState, Snapshot
from monitor.fleet.words import key_of
from monitor.store.errors import StoreConflict
from monitor.store.store import Store
from tests.store.anything import any_of
from tests.store.making import NOBODY, NOW, SHOP, decision, entries, entry, event, graves, to, tombstone


def consistent(any_: Snapshot) -> Snapshot:
    """The snapshot with the keys that its rows have: an entry and a tombstone of one identity exclude each other."""
    kept = {key_of(each.now): each for each in any_.entries.values()}
    gone = {key_of(each.entry.now): each for each in any_.gone.values() if key_of(each.entry.now) not in kept}
    return replace(any_, entries=kept, gone=gone)


SNAPSHOTS = any_of(Snapshot).map(consistent)
A, B, C = (f"+861380000000{digit}" for digit in "123")


def recorded(snapshot: Snapshot, version: int = 1) -> Snapshot:
    return replace(snapshot, version=version)


async def stored_and_restored(*decisions_of) -> tuple[Snapshot, AccountState]:
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'any.db'}"
        store = await Store.open(url, now=lambda: NOW)
        for each in decisions_of:
            await store.record(each, to())
        await store.close()
        reader = await Store.open_readonly(url)
        restored = await reader.restore()
        await reader.close()
        return restored.snapshots[SHOP.key], restored.accounts.get(SHOP.account, NOBODY)


@settings(max_examples=60, deadline=None)
@given(SNAPSHOTS, SNAPSHOTS)
def test_any_snapshot_comes_back_whatever_was_there_before(first, second):
    first, second = replace(first, version=0), replace(second, version=1)

    found, _ = asyncio.run(stored_and_restored(decision(Snapshot(), first), decision(recorded(first), second)))

    assert found == recorded(second, 2)


@settings(max_examples=25, deadline=None)
@given(any_of(AccountState))
def test_any_state_of_an_account_comes_back(state):
    _, found = asyncio.run(stored_and_restored(decision(Snapshot(), Snapshot(), account_after=state)))

    assert found == replace(state, version=1)


async def test_a_new_store_knows_nothing(store):
    restored = await store.restore()

    assert (restored.snapshots, restored.accounts) == ({}, {})


async def test_apps_are_restored_each_with_its_own(store):
    other = App("other", SHOP.appkey)
    await store.record(decision(Snapshot(), Snapshot(entries(entry(A)))), to())
    await store.record(decision(Snapshot(), Snapshot(entries(entry(B))), app=other), to())

    restored = await store.restore()

    assert {key: list(found.entries) for key, found in restored.snapshots.items()} == {
        SHOP.key: list(entries(entry(A))),
        other.key: list(entries(entry(B))),
    }


async def test_one_app_is_restored_alone(store):
    await store.record(decision(Snapshot(), Snapshot(entries(entry(A)))), to())
    await store.record(decision(Snapshot(), Snapshot(entries(entry(B))), app=App("main", "another")), to())

    assert await store.restore_app(SHOP.key) == Snapshot(entries(entry(A)), version=1)
    assert await store.restore_app(("main", "unheard-of")) == Snapshot()


async def test_one_account_is_restored_alone(store):
    state = AccountState(suspect_since=NOW)
    await store.record(decision(Snapshot(), Snapshot(entries(entry(A))), account_after=state), to())

    assert await store.restore_account("main") == AccountState(suspect_since=NOW, version=1)
    assert await store.restore_account("unheard-of") == AccountState()


async def test_an_entry_that_is_the_same_object_is_not_written(store):
    kept, changed = entry(A), entry(B)
    before = Snapshot(entries(kept, changed))
    await store.record(decision(Snapshot(), before), to())
    await store._write(lambda connection: connection.exec_driver_sql("UPDATE entry SET gone_at = 5, state = 'mark'"))

    await store.record(decision(recorded(before), Snapshot(entries(kept, entry(B, "RED")))), to())

    marked = "SELECT number FROM entry WHERE state = 'mark'"
    assert await store._read(lambda connection: connection.exec_driver_sql(marked).scalars().all()) == [A]


async def test_everything_is_written_when_what_was_shown_was_not_recorded(store):
    stored = Snapshot(entries(entry(A), entry(B)), gone=graves(tombstone(C)))
    await store.record(decision(Snapshot(), stored), to())
    shown = entry(A, "RED")

    await store.record(decision(Snapshot(entries(shown), version=1), Snapshot(entries(shown))), to(), everything=True)

    assert await store.restore_app(SHOP.key) == Snapshot(entries(shown), version=2)


async def test_an_entry_becomes_a_tombstone_and_an_entry_again(store):
    there, gone = Snapshot(entries(entry(A))), Snapshot(gone=graves(tombstone(A)))
    await store.record(decision(Snapshot(), there), to())

    await store.record(decision(recorded(there), gone), to())
    as_gone = await store.restore_app(SHOP.key)
    await store.record(decision(recorded(gone, 2), there), to())
    as_back = await store.restore_app(SHOP.key)

    assert (as_gone, as_back) == (recorded(gone, 2), recorded(there, 3))


async def test_an_app_that_left_leaves_nothing_and_may_come_back(store):
    before = Snapshot(entries(entry(A)), gone=graves(tombstone(B)))
    await store.record(decision(Snapshot(), before), to())

    await store.record(decision(recorded(before), None), to())
    as_left = (await store.restore()).snapshots
    await store.record(decision(Snapshot(), Snapshot()), to())

    assert as_left == {}
    assert await store.restore_app(SHOP.key) == Snapshot(version=1)


@pytest.mark.parametrize(
    ("stored", "seen", "after"),
    [
        pytest.param(2, 1, Snapshot(), id="the row has moved on"),
        pytest.param(1, 0, Snapshot(), id="there is a row where none was seen"),
        pytest.param(0, 1, Snapshot(), id="there is no row where one was seen"),
        pytest.param(2, 1, None, id="an app that leaves has moved on"),
    ],
)
async def test_a_decision_about_an_outdated_snapshot_is_refused_whole(store, stored, seen, after):
    for version in range(stored):
        await store.record(decision(Snapshot(version=version), Snapshot()), to())

    with pytest.raises(StoreConflict, match=f"app jh42xxxd434 of account main has moved on from version {seen}"):
        await store.record(
            decision(Snapshot(version=seen), after, event(), account_after=AccountState(suspect_since=NOW)), to("ops")
        )

    restored = await store.restore()
    assert [found.version for found in restored.snapshots.values()] == [stored] * (stored > 0)
    assert restored.accounts == {}
    assert await store.events() == []


async def test_a_noted_success_is_written_by_the_flush(store, open_store):
    await store.record(decision(Snapshot(), Snapshot(last_success=NOW)), to())

    store.note_success(SHOP.key, NOW + 60_000)
    before_flush = (await store.restore_app(SHOP.key)).last_success
    await store.flush()

    assert before_flush == NOW
    assert await store.restore_app(SHOP.key) == Snapshot(last_success=NOW + 60_000, version=1)


async def test_a_flush_gives_each_app_its_own_success_and_others_none(store):
    apps = [App("main", "a"), App("main", "b"), App("other", "a"), App("other", "silent")]
    for app in apps:
        await store.record(decision(Snapshot(), Snapshot(last_success=NOW), app=app), to())

    for later, app in enumerate([*apps[:3], App("main", "gone")]):
        store.note_success(app.key, NOW + later * 1_000)
    await store.flush()

    found = (await store.restore()).snapshots
    assert {key: one.last_success - NOW for key, one in found.items()} == {
        ("main", "a"): 0,
        ("main", "b"): 1_000,
        ("other", "a"): 2_000,
        ("other", "silent"): 0,
    }


async def test_an_older_success_never_overwrites_a_newer_one(store):
    await store.record(decision(Snapshot(), Snapshot(last_success=NOW)), to())

    store.note_success(SHOP.key, NOW - 60_000)
    await store.flush()

    assert (await store.restore_app(SHOP.key)).last_success == NOW


async def test_a_success_noted_before_the_app_left_is_not_its_successors(store):
    await store.record(decision(Snapshot(), Snapshot(last_success=NOW)), to())
    store.note_success(SHOP.key, NOW + 60_000)
    await store.record(decision(Snapshot(version=1), None), to())
    await store.record(decision(Snapshot(), Snapshot(failures=1)), to())

    await store.flush()

    assert (await store.restore_app(SHOP.key)).last_success is None


async def test_what_was_noted_is_written_at_the_close(store, open_store):
    await store.record(decision(Snapshot(), Snapshot(last_success=NOW)), to())
    store.note_success(SHOP.key, NOW + 60_000)

    await store.close()

    assert (await (await open_store()).restore_app(SHOP.key)).last_success == NOW + 60_000


async def test_the_last_list_of_each_source_is_kept(store, open_store):
    await store.save_roster("main", "url", b"first")
    await store.save_roster("main", "file", b"other")
    await store.save_roster("main", "url", b"second")
    await store.close()

    again = await open_store()

    assert [await again.roster("main", source) for source in ("url", "file", "config")] == [b"second", b"other", None]


async def test_an_app_comes_back_as_the_roster_described_it(open_store):
    described = App("main", "jh44", "shop-two", 30_000, (("team", "emea"),))
    store = await open_store()
    await store.record(decision(Snapshot(), Snapshot(baselined=True), app=described), to())

    restored = await store.restore()

    assert restored.apps == {described.key: described}


async def test_a_restored_entry_is_as_small_as_it_was(store):
    one, two = entry(A), entry(B)
    await store.record(decision(Snapshot(), Snapshot(entries(one, two))), to())

    found = (await store.restore()).snapshots[SHOP.key].entries

    first, second = found.values()
    assert first.told is first.now
    assert first.told_since is first.since
    assert first.now.waba_id is second.now.waba_id
    assert all(key[1] is each.now.number for key, each in found.items())

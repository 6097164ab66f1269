"""The whole fleet: what is watched here is shown as it is, what others watch as the store has it."""

import asyncio
from collections.abc import Collection

import pytest
import structlog

from monitor.daemon import whole_fleet as module
from monitor.daemon.holding import Share
from monitor.daemon.whole_fleet import FRESH_FOR, Whole
from monitor.fleet.app import App
from monitor.fleet.fleet import Fleet
from monitor.fleet.snapshot import Snapshot
from monitor.store.changes import Changes, Known
from monitor.store.errors import StoreUnavailable
from monitor.web.listeners import Listeners
from tests.web.fleets import NOW, red, snapshot

MINE, THEIRS = App("mine", "a"), App("theirs", "b")


class Store:
    """What others have recorded."""

    def __init__(self) -> None:
        self.ownership = object()
        self.rows: dict[tuple[str, str], tuple[App, Snapshot]] = {}
        self.sequence = 1
        self.down = False
        self.asked: list[tuple[frozenset[str], Known]] = []
        self.hold = asyncio.Event()
        self.hold.set()

    def record(self, app: App, snapshot: Snapshot) -> None:
        self.rows[app.key] = (app, snapshot)

    async def last_sequence(self) -> int:
        return self.sequence

    async def changes(self, accounts: Collection[str], known: Known) -> Changes:
        self.asked.append((frozenset(accounts), dict(known)))
        await self.hold.wait()
        if self.down:
            raise StoreUnavailable("the store is away")
        found = {key: row for key, row in self.rows.items() if key[0] in accounts}
        changed = {key: row for key, row in found.items() if key not in known or known[key][0] != row[1].version}
        moved = {
            key: row[1].last_success
            for key, row in found.items()
            if key not in changed and row[1].last_success != known[key][1] and row[1].last_success is not None
        }
        return Changes(self.sequence, changed, moved, known.keys() - found.keys())


class House:
    """A process that watches `mine`, while another watches `theirs`."""

    def __init__(self) -> None:
        self.fleet = Fleet()
        self.fleet.add(MINE, snapshot(red("+1")))
        self.store = Store()
        self.store.record(THEIRS, snapshot(red("+2"), version=1, last_success=NOW))
        self.shares_ = [Share("this", True, ["mine"]), Share("that", False, ["theirs"])]
        self.configured = ["mine", "theirs"]
        self.time = 0.0
        self.listeners = Listeners()
        self.log = structlog.testing.LogCapture()
        self.whole = Whole(
            self.fleet,
            self.store,  # type: ignore[arg-type]  # what is asked of each
            holding=self,  # type: ignore[arg-type]
            configured=lambda: self.configured,
            listeners=self.listeners,
            monotonic=lambda: self.time,
            log=structlog.wrap_logger(None, processors=[self.log]),
        )

    def shares(self) -> list[Share]:
        return self.shares_

    def owners(self) -> dict[str, Share]:
        return {account: share for share in self.shares_ for account in share.accounts}

    def shown(self) -> list[tuple[str, str]]:
        return sorted(app.key for app in self.whole.apps())


@pytest.fixture
def house() -> House:
    return House()


async def test_after_a_look_everything_is_shown(house):
    before = house.shown()
    await house.whole.refresh()

    assert (before, house.shown()) == ([MINE.key], [MINE.key, THEIRS.key])
    assert [watched.app for watched in house.whole.watched()] == [MINE, THEIRS]
    assert [app for number in ("+1", "+2") for app, _ in house.whole.find(number)] == [MINE, THEIRS]
    assert sorted(house.whole.numbers()) == ["+1", "+2"]
    assert (sorted(house.whole.accounts), house.whole.as_of) == (["mine", "theirs"], 1)


async def test_one_account_is_shown_whoever_watches_it(house):
    await house.whole.refresh()

    assert [app for name in ("mine", "theirs", "nobody's") for app in house.whole.apps(name)] == [MINE, THEIRS]
    assert [house.whole.get(app.key).app for app in (MINE, THEIRS)] == [MINE, THEIRS]
    assert (house.whole.get(("theirs", "x")), list(house.whole.find("+2", "mine"))) == (None, [])


async def test_the_store_is_not_asked_again_within_two_seconds_but_at_once_where_that_is_wanted(house):
    await house.whole.refresh()
    house.time += FRESH_FOR - 0.1
    await house.whole.refresh()
    asked = len(house.store.asked)
    await house.whole.refresh(at_once=True)
    house.time += FRESH_FOR
    await house.whole.refresh()

    assert (asked, len(house.store.asked)) == (1, 3)


async def test_only_what_has_changed_is_asked_for_and_taken_over(house):
    await house.whole.refresh()
    house.store.record(THEIRS, snapshot(red("+3"), version=2, last_success=NOW))
    house.store.record(App("theirs", "c"), snapshot(version=1, last_success=None))
    await house.whole.refresh(at_once=True)
    assert [len(list(house.whole.find(number))) for number in ("+2", "+3")] == [0, 1]

    house.store.record(THEIRS, snapshot(red("+3"), version=2, last_success=NOW + 9))
    del house.store.rows["theirs", "c"]
    await house.whole.refresh(at_once=True)

    assert (house.whole.get(THEIRS.key).snapshot.last_success, house.shown()) == (NOW + 9, [MINE.key, THEIRS.key])
    assert house.store.asked[-1][1] == {THEIRS.key: (2, NOW), ("theirs", "c"): (1, None)}


async def test_an_account_that_has_become_ours_is_shown_as_we_know_it(house):
    await house.whole.refresh()
    house.fleet.add(THEIRS, snapshot(red("+9")))
    await house.whole.refresh()

    assert [len(list(house.whole.find(number))) for number in ("+2", "+9")] == [0, 1]
    assert (house.shown(), house.whole.as_of) == ([MINE.key, THEIRS.key], None)


async def test_an_account_that_has_become_anothers_is_read_at_once(house):
    await house.whole.refresh()
    house.store.record(MINE, snapshot(red("+1"), version=4))
    house.fleet.forget("mine")
    await house.whole.refresh()

    assert (house.shown(), house.store.asked[-1][0]) == ([MINE.key, THEIRS.key], frozenset({"mine", "theirs"}))


async def test_a_store_that_is_away_leaves_what_is_known(house):
    await house.whole.refresh()
    house.store.down, house.time = True, 10.0
    await house.whole.refresh()

    assert (house.shown(), house.whole.as_of) == ([MINE.key, THEIRS.key], 1)


async def test_a_store_that_does_not_answer_holds_nobody_up_for_long(house, monkeypatch):
    monkeypatch.setattr(module, "WAIT_FOR", 0.0)
    house.store.hold.clear()
    await house.whole.refresh()
    await house.whole.refresh()
    await asyncio.sleep(0)

    assert (house.shown(), len(house.store.asked)) == ([MINE.key], 1)
    await house.whole.stop()


async def test_what_others_watch_is_unread_until_it_has_been_read_once(house, monkeypatch):
    monkeypatch.setattr(module, "WAIT_FOR", 0.0)
    house.store.hold.clear()
    await house.whole.refresh()
    meanwhile = list(house.whole.unread)
    house.store.hold.set()
    await house.whole._reading
    await house.whole.refresh()
    afterwards = list(house.whole.unread)
    house.store.down = True
    house.fleet.forget("mine")
    await house.whole.refresh()

    assert (meanwhile, afterwards, list(house.whole.unread)) == (["theirs"], [], ["mine"])


async def test_a_store_that_no_other_process_shares_leaves_nothing_unread(house):
    house.store.ownership = None

    assert list(house.whole.unread) == []


async def test_where_nobody_else_watches_anything_the_store_is_not_asked(house):
    house.configured = ["mine"]
    await house.whole.refresh(at_once=True)

    assert (house.store.asked, house.shown(), house.whole.as_of) == ([], [MINE.key], None)


async def test_it_says_who_watches_what(house):
    assert [house.whole.owner(account) for account in ("mine", "theirs", "nobody's")] == ["this", "that", None]
    assert [(each.name, each.is_this, each.accounts) for each in house.whole.seen()] == [
        ("this", True, ["mine"]),
        ("that", False, ["theirs"]),
    ]


async def test_who_waits_for_events_is_woken_when_another_process_has_recorded_some(house, monkeypatch):
    monkeypatch.setattr(module, "LISTEN_EVERY", 0.0)
    with house.listeners.place():
        news = house.listeners.news()
        house.whole.start()
        async with asyncio.timeout(30):
            await news.wait()
            later = house.listeners.news()
            house.store.sequence += 1
            await later.wait()
    await house.whole.stop()

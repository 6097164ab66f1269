"""One list over many reads: what is believed, told, kept and measured."""

import asyncio

import pytest

from monitor.roster import watched as watched_module
from monitor.roster.watched import WatchedList
from tests.roster.fakes import Clock, FakeShelf, FakeSource, FakeTeller, capturing, instruments

TEN = tuple(f"k{number}" for number in range(10))


class House:
    """A watched list with everything around it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.source = FakeSource(*TEN)
        self.shelf = FakeShelf()
        self.teller = FakeTeller()
        self.instruments, self.samples = instruments()
        self.log, self.logged = capturing()
        self.watched = self.restarted()

    def restarted(self) -> WatchedList:
        return WatchedList(
            "main",
            "file",
            self.source.read,
            store=self.shelf,
            tell=self.teller,
            hint=lambda hint_id: f"what to do about {hint_id}",
            instruments=self.instruments,
            now=self.clock.now,
            monotonic=self.clock.monotonic,
            log=self.log,
        )

    async def look(self, after: float = 30.0) -> None:
        self.clock.seconds += after
        await self.watched.take(await self.watched.look())

    async def restart(self) -> None:
        self.watched = self.restarted()
        await self.watched.restore()

    @property
    def appkeys(self) -> tuple[str, ...]:
        return tuple(app.appkey for app in self.watched.apps)


@pytest.fixture
def house() -> House:
    return House()


async def test_what_was_read_is_believed_and_kept(house):
    await house.look()

    assert house.appkeys == TEN
    assert b'"k9"' in house.shelf.lists["main", "file"]


async def test_a_failed_read_keeps_the_last_list(house):
    await house.look()
    house.source.error = "apps.csv cannot be read"
    await house.look()

    assert house.appkeys == TEN
    assert house.watched.state().error == "apps.csv cannot be read"


async def test_a_fault_is_logged_once_and_so_is_its_end(house):
    house.source.error = "apps.csv cannot be read"
    await house.look()
    await house.look()
    house.source.error = None
    await house.look()

    assert [call.kwargs["event"] for call in house.logged.calls] == [
        "list of apps cannot be used",
        "list of apps can be read again",
    ]


async def test_a_restart_takes_up_the_last_list(house):
    await house.look()
    house.source.error = "away"
    await house.restart()
    await house.look()

    assert house.appkeys == TEN


async def test_a_list_that_shrank_during_a_restart_is_held(house):
    await house.look()
    house.source.listed = TEN[:2]
    await house.restart()
    await house.look()

    assert (house.appkeys, house.teller.types) == (TEN, ["app_list.held"])


async def test_holding_is_told_once_even_over_a_restart(house):
    await house.look()
    house.source.listed = ()
    await house.look()
    await house.restart()
    await house.look()
    await house.look()

    assert house.teller.types == ["app_list.held"]


async def test_what_is_told_says_what_is_missing(house):
    await house.look()
    house.source.listed = TEN[:3]
    await house.look()

    (event,) = house.teller.events
    assert (event.severity, event.account, event.subject, event.time) == ("warning", "main", "main", 1_060_000)
    assert event.data == {
        "account": "main",
        "source": "file",
        "severity": "warning",
        "why": "held",
        "before": 10,
        "after": 3,
        "missing": 7,
        "appkeys": list(TEN[3:]),
        "hint_id": "app_list.held",
        "hint": "what to do about app_list.held",
    }


async def test_a_list_that_ten_minutes_confirm_is_believed_and_told(house):
    await house.look()
    house.source.listed = TEN[:3]
    for _ in range(21):
        await house.look(after=30.0)

    assert (house.appkeys, house.teller.types) == (TEN[:3], ["app_list.held", "app_list.accepted"])
    assert house.teller.events[1].data["why"] == "confirmed"


async def test_an_accepted_list_is_believed_at_once(house):
    await house.look()
    house.source.listed = TEN[:3]
    await house.look()

    assert await house.watched.accept()
    assert (house.appkeys, house.teller.types) == (TEN[:3], ["app_list.held", "app_list.accepted"])


async def test_accepting_nothing_tells_nothing(house):
    await house.look()

    assert not await house.watched.accept()
    assert house.teller.types == []


async def test_what_the_store_could_not_record_is_told_later_and_once(house):
    await house.look()
    house.teller.down = house.shelf.down = True
    house.source.listed = TEN[:3]
    await house.look()
    house.teller.down = house.shelf.down = False
    await house.look()
    await house.look()

    assert house.teller.types == ["app_list.held"]


async def test_a_hold_that_came_and_went_while_the_store_was_down_is_never_told(house):
    await house.look()
    house.teller.down = house.shelf.down = True
    house.source.listed = TEN[:3]
    await house.look()
    house.source.listed = TEN
    await house.look()
    house.teller.down = house.shelf.down = False
    await house.look()

    assert house.teller.types == []


async def test_a_store_that_is_down_at_the_start_costs_the_last_list_only(house):
    house.shelf.down = True
    await house.watched.restore()
    await house.look()

    assert house.appkeys == TEN


async def test_a_kept_list_that_cannot_be_read_is_passed_over(house):
    house.shelf.lists["main", "file"] = b"{"
    await house.watched.restore()

    assert house.appkeys == ()


async def test_the_metrics_follow_the_reads(house):
    await house.look()
    house.source.error = "away"
    await house.look()

    assert 'number_monitor_app_source_up{account="main",source="file"} 0.0' in house.samples()
    assert (
        'number_monitor_app_source_last_success_timestamp_seconds{account="main",source="file"} 1030.0'
        in house.samples()
    )


async def test_the_last_success_stands_still_while_a_list_is_held(house):
    await house.look()
    house.source.listed = ()
    await house.look()

    state = house.watched.state()
    assert (state.up, state.held, state.last_success) == (True, 0, 1_030_000)


async def test_a_list_that_hangs_is_waited_for_no_longer_than_the_limit_and_is_down(monkeypatch):
    house = House()
    await house.look()
    monkeypatch.setattr(watched_module, "READ_WITHIN", 0.05)
    house.watched.read = asyncio.Event().wait  # type: ignore[assignment]  # never comes to an end

    await house.look()

    state = house.watched.state()
    assert (state.up, state.apps) == (False, len(TEN))
    assert "could not be read within 0.05 s: look at where it lies" in state.error

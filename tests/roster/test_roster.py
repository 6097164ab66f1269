"""All accounts' sources together, watched while we run."""

from pathlib import Path
from typing import Self

import pytest

from monitor.fleet.app import App
from monitor.roster.roster import Roster, Sources
from tests.roster.fakes import Clock, FakeShelf, FakeSource, FakeTeller, Pauses, capturing, instruments

TEN = tuple(f"k{number}" for number in range(10))


class Town:
    """A roster with everything around it; `told` is what its listener heard."""

    def __init__(self, *sources: Sources, shelf: FakeShelf | None = None) -> None:
        self.clock = Clock()
        self.pauses = Pauses(self.clock, self.watched)
        self.shelf = shelf or FakeShelf()
        self.teller = FakeTeller()
        self.instruments, self.samples = instruments()
        self.told: list[tuple[str, list[str]]] = []
        self.failing = False
        self.roster = Roster(
            sources,
            store=self.shelf,
            tell=self.teller,
            on_change=self.hear,
            instruments=self.instruments,
            now=self.clock.now,
            monotonic=self.clock.monotonic,
            log=capturing()[0],
            pause=self.pauses,
        )

    def watched(self) -> int:
        return len([state for state in self.roster.states() if state.source != "config"])

    async def hear(self, account: str, apps: list[App]) -> None:
        if self.failing:
            raise RuntimeError("listener broke")
        self.told.append((account, [app.appkey for app in apps]))

    async def __aenter__(self) -> Self:
        await self.roster.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.roster.stop()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "apps.csv"
    path.write_text("appkey\nk1\nk2\n")
    return path


def configured(*appkeys: str, account: str = "main") -> tuple[App, ...]:
    return tuple(App(account, appkey) for appkey in appkeys)


async def test_the_start_tells_every_account_its_merged_list(file):
    url = FakeSource("k3", "k2")

    async with Town(
        Sources("main", configured("k0"), file=file, url=url), Sources("other", configured("k9", account="other"))
    ) as town:
        assert town.told == [("main", ["k0", "k1", "k2", "k3"]), ("other", ["k9"])]


async def test_an_account_without_apps_is_told_so_at_the_start():
    async with Town(Sources("main")) as town:
        assert town.told == [("main", [])]


async def test_the_last_list_stands_in_for_a_source_that_is_away(file):
    shelf = FakeShelf()
    async with Town(Sources("main", file=file), shelf=shelf):
        pass
    file.unlink()

    async with Town(Sources("main", file=file), shelf=shelf) as town:
        assert town.told == [("main", ["k1", "k2"])]


async def test_a_file_is_looked_at_every_30_seconds(file):
    async with Town(Sources("main", file=file)) as town:
        file.write_text("appkey\nk1\nk2\nk3\n")
        await town.pauses.pass_(29)
        before = list(town.told)
        await town.pauses.pass_(1)

        assert (len(before), town.told[1:]) == (1, [("main", ["k1", "k2", "k3"])])


async def test_an_address_is_asked_every_60_seconds():
    url = FakeSource("k1")
    async with Town(Sources("main", url=url)) as town:
        url.listed = ("k2",)
        await town.pauses.pass_(59)
        reads = url.reads
        await town.pauses.pass_(1)

        assert (reads, url.reads, town.told[1:]) == (1, 2, [("main", ["k2"])])


async def test_a_list_that_is_the_same_is_not_told_again(file):
    async with Town(Sources("main", file=file)) as town:
        await town.pauses.pass_(300)

        assert len(town.told) == 1


async def test_a_listener_that_broke_is_told_again_after_the_next_look(file):
    async with Town(Sources("main", file=file)) as town:
        file.write_text("appkey\nk3\n")
        town.failing = True
        await town.pauses.pass_(30)
        town.failing = False
        await town.pauses.pass_(30)

        assert town.told[1:] == [("main", ["k3"])]


async def test_what_is_held_is_believed_after_ten_minutes():
    url = FakeSource(*TEN)
    async with Town(Sources("main", url=url)) as town:
        url.listed = ()
        await town.pauses.pass_(600)
        held = len(town.told)
        await town.pauses.pass_(60)

        assert (held, town.told[1:]) == (1, [("main", [])])


async def test_what_is_held_is_told_when_it_is_accepted():
    url = FakeSource(*TEN)
    async with Town(Sources("main", url=url)) as town:
        url.listed = TEN[:2]
        await town.pauses.pass_(60)

        assert await town.roster.accept("main") == 1
        assert town.told[1:] == [("main", ["k0", "k1"])]


async def test_accepting_for_an_account_that_nobody_knows_is_nothing():
    async with Town(Sources("main")) as town:
        assert await town.roster.accept("other") == 0


async def test_a_reload_looks_at_once_and_goes_on_with_what_was_held(file):
    url = FakeSource(*TEN)
    async with Town(Sources("main", url=url)) as town:
        url.listed = TEN[:2]
        await town.pauses.pass_(60)
        await town.roster.reload([Sources("main", configured("new"), file=file, url=url)])

        assert town.told[1:] == [("main", ["new", "k1", "k2", "k0", *TEN[3:]])]
        assert town.teller.types == ["app_list.held"]


async def test_a_reload_forgets_an_account_that_is_gone():
    async with Town(Sources("main"), Sources("other")) as town:
        await town.roster.reload([Sources("main", configured("k1"))])

        assert town.told[2:] == [("main", ["k1"])]
        assert (town.roster.apps("other"), [state.account for state in town.roster.states()]) == ((), ["main"])


async def test_a_source_that_is_configured_no_more_leaves_nothing_behind(file):
    async with Town(Sources("main", file=file)) as town:
        await town.roster.reload([Sources("main", configured("k1"))])

        assert town.shelf.lists["main", "file"] == b""
        assert not any('source="file"' in sample for sample in town.samples())


async def test_a_source_left_out_before_the_start_leaves_nothing_behind(file):
    shelf = FakeShelf()
    async with Town(Sources("main", file=file), shelf=shelf):
        pass

    async with Town(Sources("main", configured("k1")), shelf=shelf):
        assert shelf.lists["main", "file"] == b""


async def test_a_reload_that_the_listener_refuses_is_tried_again(file):
    async with Town(Sources("main", file=file)) as town:
        town.failing = True
        with pytest.raises(RuntimeError, match="listener broke"):
            await town.roster.reload([Sources("main", configured("k0"), file=file)])
        town.failing = False
        await town.pauses.pass_(30)

        assert town.told[1:] == [("main", ["k0", "k1", "k2"])]


async def test_the_states_tell_of_every_source(file):
    file.write_text("appkey,what\n")
    async with Town(Sources("main", configured("k0"), file=file)) as town:
        states = [(state.source, state.apps, state.up, state.error) for state in town.roster.states()]

    assert states == [
        ("config", 1, True, ""),
        ("file", 0, False, f"{file}, line 1: 'what' is not known; there are appkey, name, interval and label_*"),
    ]


async def test_the_configuration_is_a_source_with_its_own_series():
    async with Town(Sources("main", configured("k0"))) as town:
        assert 'number_monitor_app_source_up{account="main",source="config"} 1.0' in town.samples()


async def test_after_the_stop_nobody_looks():
    url = FakeSource("k1")
    async with Town(Sources("main", url=url)) as town:
        pass

    assert (town.pauses.waiting, url.reads) == ([], 1)


async def test_an_account_that_is_let_go_is_looked_at_no_more_and_keeps_its_last_list_in_the_store(file):
    url = FakeSource("k1")
    async with Town(Sources("main", file=file), Sources("other", url=url)) as town:
        kept, told = dict(town.shelf.lists), list(town.told)
        await town.roster.let_go(["other"])
        reads, url.listed = url.reads, ("k2",)
        await town.pauses.pass_(120)

        assert (url.reads, town.told, town.shelf.lists) == (reads, told, kept)
        assert [state.account for state in town.roster.states()] == ["main"]


async def test_an_account_that_is_taken_is_told_of_and_looked_at_and_the_others_are_left_alone(file):
    url = FakeSource("k1")
    async with Town(Sources("main", url=url)) as town:
        await town.roster.take([Sources("other", file=file)])
        reads = url.reads
        file.write_text("appkey\nk3\n")
        await town.pauses.pass_(30)

        assert (reads, town.told[1:]) == (1, [("other", ["k1", "k2"]), ("other", ["k3"])])


async def test_an_account_that_comes_back_is_told_of_anew(file):
    async with Town(Sources("main", file=file)) as town:
        await town.roster.let_go(["main"])
        await town.roster.take([Sources("main", file=file)])

        assert town.told == [("main", ["k1", "k2"])] * 2

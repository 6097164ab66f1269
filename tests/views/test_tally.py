import msgspec
import pytest

from monitor.fleet.app import App
from monitor.fleet.scales import Severity
from monitor.fleet.snapshot import Snapshot
from monitor.views.tally import Standing, Tile, is_fresh, standing, tally, tile_place
from tests.web.fleets import HOUR, MINUTE, NOW, entry, failing, red, snapshot, suspect

APP = App(account="main", appkey="a", name="shop")
YELLOW = entry("+2", severity=Severity.WARNING, quality_rating="YELLOW")
UNKNOWN = entry("+4", severity=Severity.UNKNOWN, quality_rating="UNKNOWN")


def test_an_apps_entries_are_counted_by_how_bad_they_are():
    counted = tally(APP, snapshot(YELLOW, red("+1", status="BANNED"), entry("+3"), UNKNOWN))

    assert (counted.numbers, counted.critical, counted.warning, counted.unknown) == (4, 1, 1, 1)
    assert (counted.silenced, counted.ratings, counted.attention) == (1, (1, 1, 1, 1), 2)
    assert [number for _, number in counted.troubled] == ["+1", "+2"]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        pytest.param(snapshot(red("+1"), entry("+2")), Standing.CRITICAL, id="one critical"),
        pytest.param(failing(red("+1")), Standing.CRITICAL, id="critical when it was last seen"),
        pytest.param(failing(entry()), Standing.LOST, id="failing, with green numbers"),
        pytest.param(snapshot(entry(), last_success=NOW - HOUR), Standing.LOST, id="silent for long"),
        pytest.param(snapshot(YELLOW), Standing.WARNING, id="a warning"),
        pytest.param(suspect(entry()), Standing.SUSPECT, id="held back"),
        pytest.param(snapshot(entry(), UNKNOWN), Standing.UNKNOWN, id="something that cannot be judged"),
        pytest.param(snapshot(), Standing.UNKNOWN, id="no numbers"),
        pytest.param(Snapshot(), Standing.UNKNOWN, id="never asked"),
        pytest.param(snapshot(entry()), Standing.OK, id="fine"),
    ],
)
def test_an_app_stands_for_the_worst_of_it(known, expected):
    fresh = is_fresh(known, MINUTE, NOW)

    assert standing(known, tally(APP, known), fresh=fresh) is expected


@pytest.mark.parametrize(
    ("age", "interval", "expected"),
    [
        (3 * MINUTE, MINUTE, True),
        (3 * MINUTE + 1, MINUTE, False),
        (30_000, 5_000, True),
        (30_001, 5_000, False),
    ],
)
def test_an_answer_is_fresh_for_three_intervals(age, interval, expected):
    assert is_fresh(snapshot(last_success=NOW - age), interval, NOW) is expected


def test_a_suspect_answer_is_an_answer():
    known = msgspec.structs.replace(suspect(entry()), last_success=NOW - HOUR, last_answer=NOW - 5_000)

    assert is_fresh(known, MINUTE, NOW)


def test_the_worst_apps_come_first():
    known = {"fine": snapshot(entry()), "lost": failing(entry()), "worse": snapshot(red("+1"), red("+2"))}
    known["bad"] = snapshot(red())
    tiles = []
    for name, snap in known.items():
        counted = tally(APP, snap)
        fresh = is_fresh(snap, MINUTE, NOW)
        tiles.append(Tile(App("main", name), snap, counted, standing(snap, counted, fresh=fresh)))

    assert [tile.name for tile in sorted(tiles, key=tile_place)] == ["worse", "bad", "lost", "fine"]

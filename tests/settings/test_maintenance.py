from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from monitor.settings.load import load
from monitor.settings.maintenance import MaintenanceWindow
from monitor.settings.match import EventMatch
from tests.settings.writing import ACCOUNT, written

SHANGHAI = ZoneInfo("Asia/Shanghai")


def window(directory, keys: str) -> MaintenanceWindow:
    """The one maintenance of a configuration."""
    text = f"{ACCOUNT}events:\n  maintenance:\n    - {{duration: 1h, {keys}}}\n"
    return load(written(directory, text), {}).events.maintenance[0]


def test_a_window_is_about_everything_on_every_day_where_it_says_no_more(tmp_path):
    read = window(tmp_path, 'start: "02:00"')

    assert (read.start, read.cron, read.at) == (time(2), None, None)
    assert read.weekdays == ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    assert read.match == EventMatch()
    assert read.zone(SHANGHAI) == SHANGHAI


@pytest.mark.parametrize(
    ("weekdays", "expected"),
    [("sun", ("sun",)), ("[sat, sun]", ("sat", "sun")), ("", MaintenanceWindow(duration=60_000).weekdays)],
)
def test_a_start_may_be_of_some_weekdays(tmp_path, weekdays, expected):
    assert window(tmp_path, f'start: "23:59", weekdays: {weekdays}').weekdays == expected


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("at: 2027-01-31T18:00", datetime(2027, 1, 31, 10, tzinfo=UTC)),
        ("at: 2027-01-31T18:00+01:00", datetime(2027, 1, 31, 17, tzinfo=UTC)),
        ("at: 2027-01-31T18:00, timezone: UTC", datetime(2027, 1, 31, 18, tzinfo=UTC)),
        ("at: 2027-01-31", datetime(2027, 1, 30, 16, tzinfo=UTC)),
    ],
)
def test_a_single_window_begins_in_its_own_zone_else_in_that_of_people(tmp_path, keys, expected):
    assert window(tmp_path, keys).at_ms(SHANGHAI) == expected.timestamp() * 1000


def test_a_window_that_comes_again_has_no_single_beginning(tmp_path):
    assert window(tmp_path, 'cron: "0 2 * * *"').at_ms(SHANGHAI) is None

"""Crontabs are read as cron reads them, and written as APScheduler does."""

from datetime import UTC, datetime

import pytest
from apscheduler.triggers.cron import CronTrigger

from monitor.settings.crontab import crontab
from monitor.settings.scalars import Unfit

FRIDAY = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("weekday", "expected"),
    [
        ("*", "*"),
        ("0", "sun"),
        ("7", "sun"),
        ("1", "mon"),
        ("6", "sat"),
        ("SUN", "sun"),
        ("1-5", "mon,tue,wed,thu,fri"),
        ("mon-fri", "mon,tue,wed,thu,fri"),
        ("0-2", "mon,tue,sun"),
        ("sun-tue", "mon,tue,sun"),
        ("5-7", "fri,sat,sun"),
        ("fri-mon", "mon,fri,sat,sun"),
        ("0,6", "sat,sun"),
        ("sat,1", "mon,sat"),
        ("*/2", "tue,thu,sat,sun"),
        ("1-5/2", "mon,wed,fri"),
        ("2/3", "tue,fri"),
        ("0-6", "mon,tue,wed,thu,fri,sat,sun"),
    ],
)
def test_a_weekday_is_counted_from_sunday_and_becomes_a_name(weekday, expected):
    assert crontab(f"0 2 * * {weekday}") == f"0 2 * * {expected}"


@pytest.mark.parametrize(
    ("written", "first"),
    [
        ("30 2 * * 0", datetime(2027, 1, 3, 2, 30, tzinfo=UTC)),
        ("30 2 * * 7", datetime(2027, 1, 3, 2, 30, tzinfo=UTC)),
        ("0 2 * * 1-5", datetime(2027, 1, 1, 2, 0, tzinfo=UTC)),
        ("15,45 */6 * * *", datetime(2027, 1, 1, 0, 15, tzinfo=UTC)),
        ("0 22 last * *", datetime(2027, 1, 31, 22, 0, tzinfo=UTC)),
        ("0 0 1 feb-mar *", datetime(2027, 2, 1, tzinfo=UTC)),
        ("0 0 29 2 *", datetime(2028, 2, 29, tzinfo=UTC)),
        ("0 2 8-14 * 2", datetime(2027, 1, 12, 2, 0, tzinfo=UTC)),
    ],
)
def test_what_is_read_comes_when_cron_would(written, first):
    trigger = CronTrigger.from_crontab(crontab(written), timezone=UTC)

    assert trigger.get_next_fire_time(None, FRIDAY) == first


@pytest.mark.parametrize(
    "written",
    [
        "",
        "@daily",
        "0 2 * *",
        "0 0 2 * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 13 *",
        "* * * jan/2 *",
        "* * * janfoo *",
        "* * lastly * *",
        "last * * * *",
        "*/0 * * * *",
        "5-1 * * * *",
        "* * * * 8",
        "* * * * moon",
        "* * * * 1-",
        "* * * * */7",
        "0,, * * * *",
        "0 0 31 4,6 *",
    ],
)
def test_what_is_no_crontab_is_refused(written):
    with pytest.raises(Unfit):
        crontab(written)


def test_what_was_read_is_read_again_as_the_same():
    once = crontab("0 2 * JAN-mar fri-1")

    assert crontab(once) == once == "0 2 * jan-mar mon,fri,sat,sun"

import pytest

from monitor.fleet.scales import Severity
from monitor.fleet.snapshot import Snapshot
from monitor.views.apps import app
from tests.metrics.known import SHOP_ONE, SUSPICION, TIMED_OUT, entry, known


def test_an_app_that_was_never_asked_says_nothing_of_its_numbers():
    assert app(SHOP_ONE, Snapshot()) == {
        "account": "main",
        "appkey": "jh42",
        "app_name": "shop-one",
        "labels": {"plan": "vip", "team": "emea"},
        "up": None,
        "numbers": None,
        "degraded": 0,
        "severity": "unknown",
        "suspect": False,
        "withdrawn": False,
        "last_success": None,
        "failures": 0,
        "failure": None,
        "watched_by": None,
    }


def test_a_failing_app_says_why_and_what_was_last_known():
    entries = [entry(Severity.CRITICAL), entry(Severity.WARNING, number="+8613800000002"), entry(number="+861")]

    shown = app(SHOP_ONE, known(*entries, failure=TIMED_OUT, failures=4), withdrawn=True)

    assert {name: shown[name] for name in ("up", "numbers", "degraded", "severity", "withdrawn", "failures")} == {
        "up": False,
        "numbers": 3,
        "degraded": 2,
        "severity": "critical",
        "withdrawn": True,
        "failures": 4,
    }
    assert shown["failure"] == {
        "reason": "timeout",
        "code": "",
        "text": "no answer within 10 s",
        "at": "2026-11-23T08:00:12.345Z",
    }


@pytest.mark.parametrize(("suspicion", "suspect"), [(None, False), (SUSPICION, True)])
def test_a_suspect_app_is_up(suspicion, suspect):
    shown = app(SHOP_ONE, known(entry(), suspicion=suspicion))

    assert (shown["up"], shown["suspect"]) == (True, suspect)

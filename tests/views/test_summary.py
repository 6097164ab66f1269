import pytest

from monitor.fleet.event import EVENT_TYPES
from monitor.views.summary import summary

CHANGED = {"attribute": "status", "before": "CONNECTED", "after": "BANNED"}
UNCHANGED = {"attribute": None, "before": None, "after": None}
LOST = {"reason": "many_missing", "missing": 7, "unknown": 0}
REFUSED = {"reason": "auth", "code": "1003", "failing": 3, "apps": 4}
SHRUNK = {"source": "file", "before": 100, "after": 0}

TOLD = [
    ("number.degraded", CHANGED, "status CONNECTED -> BANNED"),
    ("number.degraded", CHANGED | {"before": None}, "status none -> BANNED"),
    ("number.improved", CHANGED, "status CONNECTED -> BANNED"),
    ("number.recovered", CHANGED, "status CONNECTED -> BANNED"),
    ("number.persisting", CHANGED | {"before": "BANNED"}, "status BANNED -> BANNED"),
    ("number.changed", CHANGED | {"attribute": "waba_name", "after": ""}, "waba_name CONNECTED -> none"),
    ("number.added", UNCHANGED | {"state": {"quality_rating": "GREEN", "status": "PENDING"}}, "GREEN PENDING"),
    ("number.removed", UNCHANGED | {"reason": "missing"}, "missing"),
    ("number.moved", UNCHANGED | {"moved_to": {"appkey": "jh2", "app_name": ""}}, "to jh2"),
    ("waba.tier_lowered", CHANGED | {"attribute": "tier"}, "tier CONNECTED -> BANNED"),
    ("waba.tier_raised", CHANGED | {"attribute": "tier"}, "tier CONNECTED -> BANNED"),
    ("app.baseline", {"numbers": 1, "degraded_count": 0}, "1 number, 0 in trouble"),
    ("app.unreachable", {"reason": "http_5xx", "code": "502"}, "http_5xx 502"),
    ("app.recovered", {"failures": 3}, "after 3 failed polls"),
    ("app.suspect", LOST, "many_missing: 7 missing, 0 unknown"),
    ("app.trusted", LOST, "many_missing: 7 missing, 0 unknown"),
    ("app.removed", {"numbers": 12}, "12 numbers"),
    ("account.unreachable", REFUSED, "auth 1003: 3 of 4 apps"),
    ("account.recovered", REFUSED | {"code": None}, "auth: 3 of 4 apps"),
    ("account.suspect", {"suspect": 3, "apps": 4}, "3 of 4 apps"),
    ("account.trusted", {"suspect": 0, "apps": 1}, "0 of 1 app"),
    ("app_list.held", SHRUNK, "file 100 -> 0 apps"),
    ("app_list.accepted", SHRUNK, "file 100 -> 0 apps"),
    ("vendor.unmapped", {"attribute": "status", "word": "SLEEPING"}, "status SLEEPING"),
]


@pytest.mark.parametrize(("kind", "data", "words"), TOLD)
def test_an_event_is_told_in_a_few_words(kind, data, words):
    assert summary({"type": kind, "data": data}) == words


@pytest.mark.parametrize("kind", [*EVENT_TYPES, "planet.eclipsed"])
def test_an_event_that_says_nothing_more_breaks_nothing(kind):
    assert isinstance(summary({"type": kind, "data": {}}), str)


def test_every_type_of_event_is_told_of():
    assert {kind for kind, _, _ in TOLD} == EVENT_TYPES.keys()

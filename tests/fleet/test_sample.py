"""Sample events: as real as can be, and marked."""

import json
from collections.abc import Mapping

import pytest

from monitor.fleet.cloudevent import body
from monitor.fleet.event import EVENT_TYPES
from monitor.fleet.hints import HINTS
from monitor.fleet.sample import sample

AT = 1_795_420_800_000  # 2026-11-23 08:00:00 UTC
ANOTHER = "+4915110000001"

every_type = pytest.mark.parametrize("kind", EVENT_TYPES)


@every_type
def test_there_is_one_of_every_type_and_it_is_of_this_moment(kind):
    event = sample(kind, number=ANOTHER, at=AT, language="en")

    assert (event.type, event.time, event.data["test"]) == (kind, AT, True)
    assert event.severity in EVENT_TYPES[kind]
    assert event.data["severity"] == event.severity


@every_type
def test_it_is_about_the_number_asked_for_where_it_is_about_one(kind):
    event = sample(kind, number=ANOTHER, at=AT, language="en")

    if kind.startswith("number."):
        assert (event.subject, event.data["number"]) == (ANOTHER, ANOTHER)


@every_type
def test_nothing_in_it_lies_ahead(kind):
    told = json.loads(body(sample(kind, number=ANOTHER, at=AT, language="en"), id="x", sequence=0))
    moments = [text for text in told["data"].values() if isinstance(text, str) and text.endswith("Z")]

    assert (told["time"], told["sequence"]) == ("2026-11-23T08:00:00.000Z", "0" * 20)
    assert max([*moments, told["time"]]) == told["time"]


@every_type
def test_its_hint_is_in_the_peoples_language(kind):
    data = sample(kind, number=ANOTHER, at=AT, language="zh-CN").data

    assert data["hint"] == HINTS[data["hint_id"]].zh


def test_a_type_that_there_is_not_is_an_error():
    with pytest.raises(KeyError):
        sample("number.exploded", number=ANOTHER, at=AT, language="en")


#: What each tells, names and moments aside: the shortest life that leads there, and nothing else in it.
STORIES: Mapping[str, Mapping[str, object]] = {
    "account.recovered": {"reason": "timeout", "apps": 2, "failing": 0, "reasons": {}},
    "account.suspect": {"apps": 4, "suspect": 3},
    "account.trusted": {"apps": 4, "suspect": 2},
    "account.unreachable": {
        "reason": "timeout",
        "apps": 2,
        "failing": 2,
        "reasons": {"timeout": 2},
        "text": "no answer within 10 s",
    },
    "app.baseline": {"numbers": 1, "degraded_count": 0, "incidents": []},
    "app.recovered": {"failures": 3},
    "app.removed": {"numbers": 1, "incidents": []},
    "app.suspect": {"reason": "empty", "missing": 6, "unknown": 0, "polls": 2},
    "app.trusted": {"reason": "empty", "missing": 6, "unknown": 0, "polls": 2},
    "app.unreachable": {"reason": "timeout", "text": "no answer within 10 s", "failures": 3},
    "app_list.accepted": {
        "before": 2,
        "after": 0,
        "missing": 2,
        "why": "confirmed",
        "source": "file",
        "appkeys": ["jh42xxxd434", "jh43xxxd435"],
    },
    "app_list.held": {
        "before": 2,
        "after": 0,
        "missing": 2,
        "why": "held",
        "source": "file",
        "appkeys": ["jh42xxxd434", "jh43xxxd435"],
    },
    "number.added": {"attribute": None, "before": None, "after": None, "incident": None},
    "number.changed": {
        "attribute": "verified_name",
        "before": "GLORY JACK",
        "after": "GLORY JOHN",
        "incident": None,
        "verified_name": "GLORY JOHN",
    },
    "number.degraded": {
        "attribute": "quality_rating",
        "before": "GREEN",
        "after": "RED",
        "incident": {"id": f"main/{ANOTHER}/quality_rating", "action": "open"},
    },
    "number.improved": {
        "attribute": "quality_rating",
        "before": "RED",
        "after": "YELLOW",
        "incident": {"id": f"main/{ANOTHER}/quality_rating", "action": "update"},
    },
    "number.moved": {
        "attribute": "status",
        "before": "CONNECTED",
        "after": "MIGRATED",
        "incidents": [],
        "moved_to": {"appkey": "jh43xxxd435", "app_name": "shop-two", "waba_id": "116960000086404"},
    },
    "number.persisting": {
        "attribute": "status",
        "before": "RESTRICTED",
        "after": "RESTRICTED",
        "incident": {"id": f"main/{ANOTHER}/status", "action": "update"},
    },
    "number.recovered": {
        "attribute": "quality_rating",
        "before": "RED",
        "after": "GREEN",
        "incident": {"id": f"main/{ANOTHER}/quality_rating", "action": "close"},
    },
    "number.removed": {"attribute": None, "before": None, "after": None, "reason": "missing", "incidents": []},
    "vendor.unmapped": {"attribute": "quality_rating", "word": "PURPLE"},
    "waba.tier_lowered": {
        "attribute": "tier",
        "before": "TIER_10K",
        "after": "TIER_1K",
        "numbers": [ANOTHER],
        "incident": {"id": "main/116960000086404/tier", "action": "open"},
    },
    "waba.tier_raised": {
        "attribute": "tier",
        "before": "TIER_10K",
        "after": "TIER_100K",
        "numbers": [ANOTHER],
        "incident": None,
    },
}


@every_type
def test_it_tells_the_shortest_story_of_its_type(kind):
    data = sample(kind, number=ANOTHER, at=AT, language="en").data

    assert {name: data[name] for name in STORIES[kind]} == STORIES[kind]

"""Sample events: as real as can be, and marked."""

import json

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

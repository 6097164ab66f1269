"""The public form of events, to the letter of the contract."""

import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.fleet.app import App
from monitor.fleet.cloudevent import body, event_id, identity, source
from monitor.fleet.event import Event
from monitor.fleet.policy import Policy
from tests.fleet.making import START, Watch, row

STORE = "7d444840-9dc0-11d1-b245-5ffdce74fad2"


def degraded(watch: Watch) -> Event:
    watch.answers(row(quality_rating="YELLOW"))
    (event,) = watch.answers(row(quality_rating="RED"))
    return event


def test_an_event_is_the_contracts_object_in_the_contracts_order():
    watch = Watch()
    watch.fleet.update(App("main", "a", "shop-one", labels=(("team", "emea"),)))

    told = body(degraded(watch), id="6f0c2a4e", sequence=42)

    assert json.dumps(json.loads(told)) == json.dumps(
        {
            "specversion": "1.0",
            "id": "6f0c2a4e",
            "source": "/accounts/main/apps/a",
            "type": "number.degraded",
            "subject": "+8613800000001",
            "time": "2023-11-14T22:14:20.000Z",
            "sequence": "00000000000000000042",
            "datacontenttype": "application/json",
            "data": {
                "account": "main",
                "appkey": "a",
                "app_name": "shop-one",
                "labels": {"team": "emea"},
                "number": "+8613800000001",
                "waba_id": "116960000086404",
                "waba_name": "GLORY TEST",
                "verified_name": "GLORY JACK",
                "attribute": "quality_rating",
                "before": "YELLOW",
                "after": "RED",
                "severity": "critical",
                "before_since": "2023-11-14T22:13:20.000Z",
                "last_seen_before": "2023-11-14T22:13:20.000Z",
                "state": {"quality_rating": "RED", "status": "CONNECTED", "tier": "TIER_10K"},
                "hint_id": "quality.red",
                "hint": (
                    "Quality is low: stop marketing templates from this number today, keep replies running, review "
                    "opt-in and the templates of the last 7 days, then resume in small batches."
                ),
                "incident": {"id": "main/+8613800000001/quality_rating", "action": "update"},
            },
        }
    )


def test_hints_are_in_the_peoples_language():
    event = degraded(Watch(policy=Policy(language="zh-CN")))

    assert event.data["hint_id"] == "quality.red"
    assert event.data["hint"].startswith("质量为低")


@pytest.mark.parametrize(
    ("account", "appkey", "named"),
    [
        ("main", "jh42", "/accounts/main/apps/jh42"),
        ("main", "", "/accounts/main"),
        ("a/b c", "主?#", "/accounts/a%2Fb%20c/apps/%E4%B8%BB%3F%23"),
        ("bad\ud800", "x", "/accounts/bad%3F/apps/x"),
    ],
)
def test_names_in_a_source_are_percent_encoded(account, appkey, named):
    assert source(Event("app.removed", START, "info", account, appkey, appkey)) == named


def test_an_event_without_an_attribute_is_counted_by_its_type():
    event = Event("app.removed", START, "info", "main", "a", "a")

    assert identity(event) == ("/accounts/main/apps/a", "", "a", "app.removed")


def test_an_id_is_the_same_for_the_same_transition_and_another_for_any_other():
    one = degraded(Watch())
    same = degraded(Watch())

    ids = {
        event_id(STORE, identity(one), 1),
        event_id(STORE, identity(same), 1),
        event_id(STORE, identity(one), 2),
        event_id("00000000-0000-4000-8000-000000000000", identity(one), 1),
    }

    assert len(ids) == 3
    assert {UUID(one).version for one in ids} == {5}


def test_parts_of_an_identity_are_never_confused():
    assert event_id(STORE, ("a", "bc"), 1) != event_id(STORE, ("ab", "c"), 1)


any_text = st.text(st.characters(exclude_categories=[]))


@given(any_text, any_text, any_text)
def test_any_text_gives_one_line_of_valid_utf_8(name, number, label):
    data = {"number": number, "labels": {label: name}, "numbers": [name], "incident": None}
    event = Event("number.changed", START, "info", name, number, "a", data=data)

    told = body(event, id="x", sequence=1)

    assert b"\n" not in told
    assert json.loads(told.decode("utf-8"))["data"].keys() == data.keys()
    event_id(STORE, identity(event), 1)


def test_what_is_no_text_in_an_event_is_replaced_wherever_it_is():
    event = Event(
        "number.degraded",
        START,
        "critical",
        "main",
        "+86\ud800",
        data={"a\udfff": ["b\ud800", {"c": "d\udc00"}], "count": 7, "none": None, "whole": "😀"},
    )

    told = json.loads(body(event, id="6f0c2a4e", sequence=1))

    assert told["subject"] == "+86\ufffd"
    assert told["data"] == {"a\ufffd": ["b\ufffd", {"c": "d\ufffd"}], "count": 7, "none": None, "whole": "😀"}


def test_an_identity_that_is_no_text_has_an_id_all_the_same():
    odd = event_id(STORE, ("/accounts/main", "", "+86\ud800", "status"), 1)

    assert odd == event_id(STORE, ("/accounts/main", "", "+86\ufffd", "status"), 1)
    assert UUID(odd).version == 5

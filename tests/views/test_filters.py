import pytest

from monitor.fleet.app import App
from monitor.fleet.scales import Severity
from monitor.views.filters import (
    AppFilter,
    EventFilter,
    FilterError,
    NumberFilter,
    app_filter,
    cursor,
    event_filter,
    number_filter,
)
from tests.metrics.known import STARTED, entry

NOW = STARTED + 3_600_000


def numbers(**asked):
    return number_filter(asked.items(), NOW)


def test_nothing_asked_is_everything():
    assert (numbers(), app_filter([], NOW), event_filter([], NOW)) == (NumberFilter(), AppFilter(), EventFilter())


def test_every_filter_of_numbers_is_read():
    place = ("main", "jh42", "", "+86 xxx 24")

    asked = numbers(
        account="main",
        appkey="jh42",
        waba_id="116",
        number=" 8613800000001",
        degraded="true",
        since="1h",
        limit="5",
        cursor=cursor(place),
    )

    assert asked == NumberFilter("main", "jh42", "116", "+8613800000001", True, STARTED, 5, place)


def test_every_filter_of_events_is_read():
    asked = event_filter(
        {"account": "main", "type": "number.degraded", "since": "1h", "limit": "5", "cursor": "00042"}.items(), NOW
    )

    assert asked == EventFilter("main", None, None, "number.degraded", STARTED, 5, 42)


@pytest.mark.parametrize(
    ("read", "name", "text", "sentence"),
    [
        (number_filter, "appkeys", "x", "there is no filter 'appkeys' here; did you mean 'appkey'?"),
        (
            app_filter,
            "q",
            "x",
            "there is no filter 'q' here; known are account, appkey, waba_id, degraded, limit, cursor",
        ),
        (
            app_filter,
            "since",
            "1h",
            "there is no filter 'since' here; known are account, appkey, waba_id, degraded, limit, cursor",
        ),
        (number_filter, "degraded", "maybe", "degraded: expected true or false, got 'maybe'"),
        (number_filter, "limit", "0", "limit: expected a whole number from 1 to 1000, got '0'"),
        (number_filter, "limit", "1001", "limit: expected a whole number from 1 to 1000, got '1001'"),
        (number_filter, "limit", "٣", "limit: expected a whole number from 1 to 1000, got '٣'"),
        (
            number_filter,
            "since",
            "soon",
            "since: 'soon' is neither a duration such as 24h nor a time such as 2026-11-23T08:00:00Z",
        ),
        (number_filter, "cursor", "x", "cursor: 'x' is not the `next` of such a list"),
        (number_filter, "cursor", "é", "cursor: 'é' is not the `next` of such a list"),
        (
            number_filter,
            "cursor",
            cursor(("main", "jh42")),
            f"cursor: '{cursor(('main', 'jh42'))}' is not the `next` of such a list",
        ),
        (event_filter, "cursor", "x", "cursor: expected the sequence of an event, got 'x'"),
        (
            event_filter,
            "type",
            "number.degrade",
            "type: there is no type 'number.degrade'; did you mean 'number.degraded'?",
        ),
    ],
)
def test_what_cannot_be_applied_is_refused_with_one_sentence(read, name, text, sentence):
    with pytest.raises(FilterError) as refused:
        read([(name, text)], NOW)

    assert (refused.value.name, str(refused.value)) == (name, sentence)


def test_a_filter_that_is_given_twice_is_refused():
    with pytest.raises(FilterError, match="account: given twice; give it once"):
        number_filter([("account", "main"), ("account", "two")], NOW)


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        pytest.param({}, True, id="everything"),
        pytest.param({"degraded": "1"}, True, id="it is degraded"),
        pytest.param({"degraded": ""}, True, id="the bare word asks for degraded ones"),
        pytest.param({"degraded": "false"}, False, id="only those that are not"),
        pytest.param({"waba_id": "116960000086404"}, True, id="its WABA"),
        pytest.param({"waba_id": ""}, False, id="entries without a WABA"),
        pytest.param({"number": "86 138-0000-0001"}, True, id="its number in another spelling"),
        pytest.param({"number": "+8613800000002"}, False, id="another number"),
        pytest.param({"since": "1h"}, True, id="changed just then"),
        pytest.param({"since": "59m"}, False, id="changed before"),
    ],
)
def test_an_entry_fits_what_is_asked_of_it(asked, fits):
    assert number_filter(asked.items(), NOW).fits(entry(Severity.WARNING)) is fits


@pytest.mark.parametrize(
    ("asked", "fits"),
    [({"account": "main"}, True), ({"account": "two"}, False), ({"appkey": "jh42"}, True), ({"appkey": ""}, False)],
)
def test_an_app_fits_what_is_asked_of_it(asked, fits):
    app = App("main", "jh42")

    assert number_filter(asked.items(), NOW).fits_app(app) is app_filter(asked.items(), NOW).fits_app(app) is fits


@pytest.mark.parametrize(("degraded", "fits"), [("true", True), ("false", False)])
def test_an_app_is_degraded_by_one_of_its_entries(degraded, fits):
    asked = app_filter([("degraded", degraded)], NOW)

    assert asked.fits([entry(), entry(Severity.CRITICAL)]) is fits


def test_a_cursor_carries_any_identity():
    place = ("main", "jh42", "\ud800", '"\x00é')

    assert numbers(cursor=cursor(place)).cursor == place

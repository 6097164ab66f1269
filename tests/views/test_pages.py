from hypothesis import given
from hypothesis import strategies as st

from monitor.fleet.app import App
from monitor.fleet.scales import Severity
from monitor.views.filters import AppFilter, NumberFilter, app_filter, number_filter
from monitor.views.pages import page_of_apps, page_of_numbers
from tests.metrics.known import entry, known

NUMBERS = st.sets(
    st.tuples(st.sampled_from(["", "w1", "w2"]), st.sampled_from(["+1", "+2", "é", "\ud800"])), max_size=6
)
APPS = st.dictionaries(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["1", "2", "3"])), NUMBERS)


def fleet(keys):
    return [
        (App(*key), known(*(entry(waba_id=waba_id, number=number) for waba_id, number in numbers)))
        for key, numbers in keys.items()
    ]


@given(APPS, st.integers(1, 5))
def test_pages_together_hold_every_number_once_in_order(keys, limit):
    apps, read, asked = fleet(keys), [], NumberFilter(limit=limit)
    while True:
        page, more = page_of_numbers(apps, asked)
        read += [(*one.app.key, one.entry.now.waba_id, one.entry.now.number) for one in page]
        if more is None:
            break
        asked = number_filter([("limit", str(limit)), ("cursor", more)], 0)

    assert read == sorted((*key, *number) for key, numbers in keys.items() for number in numbers)


@given(APPS, st.integers(1, 3))
def test_pages_together_hold_every_app_once_in_order(keys, limit):
    apps, read, asked = fleet(keys), [], AppFilter(limit=limit)
    while True:
        page, more = page_of_apps(apps, asked)
        read += [app.key for app, _ in page]
        if more is None:
            break
        asked = app_filter([("limit", str(limit)), ("cursor", more)], 0)

    assert read == sorted(keys)


def test_a_page_is_never_longer_than_asked_and_the_last_has_no_next():
    apps = fleet({("a", "1"): {("", "+1"), ("", "+2")}})

    (first, more), (whole, no_more) = (page_of_numbers(apps, NumberFilter(limit=limit)) for limit in (1, 2))

    assert (len(first), len(whole), more is None, no_more) == (1, 2, False, None)


def test_a_page_holds_what_is_asked_for_alone():
    apps = [
        (App("main", "jh1"), known(entry(Severity.CRITICAL), entry(number="+1"))),
        (App("main", "jh2"), known(entry())),
        (App("two", "jh1"), known(entry(Severity.CRITICAL))),
    ]

    numbers, _ = page_of_numbers(apps, NumberFilter(account="main", degraded=True))
    found, _ = page_of_apps(apps, AppFilter(account="main", degraded=False))

    assert [(one.app.key, one.entry.severity) for one in numbers] == [(("main", "jh1"), Severity.CRITICAL)]
    assert [app.key for app, _ in found] == [("main", "jh2")]


def test_an_entry_that_leaves_between_two_pages_takes_no_other_with_it():
    numbers = [("", f"+{place}") for place in range(4)]
    first, more = page_of_numbers(fleet({("a", "1"): numbers}), NumberFilter(limit=2))
    asked = number_filter([("cursor", more or "")], 0)

    rest, _ = page_of_numbers(fleet({("a", "1"): numbers[2:]}), asked)

    assert [one.entry.now.number for one in [*first, *rest]] == ["+0", "+1", "+2", "+3"]

import pytest

from monitor.delivery.people.said import said, since
from monitor.fleet.sample import NUMBER, sample

AT = 1_795_420_812_000


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("number.degraded", {}),
        ("number.removed", {"reason": "missing"}),
        ("number.moved", {"moved_to": "shop-two"}),
        ("app.unreachable", {"reason": "timeout"}),
        ("app.suspect", {"reason": "empty", "missing": "6", "unknown": "0"}),
        ("account.unreachable", {"reason": "timeout", "apps": "2", "failing": "2"}),
        ("account.suspect", {"apps": "4", "suspect": "3"}),
        ("app_list.held", {"missing": "2", "listed_before": "2", "listed_after": "0"}),
        ("vendor.unmapped", {"word": "PURPLE", "seen_in": NUMBER}),
    ],
)
def test_what_only_some_types_say_is_kept(kind, expected):
    event = sample(kind, number=NUMBER, at=AT, language="en")

    kept = said(event.data)
    assert {name: text for name, text in kept.items() if name != "since"} == expected


def test_trouble_began_when_the_event_says():
    event = sample("app.unreachable", number=NUMBER, at=AT, language="en")

    assert since(said(event.data), AT) == AT - 2 * 60_000


@pytest.mark.parametrize("kept", [{}, {"since": "yesterday"}])
def test_trouble_began_when_it_was_told_where_the_event_does_not_say(kept):
    assert since(kept, AT) == AT


def test_a_move_within_an_app_names_the_waba():
    data = {"appkey": "a", "moved_to": {"appkey": "a", "app_name": "shop", "waba_id": "1170"}}

    assert said(data) == {"moved_to_waba": "1170"}

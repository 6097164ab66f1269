"""An app that is decided by itself: as `poll` does it, without a fleet."""

from monitor.fleet.answer import Answer
from monitor.fleet.app import App
from monitor.fleet.decide import decide
from monitor.fleet.policy import MINUTE, Policy
from monitor.fleet.siblings import NoSiblings
from monitor.fleet.snapshot import Snapshot
from tests.fleet.making import START, brief, row, types

APP = App("main", "a", "shop-a")


def test_an_app_without_siblings_is_decided_like_any_other():
    first = decide(APP, Snapshot(), Answer(START, b"1", (row(),)), NoSiblings(), Policy(), START)
    assert first.after is not None
    changed = Answer(START + MINUTE, b"2", (row(quality_rating="RED", tier="TIER_1K"), row("+8613800000002")))

    second = decide(APP, first.after, changed, NoSiblings(), Policy(), START + MINUTE)

    assert types(list(first.events)) == ["app.baseline"]
    assert sorted(brief(list(second.events)), key=repr) == [
        ("number.added", None, None, None),
        ("number.degraded", "quality_rating", "GREEN", "RED"),
        ("waba.tier_lowered", "tier", "TIER_10K", "TIER_1K"),
    ]

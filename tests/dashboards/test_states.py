"""Words and colours of states are those of the fleet's scales."""

import re

import pytest

from dashboards.states import CANNOT_SEND, RATED, TIER_STEPS, UNLIMITED
from monitor.fleet.scales import (
    QUALITY_RATING,
    STATUS,
    TIERS,
    Severity,
    can_send,
    tier_limit,
)
from tests.dashboards.boards import NAMES, load, panels

SCALES = {
    "nxcloud_number_quality_rating": {0: "unknown", **{value: word for word, value in QUALITY_RATING.items()}},
    "nxcloud_number_status": {0: "unknown", **{value: word for word, value in STATUS.items()}},
    "nxcloud_number_severity": {int(severity): severity.word for severity in Severity},
    "nxcloud_number_tier": {UNLIMITED: "unlimited"},
}


def mapped():
    """(dashboard and panel, metric, mappings) of every panel and every column that shows a state."""
    for name in NAMES:
        for panel in panels(load(name)):
            where = f"{name}: {panel['title']}"
            defaults = panel["fieldConfig"]["defaults"]
            if "mappings" in defaults:
                yield where, panel["targets"][0]["expr"], defaults["mappings"]
            for letter, column in columns(panel):
                for rule in panel["fieldConfig"]["overrides"]:
                    found = {own["id"]: own["value"] for own in rule["properties"]}
                    if rule["matcher"]["options"] == column and "mappings" in found:
                        (expr,) = [each["expr"] for each in panel["targets"] if each["refId"] == letter]
                        yield f"{where}: {column}", expr, found["mappings"]


def columns(panel):
    """The letters of a table's queries with the columns of their values."""
    for step in panel.get("transformations", ()):
        for field, column in step["options"].get("renameByName", {}).items():
            if field.startswith("Value #"):
                yield field.removeprefix("Value #"), column


def shown(expr):
    """The metric whose values a query gives: the first that it names, the others only choose."""
    return re.findall(r"(?:nxcloud|number_monitor)_\w+", expr)[0]


SHOWN = [
    pytest.param(SCALES[shown(expr)], mappings, id=where) for where, expr, mappings in mapped() if shown(expr) in SCALES
]


def test_states_are_shown_at_all():
    assert len(SHOWN) >= 12


@pytest.mark.parametrize(("scale", "mappings"), SHOWN)
def test_every_value_has_its_word(scale, mappings):
    assert {int(value): result["text"] for value, result in mappings[0]["options"].items()} == scale


@pytest.mark.parametrize(("scale", "mappings"), SHOWN)
def test_every_value_has_a_colour_and_no_data_one_of_its_own(scale, mappings):
    words, nothing = mappings
    colours = [result["color"] for result in words["options"].values()]

    assert all(colours)
    assert nothing["options"]["match"] == "null+nan"
    assert nothing["options"]["result"]["text"] == ("none stated" if UNLIMITED in scale else "no data")
    assert nothing["options"]["result"]["color"] not in colours


def test_those_that_cannot_send_are_those_of_the_scale():
    assert {word for word in STATUS if not can_send(word)} == set(CANNOT_SEND.split("|"))


def test_a_rating_is_a_verdict():
    assert set(RATED.split("|")) == set(QUALITY_RATING)


def test_unlimited_is_drawn_above_every_tier():
    limits = [tier_limit(word) for word in TIERS if word != "TIER_UNLIMITED"]

    assert max(limit for limit in limits if limit) < UNLIMITED
    assert max(TIER_STEPS) == UNLIMITED

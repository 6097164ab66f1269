import msgspec
import pytest

from monitor.views.timeline import Lane, lanes
from tests.web.fleets import HOUR, NOW, entry, row

BEGIN = NOW - 24 * HOUR


def told(hours, attribute, before, after, **data):
    return NOW - hours * HOUR, {"data": {"attribute": attribute, "before": before, "after": after, **data}}


def lived(first_seen=NOW - 100 * HOUR, **words):
    """An entry that has been like this since the last hour."""
    return msgspec.structs.replace(entry(since=NOW - HOUR), now=row(**words), first_seen=first_seen)


def spans(lane: Lane):
    return [((span.begin - NOW) // HOUR, (span.end - NOW) // HOUR, span.word, span.severity) for span in lane.spans]


def lane_of(attribute, one, events, begin=BEGIN):
    return spans(next(lane for lane in lanes(one, events, begin, NOW) if lane.attribute == attribute))


@pytest.mark.parametrize(
    ("one", "events", "expected"),
    [
        pytest.param(lived(), [], [(-24, 0, "GREEN", "ok")], id="nothing was ever told"),
        pytest.param(
            lived(quality_rating="RED"),
            [told(6, "quality_rating", "GREEN", "YELLOW"), told(2, "quality_rating", "YELLOW", "RED")],
            [(-24, -6, "GREEN", "ok"), (-6, -2, "YELLOW", "warning"), (-2, 0, "RED", "critical")],
            id="from bad to worse",
        ),
        pytest.param(
            lived(quality_rating="RED"),
            [told(48, "quality_rating", "GREEN", "YELLOW"), told(2, "quality_rating", "YELLOW", "RED")],
            [(-24, -2, "YELLOW", "warning"), (-2, 0, "RED", "critical")],
            id="it began before what is shown",
        ),
        pytest.param(
            lived(quality_rating="RED", first_seen=NOW - 3 * HOUR),
            [told(2, "quality_rating", None, "RED")],
            [(-3, -2, "", "unknown"), (-2, 0, "RED", "critical")],
            id="a young number, of which nothing was known before",
        ),
        pytest.param(
            lived(quality_rating="NA"),
            [told(6, "quality_rating", "YELLOW", "RED")],
            [(-24, -6, "YELLOW", "warning"), (-6, -1, "RED", "critical"), (-1, 0, "NA", "unknown")],
            id="unknown now, which nobody tells",
        ),
        pytest.param(
            lived(),
            [told(6, "status", "CONNECTED", "BANNED"), told(5, None, None, None)],
            [(-24, 0, "GREEN", "ok")],
            id="something else",
        ),
        pytest.param(
            lived(quality_rating="YELLOW"),
            [told(2, "quality_rating", "GREEN", "YELLOW"), told(6, "quality_rating", "RED", "GREEN")],
            [(-24, -6, "RED", "critical"), (-6, -2, "GREEN", "ok"), (-2, 0, "YELLOW", "warning")],
            id="in any order",
        ),
    ],
)
def test_a_history_is_what_was_told(one, events, expected):
    assert lane_of("quality_rating", one, events) == expected


def test_a_tier_is_of_the_numbers_that_the_event_names():
    one = lived(tier="TIER_1K")
    about_it = told(5, "tier", "TIER_10K", "TIER_1K", numbers=["+8613800000001", "+2"])
    about_others = told(9, "tier", "TIER_10K", "TIER_250", numbers=["+2"])

    assert lane_of("tier", one, [about_it, about_others]) == [(-24, -5, "TIER_10K", "none"), (-5, 0, "TIER_1K", "none")]


def test_every_lane_is_without_a_gap():
    one = lived(quality_rating="RED", status="BANNED")
    events = [told(hours, "status", "CONNECTED", "BANNED") for hours in (1, 2, 30)]

    for lane in lanes(one, events, BEGIN, NOW):
        assert [span.begin for span in lane.spans] == [BEGIN, *(span.end for span in lane.spans[:-1])]
        assert lane.spans[-1].end == NOW
        assert all(span.begin < span.end for span in lane.spans)

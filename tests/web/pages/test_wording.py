import msgspec
import pytest

from monitor.fleet.event import EVENT_TYPES
from monitor.fleet.hints import HINTS
from monitor.fleet.scales import QUALITY_RATING, STATUS, STATUS_ALIASES
from monitor.fleet.snapshot import Marks, Suspicion, SuspicionReason
from monitor.web.pages import wording, words
from monitor.web.pages.overview import Overview
from tests.web.fleets import NOW, entry, failing, red, row, snapshot, suspect

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("milliseconds", "expected"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (12 * SECOND, "12 s"),
        (59_999, "59 s"),
        (4 * MINUTE + 30 * SECOND, "4 min"),
        (HOUR, "1 h"),
        (3 * HOUR + 20 * MINUTE, "3 h 20 min"),
        (23 * HOUR + 59 * MINUTE, "23 h"),
        (2 * DAY + 5 * HOUR, "2 d 5 h"),
        (40 * DAY + 5 * HOUR, "40 d"),
    ],
)
def test_an_age_is_as_exact_as_people_need(milliseconds, expected):
    assert wording.age(milliseconds) == expected


@pytest.mark.parametrize(
    ("event", "text"),
    [
        pytest.param(
            {"type": "number.degraded", "data": {"attribute": "quality_rating", "before": "YELLOW", "after": "RED"}},
            "degraded: quality YELLOW → RED",
            id="a change",
        ),
        pytest.param(
            {"type": "number.degraded", "data": {"attribute": "status", "before": None, "after": "BANNED"}},
            "degraded: status none → BANNED",
            id="nothing told before",
        ),
        pytest.param(
            {"type": "app.baseline", "data": {"numbers": 12, "degraded": [{}], "degraded_count": 3}},
            "first answer: 12 numbers, 3 in trouble",
            id="a first answer",
        ),
        pytest.param(
            {
                "type": "waba.tier_lowered",
                "data": {"attribute": "tier", "before": "TIER_10K", "after": "TIER_2K", "numbers": ["+1"]},
            },
            "messaging tier lowered: TIER_10K → TIER_2K",
            id="an attribute that is named already",
        ),
        pytest.param(
            {"type": "number.added", "data": {"attribute": None, "before": None, "after": None}},
            "appeared",
            id="no attribute",
        ),
        pytest.param(
            {"type": "vendor.unmapped", "data": {"attribute": "status", "word": "SLEEPING"}},
            "the vendor used a word nobody documented: status SLEEPING",
            id="a word",
        ),
        pytest.param({"type": "app.unreachable", "data": {}}, "cannot be polled", id="no change"),
        pytest.param({"type": "planet.eclipsed"}, "planet.eclipsed", id="a type of the future"),
    ],
)
def test_an_event_is_put_in_words(event, text):
    assert wording.happening(NOW, event).text == text


def persisting(**words):
    return msgspec.structs.replace(red(**words), marks=Marks(persisted=True))


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(entry(), None, id="fine"),
        pytest.param(red(), "quality.red", id="quality"),
        pytest.param(red(status="BANNED"), "status.banned", id="both critical: the status says more"),
        pytest.param(red(status="RESTRICTED"), "quality.red", id="the worse one"),
        pytest.param(red(quality_rating="GREEN", status="OFFLINE"), "status.disconnected", id="an assumed equivalent"),
        pytest.param(red(quality_rating="PURPLE", status="SLEEPING"), None, id="words nobody documented"),
        pytest.param(entry(status="PENDING"), None, id="a new number's PENDING is ok"),
        pytest.param(persisting(quality_rating="GREEN", status="PENDING"), "persisting.pending", id="one that lasts"),
    ],
)
def test_the_hint_is_for_what_is_worst(one, expected):
    assert wording.hint_id(one) == expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (Overview(), "unknown"),
        (Overview(apps=1, numbers=3), "ok"),
        (Overview(apps=1, numbers=3, attention=1), "warning"),
        (Overview(apps=1, numbers=3, attention=1, critical=1), "critical"),
        (Overview(apps=2, numbers=3, failing_apps=1, lost_apps=1), "warning"),
        (Overview(apps=2, numbers=3, failing_apps=2), "critical"),
        (Overview(apps=2, numbers=3, suspect_apps=1), "warning"),
    ],
)
def test_the_mood_is_the_worst_of_all(seen, expected):
    assert wording.mood(seen) == expected


def test_the_facts_leave_out_what_there_is_nothing_of():
    assert wording.facts(Overview(apps=1, accounts=("main",)), NOW) == ["1 app"]


def test_the_facts_name_all_there_is():
    seen = Overview(
        apps=30,
        accounts=("a", "b"),
        failing_apps=2,
        lost_apps=3,
        suspect_apps=1,
        untried=3,
        newest=NOW - SECOND,
        oldest=NOW - MINUTE,
    )

    assert wording.facts(seen, NOW) == [
        "30 apps",
        "2 accounts",
        "2 apps cannot be polled",
        "1 app without an answer lately",
        "1 app held back as suspect",
        "3 apps not asked yet",
        "answers 1 s to 1 min old",
    ]


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (Suspicion(SuspicionReason.EMPTY, since=NOW, polls=1), "its list came back empty"),
        (Suspicion(SuspicionReason.MANY_MISSING, since=NOW, polls=1, missing=7), "7 numbers missing"),
        (
            Suspicion(SuspicionReason.MANY_LOST, since=NOW, polls=1, missing=7, unknown=1),
            "7 numbers missing and 1 number without a value",
        ),
    ],
)
def test_a_suspicion_says_what_was_lost(held, expected):
    assert wording.suspicion(held) == expected


def test_notes_say_why_a_state_may_not_be_what_it_seems():
    noted = msgspec.structs.replace(entry(), ambiguous=True, marks=Marks(ignored=True, moved=True))

    assert len(wording.notes(noted, suspect())) == 4
    assert wording.notes(entry(), failing(text="timed out")) == [
        "Its app cannot be polled, so this is the last known state: timed out"
    ]
    assert wording.notes(entry(), snapshot()) == []


def test_details_leave_out_what_the_vendor_leaves_empty():
    assert wording.details(row(name_status="", waba_name="", register_status="1", code_verification_status="")) == [
        ("Verified name", "GLORY JACK"),
        ("WABA", "116960000086404"),
        ("Registration", "1, creation failed"),
    ]


def test_every_type_of_event_has_its_words():
    assert words.HAPPENINGS.keys() == EVENT_TYPES.keys()


def test_every_hint_that_a_state_can_ask_for_exists():
    states = [red(quality_rating=word) for word in QUALITY_RATING] + [
        red(quality_rating="GREEN", status=word) for word in [*STATUS, *STATUS_ALIASES]
    ]

    assert {wording.hint_id(state) for state in states} - {None} <= HINTS.keys()


@pytest.mark.parametrize(
    ("count", "expected"), [(512, "512 bytes"), (1_000, "1.0 kB"), (3_449_000, "3.4 MB"), (12e9, "12.0 GB")]
)
def test_a_size_is_as_exact_as_people_need(count, expected):
    assert wording.size(int(count)) == expected

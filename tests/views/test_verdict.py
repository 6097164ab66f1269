from datetime import datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.fleet.app import App
from monitor.fleet.scales import STATUS, canonical_status, status_value
from monitor.fleet.snapshot import Loss
from monitor.views.order import Listed
from monitor.views.verdict import OF_QUALITY, OF_STATUS, Campaign, Sendable, verdict
from tests.web.fleets import MINUTE, NOW, entry, snapshot, suspect

NUMBER = "+8613800000001"
MAX_AGE = 5 * MINUTE


def place(status="CONNECTED", quality="GREEN", *, told=None, age=12_000, appkey="a", **changes):
    """An entry of the number; `told` are the words that were known before, where now says something else."""
    one = msgspec.structs.replace(entry(status=status, quality_rating=quality), **changes)
    if told is not None:
        row = msgspec.structs.replace(one.now, status=told[0], quality_rating=told[1])
        one = msgspec.structs.replace(one, told=row)
    known = snapshot(one, last_success=None if age is None else NOW - age)
    return Listed(App(account="main", appkey=appkey), known, one)


def judged(*places, number=NUMBER):
    return verdict(number, places, now=NOW, max_age=MAX_AGE)


def said(*places, number=NUMBER):
    found = judged(*places, number=number)
    return found.sendable.value, found.campaign.value, found.reasons


@pytest.mark.parametrize(
    ("status", "quality", "expected"),
    [
        ("CONNECTED", "GREEN", ("yes", "go", [])),
        ("LINKED", "GREEN", ("yes", "go", [])),
        ("CONNECTED", "YELLOW", ("yes", "slow", ["quality.yellow"])),
        ("CONNECTED", "RED", ("yes", "hold", ["quality.red"])),
        ("CONNECTED", "NA", ("yes", "unknown", ["quality.unknown"])),
        ("CONNECTED", "", ("yes", "unknown", ["quality.unknown"])),
        ("CONNECTED", "PURPLE", ("yes", "unknown", ["quality.unknown"])),
        ("FLAGGED", "GREEN", ("yes", "hold", ["status.flagged"])),
        ("FLAGGED", "RED", ("yes", "hold", ["status.flagged", "quality.red"])),
        ("RATE_LIMITED", "GREEN", ("limited", "slow", ["status.rate_limited"])),
        ("RATE_LIMITED", "RED", ("limited", "hold", ["quality.red", "status.rate_limited"])),
        ("RESTRICTED", "GREEN", ("limited", "hold", ["status.restricted"])),
        ("PAUSED", "GREEN", ("limited", "hold", ["status.restricted"])),
        ("PENDING", "NA", ("no", "hold", ["status.pending", "quality.unknown"])),
        ("UNVERIFIED", "GREEN", ("no", "hold", ["status.unverified"])),
        ("DISCONNECTED", "GREEN", ("no", "hold", ["status.disconnected"])),
        ("MIGRATED", "GREEN", ("no", "hold", ["status.migrated"])),
        ("DELETED", "GREEN", ("no", "hold", ["status.deleted"])),
        ("BANNED", "RED", ("no", "hold", ["status.banned", "quality.red"])),
        ("UNKNOWN", "GREEN", ("unknown", "unknown", ["status.unknown"])),
        ("ON_HOLIDAY", "RED", ("unknown", "hold", ["quality.red", "status.unknown"])),
    ],
)
def test_a_state_has_its_verdict(status, quality, expected):
    told = ("", "")  # nothing known before

    assert said(place(status, quality, told=told)) == expected


def test_every_documented_status_has_a_verdict():
    assert set(OF_STATUS) == set(STATUS)


@pytest.mark.parametrize(
    ("now", "told", "expected"),
    [
        pytest.param(
            ("CONNECTED", "UNKNOWN"),
            ("CONNECTED", "RED"),
            ("yes", "hold", ["quality.red", "quality.unknown"]),
            id="red",
        ),
        pytest.param(
            ("CONNECTED", "NA"),
            ("CONNECTED", "GREEN"),
            ("yes", "unknown", ["quality.unknown"]),
            id="well before",
        ),
        pytest.param(
            ("", "GREEN"), ("BANNED", "GREEN"), ("unknown", "hold", ["status.banned", "status.unknown"]), id="banned"
        ),
        pytest.param(
            ("", "GREEN"), ("CONNECTED", "GREEN"), ("unknown", "unknown", ["status.unknown"]), id="connected before"
        ),
    ],
)
def test_trouble_that_was_known_is_not_over_when_nothing_is_known_now(now, told, expected):
    assert said(place(*now, told=told)) == expected


@pytest.mark.parametrize(
    ("age", "fresh"),
    [
        pytest.param(0, True, id="this very moment"),
        pytest.param(MAX_AGE, True, id="as old as may be"),
        pytest.param(MAX_AGE + 1, False, id="older"),
        pytest.param(-MINUTE, True, id="a clock a little behind"),
        pytest.param(-MAX_AGE - 1, False, id="a clock that was set back"),
        pytest.param(None, False, id="never answered"),
    ],
)
def test_what_is_too_old_is_unknown(age, fresh):
    expected = ("yes", "hold", ["quality.red"]) if fresh else ("unknown", "unknown", ["stale"])

    assert said(place(quality="RED", age=age)) == expected


def test_an_entry_that_the_answers_do_not_list_any_more_is_as_old_as_when_it_was_seen():
    gone = entry().marked(missing=Loss(since=NOW - 6 * MINUTE, polls=2, seen=NOW - 7 * MINUTE))
    found = judged(Listed(App(account="main", appkey="a"), snapshot(gone), gone))

    assert (found.sendable, found.reasons, found.age) == (Sendable.UNKNOWN, ["stale", "missing"], 420.0)


def test_a_value_that_is_held_back_is_as_old_as_when_it_was_seen():
    blank = entry().marked(blank=Loss(since=NOW - MINUTE, polls=1, seen=NOW - 2 * MINUTE, attributes=("status",)))

    assert judged(Listed(App(account="main", appkey="a"), snapshot(blank), blank)).age == 120.0


def test_an_app_whose_losses_are_held_back_says_so():
    known = suspect(entry())
    (one,) = known.entries.values()

    assert said(Listed(App(account="main", appkey="a"), known, one)) == ("yes", "go", ["suspect"])


def test_of_two_rows_of_one_identity_the_worse_is_what_is_known():
    assert said(place("BANNED", ambiguous=True)) == ("no", "hold", ["status.banned", "ambiguous"])


def test_a_number_that_nobody_lists_is_unknown():
    found = judged()

    assert (found.sendable, found.campaign, found.reasons) == ("unknown", "unknown", ["not_listed"])
    assert (found.as_of, found.age) == (None, None)


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        pytest.param(
            [place(), place(quality="RED", appkey="b")], ("yes", "hold", ["quality.red"]), id="the worse rating decides"
        ),
        pytest.param(
            [place("BANNED"), place(appkey="b")], ("no", "hold", ["status.banned"]), id="banned in one place is banned"
        ),
        pytest.param(
            [place("RATE_LIMITED"), place(quality="RED", appkey="b")],
            ("limited", "hold", ["quality.red", "status.rate_limited"]),
            id="the worse of each",
        ),
        pytest.param(
            [place(), place(age=MAX_AGE + 1, appkey="b")], ("unknown", "unknown", ["stale"]), id="one place is not seen"
        ),
        pytest.param(
            [place("BANNED"), place(age=MAX_AGE + 1, appkey="b")],
            ("no", "hold", ["status.banned", "stale"]),
            id="trouble that is known outweighs what is not",
        ),
        pytest.param([place("MIGRATED"), place(appkey="b")], ("yes", "go", ["moved"]), id="moved"),
        pytest.param([place("DELETED", "RED"), place(appkey="b")], ("yes", "go", ["moved"]), id="deleted here"),
        pytest.param(
            [place("MIGRATED", age=MAX_AGE + 1), place(appkey="b")], ("yes", "go", ["moved"]), id="moved long ago"
        ),
        pytest.param(
            [place("MIGRATED"), place(age=MAX_AGE + 1, appkey="b")],
            ("unknown", "unknown", ["stale", "moved"]),
            id="moved to where it is not seen",
        ),
        pytest.param(
            [place("MIGRATED"), place("", told=("CONNECTED", "GREEN"), appkey="b")],
            ("unknown", "unknown", ["status.unknown", "moved"]),
            id="moved to where it is not known",
        ),
        pytest.param(
            [place("MIGRATED"), place("PENDING", appkey="b")],
            ("no", "hold", ["status.migrated", "status.pending"]),
            id="on its way",
        ),
        pytest.param(
            [place("MIGRATED"), place("DELETED", appkey="b")],
            ("no", "hold", ["status.migrated", "status.deleted"]),
            id="left everywhere",
        ),
        pytest.param(
            [place("MIGRATED"), place(ambiguous=True, appkey="b")],
            ("no", "hold", ["status.migrated", "ambiguous"]),
            id="an ambiguous row is no place to have moved to",
        ),
        pytest.param(
            [place("DISCONNECTED"), place(appkey="b")],
            ("no", "hold", ["status.disconnected"]),
            id="disconnected is not left",
        ),
    ],
)
def test_of_several_entries_the_worst_that_counts_decides(places, expected):
    assert said(*places) == expected


def test_a_masked_number_may_be_several_and_has_moved_nowhere():
    assert said(place("MIGRATED"), place(appkey="b"), number="+86138****0001") == (
        "no",
        "hold",
        ["status.migrated", "masked"],
    )


def test_a_verdict_is_as_old_as_the_oldest_entry_that_counts():
    found = judged(place(age=10_000), place(age=70_500, appkey="b"), place("DELETED", age=None, appkey="c"))

    assert (found.age, found.as_of) == (70.5, "2026-11-23T07:58:49.500Z")


words = st.sampled_from([*OF_STATUS, "LINKED", "PAUSED", "OFFLINE", "", "UNKNOWN", "ELSE"])
ratings = st.sampled_from([*OF_QUALITY, "", "NA", "ELSE"])
places = st.builds(
    place,
    words,
    ratings,
    told=st.none() | st.tuples(words, ratings),
    age=st.none() | st.integers(-2 * MAX_AGE, 2 * MAX_AGE),
    appkey=st.sampled_from("abc"),
    ambiguous=st.booleans(),
)
several = st.lists(places, min_size=1, max_size=4)


def has_left(one):
    return canonical_status(one.entry.now.status) in {"MIGRATED", "DELETED"}


@given(several)
def test_it_is_never_go_while_an_entry_that_has_not_left_is_in_trouble(entries):
    words = [
        (canonical_status(one.entry.now.status), one.entry.now.quality_rating) for one in entries if not has_left(one)
    ]
    trouble = any(rating == "RED" or word == "FLAGGED" or status_value(word) >= 4 for word, rating in words)

    assert not (trouble and judged(*entries).campaign in {Campaign.GO, Campaign.SLOW})


@given(several)
def test_it_is_never_a_yes_or_a_go_of_what_is_too_old(entries):
    found = judged(*entries)

    if found.sendable in {Sendable.YES, Sendable.LIMITED} or found.campaign in {Campaign.GO, Campaign.SLOW}:
        assert found.as_of is not None
        assert abs(datetime.fromisoformat(found.as_of).timestamp() * 1000 - NOW) <= MAX_AGE


@given(several)
def test_what_cannot_send_is_held_and_what_may_go_can_send(entries):
    found = judged(*entries)

    assert found.sendable is not Sendable.NO or found.campaign is Campaign.HOLD
    assert found.campaign is not Campaign.GO or found.sendable is Sendable.YES
    assert found.reasons or found.campaign is Campaign.GO


@given(several, places)
def test_a_further_entry_that_has_not_left_never_makes_it_better_but_for_those_that_have(entries, further):
    here = [one for one in entries if not has_left(one)]
    if not here or has_left(further):
        return
    ranks = tuple(Campaign)

    assert ranks.index(judged(*here, further).campaign) >= ranks.index(judged(*here).campaign)


@given(several, st.randoms())
def test_the_order_of_entries_does_not_matter(entries, random):
    shuffled = random.sample(entries, len(entries))

    one, other = judged(*entries), judged(*shuffled)
    assert (one.sendable, one.campaign, one.age, set(one.reasons)) == (
        other.sendable,
        other.campaign,
        other.age,
        set(other.reasons),
    )

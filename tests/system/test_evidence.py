"""The rules that a killed daemon is judged by find what they are for."""

import json

import pytest

from tests.system.evidence import (
    Answered,
    Attempt,
    Mention,
    Recorded,
    arrived_whole,
    changes_recorded_once,
    explains,
    in_order,
    numbered_without_gaps,
    open_incidents,
    people_know,
    written_to_stdout,
)

NUMBER = "+8613800000001"


def recorded(sequence, after="RED", before="GREEN", *, number=NUMBER, attribute="quality_rating", action="open"):
    """An event of the store."""
    told = {
        "id": f"id-{sequence}",
        "type": "number.degraded",
        "subject": number,
        "sequence": f"{sequence:020d}",
        "data": {
            "account": "main",
            "appkey": "a",
            "number": number,
            "attribute": attribute,
            "before": before,
            "after": after,
            "incident": {"id": f"main/{number}/{attribute}", "action": action},
        },
    }
    return Recorded(sequence, f"id-{sequence}", json.dumps(told).encode())


def attempt(sequence, *, taken=True, body=None):
    return Attempt(f"id-{sequence}", recorded(sequence).body if body is None else body, taken)


def answered(life, rating, number=NUMBER):
    return Answered("main", "a", life, {number: {"verified_name": "GLORY", "quality_rating": rating}})


ONE, TWO = recorded(1), recorded(2)


@pytest.mark.parametrize(
    ("seen", "told", "holds"),
    [
        pytest.param([("G", True)], [], True, id="nothing happened"),
        pytest.param([("R", True)], [("G", "R")], True, id="one change"),
        pytest.param([("R", True)], [], False, id="a change that was missed"),
        pytest.param([("R", False)], [], True, id="a change that may have been missed"),
        pytest.param([("R", False), ("R", True)], [("G", "R")], True, id="seen again"),
        pytest.param([("R", True)], [("G", "R"), ("G", "R")], False, id="told twice"),
        pytest.param([("R", True)], [("G", "R"), ("R", "R")], False, id="told twice, as no change"),
        pytest.param([("R", True), ("G", True)], [("G", "R"), ("R", "G")], True, id="there and back"),
        pytest.param([("R", True), ("G", True)], [], False, id="there and back, untold"),
        pytest.param([("R", False), ("G", True)], [], True, id="there and back, perhaps unseen"),
        pytest.param([("Y", True), ("R", True)], [("G", "R")], False, id="one step left out"),
        pytest.param([("Y", False), ("R", True)], [("G", "R")], True, id="one step perhaps unseen"),
        pytest.param([("Y", True), ("R", True)], [("G", "R"), ("R", "Y")], False, id="the wrong way round"),
        pytest.param([("R", True)], [("Y", "R")], False, id="from where it never was"),
        pytest.param([("G", True)], [("G", "R")], False, id="invented"),
    ],
)
def test_what_was_told_follows_from_what_was_seen(seen, told, holds):
    assert explains(seen, told, "G") is holds


@pytest.mark.parametrize(
    ("answers", "events", "faults"),
    [
        pytest.param([answered(1, "RED"), answered(1, "RED")], [ONE], 0, id="recorded"),
        pytest.param([answered(1, "RED"), answered(1, "RED")], [], 1, id="asked again by the same daemon: missing"),
        pytest.param([answered(1, "RED"), answered(2, "GREEN")], [], 0, id="killed before it could record"),
        pytest.param([answered(1, "RED", "+861")], [ONE], 1, id="of a number that nobody answered"),
    ],
)
def test_the_last_answer_of_a_life_may_be_lost_and_no_other(answers, events, faults):
    first = {"main": {number: {"verified_name": "GLORY", "quality_rating": "GREEN"} for number in (NUMBER, "+861")}}

    assert len(list(changes_recorded_once(answers, events, first))) == faults


@pytest.mark.parametrize(
    ("events", "faults"),
    [
        pytest.param([ONE, TWO], [], id="as it must be"),
        pytest.param([ONE, recorded(3)], ["the sequences have gaps"], id="a gap"),
        pytest.param([ONE, TWO._replace(id="id-1")], ["two events have one id", "id-1: its body is another event's"]),
    ],
)
def test_sequences_have_no_gaps_and_ids_are_unique(events, faults):
    assert list(numbered_without_gaps(events)) == faults


@pytest.mark.parametrize(
    ("attempts", "faults"),
    [
        pytest.param([attempt(1, taken=False), attempt(1)], [], id="the second time"),
        pytest.param([attempt(1), attempt(1)], [], id="twice"),
        pytest.param([attempt(1, taken=False)], ["id-1 never arrived"], id="never taken"),
        pytest.param([attempt(1), attempt(2)], ["id-2 arrived and was never recorded"], id="invented"),
        pytest.param(
            [attempt(1, body=b"{}", taken=False), attempt(1)],
            ["id-1 arrived with other bytes than it was recorded with"],
            id="changed",
        ),
    ],
)
def test_each_event_arrives_at_least_once_as_it_was_recorded(attempts, faults):
    assert list(arrived_whole([ONE], attempts)) == faults


@pytest.mark.parametrize(
    ("attempts", "holds"),
    [
        pytest.param([attempt(1), attempt(2)], True, id="in order"),
        pytest.param([attempt(1), attempt(1), attempt(2), attempt(1)], True, id="repeated"),
        pytest.param([attempt(2), attempt(1)], False, id="the later one first"),
        pytest.param([attempt(1, taken=False), attempt(2)], False, id="overtaken while it is tried again"),
    ],
)
def test_no_event_overtakes_an_earlier_one_of_its_subject(attempts, holds):
    assert (list(in_order([ONE, TWO], attempts)) == []) is holds


def test_another_subject_may_overtake():
    assert list(in_order([ONE, recorded(2, number="+861")], [attempt(2), attempt(1)])) == []


@pytest.mark.parametrize(
    ("lines", "faults"),
    [
        pytest.param([{**ONE.told, "event": "number.degraded", "level": "info", "timestamp": "now"}], [], id="as told"),
        pytest.param([], ["id-1 is not on stdout"], id="missing"),
        pytest.param([{**ONE.told, "data": {}}], ["id-1 is on stdout with another content than in the store"]),
    ],
)
def test_stdout_has_what_the_store_has(lines, faults):
    assert list(written_to_stdout([ONE], lines)) == faults


@pytest.mark.parametrize(
    ("says", "faults"),
    [
        pytest.param(["is RED"], 0, id="told"),
        pytest.param([], 1, id="not told"),
        pytest.param(["is RED", "is GREEN"], 2, id="told that it is over, which it never was"),
    ],
)
def test_people_know_what_is_open_and_nothing_that_never_was(says, faults):
    assert len(list(people_know([ONE], [Mention("main", NUMBER, each) for each in says]))) == faults


def test_people_are_told_nothing_of_a_number_that_did_not_change():
    told = [Mention("main", NUMBER, "is RED"), Mention("main", "+861", "is RED")]

    assert list(people_know([ONE], told)) == [f"people were told {told[1]}, which never was"]


def test_an_incident_is_open_until_it_closes():
    assert open_incidents([ONE]) == {f"main/{NUMBER}/quality_rating"}
    assert open_incidents([ONE, recorded(2, "GREEN", "RED", action="close")]) == set()

"""How numbers are masked: the form for every length, what stays distinct, and what of an event is masked."""

import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.fleet import cloudevent
from monitor.fleet.answer import Row
from monitor.fleet.event import EVENT_TYPES
from monitor.fleet.masking import FULL, KEY_BYTES, Masking
from monitor.fleet.sample import sample
from monitor.fleet.snapshot import Entry, Since

NUMBER = "+8613800000001"
MASKED = "+86138****0001~ae6d"
MASKING = Masking(b"k" * KEY_BYTES)

FORM = re.compile(r"\+[0-9]{2,5}\*{4}[0-9]{1,4}~[0-9a-f]{4}")

e164 = st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True)


def row(number: str = NUMBER, verified_name: str = "GLORY JACK") -> Row:
    return Row(number, "116960000086404", "GLORY TEST", verified_name, "RED", "CONNECTED", "TIER_10K", "", "", "")


def entry(now: Row, told: Row) -> Entry:
    since = Since(1, 1, 1)
    return Entry(now=now, told=told, since=since, told_since=since, first_seen=1)


def masked_event(kind: str, **changes: Any) -> dict[str, Any]:
    event = sample(kind, number=NUMBER, at=1_795_420_800_000, language="en")
    told = json.loads(cloudevent.body(event, id="6f0c2a4e", sequence=42))
    told["data"] |= changes
    found: dict[str, Any] = json.loads(MASKING.event(json.dumps(told).encode()))
    return found


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+1234567", "+12****7~"),
        ("+12345678", "+12****78~"),
        ("+123456789", "+123****89~"),
        ("+6591234567", "+659****567~"),
        ("+12015550101", "+1201****101~"),
        ("+447700900001", "+4477****0001~"),
        ("+8613800000001", "+86138****0001~"),
        ("+49151234567890", "+49151****7890~"),
        ("+123456789012345", "+12345****2345~"),
    ],
)
def test_at_least_four_digits_of_a_number_are_hidden_and_the_stars_are_always_four(number, shown):
    assert re.fullmatch(re.escape(shown) + "[0-9a-f]{4}", MASKING.number(number))


@given(e164)
def test_every_number_has_the_one_form_and_does_not_show_itself(number):
    shown = MASKING.number(number)

    assert FORM.fullmatch(shown)
    head, tail = shown.partition("~")[0].split("****")
    assert number.startswith(head)
    assert number.endswith(tail)
    assert len(number) - len(head) - len(tail) >= 4


def test_the_tail_tells_numbers_apart_whose_ends_are_alike_and_is_another_for_another_key():
    alike = {MASKING.number(f"+86138{middle:04d}0001") for middle in range(50)}

    assert len(alike) == 50
    assert MASKING.number(NUMBER) == MASKED
    assert Masking(b"x" * KEY_BYTES).number(NUMBER) != MASKED


@pytest.mark.parametrize("text", ["+86 xxx 24", "+86 138xxxx0001", "12345", "unknown", "", "+86138****0001", MASKED])
def test_what_is_masked_already_is_shown_as_it_is(text):
    assert MASKING.number(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("013800000001", "0138****0001~"),
        ("+1 415 555 0100 x8", "+1415****100~"),
        ("\uff10138-0000-0001 ext", "0138****0001~"),
        ("1234567890123456", "12345****3456~"),
    ],
)
def test_a_number_in_another_form_is_masked_by_its_digits(text, shown):
    assert MASKING.number(text)[:-4] == shown


@given(st.text())
def test_any_text_can_be_masked_and_masking_twice_changes_nothing(text):
    shown = MASKING.number(text)

    assert MASKING.number(shown) == shown


def test_in_full_everything_is_the_same_object():
    whole, body = entry(row(), row()), b"{}"

    assert not FULL.is_on
    assert FULL.number(NUMBER) is NUMBER
    assert FULL.entry(whole) is whole
    assert FULL.row(whole.now) is whole.now
    assert FULL.event(body) is body
    assert FULL.words(NUMBER) is FULL.logged(NUMBER) is NUMBER
    assert FULL.unsealed(FULL.sealed(NUMBER)) is NUMBER


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Glory +86 138 0000 0001", f"Glory {MASKED}"),
        ("Glory (138) 0000-0001!", f"Glory ({MASKED}!"),
        ("Glory 008613800000001", f"Glory {MASKED}"),
        ("call +12015550101 now", f"call {MASKING.number('+12015550101')} now"),
        ("WABA 116960000086404, 2026-11-23", "WABA 116960000086404, 2026-11-23"),
        ("Shop 24", "Shop 24"),
    ],
)
def test_in_words_the_own_number_and_what_has_a_plus_sign_are_masked(text, shown):
    assert MASKING.words(text, NUMBER) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"delivery of {NUMBER} given up", f"delivery of {MASKED} given up"),
        ("/api/v1/numbers/8613800000001/verdict", f"/api/v1/numbers/{MASKED}/verdict"),
        ("/numbers/main/jh1/-/%2B8613800000001", f"/numbers/main/jh1/-/{MASKED}"),
        ("sequence 00000000000000000042 of 116960000086404", "sequence 00000000000000000042 of 116960000086404"),
    ],
)
def test_in_the_log_numbers_are_masked_by_what_stands_before_them(text, shown):
    assert MASKING.logged(text) == shown


def test_a_row_is_masked_with_the_names_that_repeat_its_number():
    shown = MASKING.entry(entry(row(verified_name="Glory 13800000001"), row()))

    assert (shown.now.number, shown.now.verified_name, shown.told.number) == (MASKED, f"Glory {MASKED}", MASKED)


def test_a_wabas_name_is_masked_likewise():
    named = msgspec.structs.replace(row(), waba_name="Glory 13800000001")

    assert MASKING.row(named).waba_name == f"Glory {MASKED}"


def test_an_entry_whose_state_is_told_stays_one_row():
    same = row()

    shown = MASKING.entry(entry(same, same))

    assert shown.now is shown.told


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_no_type_of_event_shows_a_number(kind):
    shown = json.dumps(masked_event(kind))

    assert re.search(r"\+[0-9]{7}", shown) is None
    assert "13800000001" not in shown


def test_of_an_event_subject_number_and_incident_are_masked_and_the_rest_is_as_it_was():
    event = masked_event("number.degraded", app_name="app of +8613800000001")

    assert (event["subject"], event["data"]["number"]) == (MASKED, MASKED)
    assert event["data"]["incident"] == {"id": f"main/{MASKED}/quality_rating", "action": "open"}
    assert (event["data"]["waba_id"], event["data"]["app_name"]) == ("116960000086404", "app of +8613800000001")
    assert (event["id"], event["source"]) == ("6f0c2a4e", "/accounts/main/apps/jh42xxxd434")


def test_an_incident_of_a_tier_is_the_wabas_and_stays():
    event = masked_event("waba.tier_lowered")

    assert event["data"]["incident"]["id"] == "main/116960000086404/tier"
    assert event["data"]["numbers"] == [MASKED]
    assert event["subject"] == "116960000086404"


def test_a_name_that_changes_to_one_with_the_number_is_masked():
    event = masked_event("number.changed", before="Glory", after="Glory 138 0000 0001")

    assert event["data"]["after"] == f"Glory {MASKED}"


@pytest.mark.parametrize("text", ["8613800000001", NUMBER, "+86 138 0000 0001"])
def test_a_number_in_any_form_means_itself(text):
    assert MASKING.meant(text, []) == (NUMBER,)


def test_a_masked_number_means_the_known_ones_that_are_shown_so():
    known = [NUMBER, "+8613812340001", "+8613900000001", "+86 xxx 24"]

    assert MASKING.meant(MASKED, known) == (NUMBER,)
    assert MASKING.meant("+86138****0001~0000", known) == ()
    assert FULL.meant(MASKED, known) == (MASKED,)


def test_an_incident_of_people_is_masked_by_its_number():
    assert MASKING.incident(f"main/{NUMBER}/status", NUMBER) == f"main/{MASKED}/status"
    assert MASKING.incident("main/jh12345678/unreachable", "") == "main/jh12345678/unreachable"


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("7" * 64)
@example("7" * 200)
def test_what_is_sealed_comes_back_and_shows_nothing(text):
    sealed = MASKING.sealed(text)

    assert MASKING.unsealed(sealed) == text
    assert Masking(b"x" * KEY_BYTES).unsealed(sealed) is None


@given(st.text(max_size=80))
def test_what_was_not_sealed_here_is_none(text):
    assert MASKING.unsealed(text) is None

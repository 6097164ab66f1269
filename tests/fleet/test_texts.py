"""Names and registration."""

import pytest

from tests.fleet.making import Watch, brief, row


@pytest.mark.parametrize(
    ("attribute", "before", "after", "severity"),
    [
        ("verified_name", "GLORY JACK", "GLORY JOHN", "info"),
        ("waba_name", "GLORY TEST", "GLORY", "info"),
        ("name_status", "APPROVED", "DECLINED", "warning"),
        ("name_status", "APPROVED", "EXPIRED", "warning"),
        ("name_status", "APPROVED", "NONE", "warning"),
        ("name_status", "APPROVED", "NON_EXISTS", "warning"),
        ("name_status", "APPROVED", "PENDING_REVIEW", "info"),
        ("name_status", "PENDING_REVIEW", "DECLINED", "info"),
        ("name_status", "DECLINED", "APPROVED", "info"),
        ("code_verification_status", "VERIFIED", "EXPIRED", "info"),
        ("register_status", "5", "1", "info"),
    ],
)
def test_a_change_of_a_text_is_told(attribute, before, after, severity):
    watch = Watch()
    watch.answers(row(**{attribute: before}))

    (told,) = watch.answers(row(**{attribute: after}))

    assert brief([told]) == [("number.changed", attribute, before, after)]
    assert (told.severity, told.attribute) == (severity, attribute)


@pytest.mark.parametrize(
    ("attribute", "gap"), [("verified_name", ""), ("name_status", "UNKNOWN"), ("register_status", "")]
)
def test_nothing_between_is_nothing(attribute, gap):
    watch = Watch()
    watch.answers(row())

    assert watch.answers(row(**{attribute: gap})) + watch.answers(row()) == []


def test_two_words_for_one_thing_are_no_change():
    watch = Watch()
    watch.answers(row(name_status="NONE"))

    assert watch.answers(row(name_status="NON_EXISTS")) == []


def test_a_first_name_is_taken_over_silently():
    watch = Watch()
    watch.answers(row(verified_name=""))

    assert watch.answers(row(verified_name="GLORY")) == []


def test_since_when_a_name_was_so_is_known_after_its_first_change_too():
    watch = Watch()
    watch.answers(row(verified_name="A"))
    watch.answers(row(verified_name="B"))
    watch.answers(row(verified_name="B"))

    (told,) = watch.answers(row(verified_name="C"))

    assert told.data["before_since"] == "2023-11-14T22:14:20.000Z"
    assert told.data["last_seen_before"] == "2023-11-14T22:15:20.000Z"

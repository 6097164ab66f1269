"""What the log does not say: secrets as they are and as parts of addresses, and numbers where they are masked."""

import pytest

from monitor.discretion import Discretion

HOOK = "https://ops:pass%2Fw0rd@hooks.example.com:8443/services/T0123456/abcDEF987654?token=q1w2e3r4"


def hiding(*secrets: str) -> Discretion:
    discretion = Discretion()
    discretion.hide(secrets)
    return discretion


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("signed with hunter2-secret", "signed with …"),
        (f"cannot call {HOOK}", "cannot call …"),
        ("POST /services/T0123456/abcDEF987654?token=q1w2e3r4 broke", "POST /… broke"),
        ("token q1w2e3r4, user ops, pass%2Fw0rd or pass/w0rd", "token …, user ops, … or …"),
        ("Authorization: Basic b3BzOnBhc3MvdzByZA==", "Authorization: Basic b3BzOnBh…ZA=="),
        ("Basic YTpodW50ZXIyLXNlY3JldA==, dXM6aHVudGVyMi1zZWNyZXQ=", "Basic YTpo…dA==, dXM6…ZXQ="),
        ("hooks.example.com:8443 offers services", "hooks.example.com:8443 offers services"),
        ("nothing of the kind", "nothing of the kind"),
    ],
)
def test_a_secret_and_what_may_be_one_in_an_address_are_hidden_and_words_are_not(text, shown):
    assert hiding("hunter2-secret", HOOK)(text) == shown


def test_every_line_of_a_key_is_hidden():
    assert hiding("-----BEGIN KEY-----\nMIIEvQIBADAN\n")("read MIIEvQIBADAN") == "read …"


def test_what_is_shorter_than_a_secret_should_be_is_left_in_the_text():
    assert hiding("abc")("abc") == "abc"


def test_what_is_hidden_is_what_was_told_last():
    discretion = hiding("hunter2-secret")

    discretion.hide(["another-secret"])

    assert discretion("hunter2-secret, another-secret") == "hunter2-secret, …"


def test_numbers_are_masked_by_what_masks_them_until_nothing_does():
    discretion = Discretion()
    discretion.mask(lambda text: text.replace("+8613800000001", "masked"))
    masked = discretion("+8613800000001 is RED")

    discretion.mask(None)

    assert (masked, discretion("+8613800000001 is RED")) == ("masked is RED", "+8613800000001 is RED")

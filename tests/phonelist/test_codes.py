"""Each vendor code in plain words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.fleet.answer import FailureReason
from monitor.phonelist import codes
from monitor.phonelist.errors import CallRefused

INTEGRATORS_ONLY = "ask the vendor to make account main an integrator: phoneList answers no one else"
OUR_BUG = "this is a fault of number-monitor: please report it"
VENDOR_SIDE = "it is asked again; if this lasts, ask the vendor's support"


def refusal(code: str, text: str = "", skew: float | None = None) -> CallRefused:
    return codes.refusal(code, text, account="main", appkey="jh42", skew=skew)


@pytest.mark.parametrize(
    ("code", "reason", "retryable", "explained"),
    [
        ("-1", "vendor", True, f"the request failed on the vendor's side; {VENDOR_SIDE}"),
        ("1001", "request", False, f"a required header is missing; {OUR_BUG}"),
        ("1002", "request", False, f"a header or body parameter is wrong; {OUR_BUG}"),
        (
            "1003",
            "auth",
            False,
            "the signature is wrong; check access_secret and sign_algorithm of account main",
        ),
        (
            "1005",
            "auth",
            False,
            (
                "the access key is wrong or lacks the permission; "
                "check access_key of account main, or ask the vendor to grant phoneList"
            ),
        ),
        (
            "1000",
            "auth",
            False,
            "authentication failed; check access_key, access_secret and sign_algorithm of account main",
        ),
        (
            "1009",
            "auth",
            False,
            "authentication failed; check access_key, access_secret and sign_algorithm of account main",
        ),
        ("9000", "request", False, f"a parameter is missing; {OUR_BUG}"),
        ("9001", "vendor", True, f"system error on the vendor's side; {VENDOR_SIDE}"),
        ("9007", "auth", False, f"the caller is not an integrator; {INTEGRATORS_ONLY}"),
        ("9008", "app_rejected", False, "the appkey does not exist; correct or remove appkey jh42 of account main"),
        (
            "9010",
            "app_rejected",
            False,
            (
                "the appkey belongs to another customer than the access key; "
                "move appkey jh42 to the account it belongs to, or correct it"
            ),
        ),
        ("1010", "vendor", True, f"a code that nobody documented; {VENDOR_SIDE}"),
        ("100", "vendor", True, f"a code that nobody documented; {VENDOR_SIDE}"),
        ("BUSY", "vendor", True, f"a code that nobody documented; {VENDOR_SIDE}"),
    ],
)
def test_a_code_is_explained(code, reason, retryable, explained):
    refused = refusal(code)

    assert str(refused) == f"the vendor answered code {code}: {explained}"
    assert (refused.reason, refused.code, refused.retryable) == (FailureReason(reason), code, retryable)


@pytest.mark.parametrize(
    ("skew", "clock"),
    [
        pytest.param(None, "how far our clock is off is unknown, for the answer has no Date", id="no Date"),
        pytest.param(75.25, "our clock is 75.2 s behind the vendor's, 60 s are allowed", id="behind"),
        pytest.param(-3600.0, "our clock is 3600.0 s ahead of the vendor's, 60 s are allowed", id="ahead"),
        pytest.param(
            -0.5,
            "our clock and the vendor's Date differ by 0.5 s only, so the call was held up on its way",
            id="together",
        ),
    ],
)
def test_an_expired_time_stamp_says_how_far_our_clock_is_off(skew, clock):
    assert str(refusal("1004", skew=skew)) == (
        f"the vendor answered code 1004: the time stamp is out of date; {clock}; set this machine's clock (NTP)"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("sign error", "sign error", id="as given"),
        pytest.param(" sign \n\t error\x1b[31m\x00 ", "sign error [31m", id="control characters"),
        pytest.param("a\u202eb\u200bc", "a b c", id="invisible characters"),
        pytest.param("\ud800", "", id="no text at all"),
        pytest.param("x" * 121, "x" * 120 + "…", id="too long"),
        pytest.param("签名错误", "签名错误", id="Chinese"),
    ],
)
def test_the_vendors_words_are_made_fit_for_a_line(text, shown):
    assert codes.cleaned(text) == shown


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_every_refusal_is_one_printable_line(code, text):
    assert str(refusal(codes.cleaned(code), text)).isprintable()

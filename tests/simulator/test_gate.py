"""Each refusal with its code; what is accepted."""

import pytest

from monitor.simulator.gate import Customers, Verdict, examine
from tests.simulator.caller import NOW, signed

CUSTOMERS = Customers(
    access_key="fmeintegrator",
    access_secret="abciiiko2k3",
    appkeys=frozenset({"jh42abcd434"}),
    foreign_appkey="jh99othd999",
    plain_access_key="fmeplain",
)
BODY = b'{"appkey": "jh42abcd434"}'


def call(
    body: bytes = BODY,
    *,
    access_key: str = "fmeintegrator",
    secret: str = "abciiiko2k3",
    ts: str = str(NOW),
    algorithm: str = "",
    **changed: str | None,
) -> Verdict:
    """A correct call but for what is said; a header changed to None is left out."""
    headers = signed(access_key, secret, body, ts=ts, algorithm=algorithm) | changed
    lower = {name.lower(): value for name, value in headers.items() if value is not None}
    return examine(lower, body, CUSTOMERS, NOW)


@pytest.mark.parametrize("algorithm", ["", "md5", "sha256"])
def test_a_correct_call_is_accepted(algorithm):
    assert call(algorithm=algorithm) == Verdict(0, "jh42abcd434")


@pytest.mark.parametrize("name", ["accessKey", "ts", "bizType", "action", "sign"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_required_header_that_is_missing_or_empty_is_named(name, value):
    assert call(**{name: value}) == Verdict(1001, detail=name)


def test_all_missing_headers_are_named_at_once():
    assert examine({}, BODY, CUSTOMERS, NOW) == Verdict(1001, detail="accessKey, action, bizType, ts, sign")


@pytest.mark.parametrize(
    ("name", "value"), [("bizType", "1"), ("bizType", "02"), ("action", "send"), ("action", "phonelist")]
)
def test_a_header_with_a_fixed_value_has_no_other(name, value):
    assert call(**{name: value}) == Verdict(1002, detail=name)


def test_an_algorithm_nobody_documented_is_a_wrong_parameter_not_a_wrong_signature():
    assert call(algorithm="sha1") == Verdict(1002, detail="algorithm")


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"sign": "0" * 32}, id="another signature"),
        pytest.param({"secret": "another"}, id="another secret"),
        pytest.param({"sign": "é" * 16}, id="no hexadecimal digits"),
        pytest.param({"ts": str(NOW), "algorithm": "md5", "sign": "A" * 32}, id="upper case"),
    ],
)
def test_a_wrong_signature_is_refused(changed):
    assert call(**changed) == Verdict(1003)


def test_a_signature_over_other_bytes_of_the_same_json_is_wrong():
    headers = {name.lower(): value for name, value in signed("fmeintegrator", "abciiiko2k3", BODY).items()}

    assert examine(headers, BODY.replace(b": ", b":"), CUSTOMERS, NOW) == Verdict(1003)


def test_the_algorithm_itself_is_not_signed_but_must_be_the_one_used():
    assert call(algorithm="sha256", sign=signed("fmeintegrator", "abciiiko2k3", BODY)["sign"]) == Verdict(1003)


@pytest.mark.parametrize(
    ("ts", "code"),
    [
        (NOW - 60_000, 0),
        (NOW + 60_000, 0),
        (NOW - 60_001, 1004),
        (NOW + 60_001, 1004),
        (NOW // 1_000, 1004),
        (f"{NOW}.5", 1004),
        (f" {NOW}", 1004),
        (f"-{NOW}", 1004),
        ("¹²³", 1004),
        ("9" * 5_000, 1004),
        ("yesterday", 1004),
    ],
)
def test_a_time_stamp_is_milliseconds_within_a_minute(ts, code):
    assert call(ts=str(ts)).code == code


def test_an_unknown_access_key_is_refused_before_its_signature_is_looked_at():
    assert call(access_key="fmenobody", secret="whatever") == Verdict(1005)


def test_a_customer_who_is_no_integrator_is_refused():
    assert call(access_key="fmeplain") == Verdict(9007, "jh42abcd434")


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        pytest.param(b"", Verdict(9000, detail="appkey"), id="no body"),
        pytest.param(b"{}", Verdict(9000, detail="appkey"), id="no appkey"),
        pytest.param(b'{"appkey": ""}', Verdict(9000, detail="appkey"), id="an empty appkey"),
        pytest.param(b'{"appkey": null}', Verdict(9000, detail="appkey"), id="a null appkey"),
        pytest.param(b'{"appkey": 42}', Verdict(1002, detail="appkey is no string"), id="a number"),
        pytest.param(b'["jh42abcd434"]', Verdict(1002, detail="the body is no JSON object"), id="a list"),
        pytest.param(b"appkey=jh42abcd434", Verdict(1002, detail="the body is no JSON object"), id="no JSON"),
        pytest.param(b"[" * 100_000, Verdict(1002, detail="the body is no JSON object"), id="too deep"),
        pytest.param(b'{"appkey": "\xff"}', Verdict(1002, detail="the body is no JSON object"), id="no UTF-8"),
        pytest.param(b'{"appkey": "jh00nood000"}', Verdict(9008, "jh00nood000"), id="an unknown appkey"),
        pytest.param(b'{"appkey": "JH42ABCD434"}', Verdict(9008, "JH42ABCD434"), id="another case"),
        pytest.param(b'{"appkey": "jh99othd999"}', Verdict(9010, "jh99othd999"), id="another customer's"),
        pytest.param(b'{"appkey": "jh42abcd434", "more": 1}', Verdict(0, "jh42abcd434"), id="one field more"),
    ],
)
def test_a_body_asks_for_one_appkey_of_the_integrator(body, verdict):
    assert call(body) == verdict

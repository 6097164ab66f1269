import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.settings.load import load
from monitor.settings.substitution import substitute
from tests.settings.writing import written

ENVIRON = {"NAME": "value", "EMPTY": "", "YAML": "a: [b]\n- ${NAME}", "_x1": "under"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${NAME}", "value"),
        ("a ${NAME} b ${_x1}", "a value b under"),
        ("${UNSET:-default}", "default"),
        ("${EMPTY:-default}", "default"),
        ("${NAME:-default}", "value"),
        ("${UNSET:-}", ""),
        ("${UNSET:-a:-b $ {c}", "a:-b $ {c"),
        ("${EMPTY}", ""),
        ("$$", "$"),
        ("$${NAME}", "${NAME}"),
        ("$$$$NAME", "$$NAME"),
        ("pa$word $", "pa$word $"),
        ("${YAML}", "a: [b]\n- ${NAME}"),
    ],
)
def test_variables_are_replaced_once(text, expected):
    assert substitute(text, ENVIRON) == (expected, [])


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (
            "${UNSET}${OTHER}",
            ["the environment variable UNSET is not set", "the environment variable OTHER is not set"],
        ),
        ("${RAW}", ["the environment variable RAW is not UTF-8 or contains a NUL"]),
        *[
            (text, ["expected ${NAME} or ${NAME:-default} without another variable in it; write $${ for the text ${"])
            for text in ("${", "${}", "${1A}", "${A-B}", "${A:=b}", "${A:-${B}}")
        ],
    ],
)
def test_what_cannot_be_replaced_is_told(text, wrong):
    assert substitute(text, {"RAW": "\udcff"})[1] == wrong


@given(st.text())
def test_a_text_with_its_dollars_doubled_stays_that_text(text):
    assert substitute(text.replace("$", "$$"), {}) == (text, [])


def test_a_value_cannot_add_keys_or_become_anything_but_text(tmp_path):
    path = written(
        tmp_path,
        "accounts:\n  - {access_key: a, access_secret: b, apps: ['${APPKEY}'], name: '${NAME}', rate_limit: '${R}'}\n",
    )

    settings = load(path, {"NAME": "x}, sign_algorithm: sha256, {", "APPKEY": "012345", "R": "7"})

    account = settings.accounts[0]
    assert account.name == "x}, sign_algorithm: sha256, {"
    assert account.sign_algorithm == "md5"
    assert account.apps[0].appkey == "012345"
    assert account.rate_limit == 7

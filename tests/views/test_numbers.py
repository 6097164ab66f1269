import orjson
import pytest

from monitor.fleet.app import App
from monitor.fleet.scales import Severity
from monitor.fleet.snapshot import Snapshot
from monitor.views.numbers import number
from tests.metrics.known import SHOP_ONE, entry, known


def seen(app=SHOP_ONE, **words):
    one = entry(Severity.CRITICAL, **words)
    return number(app, known(one), one)


def test_a_number_is_what_the_contract_says():
    assert seen(quality_rating="RED") == {
        "account": "main",
        "appkey": "jh42",
        "app_name": "shop-one",
        "labels": {"plan": "vip", "team": "emea"},
        "waba_id": "116960000086404",
        "waba_name": "GLORY TEST",
        "number": "+8613800000001",
        "verified_name": "GLORY JACK",
        "quality_rating": "RED",
        "status": "CONNECTED",
        "tier": "TIER_10K",
        "tier_limit": 10_000,
        "tier_unlimited": False,
        "name_status": "APPROVED",
        "code_verification_status": "VERIFIED",
        "register_status": "5",
        "severity": "critical",
        "since": {
            "quality_rating": "2026-11-23T08:00:12.345Z",
            "status": "2026-11-23T08:00:12.345Z",
            "tier": "2026-11-23T08:00:12.345Z",
        },
        "as_of": "2026-11-23T08:00:12.345Z",
    }


@pytest.mark.parametrize(
    ("tier", "limit", "unlimited"),
    [
        ("TIER_2K", 2000, False),
        ("TIER_UNLIMITED", None, True),
        ("", None, False),
        ("TIER_NOT_SET", None, False),
        ("GOLD", None, False),
    ],
)
def test_a_limit_is_a_whole_number_or_null(tier, limit, unlimited):
    shown = seen(tier=tier)

    assert (shown["tier"], shown["tier_limit"], shown["tier_unlimited"]) == (tier, limit, unlimited)


@pytest.mark.parametrize("word", ["UNKNOW", "LINKED", "PURPLE", "", 'x"\x1b'])
def test_words_are_given_as_the_vendor_gave_them(word):
    assert seen(status=word)["status"] == word


def test_any_text_can_be_encoded():
    shown = seen(
        App("main", "jh42", "\ud800", labels=(("t\udfff", "\ud800"),)), verified_name="a\ud800", number="\ud800"
    )

    assert orjson.loads(orjson.dumps(shown))["verified_name"] == "a\ufffd"


def test_an_app_without_a_believed_answer_has_no_as_of():
    one = entry()

    assert number(SHOP_ONE, Snapshot(), one)["as_of"] is None

"""Which entries and events a rule of the configuration is about."""

import pytest

from monitor.fleet.match import Match

FACTS = {"account": "main", "appkey": "jh42", "number": "+8613800000001", "waba_id": "w1"}
LABELS = {"team": "emea", "plan": "trial"}


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        (Match(), True),
        (Match(account=("main",)), True),
        (Match(account=("Main",)), False),
        (Match(appkey=("jh4*",)), True),
        (Match(appkey=("x*", "jh4?")), True),
        (Match(number=("+86*",), waba_id=("w[12]",)), True),
        (Match(number=("+86*",), waba_id=("w2",)), False),
        (Match(labels=(("team", ("em*",)), ("plan", ("trial", "vip")))), True),
        (Match(labels=(("team", ("apac",)),)), False),
        (Match(labels=(("region", ("*",)),)), False),
        (Match(type=("number.*",)), False),
    ],
)
def test_every_named_field_must_fit(match, fits):
    assert match.fits(FACTS, LABELS) is fits

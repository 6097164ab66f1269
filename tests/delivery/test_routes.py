"""Which sinks an event goes to."""

import pytest

from monitor.delivery.routes import Routes
from monitor.fleet.event import Event
from monitor.fleet.match import Match

DEGRADED = Event(
    type="number.degraded",
    time=0,
    severity="critical",
    account="main",
    subject="+8613800000001",
    appkey="k1",
    waba_id="116",
    attribute="quality_rating",
    labels=(("team", "emea"),),
)
UNREACHABLE = Event(type="app.unreachable", time=0, severity="warning", account="main", subject="k1", appkey="k1")


@pytest.mark.parametrize(
    ("match", "event", "fits"),
    [
        pytest.param(Match(), DEGRADED, True, id="everything"),
        pytest.param(Match(severity=("critical", "warning")), UNREACHABLE, True, id="severity"),
        pytest.param(Match(severity=("info",)), UNREACHABLE, False, id="another severity"),
        pytest.param(Match(number=("+86*",)), DEGRADED, True, id="number"),
        pytest.param(Match(number=("*k1*",)), UNREACHABLE, False, id="the subject of an app is no number"),
        pytest.param(Match(waba_id=("116",), attribute=("quality_*",)), DEGRADED, True, id="WABA and attribute"),
        pytest.param(Match(type=("app.*",)), DEGRADED, False, id="another type"),
        pytest.param(Match(labels=(("team", ("emea",)),)), DEGRADED, True, id="label"),
        pytest.param(Match(labels=(("team", ("emea",)),)), UNREACHABLE, False, id="no such label"),
        pytest.param(Match(account=("other",)), DEGRADED, False, id="another account"),
    ],
)
def test_a_sink_gets_what_its_match_fits(match, event, fits):
    assert Routes({"stdout": Match(), "ops": match})(event) == (("stdout", "ops") if fits else ("stdout",))

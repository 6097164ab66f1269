"""What settings knows of alerts is what the fleet has."""

from monitor.fleet import alerts, attributes
from monitor.settings import alertmanager, words


def test_what_alerts_are_about_and_their_own_labels_are_the_fleets():
    alert = alerts.Alert(
        name="X",
        severity="critical",
        attribute=attributes.TIER,
        account="main",
        appkey="jh1",
        waba_id="w",
        number="+1",
        since=0,
        word="TIER_250",
        hint_id="",
    )

    assert (*attributes.LEVELS, attributes.TIER) == words.ALERT_ATTRIBUTES
    assert tuple(alert.labels) == alertmanager.OUR_LABELS

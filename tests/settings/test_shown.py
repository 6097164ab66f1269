"""The configuration in force, as the settings page shows it."""

from pathlib import Path

import pytest
import yaml

from monitor.settings.load import load
from monitor.settings.shown import LONGEST_LIST, shown

WHOLE = """
accounts:
  - name: main
    access_key: fme2na3kdi3ki
    access_secret: hunter2-secret
    proxy: http://user:hunter2-proxy@proxy.example:3128
    apps: [jh42xxxd434, {appkey: jh43xxxd435, name: shop-two, interval: 30s, labels: {team: emea}}]
    apps_url: {url: "https://crm.example.com/apps?key=hunter2-url", bearer_token: hunter2-bearer}
poll: {interval: 90s}
events:
  dwell: {status.PENDING: 5m}
  severity: [{match: {labels: {plan: trial}}, quality_rating.RED: warning}]
  ignore: [{match: {number: "+8613800000009"}, until: 2027-01-31, comment: being retired}]
  sinks:
    - {name: ops, type: webhook, url: "https://hook.example/hunter2-hook", secret: hunter2-signing-key-of-24-bytes,
       headers: {authorization: hunter2-header}}
    - {name: mail, type: email, host: smtp.example.com, user: u, password: hunter2-mail, from: a@example.com,
       to: [b@example.com]}
    - {name: team, type: slack, url: "https://hooks.slack.com/hunter2-slack"}
    - {name: dd, type: dingtalk, url: "https://oapi.dingtalk.com/hunter2-dd", secret: hunter2-dds}
    - {name: pd, type: pagerduty, routing_key: hunter2hunter2hunter2hunter2hunt}
    - {name: am, type: alertmanager, urls: ["http://user:hunter2-am@alertmanager:9093"]}
    - {name: more, type: apprise, url: "json://hunter2-apprise"}
  heartbeat: {url: "https://beat.example/hunter2-beat", every: 1m}
  maintenance: [{weekdays: [sun], start: "02:00", duration: 2h}]
"""


def whole(directory: Path, text: str = WHOLE):
    path = directory / "number-monitor.yml"
    path.write_text(text)
    return load(path, {})


def test_what_is_shown_is_what_the_file_would_say(tmp_path):
    said = yaml.safe_load(shown(whole(tmp_path)))

    account = said["accounts"][0]
    assert account["access_secret"] == "**********"
    assert account["apps"][1] == {
        "appkey": "jh43xxxd435",
        "name": "shop-two",
        "interval": "30s",
        "labels": {"team": "emea"},
    }
    assert (said["poll"]["interval"], said["poll"]["timeout"]) == ("90s", "10s")
    assert said["events"]["dwell"]["status.PENDING"] == "5m"
    assert said["events"]["severity"] == [{"match": {"labels": {"plan": ["trial"]}}, "quality_rating.RED": "warning"}]
    assert [sink["name"] for sink in said["events"]["sinks"]] == ["ops", "mail", "team", "dd", "pd", "am", "more"]


def test_no_secret_is_shown(tmp_path):
    assert "hunter2" not in shown(whole(tmp_path))


@pytest.mark.parametrize("apps", [LONGEST_LIST, LONGEST_LIST + 5])
def test_a_long_list_is_cut(tmp_path, apps):
    text = "accounts: [{access_key: k, access_secret: s, apps: [" + ",".join(f"jh{n:04d}" for n in range(apps)) + "]}]"

    listed = yaml.safe_load(shown(whole(tmp_path, text)))["accounts"][0]["apps"]

    assert len(listed) == min(apps, LONGEST_LIST + 1)
    assert (listed[-1] == "… and 5 more") is (apps > LONGEST_LIST)

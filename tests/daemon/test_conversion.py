"""From the configuration to the rooms' own values."""

import json

import msgspec

from monitor.daemon import conversion
from monitor.fleet.app import App
from monitor.fleet.event import Event
from monitor.fleet.match import Match
from monitor.fleet.policy import IgnoreRule, Policy, SeverityRule
from monitor.fleet.scales import Severity
from monitor.polling.rules import Rules
from monitor.settings.load import load
from monitor.settings.model import Settings

ACCOUNT = {"access_key": "k", "access_secret": "s", "apps": ["jh42"]}


def settings(tmp_path, account=None, **sections) -> Settings:
    path = tmp_path / "number-monitor.yml"
    path.write_text(json.dumps({"accounts": [{**ACCOUNT, **(account or {})}], **sections}))
    return load(path, {})


def test_what_is_not_configured_is_what_the_rooms_take_by_themselves(tmp_path):
    plain = settings(tmp_path)

    assert conversion.policy_of(plain) == Policy()
    assert conversion.rules_of(plain, plain.accounts[0]) == Rules()


def test_the_policy_is_the_configurations(tmp_path):
    configured = settings(
        tmp_path,
        poll={"interval": "30s", "confirm_removal": 5, "confirm_removal_for": "1h"},
        events={
            "dwell": {"quality_rating.RED": "1m"},
            "recovery_dwell": "2m",
            "severity": [{"match": {"labels": {"plan": "trial"}}, "quality_rating.RED": "warning"}],
            "ignore": [{"match": {"number": "+86*"}, "until": "2027-01-31", "comment": "being retired"}],
        },
        people={"language": "zh-CN"},
        store={"retention": "30d"},
    )

    policy = conversion.policy_of(configured)

    assert (policy.interval, policy.confirm_removal, policy.confirm_removal_for) == (30_000, 5, 3_600_000)
    assert policy.dwell["quality_rating", "RED"] == 60_000
    assert policy.dwell["status", "MIGRATED"] == 600_000
    assert (policy.recovery_dwell, policy.language, policy.retention) == (120_000, "zh-CN", 30 * 86_400_000)
    assert policy.severity == (
        SeverityRule(Match(labels=(("plan", ("trial",)),)), {("quality_rating", "RED"): Severity.WARNING}),
    )
    assert policy.ignore == (IgnoreRule(Match(number=("+86*",)), until=1_801_353_600_000, comment="being retired"),)


def test_an_app_carries_its_name_interval_and_labels(tmp_path):
    app = {"appkey": "jh43", "name": "shop-two", "interval": "30s", "labels": {"team": "emea", "plan": "vip"}}
    configured = settings(tmp_path, account={"apps": [app]})

    (found,) = conversion.configured_apps(configured.accounts[0])

    assert found == App("default", "jh43", "shop-two", 30_000, (("plan", "vip"), ("team", "emea")))


def test_a_proxy_comes_from_the_configuration_before_the_environment(tmp_path):
    configured = settings(tmp_path, account={"proxy": "http://one.example:3128"})
    plain = settings(tmp_path)
    environ = {"HTTPS_PROXY": "http://two.example:3128"}

    assert conversion.proxy_of(configured.accounts[0], environ) == "http://one.example:3128"
    assert conversion.proxy_of(plain.accounts[0], environ) == "http://two.example:3128"


ROBOT = {"name": "team", "type": "slack", "url": "https://h.example/in"}
HOOK = {"name": "ops", "type": "webhook", "url": "https://h.example/in?token=t"}


def test_stdout_gets_every_event_and_a_sink_what_its_match_fits(tmp_path):
    match = {"severity": ["critical"], "type": "number.*", "attribute": "tier", "labels": {"team": "emea"}}
    configured = settings(tmp_path, events={"sinks": [{**HOOK, "match": match}, {**HOOK, "name": "all"}]})
    event = Event("number.degraded", 0, "critical", "main", "+861", attribute="tier", labels=(("team", "emea"),))

    routes = conversion.routes_of(configured)

    assert routes(event) == ("stdout", "ops", "all")
    for differs in ({"severity": "info"}, {"type": "waba.tier_lowered"}, {"attribute": "status"}, {"labels": ()}):
        assert routes(msgspec.structs.replace(event, **differs)) == ("stdout", "all")


def test_a_sink_for_people_follows_what_it_may_be_told_of_since_its_end_is_info(tmp_path):
    match = {"severity": ["critical"], "labels": {"team": "emea"}}
    configured = settings(tmp_path, events={"sinks": [{**ROBOT, "match": match}]})
    event = Event("number.recovered", 0, "info", "main", "+861", attribute="status", labels=(("team", "emea"),))

    routes = conversion.routes_of(configured)

    assert routes(event) == ("stdout", "team")
    assert routes(msgspec.structs.replace(event, labels=())) == ("stdout",)


def test_an_alertmanager_gets_no_events(tmp_path):
    alertmanager = {"name": "am", "type": "alertmanager", "urls": ["http://am.example:9093"]}
    configured = settings(tmp_path, events={"sinks": [alertmanager]})

    assert conversion.routes_of(configured)(Event("number.added", 0, "info", "main", "+861")) == ("stdout",)

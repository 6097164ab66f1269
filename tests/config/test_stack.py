"""The configuration of Prometheus and Alertmanager: limits that fit, no secrets, and inhibitions of real alerts."""

import re

import pytest

from monitor.polling.rules import BUDGET_SHARE
from tests.config.rules import DAEMON, NUMBERS, PROMETHEUS, ROOT, alerts, job, read

ALERTMANAGER = ROOT / "config" / "alertmanager" / "alertmanager.yml"
ALL = alerts(NUMBERS, DAEMON)


def matched(matchers):
    """The alerts that the matchers of alertname let through."""
    found = set(ALL)
    for matcher in matchers:
        ((label, sign, value),) = re.findall(r"^(\w+) (=~|!=|!~|=) \"?(.*?)\"?$", matcher)
        if label == "alertname":
            pattern = value if "~" in sign else re.escape(value)
            found = {name for name in found if bool(re.fullmatch(pattern, name)) is not sign.startswith("!")}
    return found


@pytest.mark.parametrize("rule", read(ALERTMANAGER)["inhibit_rules"], ids=lambda rule: rule["source_matchers"][0])
def test_an_inhibition_names_alerts_that_exist_and_none_inhibits_itself(rule):
    sources, targets = matched(rule["source_matchers"]), matched(rule["target_matchers"])

    assert sources
    assert targets
    assert not sources & targets


def test_no_two_alerts_keep_each_other_quiet():
    pairs = {
        (source, target)
        for rule in read(ALERTMANAGER)["inhibit_rules"]
        for source in matched(rule["source_matchers"])
        for target in matched(rule["target_matchers"])
    }

    assert not {(source, target) for source, target in pairs if (target, source) in pairs}


def test_the_heartbeat_is_never_kept_quiet():
    quiet = [matched(rule["target_matchers"]) for rule in read(ALERTMANAGER)["inhibit_rules"]]

    assert "NumberMonitorHeartbeat" not in set().union(*quiet)


def test_a_scrape_ends_before_the_next_is_due():
    settings = read(PROMETHEUS / "prometheus.yml")

    assert settings["global"] == {"scrape_interval": "60s", "evaluation_interval": "60s"}
    assert all(int(one["scrape_timeout"].rstrip("s")) <= 30 for one in settings["scrape_configs"])


def test_a_hundred_thousand_numbers_are_within_the_limit():
    fleet = job("number-monitor-fleet")

    assert fleet["sample_limit"] * 0.8 > 100_000 * 5 + 5_000 * 6


def test_the_share_of_the_rate_in_the_rule_is_the_one_in_use():
    assert f"> 0.99 * {BUDGET_SHARE} * " in " ".join(ALL["NumberMonitorIntervalStretched"]["expr"].split())


@pytest.mark.parametrize("path", [ALERTMANAGER, PROMETHEUS / "prometheus.yml"], ids=lambda path: path.name)
def test_it_has_no_secret_and_no_path_of_a_machine(path):
    text = re.sub(r"#.*", "", path.read_text(encoding="utf-8"))

    assert not re.search(r"password|secret|token|api_url|/(etc|home|var|opt|root)/", text)


@pytest.mark.parametrize("name", ["number-monitor", "alertmanager"])
def test_the_composed_stack_has_its_own_targets_in_place_of_each_of_ours(name):
    targets = PROMETHEUS / "targets"
    ours, composed = (read(place / f"{name}.yml") for place in (targets, targets / "compose"))

    assert sorted(path.name for path in (targets / "compose").iterdir()) == sorted(
        path.name for path in targets.glob("*.yml")
    )
    assert [group["targets"][0].rpartition(":")[2] for group in ours] == [
        group["targets"][0].rpartition(":")[2] for group in composed
    ]

"""promtool and amtool on the rules and on the configuration of Prometheus and Alertmanager."""

import subprocess

import pytest

from tests.config.rules import DAEMON, NUMBERS, PROMETHEUS, ROOT, TESTS

ALERTMANAGER = ROOT / "config" / "alertmanager" / "alertmanager.yml"


def output(program, *arguments):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_promtool_finds_nothing_wrong_with_the_rules(command):
    output(command("promtool"), "check", "rules", "--lint=all", "--lint-fatal", NUMBERS, DAEMON)


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_the_rules_do_what_their_tests_say(command, path):
    output(command("promtool"), "test", "rules", path)


def test_prometheus_takes_its_configuration_with_both_rule_files(command):
    said = output(command("promtool"), "check", "config", PROMETHEUS / "prometheus.yml")

    assert "2 rule files found" in said


def test_alertmanager_takes_its_configuration(command):
    output(command("amtool"), "check-config", ALERTMANAGER)


@pytest.mark.parametrize(
    ("name", "severity", "receiver"),
    [
        ("NumberMonitorHeartbeat", "none", "dead-mans-switch"),
        ("NXCloudNumberBanned", "critical", "on-call"),
        ("NXCloudNumberQualityYellow", "warning", "team"),
        ("NXCloudTierLowered", "warning", "team"),
        ("NumberMonitorAbsent", "critical", "on-call"),
        ("NXCloudAppFailing", "warning", "team"),
    ],
)
def test_an_alert_reaches_its_receiver(command, name, severity, receiver):
    labels = (f"alertname={name}", f"severity={severity}")
    said = output(command("amtool"), "config", "routes", "test", f"--config.file={ALERTMANAGER}", *labels)

    assert said.strip() == receiver

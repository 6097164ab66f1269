"""What a sink has where the file says no more than it must."""

from typing import Any

import pytest

from monitor.settings.load import load
from monitor.settings.match import AlertMatch, EventMatch
from monitor.settings.people_sinks import ForPeople
from monitor.settings.sink_types import SINKS, section_of_tag, section_of_type
from tests.settings.writing import ACCOUNT, written

URL = "url: https://hooks.example.com/x"
LEAST = {
    "webhook": URL,
    "email": "host: smtp.example.com, from: a@example.com, to: b@example.com",
    "slack": URL,
    "dingtalk": URL,
    "feishu": URL,
    "lark": URL,
    "wecom": URL,
    "pagerduty": "routing_key: 0123456789abcdef0123456789ABCDEF",
    "alertmanager": "urls: http://alertmanager:9093",
    "apprise": "url: tgram://token/chat",
}
FOR_PEOPLE = [kind for kind in LEAST if kind not in {"webhook", "alertmanager"}]
ROBOTS = ["slack", "dingtalk", "feishu", "lark", "wecom"]


def sink(directory, kind: str, more: str = "") -> Any:
    """The one sink of a configuration, with what it must have and more."""
    keys = f"name: it, type: {kind}, {LEAST[kind]}{', ' if more else ''}{more}"
    return load(written(directory, f"{ACCOUNT}events:\n  sinks:\n    - {{{keys}}}\n"), {}).events.sinks[0]


@pytest.mark.parametrize("kind", SINKS)
def test_every_type_is_read_as_its_class(tmp_path, kind):
    read = sink(tmp_path, kind)

    assert (type(read), read.type) == (SINKS[kind], kind)
    assert section_of_type(kind) is section_of_tag(f"[{kind}]") is SINKS[kind]


@pytest.mark.parametrize("kind", FOR_PEOPLE)
def test_people_are_told_what_is_worth_it_once_it_has_settled(tmp_path, kind):
    read = sink(tmp_path, kind)

    assert isinstance(read, ForPeople)
    assert read.match.severity == ("warning", "critical")
    assert read.settle_ms == {
        ("quality_rating", "YELLOW"): 1_800_000,
        ("status", "RATE_LIMITED"): 1_800_000,
        ("quality_rating", "RED"): 300_000,
    }
    assert read.remind_every_ms == 86_400_000
    assert read.timeout_ms == (30_000 if kind in {"email", "apprise"} else 15_000)


@pytest.mark.parametrize(
    ("match", "severity"),
    [
        ("", ("warning", "critical")),
        ("{}", ("warning", "critical")),
        ("{account: main}", ("warning", "critical")),
        ("{severity: }", ("warning", "critical")),
        ("{severity: []}", ("warning", "critical")),
        ("{severity: info}", ("info",)),
        ("{severity: [critical]}", ("critical",)),
    ],
)
def test_only_a_severity_that_is_given_changes_what_people_are_told(tmp_path, match, severity):
    assert sink(tmp_path, "slack", f"match: {match}").match.severity == severity


def test_programs_get_everything(tmp_path):
    assert sink(tmp_path, "webhook").match == EventMatch()


def test_what_is_given_replaces_the_defaults_of_settle_state_by_state(tmp_path):
    read = sink(tmp_path, "slack", "settle: {quality_rating.RED: 0s, status.FLAGGED: 1m}")

    assert read.settle_ms == {
        ("quality_rating", "YELLOW"): 1_800_000,
        ("status", "RATE_LIMITED"): 1_800_000,
        ("quality_rating", "RED"): 0,
        ("status", "FLAGGED"): 60_000,
    }


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_robot_mentions_nobody_but_those_named_and_only_for_critical_news(tmp_path, kind):
    read = sink(tmp_path, kind)

    assert (read.at, read.at_on, read.proxy) == ((), "critical", None)


def test_a_mail_goes_by_starttls_and_without_a_user(tmp_path):
    read = sink(tmp_path, "email")

    assert (read.port, read.tls, read.user, read.password) == (587, "starttls", None, None)
    assert (read.sender, read.to) == ("a@example.com", ("b@example.com",))


def test_a_pager_is_the_one_of_pagerduty_itself(tmp_path):
    assert sink(tmp_path, "pagerduty").base_url == "https://events.pagerduty.com"


def test_alerts_are_of_every_state_in_trouble(tmp_path):
    read = sink(tmp_path, "alertmanager")

    assert read.match == AlertMatch()
    assert [url.reveal() for url in read.urls] == ["http://alertmanager:9093"]
    assert (read.user, read.password, read.bearer_token, read.labels, read.timeout_ms) == (None, None, None, {}, 15_000)


def test_a_section_built_in_python_is_taken_as_it_is(tmp_path):
    read = sink(tmp_path, "slack")

    assert type(load(written(tmp_path, ACCOUNT), {}).events).model_validate({"sinks": [read]}).sinks == (read,)

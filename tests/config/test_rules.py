"""The alert rules: tested, named as the alertmanager sink names them, explained in the runbooks."""

import re

import pytest

from monitor.fleet.alerts import IN_TROUBLE, NAMES, TIER_LOWERED, Alert
from monitor.fleet.attributes import QUALITY, STATE, TIER
from monitor.fleet.scales import QUALITY_RATING, STATUS, Severity
from monitor.metrics.families import APP_FAMILIES, COUNT_FAMILIES, NUMBER_FAMILIES
from tests.config.rules import DAEMON, NUMBERS, RUNBOOKS, alerts, course, job, own_test, read
from tests.metrics.test_docs import daemon_metrics

ALL = alerts(NUMBERS, DAEMON)
HEARTBEAT = "NumberMonitorHeartbeat"  # fires while all is well
BY_RULES_ALONE = {"NXCloudNumberRemoved", "NXCloudWabaInTrouble"}  # the sink sends neither events nor groups

every_alert = pytest.mark.parametrize("name", ALL)


@every_alert
def test_every_alert_is_tested_quiet_then_firing_then_over(name):
    fires = course(name)

    assert (fires[0], any(fires), fires[-1]) == (False, True, False)


@pytest.mark.parametrize("name", sorted(set(ALL) - {"NumberMonitorScrapeFailing"}))  # `up` is there whatever happens
def test_every_alert_is_tested_with_series_that_end_or_are_interrupted(name):
    assert any(re.search(r"\bstale\b|(^| )_", series["values"]) for series in own_test(name)["input_series"])


@every_alert
def test_every_alert_says_what_it_is_and_where_to_read_on(name):
    rule = ALL[name]
    texts = rule["annotations"]

    assert set(texts) == {"summary", "description", "runbook_url"}
    assert re.fullmatch(r"[^{}]+\.", texts["summary"])
    assert texts["description"].endswith((".", "}"))
    assert texts["runbook_url"] == f"docs/runbooks.md#{name.lower()}"


def test_every_alert_is_critical_or_a_warning_or_says_which_of_the_two_was_told():
    critical = float(Severity.CRITICAL)
    told = {f"{{{{ if eq $value {critical} }}}}critical{{{{ else }}}}warning{{{{ end }}}}", "{{ $labels.severity }}"}
    own = {name: rule["labels"]["severity"] for name, rule in alerts(DAEMON).items()}

    assert {rule["labels"]["severity"] for rule in alerts(NUMBERS).values()} <= {"critical", "warning", *told}
    assert {severity for name, severity in own.items() if name != HEARTBEAT} == {"critical", "warning"}
    assert own[HEARTBEAT] == "none"


def test_the_rules_about_numbers_and_the_sink_know_the_same_alerts():
    assert set(alerts(NUMBERS)) - BY_RULES_ALONE == {*NAMES.values(), TIER_LOWERED, IN_TROUBLE}
    assert not BY_RULES_ALONE & {*NAMES.values(), TIER_LOWERED, IN_TROUBLE}


@pytest.mark.parametrize(("state", "name"), NAMES.items(), ids=lambda value: value if isinstance(value, str) else "")
def test_each_state_is_the_sinks_alert_with_its_attribute(state, name):
    attribute, word = state
    scale, series = {QUALITY: (QUALITY_RATING, "quality_rating"), STATE: (STATUS, "status")}[attribute]

    assert ALL[name]["labels"]["attribute"] == attribute
    assert f"entry:nxcloud_number_{series}:troubled == {scale[word]}" in ALL[name]["expr"]


def test_a_tiers_alert_has_the_sinks_attribute_and_severity():
    assert ALL[TIER_LOWERED]["labels"] == {"attribute": TIER, "severity": "warning"}


def test_a_numbers_alert_is_identified_by_what_the_sink_identifies_it_by():
    alert = Alert(
        name="n",
        severity="critical",
        attribute=QUALITY,
        account="m",
        waba_id="w",
        since=0,
        word="RED",
        hint_id="",
        appkey="a",
        number="+1",
    )
    recorded = next(
        rule["expr"]
        for rule in read(NUMBERS)["groups"][0]["rules"]
        if rule.get("record") == "entry:nxcloud_number_severity:troubled"
    )
    (kept,) = re.findall(r"max by \(([^)]*)\)", recorded)

    assert {*kept.split(", "), "alertname", "severity", "attribute"} == set(alert.labels)


@pytest.mark.parametrize("path", [NUMBERS, DAEMON], ids=lambda path: path.name)
def test_no_group_has_an_interval_of_its_own(path):
    assert all("interval" not in group for group in read(path)["groups"])


def test_both_files_leave_the_same_replicas_out():
    """Each says it for itself, for either may be loaded alone."""

    def said(path, about):
        exprs = {rule["record"]: rule["expr"] for rule in read(path)["groups"][0]["rules"] if "record" in rule}
        return [
            exprs[name.format(about)].replace(f":{about}:", ":")
            for name in ("account:{}:epoch", "replica:{}:superseded")
        ]

    assert said(NUMBERS, "nxcloud_numbers") == said(DAEMON, "number_monitor")


ACCOUNTS = re.compile(
    r"(?<![:\w])(nxcloud_\w+|number_monitor_(?:apps|app_source_up|account_\w+|clock_\w+|poll_interval_\w+|rate_\w+)\b)"
)


@pytest.mark.parametrize("path", [NUMBERS, DAEMON], ids=lambda path: path.name)
def test_whatever_is_said_of_an_account_leaves_out_who_was_cut_off(path):
    """But for what asks whether anything is there at all, be it old."""
    at_all = {"NumberMonitorFleetAbsent", "NumberMonitorSeriesNearLimit", "account:nxcloud_numbers:epoch"}
    at_all |= {"account:number_monitor:epoch"}
    for rule in read(path)["groups"][0]["rules"]:
        if rule.get("record", rule.get("alert")) not in at_all:
            asked = re.sub(r"last_over_time\([^)]*\)|unless on \(account\) number_monitor_apps == 0", "", rule["expr"])
            assert len(ACCOUNTS.findall(asked)) == asked.count(":superseded"), rule


def test_every_metric_in_the_rules_exists():
    families = (*NUMBER_FAMILIES.values(), *COUNT_FAMILIES.values(), *APP_FAMILIES.values())
    known = {*(family.name for family in families), *daemon_metrics()}
    used = set()
    for path in (NUMBERS, DAEMON):
        for group in read(path)["groups"]:
            for rule in group["rules"]:
                used |= set(re.findall(r"(?<![:\w])(?:nxcloud|number_monitor)_\w+", rule["expr"]))

    assert {name.removesuffix("_bucket") for name in used} <= known
    assert len(used) > 20


def test_the_limit_that_is_warned_of_is_the_one_that_is_set():
    fleet = job("number-monitor-fleet")
    rule = ALL["NumberMonitorSeriesNearLimit"]

    assert f"> {fleet['sample_limit'] * 8 // 10} and" in rule["expr"]
    assert f"{fleet['sample_limit']:,}" in rule["annotations"]["description"]


def test_every_alert_has_its_runbook_and_every_runbook_its_alert():
    sections = re.findall(r"^## (.+)$", RUNBOOKS.read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(sections) == sorted(ALL)


@every_alert
def test_a_runbook_says_what_it_means_what_it_costs_and_what_to_do(name):
    section = RUNBOOKS.read_text(encoding="utf-8").split(f"\n## {name}\n", 1)[1].split("\n#", 1)[0]

    assert re.findall(r"^\*\*(.+?)\.\*\* \S", section, re.MULTILINE) == ["Meaning", "Impact", "What to do"]

import os
from collections.abc import Mapping
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.settings.alertmanager import AlertmanagerSink
from monitor.settings.heartbeat import Heartbeat
from monitor.settings.load import find, load
from monitor.settings.maintenance import MaintenanceWindow
from monitor.settings.match import AlertMatch, EntryMatch, EventMatch, PeopleMatch, StateMatch
from monitor.settings.model import (
    Account,
    AppsUrl,
    ConfiguredApp,
    Events,
    IgnoreRule,
    Log,
    Metrics,
    People,
    Poll,
    Privacy,
    Settings,
    SeverityRule,
    Store,
    Web,
)
from monitor.settings.people_sinks import (
    AppriseSink,
    DingTalkSink,
    EmailSink,
    FeishuSink,
    LarkSink,
    PagerDutySink,
    SlackSink,
    WeComSink,
)
from monitor.settings.problems import SettingsError
from monitor.settings.secret import Secret
from monitor.settings.sinks import WebhookSink
from monitor.settings.store_url import StoreUrl
from monitor.settings.web_config import WebConfig
from tests.settings.writing import ACCOUNT, written

EVERY_KEY = """
accounts:
  - name: main
    access_key: fme2na3kdi3ki
    access_secret: ${NXCLOUD_SECRET}
    sign_algorithm: sha256
    base_url: https://api.example.com/nx/
    rate_limit: 2.5
    proxy: http://me:pw@proxy.example:3128
    apps:
      - jh42xxxd434
      - {appkey: jh43xxxd435, name: shop-two, interval: 30s, labels: {team: emea, plan: vip}}
      - {appkey: "012345", name: "", labels: }
    apps_file: lists/apps.csv
    apps_url: {url: "https://crm.example.com/apps?token=t", bearer_token: bearer}
poll:
  interval: 2m
  degraded_interval: 20s
  timeout: 1500ms
  concurrency: 4
  retries: 0
  confirm_removal: 5
  confirm_removal_for: 0s
  stale_after: 12h
store:
  url: sqlite:///state/numbers.db
  retention: 30d
web:
  listen: ["127.0.0.1:8620", "[::1]:8620", ":0", "monitor.example:8620", "unix:/run/nm.sock", "unix:nm.sock"]
  config_file: web.config.yml
  writers: [ops]
  external_url: https://numbers.example.com/
events:
  dwell: {quality_rating.YELLOW: 30m, status.PENDING: 0s}
  recovery_dwell: 1m
  severity:
    - match:
        {account: main, appkey: [jh*, x], number: "+86*", waba_id: "1*", labels: {plan: [trial, vip]}, attribute: st*}
      status.BANNED: warning
      quality_rating.RED: ok
    - {quality_rating.YELLOW: critical}
  ignore:
    - {match: {number: "+8613800000009"}, until: 2027-01-31, comment: being retired}
    - {match: {labels: {plan: trial}}, until: 2027-01-31T18:00+08:00}
    - {match: {waba_id: "116960000086404"}}
  sinks:
    - name: ops
      type: webhook
      url: https://hooks.example.com/in?token=t
      secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
      previous_secret: an-older-one-of-raw-bytes
      headers: {Authorization: Bearer sesame}
      proxy: http://me:pw@proxy.example:3128
      match: {severity: [critical, warning], type: number.*, attribute: quality_rating, labels: {plan: vip}}
      timeout: 5s
    - {name: plain, type: webhook, url: "http://127.0.0.1:8080"}
    - name: mail
      type: email
      match: {account: main}
      settle: {quality_rating.RED: 0s, status.FLAGGED: 1m}
      remind_every: 0s
      timeout: 20s
      host: smtp.example.com
      port: 465
      tls: tls
      user: u
      password: mail-sesame
      from: Numbers <a@example.com>
      to: [b@example.com, '"Ops, night" <c@example.com>']
    - name: team
      type: slack
      url: https://hooks.slack.example/services/slack-sesame
      proxy: http://me:pw@proxy.example:3128
      at: [U024BE7LH, "!here"]
      at_on: warning
    - {name: dd, type: dingtalk, url: "https://oapi.example/robot?token=t", secret: SEC-sesame, at: "13800000000"}
    - {name: fs, type: feishu, url: "https://open.example/hook/token=t", secret: fs-sesame, match: {severity: info}}
    - {name: la, type: lark, url: "https://open.example/hook/token=t", secret: la-sesame}
    - {name: wc, type: wecom, url: "https://qyapi.example/send?key=token=t", remind_every: 1h}
    - name: pd
      type: pagerduty
      routing_key: sesame78901234567890123456789012
      base_url: https://events.eu.pagerduty.com/
      proxy: http://me:pw@proxy.example:3128
    - name: am
      type: alertmanager
      urls: ["http://am-1.example:9093/", "http://am-2.example:9093/prefix"]
      user: u
      password: am-sesame
      labels: {team: messaging}
      match: {severity: critical, attribute: quality_rating, labels: {plan: vip}}
      proxy: http://me:pw@proxy.example:3128
      timeout: 3s
    - {name: guarded, type: alertmanager, urls: "http://am.example:9093", bearer_token: bearer-sesame}
    - {name: more, type: apprise, url: "tgram://sesame/chat"}
  maintenance:
    - {start: "02:00", duration: 2h}
    - match: {account: main}
      start: "23:30"
      weekdays: [sat, sun]
      duration: 90m
      timezone: Europe/Berlin
      comment: the vendor's
    - {cron: "30 2 * * 0", duration: 1h}
    - {at: 2027-01-31T18:00, duration: 1d}
  heartbeat:
    url: https://hc.example.com/hb-sesame
    every: 30s
    proxy: http://me:pw@proxy.example:3128
    timeout: 5s
people: {language: zh-CN, timezone: Asia/Shanghai}
metrics: {number_series: [severity, status]}
privacy: {numbers: full}
log: {level: debug, format: console}
"""


SENDER: Mapping[str, Any] = {"from": "Numbers <a@example.com>"}  # a word that Python keeps for itself


HASH = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG"


def test_every_key_is_read(tmp_path):
    (tmp_path / "web.config.yml").write_text(f"basic_auth_users: {{ops: {HASH}}}\n", encoding="utf-8")

    settings = load(written(tmp_path, EVERY_KEY), {"NXCLOUD_SECRET": "hunter2"})

    assert settings == Settings(
        path=tmp_path / "number-monitor.yml",
        files=(tmp_path / "lists/apps.csv", tmp_path / "web.config.yml"),
        web_config=WebConfig(users={"ops": Secret(HASH)}),
        lists={"accounts[0].apps_file (line 14)": tmp_path / "lists/apps.csv"},
        accounts=(
            Account(
                name="main",
                access_key="fme2na3kdi3ki",
                access_secret=Secret("hunter2"),
                sign_algorithm="sha256",
                base_url="https://api.example.com/nx",
                rate_limit=2.5,
                proxy=Secret("http://me:pw@proxy.example:3128"),
                apps=(
                    ConfiguredApp(appkey="jh42xxxd434"),
                    ConfiguredApp(
                        appkey="jh43xxxd435", name="shop-two", interval=30_000, labels={"team": "emea", "plan": "vip"}
                    ),
                    ConfiguredApp(appkey="012345"),
                ),
                apps_file=tmp_path / "lists/apps.csv",
                apps_url=AppsUrl(url=Secret("https://crm.example.com/apps?token=t"), bearer_token=Secret("bearer")),
            ),
        ),
        poll=Poll(
            interval=120_000,
            degraded_interval=20_000,
            timeout=1_500,
            concurrency=4,
            retries=0,
            confirm_removal=5,
            confirm_removal_for=0,
            stale_after=43_200_000,
        ),
        store=Store(url=StoreUrl((f"sqlite:///{tmp_path}/state/numbers.db",)), retention=30 * 86_400_000),
        web=Web(
            listen=(
                "127.0.0.1:8620",
                "[::1]:8620",
                ":0",
                "monitor.example:8620",
                "unix:/run/nm.sock",
                f"unix:{tmp_path}/nm.sock",
            ),
            config_file=tmp_path / "web.config.yml",
            writers=("ops",),
            external_url="https://numbers.example.com",
        ),
        events=Events(
            dwell={("quality_rating", "YELLOW"): 1_800_000, ("status", "PENDING"): 0},
            recovery_dwell=60_000,
            severity=(
                SeverityRule(
                    match=StateMatch(
                        account=("main",),
                        appkey=("jh*", "x"),
                        number=("+86*",),
                        waba_id=("1*",),
                        labels={"plan": ("trial", "vip")},
                        attribute=("st*",),
                    ),
                    severities={("status", "BANNED"): "warning", ("quality_rating", "RED"): "ok"},
                ),
                SeverityRule(severities={("quality_rating", "YELLOW"): "critical"}),
            ),
            ignore=(
                IgnoreRule(
                    match=EntryMatch(number=("+8613800000009",)),
                    until=datetime(2027, 1, 31),  # noqa: DTZ001 - in the zone of the people
                    comment="being retired",
                ),
                IgnoreRule(
                    match=EntryMatch(labels={"plan": ("trial",)}),
                    until=datetime.fromisoformat("2027-01-31T18:00+08:00"),
                ),
                IgnoreRule(match=EntryMatch(waba_id=("116960000086404",))),
            ),
            sinks=(
                WebhookSink(
                    name="ops",
                    url=Secret("https://hooks.example.com/in?token=t"),
                    secret=Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                    previous_secret=Secret("an-older-one-of-raw-bytes"),
                    headers={"Authorization": Secret("Bearer sesame")},
                    proxy=Secret("http://me:pw@proxy.example:3128"),
                    match=EventMatch(
                        severity=("critical", "warning"),
                        type=("number.*",),
                        attribute=("quality_rating",),
                        labels={"plan": ("vip",)},
                    ),
                    timeout=5_000,
                ),
                WebhookSink(name="plain", url=Secret("http://127.0.0.1:8080")),
                EmailSink(
                    name="mail",
                    match=PeopleMatch(account=("main",)),
                    settle={("quality_rating", "RED"): 0, ("status", "FLAGGED"): 60_000},
                    remind_every=0,
                    timeout=20_000,
                    host="smtp.example.com",
                    port=465,
                    tls="tls",
                    user="u",
                    password=Secret("mail-sesame"),
                    to=("b@example.com", '"Ops, night" <c@example.com>'),
                    **SENDER,
                ),
                SlackSink(
                    name="team",
                    url=Secret("https://hooks.slack.example/services/slack-sesame"),
                    proxy=Secret("http://me:pw@proxy.example:3128"),
                    at=("U024BE7LH", "!here"),
                    at_on="warning",
                ),
                DingTalkSink(
                    name="dd",
                    url=Secret("https://oapi.example/robot?token=t"),
                    secret=Secret("SEC-sesame"),
                    at=("13800000000",),
                ),
                FeishuSink(
                    name="fs",
                    url=Secret("https://open.example/hook/token=t"),
                    secret=Secret("fs-sesame"),
                    match=PeopleMatch(severity=("info",)),
                ),
                LarkSink(name="la", url=Secret("https://open.example/hook/token=t"), secret=Secret("la-sesame")),
                WeComSink(name="wc", url=Secret("https://qyapi.example/send?key=token=t"), remind_every=3_600_000),
                PagerDutySink(
                    name="pd",
                    routing_key=Secret("sesame78901234567890123456789012"),
                    base_url="https://events.eu.pagerduty.com",
                    proxy=Secret("http://me:pw@proxy.example:3128"),
                ),
                AlertmanagerSink(
                    name="am",
                    urls=(Secret("http://am-1.example:9093"), Secret("http://am-2.example:9093/prefix")),
                    user="u",
                    password=Secret("am-sesame"),
                    labels={"team": "messaging"},
                    match=AlertMatch(severity=("critical",), attribute=("quality_rating",), labels={"plan": ("vip",)}),
                    proxy=Secret("http://me:pw@proxy.example:3128"),
                    timeout=3_000,
                ),
                AlertmanagerSink(
                    name="guarded", urls=(Secret("http://am.example:9093"),), bearer_token=Secret("bearer-sesame")
                ),
                AppriseSink(name="more", url=Secret("tgram://sesame/chat")),
            ),
            maintenance=(
                MaintenanceWindow(start=time(2), duration=7_200_000),
                MaintenanceWindow(
                    match=EventMatch(account=("main",)),
                    start=time(23, 30),
                    weekdays=("sat", "sun"),
                    duration=5_400_000,
                    timezone="Europe/Berlin",
                    comment="the vendor's",
                ),
                MaintenanceWindow(cron="30 2 * * sun", duration=3_600_000),
                MaintenanceWindow(
                    at=datetime(2027, 1, 31, 18),  # noqa: DTZ001 - in the zone of the people
                    duration=86_400_000,
                ),
            ),
            heartbeat=Heartbeat(
                url=Secret("https://hc.example.com/hb-sesame"),
                every=30_000,
                proxy=Secret("http://me:pw@proxy.example:3128"),
                timeout=5_000,
            ),
        ),
        people=People(language="zh-CN", timezone="Asia/Shanghai"),
        metrics=Metrics(number_series=("severity", "status")),
        privacy=Privacy(numbers="full"),
        log=Log(level="debug", format="console"),
    )


def test_the_defaults_are_those_of_the_contract(tmp_path):
    settings = load(written(tmp_path, ACCOUNT), {})

    account = settings.accounts[0]
    assert (account.name, account.sign_algorithm, account.base_url, account.rate_limit, account.proxy) == (
        "default",
        "md5",
        "https://api2.nxcloud.com",
        20.0,
        None,
    )
    assert settings.poll == Poll(
        interval=60_000,
        degraded_interval=None,
        timeout=10_000,
        concurrency=16,
        retries=2,
        confirm_removal=3,
        confirm_removal_for=600_000,
        stale_after=86_400_000,
    )
    assert settings.store == Store(
        url=StoreUrl((f"sqlite:///{tmp_path}/number-monitor.db",)), retention=90 * 86_400_000
    )
    assert settings.web.listen == ("127.0.0.1:8620",)
    assert settings.web.external_url is None
    assert settings.events.dwell_ms == {
        ("status", "PENDING"): 600_000,
        ("status", "UNVERIFIED"): 600_000,
        ("status", "MIGRATED"): 600_000,
    }
    assert settings.events.recovery_dwell_ms == 0
    assert settings.metrics.number_series == ("quality_rating", "status", "tier", "severity", "info")
    assert (settings.people.language, settings.people.timezone) == ("en", "UTC")
    assert (settings.log.level, settings.log.format) == ("info", "json")


def test_a_dwell_that_is_given_leaves_the_others_as_they_are(tmp_path):
    settings = load(written(tmp_path, f"{ACCOUNT}events: {{dwell: {{status.PENDING: 1h}}}}\n"), {})

    assert settings.events.dwell_ms == {
        ("status", "PENDING"): 3_600_000,
        ("status", "UNVERIFIED"): 600_000,
        ("status", "MIGRATED"): 600_000,
    }


@pytest.mark.parametrize("section", ["poll", "store", "web", "events", "people", "metrics", "privacy", "log"])
def test_a_section_with_nothing_below_its_name_has_its_defaults(tmp_path, section):
    path = written(tmp_path, ACCOUNT)
    expected = load(path, {})
    path.write_text(f"{ACCOUNT}{section}:\n", encoding="utf-8")

    assert load(path, {}) == expected


def test_one_listen_address_needs_no_list(tmp_path):
    settings = load(written(tmp_path, f'{ACCOUNT}web: {{listen: ":8620"}}\n'), {})

    assert settings.web.listen == (":8620",)


def test_the_environment_fills_in_what_the_file_does_not_say(tmp_path):
    environ = {
        "NUMBER_MONITOR_STORE_URL": "sqlite:////data/number-monitor.db",
        "NUMBER_MONITOR_LISTEN": ":8620,[::1]:1",
    }

    settings = load(written(tmp_path, ACCOUNT), environ)

    assert settings.store.url.reveal() == "sqlite:////data/number-monitor.db"
    assert settings.web.listen == (":8620", "[::1]:1")


def test_the_file_goes_before_the_environment(tmp_path):
    environ = {"NUMBER_MONITOR_STORE_URL": "sqlite:////data/number-monitor.db", "NUMBER_MONITOR_LISTEN": ":8620"}
    text = f"{ACCOUNT}store: {{url: 'sqlite:////srv/n.db'}}\nweb: {{listen: ['127.0.0.1:1']}}\n"

    settings = load(written(tmp_path, text), environ)

    assert (settings.store.url.reveal(), settings.web.listen) == ("sqlite:////srv/n.db", ("127.0.0.1:1",))


def test_what_is_wrong_in_the_environment_is_told_by_its_variable(tmp_path):
    with pytest.raises(SettingsError) as refused:
        load(written(tmp_path, ACCOUNT), {"NUMBER_MONITOR_STORE_URL": "mysql://hunter2", "NUMBER_MONITOR_LISTEN": "x"})

    assert sorted(map(str, refused.value.problems)) == [
        "$NUMBER_MONITOR_LISTEN: expected HOST:PORT, :PORT for every address of this machine, or unix:PATH, got 'x'",
        (
            "$NUMBER_MONITOR_STORE_URL: expected sqlite:///FILE (a fourth slash begins an absolute path) "
            "or postgresql://USER@HOST/DATABASE"
        ),
    ]


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        ("2027-01-31", datetime(2027, 1, 30, 16, tzinfo=UTC)),
        ("2027-01-31T18:00", datetime(2027, 1, 31, 10, tzinfo=UTC)),
        ("2027-01-31T18:00+01:00", datetime(2027, 1, 31, 17, tzinfo=UTC)),
        ("2027-01-31 18:00:00Z", datetime(2027, 1, 31, 18, tzinfo=UTC)),
    ],
)
def test_a_moment_without_an_offset_is_in_the_zone_of_the_people(tmp_path, until, expected):
    text = f"{ACCOUNT}events:\n  ignore:\n    - {{match: {{account: a}}, until: {until}}}\n"
    settings = load(written(tmp_path, text), {})

    assert settings.events.ignore[0].until_ms(ZoneInfo("Asia/Shanghai")) == expected.timestamp() * 1000


def test_an_ignore_without_an_end_has_none():
    assert IgnoreRule(match=EntryMatch(account=("a",))).until_ms(ZoneInfo("UTC")) is None


def test_no_secret_shows_in_settings(tmp_path):
    (tmp_path / "web.config.yml").write_text(f"basic_auth_users: {{ops: {HASH}}}\n", encoding="utf-8")

    settings = load(written(tmp_path, EVERY_KEY), {"NXCLOUD_SECRET": "hunter2"})

    secrets = (
        "hunter2",
        "pw@proxy",
        "token=t",
        "bearer'",
        'bearer"',
        "MfKQ9",
        "an-older",
        "sesame",
        "oapi.example",
        "X0h1gDsP",
    )
    for shown in (repr(settings), str(settings), str(settings.model_dump()), settings.model_dump_json()):
        assert not [secret for secret in secrets if secret in shown]


@pytest.mark.parametrize("extra", ["path: /etc/passwd", "files: [x]", "lists: {}"])
def test_what_loading_adds_is_no_key(tmp_path, extra):
    with pytest.raises(SettingsError, match="is not a known key"):
        load(written(tmp_path, f"{ACCOUNT}{extra}\n"), {})


def test_an_error_names_the_files_that_could_make_it_right(tmp_path):
    path = written(
        tmp_path, "accounts:\n  - {access_key: a, access_secret_file: gone, apps_file: apps.csv, nmae: main}\n"
    )

    with pytest.raises(SettingsError) as refused:
        load(path, {})

    assert refused.value.files == (tmp_path / "gone", tmp_path / "apps.csv")
    assert refused.value.lists == {"accounts[0].apps_file (line 2)": tmp_path / "apps.csv"}


def test_a_file_may_begin_with_a_byte_order_mark_and_have_the_lines_of_windows(tmp_path):
    path = tmp_path / "number-monitor.yml"
    path.write_bytes(b"\xef\xbb\xbf" + ACCOUNT.replace("\n", "\r\n").encode())

    assert load(path, {}).accounts[0].access_key == "abc"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gone.yml", "/gone.yml: there is no such file"),
        (".", ": is not a file"),
        ("a\0b", "/a\\x00b: expected a path"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path, name, message):
    with pytest.raises(SettingsError) as refused:
        load(tmp_path / name, {})

    assert str(refused.value) == f"{tmp_path}{message}"


def test_a_file_of_another_size_is_no_configuration(tmp_path):
    with pytest.raises(SettingsError, match="is larger than 8 MiB; put apps into an apps_file"):
        load(written(tmp_path, "#" * (8 * 1024 * 1024 + 1)), {})


def test_the_file_named_goes_before_the_environments_and_those_before_the_usual_places(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written(tmp_path, ACCOUNT)

    assert find(Path("named.yml"), {"NUMBER_MONITOR_CONFIG": "other.yml"}) == Path("named.yml")
    assert find(None, {"NUMBER_MONITOR_CONFIG": "other.yml"}) == Path("other.yml")
    assert find(None, {"NUMBER_MONITOR_CONFIG": ""}) == Path("number-monitor.yml")


@pytest.mark.skipif(Path("/etc/number-monitor/number-monitor.yml").exists(), reason="this machine has one")
def test_when_there_is_none_the_message_says_where_it_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SettingsError) as refused:
        find(None, {})

    assert str(refused.value) == (
        "configuration: there is no number-monitor.yml or /etc/number-monitor/number-monitor.yml; "
        "`number-monitor init` writes one, --config or $NUMBER_MONITOR_CONFIG names another place"
    )


def test_a_relative_configuration_makes_absolute_paths(tmp_path, monkeypatch):
    written(tmp_path, ACCOUNT)
    monkeypatch.chdir(tmp_path)

    settings = load(Path("number-monitor.yml"), {})

    assert settings.path == tmp_path / "number-monitor.yml"
    assert settings.store.url.reveal() == f"sqlite:///{tmp_path}{os.sep}number-monitor.db"
    assert settings.watched == (tmp_path / "number-monitor.yml",)

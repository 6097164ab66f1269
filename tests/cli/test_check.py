"""`check` from outside: what it prints, where, and its exit code."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor.cli.program import program
from monitor.simulator.lives import STILL
from monitor.simulator.server import Simulator, wall_clock
from monitor.simulator.world import World

ACCOUNT = "accounts:\n  - {name: main, access_key: abc, access_secret: hunter2, "


def check(path: Path, *options: str) -> Result:
    return CliRunner().invoke(program, ["--config", str(path), "check", *options])


def written(directory: Path, text: str) -> Path:
    path = directory / "number-monitor.yml"
    path.write_text(text, encoding="utf-8")
    return path


class Vendor:
    """A simulator that listens, with a clock of its own."""

    def __init__(self) -> None:
        self.ahead = 0  # seconds
        self.world = World.of(apps=2, numbers=6, seed=7, script=STILL)
        self.simulator = Simulator(self.world, now=lambda: wall_clock() + self.ahead * 1000)
        self.base_url = ""

    def account(self, name: str = "main", secret: str = "", apps: str = "") -> str:
        return (
            f"  - name: {name}\n    access_key: {self.world.access_key}\n"
            f"    access_secret: {secret or self.world.access_secret}\n    base_url: {self.base_url}\n"
            f"    {apps or f'apps: [{self.world.appkeys[0]}]'}\n"
        )


@pytest.fixture
async def vendor(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Vendor]:
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    vendor = Vendor()
    vendor.base_url = await vendor.simulator.start()
    yield vendor
    await vendor.simulator.stop()


def test_sinks_that_run_could_not_make_are_told(tmp_path):
    sinks = '[{name: a, type: apprise, url: "nope://x"}, {name: b, type: slack, url: "http://b/", proxy: "http://p"}]'
    path = written(tmp_path, f"{ACCOUNT}apps: [jh1]}}\nevents: {{sinks: {sinks}}}\n")

    result = check(path)

    assert (result.exit_code, result.stdout) == (2, "")
    assert [line.split(":")[:2] for line in result.stderr.splitlines()] == [["events.sinks[0]", " sink a"]]


def test_maintenance_and_the_heartbeat_are_told(tmp_path):
    more = '{maintenance: [{start: "02:00", duration: 2h}], heartbeat: {url: "http://a/hunter3"}}'
    result = check(written(tmp_path, f"{ACCOUNT}apps: [jh1]}}\nevents: {more}\n"))

    assert result.stdout.endswith("maintenance: 1 window\nheartbeat: every 1m\n")


def test_a_right_configuration_is_told_as_what_it_will_do(tmp_path):
    (tmp_path / "apps.csv").write_text("appkey,name,interval\njh3,three,30s\njh1,again,\n", encoding="utf-8")
    path = written(
        tmp_path,
        """accounts:
  - name: main
    access_key: abc
    access_secret: hunter2
    apps: [jh1, {appkey: jh2, interval: 20s}]
    apps_file: apps.csv
    apps_url: {url: "https://crm.example.com/apps?token=hunter3"}
  - {name: second, access_key: def, access_secret: hunter2, apps: [jh9], rate_limit: 0.5}
poll: {interval: 2m, retries: 1, concurrency: 1}
metrics: {number_series: [severity]}
""",
    )

    result = check(path)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "account main: 3 apps at https://api2.nxcloud.com\n"
        "  apps: configured here, 2 apps\n"
        f"  apps: {tmp_path}/apps.csv, 2 apps\n"
        "  apps: https://crm.example.com, asked by run, and by check --live\n"
        "  polls: each app every 2m, 2 at an interval of its own; 5.5 calls a minute, 11 if each needs every retry\n"
        "  budget: rate_limit 20 a second carries 1080 a minute (10% kept for retries and probes); "
        "concurrency 1 carries 200 a minute at 300 ms a call\n"
        "  series: about 195, at 20 numbers an app (1 a number, 5 an app, 120 the account)\n"
        "account second: 1 app at https://api2.nxcloud.com\n"
        "  apps: configured here, 1 app\n"
        "  polls: each app every 2m; 0.5 calls a minute, 1 if each needs every retry\n"
        "  budget: rate_limit 0.5 a second carries 27 a minute (10% kept for retries and probes); "
        "concurrency 1 carries 200 a minute at 300 ms a call\n"
        "  series: about 145, at 20 numbers an app (1 a number, 5 an app, 120 the account)\n"
        f"configuration: {path}\n"
        f"store: sqlite:///{tmp_path}/number-monitor.db, events kept 90d\n"
        "web: 127.0.0.1:8620\n"
    )


def test_the_sinks_are_named_without_their_addresses(tmp_path):
    sink = "{name: ops, type: webhook, url: 'https://h.example/hunter2'}"
    path = written(tmp_path, f"{ACCOUNT}apps: [jh1]}}\nevents: {{sinks: [{sink}]}}\n")

    assert check(path).stdout.endswith("\nevents: stdout, ops (webhook)\n")


def test_what_is_wrong_in_the_configuration_and_in_its_files_is_told_at_once(tmp_path):
    (tmp_path / "apps.csv").write_text("appkey,nmae,interval\njh1,one,1s\n", encoding="utf-8")
    path = written(tmp_path, f"{ACCOUNT}apps_file: apps.csv, nmae: x}}\npoll: {{interval: 1s}}\n")

    result = check(path)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "accounts[0].nmae (line 2): is not a known key; did you mean 'name'?\n"
        "poll.interval (line 3): expected 5s at least, got '1s'\n"
        f"accounts[0].apps_file (line 2): {tmp_path}/apps.csv, line 1: 'nmae' is not known; did you mean 'name'?\n"
        f"accounts[0].apps_file (line 2): {tmp_path}/apps.csv, line 2: "
        "interval '1s' is under 5s, the shortest there is\n"
    )


def test_a_right_configuration_with_a_wrong_list_is_refused(tmp_path):
    result = check(written(tmp_path, f"{ACCOUNT}apps_file: apps.csv}}\n"))

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"accounts[0].apps_file (line 2): {tmp_path}/apps.csv cannot be read: No such file")


def test_a_fault_in_the_file_cannot_act_on_the_terminal(tmp_path):
    result = check(written(tmp_path, ACCOUNT + 'apps: [jh1], sign_algorithm: "\\e[2J\\u202emd5"}\n'))

    assert result.stderr == ("accounts[0].sign_algorithm (line 2): expected md5 or sha256, got '\\x1b[2J\\u202emd5'\n")


@pytest.mark.parametrize(
    ("apps", "rest", "message"),
    [
        pytest.param(
            300,
            "poll: {interval: 5s}",
            "accounts[0]: 300 apps ask for 3600 calls a minute, but rate_limit 20 a second carries 1080 a minute "
            "(10% kept for retries and probes); make the intervals 3.4 times as long, or raise rate_limit to 67\n",
            id="the rate is too low",
        ),
        pytest.param(
            300,
            "poll: {concurrency: 1}",
            "accounts[0]: 300 apps ask for 300 calls a minute, but concurrency 1 carries 200 a minute at 300 ms a call"
            "; make the intervals 1.5 times as long, or raise poll.concurrency to 2\n",
            id="too few calls at once",
        ),
    ],
)
def test_apps_that_cannot_be_polled_as_often_as_configured_are_refused(tmp_path, apps, rest, message):
    appkeys = ", ".join(f"jh{count}" for count in range(apps))

    result = check(written(tmp_path, f"{ACCOUNT}apps: [{appkeys}]}}\n{rest}\n"))

    assert (result.exit_code, result.stdout, result.stderr) == (2, "", message)


def test_a_thousand_apps_every_minute_fit_the_defaults(tmp_path):
    (tmp_path / "apps.csv").write_text("\n".join(f"jh{count}" for count in range(1000)), encoding="utf-8")

    result = check(written(tmp_path, f"{ACCOUNT}apps_file: apps.csv}}\n"))

    assert result.exit_code == 0
    assert "1000 calls a minute, 3000 if each needs every retry" in result.stdout


def test_options_about_the_log_are_checked_like_the_configuration(tmp_path):
    path = written(tmp_path, f"{ACCOUNT}apps: []}}\n")

    result = CliRunner().invoke(program, ["--config", str(path), "--log-level", "loud", "check"])

    assert result.exit_code == 2
    assert "--log-level" in result.stderr
    assert "got 'loud'" in result.stderr


async def test_live_tells_what_the_vendor_answered(tmp_path, vendor):
    result = await asyncio.to_thread(check, written(tmp_path, f"accounts:\n{vendor.account()}"), "--live")

    told = result.stdout.splitlines()[-1]
    assert (result.exit_code, result.stderr) == (0, "")
    assert told.startswith(f"account main: {vendor.world.appkeys[0]} answered in ")
    assert told.endswith(" ms with 3 numbers; the clocks agree")


async def test_live_tells_by_how_much_our_clock_is_off(tmp_path, vendor):
    vendor.ahead = 30

    result = await asyncio.to_thread(check, written(tmp_path, f"accounts:\n{vendor.account()}"), "--live")

    assert result.exit_code == 0
    assert "our clock is " in result.stdout
    assert " s behind the vendor's, which refuses calls from 60 s on" in result.stdout


async def test_live_explains_a_refusal_and_goes_on_to_the_next_account(tmp_path, vendor):
    text = f"accounts:\n{vendor.account(name='wrong', secret='hunter2')}{vendor.account(name='right')}"

    result = await asyncio.to_thread(check, written(tmp_path, text), "--live")

    assert result.exit_code == 1
    assert result.stderr.startswith("account wrong: the vendor answered code 1003")
    assert "check access_secret" in result.stderr
    assert "account right: " in result.stdout.splitlines()[-1]
    assert "hunter2" not in result.output


async def test_live_says_when_nobody_answers(tmp_path, vendor):
    path = written(tmp_path, f"accounts:\n{vendor.account()}")
    await vendor.simulator.stop()

    result = await asyncio.to_thread(check, path, "--live")

    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "Connection refused" in result.stderr


async def test_live_asks_the_address_that_lists_apps(tmp_path, vendor):
    text = f'accounts:\n{vendor.account(apps=f"""apps_url: {{url: "{vendor.base_url}/apps?token=hunter2"}}""")}'

    result = await asyncio.to_thread(check, written(tmp_path, text), "--live")

    assert result.exit_code == 0
    assert result.stdout.splitlines()[-2] == f"account main: {vendor.base_url} lists 2 apps"
    assert f"{vendor.world.appkeys[0]} answered" in result.stdout.splitlines()[-1]
    assert "hunter2" not in result.output


async def test_live_without_an_app_asks_nothing(tmp_path, vendor):
    result = await asyncio.to_thread(
        check, written(tmp_path, f"accounts:\n{vendor.account(apps='apps: []')}"), "--live"
    )

    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "account main: no app is listed, so the vendor was not asked"


def test_a_secret_file_that_others_can_read_is_warned_about_and_no_error():
    with tempfile.TemporaryDirectory(prefix="number-monitor-test-") as directory:
        Path(directory).chmod(0o755)
        path = written(Path(directory), f"{ACCOUNT}apps: [jh1]}}\n")
        path.chmod(0o644)

        result = check(path)

    assert result.exit_code == 0
    warning = f"  warning: {path} holds a secret and can be read by every user of this machine: chmod o-r\n"
    assert warning in result.stdout

import os
import stat

import pytest

from monitor.settings.alertmanager import AlertmanagerSink
from monitor.settings.heartbeat import Heartbeat
from monitor.settings.load import load
from monitor.settings.problems import SettingsError
from monitor.settings.secret import Secret
from monitor.settings.shape import keys
from monitor.settings.sink_types import SINKS
from monitor.settings.sinks import WebhookSink
from monitor.settings.twins import content, lines
from tests.settings.writing import ACCOUNT, written


@pytest.mark.parametrize("body", [b"hunter2", b"hunter2\n", b"hunter2\r\n", b"\xef\xbb\xbfhunter2\n"])
def test_a_file_holds_one_line_without_its_end(tmp_path, body):
    path = tmp_path / "secret"
    path.write_bytes(body)

    assert content(path) == "hunter2"


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b" \n", "is empty"),
        (b"a\nb\n", "has more than one line, or characters that do not print"),
        (b"a\x00b", "has more than one line, or characters that do not print"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"x" * 70_000, "is larger than 64 KiB: it does not hold one value"),
    ],
)
def test_a_file_that_holds_something_else_is_refused_by_its_path(tmp_path, body, wrong):
    path = tmp_path / "secret"
    path.write_bytes(body)

    with pytest.raises(ValueError, match="secret") as refused:
        content(path)

    assert str(refused.value) == f"{path} {wrong}"


def test_a_pipe_is_refused_rather_than_waited_for(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)

    with pytest.raises(ValueError, match="is not a file"):
        content(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told(tmp_path):
    path = tmp_path / "secret"
    path.write_text("hunter2", encoding="utf-8")
    path.chmod(stat.S_IWUSR)

    with pytest.raises(ValueError, match="cannot be read: Permission denied"):
        content(path)


def test_every_twin_is_read_from_beside_the_configuration(tmp_path):
    for name, body in {
        "s": "hunter2",
        "p": "http://me:pw@proxy.example:3128",
        "u": "https://crm.example.com/apps?token=t",
        "b": "bearer",
        "d": "sqlite:///state/numbers.db",
    }.items():
        (tmp_path / name).write_text(f"{body}\n", encoding="utf-8")
    path = written(
        tmp_path,
        """accounts:
  - access_key: abc
    access_secret_file: s
    proxy_file: p
    apps_file: apps.csv
    apps_url: {url_file: u, bearer_token_file: b}
store: {url_file: d}
""",
    )

    settings = load(path, {})

    account = settings.accounts[0]
    assert account.access_secret.reveal() == "hunter2"
    assert account.proxy is not None
    assert account.proxy.reveal() == "http://me:pw@proxy.example:3128"
    assert account.apps_url is not None
    assert account.apps_url.url.reveal() == "https://crm.example.com/apps?token=t"
    assert account.apps_url.bearer_token is not None
    assert account.apps_url.bearer_token.reveal() == "bearer"
    assert settings.store.url.reveal() == f"sqlite:///{tmp_path}/state/numbers.db"
    assert set(settings.files) == {tmp_path / name for name in ("s", "p", "u", "b", "d", "apps.csv")}


def test_a_value_that_is_wrong_in_its_file_is_told_at_the_key_that_names_the_file(tmp_path):
    (tmp_path / "p").write_text("socks5://hunter2@proxy.example", encoding="utf-8")
    path = written(tmp_path, "accounts:\n  - {access_key: a, access_secret: b, apps: [], proxy_file: p}\n")

    with pytest.raises(SettingsError) as refused:
        load(path, {})

    assert str(refused.value) == "accounts[0].proxy_file (line 2): expected a URL that begins with https:// or http://"


TWINS = {
    "url": "https://hooks.example.com/in?token=t",
    "proxy": "http://me:pw@proxy.example:3128",
    "secret": "SEC-of-24-bytes-at-the-least",
    "previous_secret": "SEC-of-24-bytes-at-the-least",
    "password": "hunter2",
    "routing_key": "0123456789abcdef0123456789abcdef",
    "bearer_token": "hunter2",
    "urls": "http://am-1.example:9093\n\nhttp://am-2.example:9093/\n",
}
OTHERS = {"host": "h", "from": "a@example.com", "to": "b@example.com", "user": "u"}


@pytest.mark.parametrize("kind", SINKS)
def test_every_twin_of_every_type_of_sink_is_read(tmp_path, kind):
    known = keys(SINKS[kind])
    # A token and a password do not go together.
    twins = [key for key in known if known[key].has_twin and (kind, key) != ("alertmanager", "bearer_token")]
    lines = [f"{key}: {OTHERS[key]}" for key in OTHERS if key in known]
    for key in twins:
        (tmp_path / key).write_text(TWINS[key], encoding="utf-8")
        lines.append(f"{key}_file: {key}")
    text = f"{ACCOUNT}events:\n  sinks:\n    - {{name: it, type: {kind}, {', '.join(lines)}}}\n"

    settings = load(written(tmp_path, text), {})

    assert set(settings.files) == {tmp_path / key for key in twins}
    read = {key: getattr(settings.events.sinks[0], key) for key in twins}
    urls = [url.reveal() for url in read.pop("urls", [])]
    assert {key: secret.reveal() for key, secret in read.items()} == {key: TWINS[key] for key in read}
    assert urls == (["http://am-1.example:9093", "http://am-2.example:9093"] if kind == "alertmanager" else [])


def test_a_token_may_be_in_a_file_too(tmp_path):
    (tmp_path / "token").write_text("hunter2\n", encoding="utf-8")
    keys = 'name: am, type: alertmanager, urls: "http://am", bearer_token_file: token'

    (sink,) = load(written(tmp_path, f"{ACCOUNT}events:\n  sinks: [{{{keys}}}]\n"), {}).events.sinks

    assert isinstance(sink, AlertmanagerSink)
    assert sink.bearer_token == Secret("hunter2")


def test_each_header_may_be_in_a_file(tmp_path):
    (tmp_path / "token").write_text("Bearer hunter2\n", encoding="utf-8")
    headers = "headers: {Authorization_file: token, X-Team: emea}"
    text = f"{ACCOUNT}events:\n  sinks:\n    - {{name: it, type: webhook, url: 'http://x', {headers}}}\n"

    settings = load(written(tmp_path, text), {})

    (sink,) = settings.events.sinks
    assert isinstance(sink, WebhookSink)
    assert sink.headers == {"X-Team": Secret("emea"), "Authorization": Secret("Bearer hunter2")}
    assert settings.files == (tmp_path / "token",)


def test_the_heartbeat_may_be_in_files(tmp_path):
    (tmp_path / "hb").write_text("https://hc.example.com/x\n", encoding="utf-8")
    (tmp_path / "proxy").write_text("http://proxy.example:3128\n", encoding="utf-8")

    settings = load(written(tmp_path, f"{ACCOUNT}events: {{heartbeat: {{url_file: hb, proxy_file: proxy}}}}\n"), {})

    assert settings.events.heartbeat == Heartbeat(
        url=Secret("https://hc.example.com/x"), proxy=Secret("http://proxy.example:3128")
    )


@pytest.mark.parametrize(
    ("body", "wrong"),
    [(b"\n", "is empty"), (b"a\nb\x00c\n", "has characters that do not print"), (b"\xff", "is not UTF-8")],
)
def test_a_file_of_lines_that_holds_something_else_is_refused_by_its_path(tmp_path, body, wrong):
    path = tmp_path / "urls"
    path.write_bytes(body)

    with pytest.raises(ValueError, match="urls") as refused:
        lines(path)

    assert str(refused.value) == f"{path} {wrong}"


def test_what_is_wrong_in_a_file_of_lines_is_told_at_the_key_that_names_it_and_not_repeated(tmp_path):
    (tmp_path / "urls").write_text("http://am.example\nhunter2\n", encoding="utf-8")
    sink = "{name: am, type: alertmanager, urls_file: urls}"

    with pytest.raises(SettingsError) as refused:
        load(written(tmp_path, f"{ACCOUNT}events:\n  sinks:\n    - {sink}\n"), {})

    assert str(refused.value) == (
        "events.sinks[0].urls_file (line 7): expected a URL that begins with https:// or http://"
    )


@pytest.mark.parametrize(
    "named",
    ["https://hooks.example.com/T0/x", "sim0123456789ab", "secrets/abcdef123456789", "eyJhbGci." * 8, "x" * 300 + "1"],
)
def test_a_name_that_may_be_the_secret_itself_is_not_repeated(tmp_path, named):
    path = written(tmp_path, f"accounts: [{{access_key: abc, access_secret_file: '{named}', apps: [jh1]}}]\n")

    with pytest.raises(SettingsError) as refused:
        load(path, {})

    expected = "there is no such file; if the secret itself stands here, give it without _file"
    assert str(refused.value) == f"accounts[0].access_secret_file (line 1): {expected}"


def test_a_file_may_have_such_a_name(tmp_path):
    (tmp_path / "sim0123456789ab").write_text("hunter2")
    path = written(tmp_path, "accounts: [{access_key: abc, access_secret_file: sim0123456789ab, apps: [jh1]}]\n")

    assert load(path, {}).accounts[0].access_secret == Secret("hunter2")

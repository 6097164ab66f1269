import os
import stat

import pytest

from monitor.settings.load import load
from monitor.settings.problems import SettingsError
from monitor.settings.twins import content
from tests.settings.writing import written


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
    assert settings.store.url == f"sqlite:///{tmp_path}/state/numbers.db"
    assert set(settings.files) == {tmp_path / name for name in ("s", "p", "u", "b", "d", "apps.csv")}


def test_a_value_that_is_wrong_in_its_file_is_told_at_the_key_that_names_the_file(tmp_path):
    (tmp_path / "p").write_text("socks5://hunter2@proxy.example", encoding="utf-8")
    path = written(tmp_path, "accounts:\n  - {access_key: a, access_secret: b, apps: [], proxy_file: p}\n")

    with pytest.raises(SettingsError) as refused:
        load(path, {})

    assert str(refused.value) == "accounts[0].proxy_file (line 2): expected a URL that begins with https:// or http://"

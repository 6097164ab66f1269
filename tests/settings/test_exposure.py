"""Which secret files others can read: modes, directories on the way, links."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.settings.exposure import exposed, secrets_in
from monitor.settings.load import load
from tests.certificates import self_signed
from tests.settings.writing import ACCOUNT, written

BY_FILE = "accounts: [{access_key: abc, access_secret_file: secret, apps: [jh1]}]\n"
HASH = "$2y$04$abcdefghijklmnopqrstuuu3wO3zYJYvS5y3.p4E1sTqtbiyJwHZK"


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory that others can enter, which pytest's own is not."""
    with tempfile.TemporaryDirectory(prefix="number-monitor-test-") as path:
        Path(path).chmod(0o755)
        yield Path(path)


def put(path: Path, mode: int, text: str = "hunter2") -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    ("mode", "is_open"), [(0o600, False), (0o640, False), (0o644, True), (0o444, True), (0o604, True), (0o660, False)]
)
def test_a_file_is_open_by_its_mode_for_others(directory, mode, is_open):
    path = put(directory / "secret", mode)

    assert exposed([path], ["hunter2"]) == ((path,) if is_open else ())


def test_a_directory_that_others_cannot_enter_protects_its_files(directory):
    inner = directory / "secrets"
    inner.mkdir()
    path = put(inner / "secret", 0o644)

    inner.chmod(0o700)

    assert exposed([path], ["hunter2"]) == ()


def test_of_a_link_what_it_leads_to_counts(directory):
    path = put(directory / "..data", 0o600)
    link = directory / "secret"
    link.symlink_to(path)
    closed = exposed([link], ["hunter2"])

    path.chmod(0o644)

    assert (closed, exposed([link], ["hunter2"])) == ((), (link,))


def test_what_cannot_be_looked_at_is_not_told(directory):
    loop = directory / "loop"
    loop.symlink_to(loop)

    assert exposed([directory / "gone", loop, Path("a\0b")], ["hunter2"]) == ()


def test_the_files_that_keys_name_are_looked_at(directory):
    path = written(directory, BY_FILE)
    secret = put(directory / "secret", 0o644)

    assert load(path, {}).exposed == (secret,)


def test_the_configuration_itself_is_when_a_secret_stands_in_it(directory):
    path = written(directory, ACCOUNT)
    path.chmod(0o644)

    assert load(path, {}).exposed == (path,)


def test_a_configuration_without_a_secret_of_its_own_may_be_read_by_all(directory):
    path = written(directory, BY_FILE)
    path.chmod(0o644)
    put(directory / "secret", 0o600)
    put(directory / "apps.csv", 0o644, "jh2")

    assert load(path, {}).exposed == ()


def test_a_secret_from_the_environment_does_not_stand_in_the_file(directory):
    path = written(directory, "accounts: [{access_key: abc, access_secret: '${SECRET}', apps: [jh1]}]\n")
    path.chmod(0o644)

    assert load(path, {"SECRET": "hunter2"}).exposed == ()


def test_the_file_of_users_and_its_key_are_secrets_and_a_certificate_is_none(directory):
    path = written(directory, BY_FILE + "web: {config_file: web.yml}\n")
    put(directory / "secret", 0o600)
    users = put(directory / "web.yml", 0o644, f"basic_auth_users: {{ops: '{HASH}'}}\n")

    assert load(path, {}).exposed == (users,)


def test_a_key_file_is_a_secret_and_its_certificate_is_none(directory):
    pair = self_signed(directory)
    for file in (pair.certificate, pair.key):
        file.chmod(0o644)
    path = written(directory, BY_FILE + "web: {config_file: web.yml}\n")
    put(directory / "secret", 0o600)
    files = f"{{cert_file: {pair.certificate}, key_file: {pair.key}}}"
    put(directory / "web.yml", 0o644, f"tls_server_config: {files}\n")

    assert load(path, {}).exposed == (pair.key,)


def test_every_secret_is_found_wherever_it_stands(directory):
    sinks = "[{name: a, type: webhook, url: 'http://a/b', headers: {X-Token: header-token}}]"
    path = written(directory, f"{ACCOUNT}web: {{config_file: web.yml}}\nevents: {{sinks: {sinks}}}\n")
    put(directory / "web.yml", 0o600, f"basic_auth_users: {{ops: '{HASH}'}}\n")

    assert set(secrets_in(load(path, {}))) == {"hunter2", "http://a/b", "header-token", HASH}

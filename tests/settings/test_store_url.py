"""The address of the store: a password in it is kept apart from the first moment."""

import pytest

from monitor.settings.exposure import secrets_in
from monitor.settings.load import load
from monitor.settings.problems import SettingsError
from tests.settings.writing import ACCOUNT, written


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me@db/monitor", "postgresql://me@db/monitor"),
        ("postgres://me:hunt%40er2@db:6432/monitor", "postgres://me:**********@db:6432/monitor"),
        ("postgresql://me:hunter2@a:1,b:2/monitor", "postgresql://me:**********@a:1,b:2/monitor"),
        (
            "postgresql:///monitor?host=/run/pg&password=hunter2&sslmode=verify-full",
            "postgresql:///monitor?host=/run/pg&password=**********&sslmode=verify-full",
        ),
        ("postgresql://db/monitor?sslpassword=hunter2", "postgresql://db/monitor?sslpassword=**********"),
        ("postgresql://db?dbname=monitor", "postgresql://db?dbname=monitor"),
    ],
)
def test_a_password_never_prints(tmp_path, url, shown):
    settings = load(written(tmp_path, f"{ACCOUNT}store: {{url: '{url}'}}\n"), {})

    assert settings.store.url.reveal() == url
    assert str(settings.store.url) == shown
    assert "hunt" not in f"{settings!r} {settings.model_dump()}"
    assert any("er2" in secret for secret in secrets_in(settings.store)) == ("er2" in url)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("postgresql://me:hunter2@db", "expected postgresql://USER@HOST/DATABASE, got one that names no database"),
        ("postgresql://me:hun@ter2@db/monitor", "expected a URL whose special characters are written as %XX"),
        ("postgresql://me:hun ter2@db/monitor", "expected a URL whose special characters are written as %XX"),
        ("postgresql://me:hunter2%@db/monitor", "expected a URL whose special characters are written as %XX"),
        ("postgresql://me:hunter2@db/monitor?sslmode", "expected parameters as NAME=VALUE with & between"),
        ("postgresql+psycopg2://me:hunter2@db/monitor", "expected sqlite:///FILE"),
    ],
)
def test_what_cannot_be_connected_to_is_refused_without_repeating_it(tmp_path, url, problem):
    with pytest.raises(SettingsError, match="expected") as refused:
        load(written(tmp_path, f"{ACCOUNT}store: {{url: '{url}'}}\n"), {})

    assert [problem in text and "ter2" not in text for text in map(str, refused.value.problems)] == [True]

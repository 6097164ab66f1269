"""A `store.url` that cannot be a store is refused in one line that does not repeat it."""

import time

import pytest

from monitor.store.address import database_at
from monitor.store.errors import StoreUnavailable


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "store.url cannot be read"),
        ("/data/x.db", "store.url cannot be read"),
        ("mysql://user:hunter2@host/x", "store.url: mysql is no database for a store"),
        ("sqlite://", "store.url names no file"),
        ("sqlite:///:memory:", "store.url names no file"),
    ],
)
def test_other_addresses_are_refused(url, message):
    with pytest.raises(StoreUnavailable, match=message) as refused:
        database_at(url, time.monotonic)

    assert "hunter2" not in str(refused.value)
    assert "sqlite:////data/number-monitor.db" in str(refused.value)


@pytest.mark.parametrize(
    ("url", "path"),
    [("sqlite:////data/x.db", "/data/x.db"), ("sqlite:///x.db", "x.db"), ("sqlite:////a%20b/x.db", "/a b/x.db")],
)
def test_a_file_is_found(url, path):
    assert str(database_at(url, time.monotonic)) == path

"""
Stores of the test's own, all closed afterwards: in a SQLite file and, where a test does not ask for that alone, in
PostgreSQL too.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from monitor.store.store import Store
from tests.postgresql import PostgresqlServer
from tests.store.making import NOW

NAME = "number-monitor.db"
Opener = Callable[..., Awaitable[Store]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test of stores runs with each database, unless it is about the one."""
    if "store_url" in metafunc.fixturenames:
        databases = ["sqlite"] if "in_sqlite" in metafunc.fixturenames else ["sqlite", "postgresql"]
        metafunc.parametrize("store_url", databases, indirect=True)


@pytest.fixture
def in_sqlite() -> None:
    """For a test of what SQLite alone does."""


@pytest.fixture
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the store is to be."""
    if request.param == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql")
        return server.url(server.empty_database())
    return f"sqlite:///{tmp_path}/{NAME}"


@pytest.fixture
def path(in_sqlite: None, tmp_path: Path) -> Path:
    """Where the store is."""
    return tmp_path / NAME


@pytest.fixture
async def open_store(store_url: str) -> AsyncIterator[Opener]:
    """Opens the store to write."""
    async with AsyncExitStack() as opened:

        async def opener(where: Path | None = None, *, wait: float = 0.0, **options: Any) -> Store:
            named = store_url if where is None else f"sqlite:///{where}"
            store = await Store.open(named, now=lambda: NOW, wait=wait, **options)
            opened.push_async_callback(store.close)
            return store

        yield opener


@pytest.fixture
async def store(open_store: Opener) -> Store:
    """A new store."""
    return await open_store()

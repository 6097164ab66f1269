"""Stores in files of the test's own, all closed afterwards."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from monitor.store.store import Store
from tests.store.making import NOW

Opener = Callable[..., Awaitable[Store]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store is."""
    return tmp_path / "number-monitor.db"


@pytest.fixture
async def open_store(path: Path) -> AsyncIterator[Opener]:
    """Opens the store to write."""
    async with AsyncExitStack() as opened:

        async def opener(where: Path = path, *, wait: float = 0.0, **options: Any) -> Store:
            store = await Store.open(f"sqlite:///{where}", now=lambda: NOW, wait=wait, **options)
            opened.push_async_callback(store.close)
            return store

        yield opener


@pytest.fixture
async def store(open_store: Opener) -> Store:
    """A new store."""
    return await open_store()

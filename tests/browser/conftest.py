"""One daemon that watches a town, and one browser, for all tests of the session."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Request, ViewportSize, async_playwright, expect

from tests.browser.town import Town
from tests.system.running import Running

PATIENCE = 20_000  # ms after which a page that does not show something will not

expect.set_options(timeout=PATIENCE)


class Place(msgspec.Struct):
    """What is looked at."""

    town: Town
    daemon: Running
    address: str


@pytest.fixture(scope="session")
def chromium() -> str:
    """Debian's browser; where it is missing the test is skipped with the reason, in CI it fails."""
    path = shutil.which("chromium")
    if path is None:
        reason = "chromium is not installed (tests/system-packages.txt names its Debian package)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def place(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """The town, and the daemon that watches it."""
    town = Town()
    await town.start()
    path = await town.write(tmp_path_factory.mktemp("town"))
    daemon = await Running.start(path)
    yield Place(town, daemon, await daemon.ready())
    await daemon.end()
    await town.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """The browser, without a window."""
    root = os.getuid() == 0
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=chromium,
            args=["--disable-dev-shm-usage", *(["--no-sandbox"] if root else [])],
            handle_sigint=False,
        )
        yield started
        await started.close()


class Reader:
    """
    Somebody who looks at pages: `await reader("/", color_scheme="dark")`; options are the browser context's.

    Keeps what a page complained about on its console, and what it asked for elsewhere.
    """

    def __init__(self, browser: Browser, address: str) -> None:
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        self._browser = browser
        self._address = address
        self._contexts: list[BrowserContext] = []

    async def __call__(self, path: str, *, width: int = 1280, height: int = 900, **options: Any) -> Page:
        size: ViewportSize = {"width": width, "height": height}
        context = await self._browser.new_context(viewport=size, **{"locale": "en-US", **options})
        self._contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asks)
        await page.goto(f"{self._address}{path}", wait_until="load")
        return page

    async def close(self) -> None:
        """Close all that was opened."""
        for context in self._contexts:
            await context.close()

    def _asks(self, request: Request) -> None:
        if not request.url.startswith((f"{self._address}/", "data:")):
            self.elsewhere.append(request.url)


@pytest_asyncio.fixture(loop_scope="session")
async def reader(browser: Browser, place: Place) -> AsyncIterator[Reader]:
    """At the end nothing may have been complained about, nor asked for elsewhere."""
    reader = Reader(browser, place.address)
    yield reader
    await reader.close()
    assert reader.complaints == []
    assert reader.elsewhere == []


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where pictures for people to look at are written."""
    path = Path(__file__).parent / "pictures"
    path.mkdir(exist_ok=True)
    return path

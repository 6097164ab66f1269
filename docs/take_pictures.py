"""
Take the documents' pictures anew: `make pictures`.

What they show is real: the daemon over a vendor with a week's past, its pages in Debian's Chromium, its commands on a
terminal of 110 columns.  Only the numbers are simulated.  The pictures differ from run to run by their times, so no
test compares them; take them again when pages or tables have changed.
"""

import asyncio
import io
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ
from urllib.parse import quote

from playwright.async_api import Browser, async_playwright
from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

from tests.browser.town import Town
from tests.system.running import Running, eventually

PICTURES = Path(__file__).with_name("pictures")
COLUMNS = 110

#: What was on the terminal for a moment: a line that is written over, and one to which the cursor goes back up.
ERASED = re.compile(r"[^\r\n]*\r\x1b\[2K|[^\n]*\n(?:\x1b\[\?25h)?\r\x1b\[1A\x1b\[2K")

#: Pages by the name of their picture: path, then how the browser is set.
PAGES: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "page": ("/", {"viewport": {"width": 1280, "height": 860}}),
    "page-dark": ("/", {"viewport": {"width": 1280, "height": 860}, "color_scheme": "dark"}),
    "page-phone": ("/", {"viewport": {"width": 390, "height": 800}, "device_scale_factor": 2, "is_mobile": True}),
    "page-chinese": ("/", {"viewport": {"width": 1280, "height": 860}, "locale": "zh-CN"}),
    "number": ("{worst}", {"viewport": {"width": 1280, "height": 860}}),
}
#: Commands by the name of their picture.
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "numbers": ("numbers", "--degraded"),
    "events": ("events", "--since", "30d", "--type", "number.degraded"),
    "check": ("check", "--live"),
}


async def take(directory: Path) -> None:
    """Write every picture into the directory."""
    town = Town()
    await town.start()
    with tempfile.TemporaryDirectory() as home:
        configuration = await town.write(Path(home))
        daemon = await Running.start(configuration)
        try:
            address = await daemon.ready()
            worst = await eventually(lambda: path_of_the_worst(daemon))
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(
                    executable_path=shutil.which("chromium"), args=["--no-sandbox"]
                )
                for name, (path, settings) in PAGES.items():
                    await photograph(
                        browser, f"{address}{path.format(worst=worst)}", settings, directory / f"{name}.png"
                    )
                await browser.close()
            for name, words in COMMANDS.items():
                (directory / f"{name}.svg").write_text(await drawn(configuration, words), encoding="utf-8")
        finally:
            await daemon.end()
            await town.stop()


async def path_of_the_worst(daemon: Running) -> str:
    """Where the page of a critical number is that has been through a lot; empty while there is none."""
    found = (await daemon.get("/api/v1/numbers?degraded=true&account=europe")).json()["items"]
    worst = next((one for one in found if one["severity"] == "critical"), None)
    if worst is None:
        return ""
    parts = (worst["account"], worst["appkey"], worst["waba_id"] or "-", worst["number"])
    return "/numbers/" + "/".join(quote(part, safe="") for part in parts)


async def photograph(browser: Browser, address: str, settings: Mapping[str, object], path: Path) -> None:
    """One page, as far as the window shows it."""
    context = await browser.new_context(**settings)  # type: ignore[arg-type] # a table of its arguments
    page = await context.new_page()
    await page.goto(address)
    await page.screenshot(path=path, animations="disabled")
    await context.close()


async def drawn(configuration: Path, words: tuple[str, ...]) -> str:
    """A command and what it prints, as SVG."""
    output = await asyncio.to_thread(printed, [sys.executable, "-m", "monitor", "--config", str(configuration), *words])
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(output.replace(str(configuration.parent), "/srv/number-monitor").rstrip()))
    drawing = console.export_svg(title=f"number-monitor {' '.join(words)}", theme=DIMMED_MONOKAI, unique_id="picture")
    return re.sub(r"@font-face \{.*?\}\s*", "", drawing, flags=re.DOTALL)  # which would be fetched from elsewhere


def printed(command: list[str]) -> str:
    """What a command prints on a terminal."""
    terminal, inside = pty.openpty()
    ioctl(inside, TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
    environ = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "COLUMNS"}}
    environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    with subprocess.Popen(command, stdin=inside, stdout=inside, stderr=inside, env=environ):  # noqa: S603 - our own
        os.close(inside)
        output = b"".join(iter(lambda: _read(terminal), b""))
    os.close(terminal)
    return ERASED.sub("", output.decode().replace("\r\n", "\n"))


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # which is how Linux says that the last program has closed it
        return b""


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    asyncio.run(take(PICTURES))

"""A person at a real terminal: the program on a pseudo-terminal of its own, what it shows, what is typed."""

import asyncio
import os
import re
import signal
import sys
import termios
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[2]
PATIENCE = 90.0  # seconds after which something that has not been shown will not be

# The terminal becomes the controlling one, which hidden questions are asked at and Ctrl-C goes through.  What is begun
# at a real one hears its keys and its end; what a shell starts in the background ignores SIGINT, and nohup's children
# SIGHUP, which whatever they start inherits: so may the tests.
_AT_THE_TERMINAL = """
import fcntl, os, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM):
    signal.signal(number, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, "-m", "monitor", *sys.argv[1:]])
"""


class Terminal:
    """`async with Terminal("init", directory=tmp_path) as terminal`; whoever leaves closes the window."""

    def __init__(
        self, *words: object, directory: Path, environ: Mapping[str, str] | None = None, columns: int = 200
    ) -> None:
        self.screen = ""  #: all that was shown, colours and all
        self._words = [str(word) for word in words]
        self._directory = directory
        self._environ = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **(environ or {})}
        self._columns = columns
        self._seen = 0
        self._shown = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._master, slave = os.openpty()
        termios.tcsetwinsize(slave, (50, self._columns))
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _AT_THE_TERMINAL, *self._words),
            cwd=self._directory,
            env=self._environ,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        asyncio.get_running_loop().add_reader(self._master, self._read)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGHUP)
            try:
                await asyncio.wait_for(self._process.wait(), PATIENCE)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)

    @property
    def text(self) -> str:
        """What was shown, without colours and movements."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.screen).replace("\r\n", "\n")

    async def shows(self, words: str) -> None:
        """Wait until these words are shown, after those that were waited for before."""
        try:
            async with asyncio.timeout(PATIENCE):
                while (found := self.text.find(words, self._seen)) < 0:
                    self._shown.clear()
                    await self._shown.wait()
        except TimeoutError:
            raise AssertionError(f"{words!r} is not shown: {self.text[self._seen :]!r}") from None
        self._seen = found + len(words)

    def types(self, text: str) -> None:
        """Press these keys."""
        os.write(self._master, text.encode())

    async def answers(self, question: str, line: str) -> None:
        """Wait for a question, and answer it."""
        await self.shows(question)
        self.types(f"{line}\n")

    async def ends(self) -> int:
        """Wait until the program has ended by itself; its exit code."""
        async with asyncio.timeout(PATIENCE):
            code = await self._process.wait()
        self._read()
        return code

    def _read(self) -> None:
        try:
            os.set_blocking(self._master, False)
            while data := os.read(self._master, 65536):
                self.screen += data.decode(errors="replace")
        except BlockingIOError:
            pass
        except OSError:  # the other side is closed
            asyncio.get_running_loop().remove_reader(self._master)
        self._shown.set()

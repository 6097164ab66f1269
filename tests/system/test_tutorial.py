"""
docs/tutorial.md, walked as written, to its end: the vendor, the room and the daemon as the commands start them.

Only the ports are others, and `make demo` is left out.  What runs until it is stopped is a process of its own, as in
a terminal of its own.
"""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.system.running import eventually
from tests.system.test_prometheus import free_port

ROOT = Path(__file__).parents[2]
TUTORIAL = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
STEPS = [
    re.findall(r"^```(\w+)\n(.*?)^```$", step, re.MULTILINE | re.DOTALL)
    for step in re.split(r"^## ", TUTORIAL, flags=re.MULTILINE)
]
STAYS = ("simulate", "trial/room.py", "run")  # the commands that a terminal of their own is for
PORTS = ("8620", "8621", "8080")


class Terminal:
    """A command that runs until it is stopped, and what it has printed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.lines.append(line.decode())

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.lines)

    def told(self, kind: str, **data: object) -> list[str]:
        """The subjects of the events of a type, on the daemon's stdout."""
        events = [json.loads(line) for line in self.lines if line.startswith('{"specversion"')]
        return [event["subject"] for event in events if event["type"] == kind and data.items() <= event["data"].items()]

    async def stop(self) -> None:
        """Ctrl-C."""
        if self.process.returncode is None:
            self.process.terminate()
        await self.process.wait()
        await self._reader


class Reader:
    """Types what a step says, in a clone."""

    def __init__(self, clone: Path) -> None:
        self.terminals: dict[str, Terminal] = {}
        self._clone = clone
        self._ports = {port: str(free_port()) for port in PORTS}  # known before the programs start that take them
        self._environ = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "NUMBER_MONITOR_CONFIG": "trial/number-monitor.yml",
            "NUMBER_MONITOR_LISTEN": f"127.0.0.1:{self._ports['8620']}",
        }

    async def take(self, number: int) -> str:
        """One step; gives what its commands have printed."""
        return "".join([await self.type(command) for command in commands(number)])

    async def type(self, command: str) -> str:
        """One command, as it is written; gives what it has printed, if it ends by itself."""
        for port, own in self._ports.items():
            command = re.sub(rf"\b{port}\b", own, command)
        stays = next((word for word in STAYS if command.startswith("python") and word in command.split()), None)
        if stays == "simulate":
            command += f" --port {self._ports['8621']}"
        command = re.sub("^python", f"exec {sys.executable}", command)
        process = await asyncio.create_subprocess_exec(
            *("bash", "-euc", command),
            cwd=self._clone,
            env=self._environ,
            stdout=asyncio.subprocess.PIPE,
            stderr=None if stays else asyncio.subprocess.STDOUT,
            limit=2**20,
        )
        if stays:
            self.terminals[stays] = Terminal(process)
            return ""
        output, _ = await process.communicate()
        return output.decode()


def commands(number: int) -> list[str]:
    """What is to be typed in a step; a here-document is part of its command."""
    blocks = [block for language, block in STEPS[number] if language == "sh"]
    return [
        command.rstrip()
        for block in blocks
        for command in re.findall(r".*<<'EOF'\n(?s:.*?)^EOF$|.+", block, re.MULTILINE)
    ]


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[Reader]:
    reader = Reader(tmp_path)
    yield reader
    for terminal in reader.terminals.values():
        await terminal.stop()


async def test_whoever_types_what_the_tutorial_says_sees_what_it_says(reader):
    assert commands(1)[0] == "make demo"
    for command in [*commands(1)[1:], *commands(2), *commands(3)]:
        await reader.type(command)
    vendor, room = reader.terminals["simulate"], reader.terminals["trial/room.py"]
    await eventually(lambda: "curl" in vendor.text)
    assert shown(2).splitlines()[1:] == vendor.text.splitlines()[1:4]

    prepared = await reader.take(4)
    assert re.search(r"answered in \d+ ms with 4 numbers; the clocks agree\n", prepared)
    assert "warning: " not in prepared
    assert re.findall(r"^warning .* (YELLOW|RED) ", prepared, re.MULTILINE) == ["YELLOW"]
    await eventually(lambda: "this is only a test" in room.text)

    await reader.take(5)
    daemon = reader.terminals["run"]
    await eventually(lambda: len(daemon.told("app.baseline")) == 6)

    happens, *questions = commands(6)
    await reader.type(happens)
    await eventually(lambda: daemon.told("number.degraded", after="RED") == ["+8613800000001"])
    await eventually(lambda: shown(6) in room.text)
    said = "".join([await reader.type(question) for question in questions])
    assert re.search(r"critical +\+8613800000001", said)
    assert re.search("quality_rating GREEN .+ RED", said)
    assert re.search("delivered +room", said)
    assert '"campaign":"hold","reasons":["quality.red"]' in said

    await reader.take(7)
    fault, question, word, *_ = commands(8)
    await reader.type(fault)
    assert (await reader.type(question)).count("shop-two") == 4
    await eventually(lambda: daemon.told("number.recovered") == ["+8613800000001"])
    await eventually(lambda: daemon.told("app.suspect") == ["jh65bawd722"])
    assert daemon.told("number.removed") == []
    await reader.type(word)
    await eventually(lambda: len(daemon.told("number.removed")) == 4)


def shown(number: int) -> str:
    """What a step says that is to be seen."""
    (text,) = [str(block) for language, block in STEPS[number] if language == "text"]
    return text

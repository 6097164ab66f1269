"""
The README's ten minutes to a message, walked as written: its commands, its configuration, a mail that arrives.

What is not here is stood in for: the vendor by the simulator, the mail server by one on the loopback with STARTTLS,
and the container by the program with the image's environment.
"""

import asyncio
import os
import re
import shlex
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from monitor.simulator.lives import STILL
from monitor.simulator.server import Simulator
from monitor.simulator.world import World
from tests.delivery.mailserver import PASSWORD, USER, MailServer, self_signed
from tests.system.running import Running, eventually

ROOT = Path(__file__).parents[2]
SECTION = (ROOT / "README.md").read_text(encoding="utf-8").split("## Ten minutes to a message\n")[1].split("\n## ")[0]
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
IN_A_CONTAINER = ["docker", "compose", "run", "--rm", "number-monitor"]


class Stranger:
    """Types what the README says into a directory that is the clone to them."""

    def __init__(self, clone: Path, world: World, base_url: str, server: MailServer, certificate: Path) -> None:
        self.daemon: Running | None = None
        self.said: list[tuple[list[str], int, str]] = []  #: command, exit code, what came on the screen
        self.secrets = {"conf/nxcloud.secret": world.access_secret, "conf/smtp.secret": PASSWORD}
        self._clone = clone
        self._own = dict(zip(re.findall(r"\bjh\w+", SECTION), world.appkeys, strict=False))
        self._own |= {"fme2na3kdi3ki": f"{world.access_key}\n    base_url: {base_url}"}
        self._own |= {
            "smtp.example.com, port: 587": f"127.0.0.1, port: {server.port}",
            "user: numbers@example.com": f"user: {USER}",
        }
        self._environ = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SSL_CERT_FILE": str(certificate),
            "NUMBER_MONITOR_STORE_URL": f"sqlite:///{clone}/data.db",
            "NUMBER_MONITOR_LISTEN": "127.0.0.1:0",
        }

    async def walk(self) -> None:
        """From the first line of the section to its last."""
        for language, block in BLOCKS:
            if language == "sh":
                for command in [block] if "<<" in block else block.splitlines():
                    await self._type(command)

    async def _type(self, command: str) -> None:
        words = shlex.split(command)
        if words == ["make", "image"]:
            return
        if words[:5] == IN_A_CONTAINER:
            await self._run(words[5:])
        elif words == ["docker", "compose", "up", "-d"]:
            path = self._clone / "conf/number-monitor.yml"
            self.daemon = await Running.start(path, environ=self._environ)
        elif words == ["docker", "compose", "logs", "-f"]:
            assert self.daemon is not None
            await self.daemon.ready()
        else:
            await self._shell(command)

    async def _shell(self, command: str) -> None:
        for placeholder, own in self._own.items():
            command = command.replace(placeholder, own)
        pasted = next((secret for file, secret in self.secrets.items() if f"> {file}" in command), "")
        process = await asyncio.create_subprocess_exec(
            *("bash", "-euc", f'sudo() {{ test -f "$4"; }}; {command}'), cwd=self._clone, stdin=asyncio.subprocess.PIPE
        )
        await process.communicate(f"{pasted}\n".encode())
        assert process.returncode == 0, command

    async def _run(self, words: list[str]) -> None:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "monitor", *words),
            cwd=self._clone / "conf",
            env=self._environ,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        self.said.append((words, process.returncode or 0, output.decode()))


def shown(beginning: str, server: MailServer) -> str:
    """A pattern of what the README shows on the screen; ids and the server's own words may be others."""
    (text,) = [block for language, block in BLOCKS if not language and block.startswith(beginning)]
    before, _, said = text.strip().replace("smtp.example.com:587", f"127.0.0.1:{server.port}").partition(" answered ")
    pattern = re.sub(r"[0-9a-f]{8}(?:\\-[0-9a-f]{4}){3}\\-[0-9a-f]{12}", r"[0-9a-f-]{36}", re.escape(before))
    return f"{pattern} answered {said.split(':')[0]}: .+\n"


@pytest.fixture
async def server(tmp_path: Path, command: Callable[[str], str]) -> AsyncIterator[MailServer]:
    command("openssl")
    async with MailServer(self_signed(tmp_path)) as server:
        yield server


@pytest.fixture
async def stranger(tmp_path: Path, server: MailServer) -> AsyncIterator[Stranger]:
    world = World.of(apps=6, numbers=24, script=STILL)
    vendor = Simulator(world)
    clone = tmp_path / "clone"
    clone.mkdir()
    stranger = Stranger(clone, world, await vendor.start(), server, tmp_path / "cert.pem")
    yield stranger
    if stranger.daemon is not None:
        await stranger.daemon.end()
    await vendor.stop()


async def test_whoever_types_what_the_readme_says_has_a_mail(stranger, server):
    await stranger.walk()

    (check, _, lets_in), (test, _, told) = stranger.said
    assert [code for _, code, _ in stranger.said] == [0, 0], stranger.said
    assert (check, test) == (["check", "--live"], ["sinks", "test", "mail"])
    assert "`answered in 80 ms with 4 numbers; the clocks agree`" in SECTION
    assert re.search(r"answered in \d+ ms with 4 numbers; the clocks agree\n$", lets_in)
    assert re.fullmatch(shown("sink mail took", server), told)
    assert server.sign_ins == [("PLAIN", True)]
    assert f"*{server.mail()['Subject']}*" in SECTION
    await eventually(lambda: len(stranger.daemon.told("app.baseline")) == 6)


async def test_a_wrong_password_is_said_in_the_servers_words_as_the_readme_shows(stranger, server):
    stranger.secrets["conf/smtp.secret"] = "another one"

    await stranger.walk()

    (_, code, told) = stranger.said[1]
    assert (code, server.mails) == (1, [])
    assert re.fullmatch(shown("sink mail did not take", server), told)

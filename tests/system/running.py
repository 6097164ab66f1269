"""The real daemon in a process of its own, as its users run it: started, read, signalled, ended."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import httpx
from prometheus_client.parser import text_string_to_metric_families

PATIENCE = 90.0  # seconds after which something that has not happened will not

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def eventually(condition: Callable[[], Any]) -> Any:
    """Wait until the condition, which may be a coroutine function, gives something true; give that."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = condition()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return found
            await asyncio.sleep(0.02)


def configuration(
    directory: Path, *, base_url: str, access_key: str, access_secret: str, apps: object, **more: Any
) -> Path:
    """Write a configuration for one account at a vendor; `more` are further sections."""
    account = {
        "name": "main",
        "access_key": access_key,
        "access_secret": access_secret,
        "base_url": base_url,
        "apps": apps,
        "rate_limit": 200,
    }
    contents = {
        "accounts": [account],
        "poll": {"interval": "5s"},
        "web": {"listen": "127.0.0.1:0"},
        "log": {"level": "info"},
        **more,
    }
    path = directory / "number-monitor.yml"
    path.write_text(json.dumps(contents))
    return path


class Running:
    """`number-monitor run`; stdout and stderr are read as they come."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.events: list[dict[str, Any]] = []
        self.log: list[str] = []
        self._readers = [
            asyncio.create_task(self._read_events()),
            asyncio.create_task(self._read_log()),
        ]

    @classmethod
    async def start(
        cls,
        path: Path,
        *,
        environ: Mapping[str, str] | None = None,
        program: str = "monitor",
        through: Sequence[str] = (),
    ) -> Self:
        """Start it, or another module that is like it, `through` a command; it may not answer yet."""
        process = await asyncio.create_subprocess_exec(
            *(*through, sys.executable, "-m", program, "--config", str(path), "run"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **(environ or {})},
            limit=2**24,
        )
        return cls(process)

    async def watching(self) -> str:
        """Wait until it watches; gives the address of its web server."""
        found = await eventually(lambda: self._address() or self.process.returncode is not None)
        assert isinstance(found, str), f"it ended with {self.process.returncode}: {self.log}"
        return found

    async def ready(self) -> str:
        """Wait until it is ready; gives the address likewise."""
        address = await self.watching()
        await eventually(lambda: self._ok(address, "/-/ready"))
        return address

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """GET a path of it."""
        return await self._request("GET", await self.watching(), path, headers)

    async def post(self, path: str, **headers: str) -> httpx.Response:
        """POST to a path of it."""
        return await self._request("POST", await self.watching(), path, headers)

    async def samples(self) -> Samples:
        """Every sample of `/metrics`, by name and labels."""
        text = (await self.get("/metrics")).text
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    async def sample(self, name: str, **labels: str) -> float | None:
        """The one sample of this name that has these labels among its own; None when there is none."""
        found = [
            value for (has, own), value in (await self.samples()).items() if has == name and labels.items() <= set(own)
        ]
        assert len(found) <= 1, f"{name} {labels} fits {len(found)} samples"
        return found[0] if found else None

    def told(self, type_: str, **data: object) -> list[dict[str, Any]]:
        """The events of this type on stdout with these among their data."""
        return [event for event in self.events if event["type"] == type_ and data.items() <= event["data"].items()]

    async def reload(self) -> None:
        """Have it read its configuration anew, by SIGHUP, and wait until it has."""
        done = self.reloads()
        self.process.send_signal(signal.SIGHUP)
        await eventually(lambda: self.reloads() > done)

    def reloads(self) -> int:
        """How often it has taken its configuration over anew."""
        return sum('"configuration reloaded"' in line for line in self.log)

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Signal it, wait for its end, give its exit code."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        async with asyncio.timeout(PATIENCE):
            await self.process.wait()
            await asyncio.gather(*self._readers)
        return self.process.returncode or 0

    async def end_by_itself(self, patience: float = PATIENCE) -> int:
        """Wait until it ends without being told to; its exit code."""
        async with asyncio.timeout(patience):
            await self.process.wait()
            await asyncio.gather(*self._readers)
        return self.process.returncode or 0

    async def _read_events(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.events.append(json.loads(line))

    async def _read_log(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.log.append(line.decode())

    def _address(self) -> str | None:
        for line in self.log:
            if '"watching"' in line and (found := re.search(r'"listen":"([^",]+)', line)):
                return f"http://{found[1]}"
        return None

    async def _ok(self, address: str, path: str) -> bool:
        return (await self._request("GET", address, path, {})).status_code == 200

    @staticmethod
    async def _request(method: str, address: str, path: str, headers: Mapping[str, str]) -> httpx.Response:
        async with httpx.AsyncClient(base_url=address, timeout=PATIENCE) as client:
            return await client.request(method, path, headers=dict(headers))

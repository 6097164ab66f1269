"""A caller of phoneList, written without the simulator's code: signs, sends, reads to the end of the connection."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

PATH = "/api/wa/integrator/embedded/register/phoneList"
NOW = 1_790_000_000_000


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def signed(access_key: str, secret: str, body: bytes, *, ts: str = str(NOW), algorithm: str = "") -> dict[str, str]:
    """The headers of a correct call."""
    text = f"accessKey={access_key}&action=phoneList&bizType=2&ts={ts}".encode()
    text += b"&body=" + body if body else b""
    text += b"&accessSecret=" + secret.encode()
    headers = {
        "accessKey": access_key,
        "ts": ts,
        "bizType": "2",
        "action": "phoneList",
        "sign": hashlib.new(algorithm or "md5", text).hexdigest(),
        "Content-Type": "application/json",
    }
    return headers | {"algorithm": algorithm} if algorithm else headers


def request(method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> bytes:
    """A request's bytes."""
    lines = [f"{method} {target} HTTP/1.1", "Host: vendor"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def parsed(data: bytes) -> Answer:
    """The first response of some bytes, with all that follows its head as its body."""
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return Answer(int(first.split()[1]), headers, body)


async def connect(base_url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the server."""
    parts = urlsplit(base_url)
    return await asyncio.open_connection(parts.hostname, parts.port)


async def exchange(
    base_url: str, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> Answer:
    """Send one request on a connection of its own and read all that comes."""
    return parsed(await raw(base_url, request(method, target, {"Connection": "close", **(headers or {})}, body)))


async def raw(base_url: str, data: bytes) -> bytes:
    """Send bytes, read to the end."""
    reader, writer = await connect(base_url)
    try:
        writer.write(data)
        return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()


async def until(holds: Callable[[], bool]) -> None:
    """Let the server go on until something holds."""
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0)

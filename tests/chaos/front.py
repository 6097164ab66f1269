"""
What stands before the vendor: a port that hands connections on, or does something else with them.

In plain TCP, in TLS with a certificate, or as a proxy that opens a tunnel.  How it stands can be changed at any moment;
the connections it has are dropped then, as they are when the thing that it stands for fails.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable

Carry = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]

HEAD = b"\r\n\r\n"


class Front:
    """One port, from `open` to `close`."""

    def __init__(self) -> None:
        self.port = 0  #: the same from the first opening on
        self.connections = 0  #: accepted so far
        self._server: asyncio.Server | None = None
        self._carrying: set[asyncio.Task[None]] = set()

    @property
    def is_open(self) -> bool:
        """Whether it takes connections."""
        return self._server is not None

    async def open(self, carry: Carry, tls: ssl.SSLContext | None = None) -> None:
        """Do this with every connection from now on."""
        await self.close()
        self._server = await asyncio.start_server(
            lambda reader, writer: self._accepted(carry, reader, writer), "127.0.0.1", self.port, ssl=tls
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Refuse every connection from now on."""
        if self._server is None:
            return
        self._server.close()
        for task in self._carrying:
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    async def _accepted(self, carry: Carry, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.connections += 1
        self._carrying.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await carry(reader, writer)
        finally:
            self._carrying.discard(task)
            writer.transport.abort()


def onward(port: int) -> Carry:
    """Hand every byte on to a port of this machine, and back."""
    return handed_on(lambda: asyncio.open_connection("127.0.0.1", port))


def handed_on(connect: Connect, flows: asyncio.Event | None = None) -> Carry:
    """Hand every byte on to what `connect` opens, and back; what comes while nothing flows is held up."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await connect()
        both = {asyncio.ensure_future(_pipe(reader, back, flows)), asyncio.ensure_future(_pipe(there, writer, flows))}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in both:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            back.transport.abort()

    return carry


async def in_silence(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Take everything and never say a word."""
    while await reader.read(65536):
        pass


def tunnel() -> Carry:
    """A proxy's CONNECT, to ports of this machine."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(HEAD)).decode("latin-1")
        port = int(request.split()[1].rpartition(":")[2])
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await onward(port)(reader, writer)

    return carry


def refusing(status: str) -> Carry:
    """A proxy that answers every CONNECT with this status."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(HEAD)
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        await reader.read()

    return carry


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flows: asyncio.Event | None) -> None:
    while data := await reader.read(65536):
        if flows is not None:
            await flows.wait()
        writer.write(data)
        await writer.drain()

"""The way to the vendor: names, connections, certificates, proxies; and what is promised when they fail."""

import asyncio
import ssl
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tests.certificates import Pair, self_signed, signed
from tests.chaos.front import Carry, Front, in_silence, onward, refusing, tunnel
from tests.chaos.promise import Promise
from tests.chaos.source import Source, Trouble

NETWORK, TLS, PROXY = "the network", "TLS", "the proxy"

REMEMBERED = 10.0  # seconds that the client remembers an address
HOST = "vendor.chaos.test"  #: known where `Names` says so, and nowhere else


class Fronted(Source):
    """A vendor behind a front, in plain HTTP."""

    scheme = "http"

    def __init__(self, account: str, seed: int, directory: Path) -> None:
        super().__init__(account, seed, directory)
        self.front = Front()

    async def open(self) -> None:
        await super().open()
        await self.stand()

    async def close(self) -> None:
        await self.front.close()
        await super().close()

    async def stand(self) -> None:
        """Let the front hand everything on."""
        await self.front.open(onward(self.port))

    async def mend(self) -> None:
        await self.stand()

    def configuration(self) -> dict[str, Any]:
        return {**super().configuration(), "base_url": f"{self.scheme}://127.0.0.1:{self.front.port}"}


class Refusing(Fronted):
    """Nobody listens any more."""

    async def strike(self) -> None:
        await self.front.close()


class Silent(Fronted):
    """Connections are taken, and that is all."""

    async def strike(self) -> None:
        await self.front.open(in_silence)


class Named(Fronted):
    """Its name has no address any more."""

    def __init__(self, account: str, seed: int, directory: Path, names: "Names") -> None:
        super().__init__(account, seed, directory)
        self._names = names

    async def strike(self) -> None:
        self._names.forget()
        await asyncio.sleep(REMEMBERED)
        await self.stand()  # what is connected needs no name

    async def mend(self) -> None:
        self._names.know()

    def configuration(self) -> dict[str, Any]:
        return {**super().configuration(), "base_url": f"http://{HOST}:{self.front.port}"}


class Secure(Fronted):
    """A vendor behind TLS, whose certificate is exchanged for another, or for none."""

    scheme = "https"

    def __init__(
        self, account: str, seed: int, directory: Path, certificates: "Certificates", other: Pair | None
    ) -> None:
        super().__init__(account, seed, directory)
        self._certificates, self._other = certificates, other

    async def stand(self) -> None:
        await self.front.open(onward(self.port), _server(self._certificates.good))

    async def strike(self) -> None:
        await self.front.open(onward(self.port), None if self._other is None else _server(self._other))


class Proxied(Secure):
    """A vendor behind TLS, to be reached through a proxy, which fails."""

    def __init__(
        self, account: str, seed: int, directory: Path, certificates: "Certificates", instead: Carry | None
    ) -> None:
        super().__init__(account, seed, directory, certificates, None)
        self._proxy, self._instead = Front(), instead

    async def open(self) -> None:
        await super().open()
        await self._proxy.open(tunnel())

    async def close(self) -> None:
        await self._proxy.close()
        await super().close()

    async def strike(self) -> None:
        if self._instead is None:
            await self._proxy.close()
        else:
            await self._proxy.open(self._instead)

    async def mend(self) -> None:
        await self._proxy.open(tunnel())

    def configuration(self) -> dict[str, Any]:
        return {**super().configuration(), "proxy": f"http://127.0.0.1:{self._proxy.port}"}


class Names:
    """A hosts file that only the daemon sees, and a name server that nobody answers for: needs root and `unshare`."""

    def __init__(self, directory: Path) -> None:
        self._hosts, self._servers = directory / "hosts", directory / "resolv.conf"
        self._servers.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n", encoding="ascii")
        self.know()

    def know(self) -> None:
        """The name has its address."""
        self._hosts.write_text(f"127.0.0.1 localhost {HOST}\n", encoding="ascii")

    def forget(self) -> None:
        """It has none, and nobody else knows one."""
        self._hosts.write_text("127.0.0.1 localhost\n", encoding="ascii")

    @property
    def command(self) -> Sequence[str]:
        """What a process is started through to see them."""
        own = f"mount --bind {self._hosts} /etc/hosts && mount --bind {self._servers} /etc/resolv.conf"
        return ("unshare", "--mount", "sh", "-c", f'{own} && exec "$@"', "sh")


class Certificates:
    """An authority that the daemon trusts, and certificates of servers, good and bad."""

    def __init__(self, directory: Path) -> None:
        self.authority = self_signed(directory, "authority")
        self.good = signed(directory, "good", self.authority, names="IP:127.0.0.1")
        self.expired = signed(directory, "expired", self.authority, names="IP:127.0.0.1", days=-1)
        self.wrong_name = signed(directory, "elsewhere", self.authority, names="DNS:elsewhere.example")
        self.self_signed = self_signed(directory, "stranger", names="IP:127.0.0.1")


def of_connections() -> Iterator[Trouble]:
    """What needs nothing but sockets."""
    yield _whole("refuses connections", Refusing, "connect", "cannot connect to 127.0.0.1")
    yield _whole("takes connections and is silent", Silent, "timeout", "did not answer within 1 s")


def of_names(names: Names) -> Iterator[Trouble]:
    """What needs a name of our own."""
    yield _whole("DNS fails", partial(Named, names=names), "dns", f"the name {HOST} cannot be resolved")


def of_certificates(certificates: Certificates) -> Iterator[Trouble]:
    """What may be wrong with a certificate."""
    for fault, other, words in (
        ("certificate expired", certificates.expired, "certificate has expired"),
        ("certificate for another name", certificates.wrong_name, "IP address mismatch"),
        ("certificate self-signed", certificates.self_signed, "self-signed certificate"),
        ("no TLS at all", None, "no TLS connection to 127.0.0.1"),
    ):
        yield _whole(fault, partial(Secure, certificates=certificates, other=other), "tls", words)


def of_proxies(certificates: Certificates) -> Iterator[Trouble]:
    """What a proxy may do."""
    cases: tuple[tuple[str, Carry | None, str, str], ...] = (
        ("cannot be reached", None, "proxy", "cannot be reached"),
        ("refuses the way (403)", refusing("403 Forbidden"), "proxy", "refused the way"),
        ("wants a password (407)", refusing("407 Proxy Authentication Required"), "proxy", "check user and password"),
        ("hangs", in_silence, "timeout", "did not answer within 1 s"),
    )
    for fault, instead, reason, words in cases:
        yield _whole(fault, partial(Proxied, certificates=certificates, instead=instead), reason, words)


def _whole(fault: str, source: Callable[..., Source], reason: str, words: str) -> Trouble:
    return Trouble(fault, source, Promise(f"up 0, reason {reason}", words), "down", reason, whole=True)


def _server(pair: Pair) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    return context

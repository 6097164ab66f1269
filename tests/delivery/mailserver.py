"""
A mail server on a real socket: aiosmtpd, which behaves as told and keeps what it was sent.

For servers that do not speak as one should there is `Script`: lines that are answered one after the other.
"""

import asyncio
import contextlib
import shutil
import ssl
import subprocess
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

USER, PASSWORD = "robot", "hunter2 pässword"
HANG = ""  #: as a line of a script: silence


class MailServer:
    """`async with MailServer(certificate) as server`; without a certificate it has no STARTTLS."""

    def __init__(self, certificate: Path | None = None, *, implicit: bool = False, **options: Any) -> None:
        """
        Args:
            certificate: With its key.
            implicit: TLS from the first byte.
            options: aiosmtpd's own.
        """
        self.port = 0
        self.mails: list[Envelope] = []
        self.greeted: list[str] = []
        self.sign_ins: list[tuple[str, bool]] = []  #: mechanism, and whether it was let in
        self.commands: list[str] = []  #: MAIL and RCPT, with their addresses
        self.sender_answer = ""
        self.recipient_answers: dict[str, str] = {}
        self.data_answer = "250 2.0.0 queued as 4F1"
        self.hangs_at_data = False
        self.reached_data = asyncio.Event()
        self.lost = asyncio.Event()
        self._implicit = _context(certificate) if certificate and implicit else None
        self._options = options
        if certificate and not implicit:
            self._options = {"tls_context": _context(certificate), "require_starttls": True, **options}
        self._server: asyncio.Server | None = None
        self._connections: list[_Connection] = []

    def mail(self) -> EmailMessage:
        """The one mail that came, parsed."""
        (envelope,) = self.mails
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        return mail

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, "127.0.0.1", 0, ssl=self._implicit)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for connection in self._connections:
            await connection.end()
        await self._server.wait_closed()

    def _connection(self) -> "_Connection":
        options: dict[str, Any] = {"authenticator": self._authenticate, "auth_require_tls": False, **self._options}
        connection = _Connection(self, loop=asyncio.get_running_loop(), hostname="mail.example.com", **options)
        self._connections.append(connection)
        return connection

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        welcome = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        self.sign_ins.append((mechanism, welcome))
        return AuthResult(success=welcome, handled=welcome)

    async def handle_EHLO(  # noqa: N802  # aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.greeted.append(hostname)
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802  # likewise
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.commands.append(f"MAIL {address}")
        if self.sender_answer:
            return self.sender_answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802  # likewise
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.commands.append(f"RCPT {address}")
        answer = self.recipient_answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802  # likewise
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.reached_data.set()
        if self.hangs_at_data:
            await self.lost.wait()
        if self.data_answer.startswith("250"):
            self.mails.append(envelope)
        return self.data_answer


class _Connection(SMTP):
    """aiosmtpd's, which can be waited for."""

    def __init__(self, server: MailServer, **options: Any) -> None:
        super().__init__(server, **options)
        self._lost = server.lost

    def connection_lost(self, error: Exception | None) -> None:
        self._lost.set()
        super().connection_lost(error)

    async def end(self) -> None:
        self._lost.set()
        if self.transport is not None:
            self.transport.close()
        handler = self._handler_coroutine
        if handler is not None:
            handler.cancel()
            await asyncio.gather(handler, return_exceptions=True)


class Script:
    """A server that says its lines: the first at once, each other after a line from the client."""

    def __init__(self, *lines: str) -> None:
        self.port = 0
        self.heard: list[str] = []
        self._lines = lines
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            for line in self._lines:
                if line == HANG:
                    await reader.read()
                    break
                writer.write(f"{line}\r\n".encode())
                heard = (await reader.readline()).decode("latin-1").strip()
                if not heard:
                    break
                self.heard.append(heard)
        writer.close()
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await writer.wait_closed()


def self_signed(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody but itself has signed, and its key, in one file; needs `openssl`."""
    openssl = shutil.which("openssl")
    assert openssl is not None, "openssl is missing"
    key, certificate, both = folder / "key.pem", folder / "cert.pem", folder / "both.pem"
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=mail", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([openssl, "req", *kind, *names, *files], check=True, capture_output=True)
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    return both


def _context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context

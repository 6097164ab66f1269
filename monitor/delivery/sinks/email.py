"""
The sink for mailboxes: a notice as one message, plain text and HTML of the same content, by SMTP.

The server has a notice when it answers 250 to its DATA.  With `starttls` nothing but greetings goes over the wire
before TLS, and certificates are always verified.  What is wrong with us (the password, the sender, a policy) is mended
by people, so it is tried again; what is wrong with the message or with every recipient is refused for good.
"""

import asyncio
import base64
import contextlib
import re
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Literal, NoReturn

import aiosmtplib

from monitor.delivery.people.notice import Notice
from monitor.delivery.sink import DeliveryError, Refused, Unavailable
from monitor.delivery.sinks.letter import Letters, address, one_line

LIMIT = 30.0  # seconds
PER_MINUTE = 20
SHARE = 3  # part of the limit that connecting, and each answer before DATA, may take
QUIT_WITHIN = 1.0  # seconds: the notice is delivered by then

TOO_LARGE = 552
CLOSING = 421
NOT_SIGNED_IN = frozenset({530, 534, 535, 538})
_about_us = re.compile(r"\b5\.7\.\d+\b")  # RFC 3463: security or policy, "relaying denied"

MOST_SHOWN = 200  # characters of an answer
SHORTEST_SECRET = 3  # characters

Encryption = Literal["starttls", "tls", "none"]

#: What to say of a conversation that broke; the first class that fits.
WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLCertVerificationError, "shows a certificate that is not trusted"),
    (ssl.SSLError, "does not speak TLS on this port as we do"),
    (socket.gaierror, "cannot be reached: its name cannot be resolved"),
    (UnicodeError, "cannot be reached: its name is none"),
    (aiosmtplib.SMTPTimeoutError, "did not answer in time"),
    (TimeoutError, "did not answer in time"),
    (ConnectionRefusedError, "cannot be connected to"),
    (aiosmtplib.SMTPServerDisconnected, "closed the connection"),
    (ConnectionError, "closed the connection"),
    (OSError, "cannot be reached"),
)


class EmailSink:
    """One sender and its recipients, at one server; a connection for each notice."""

    per_minute = PER_MINUTE

    def __init__(
        self,
        name: str,
        *,
        host: str,
        port: int,
        tls: Encryption,
        user: str | None,
        password: str | None,
        sender: str,
        recipients: Sequence[str],
        now: Callable[[], int],
        limit: float = LIMIT,
        tls_context: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        """
        Args:
            name: Of the sink.
            host: The server's, which its certificate has to name.
            port: Usually 587 with `starttls`, 465 with `tls`.
            tls: `none` is for servers on this machine: user and password would be read on the way.
            user: Signs in; None does not.
            password: The user's.
            sender: `monitor@example.com`, or with a name in front: `Numbers <monitor@example.com>`.
            recipients: Likewise; each sees the others.
            now: Wall clock, milliseconds since 1970: the messages' date.
            limit: Seconds that one notice may take.
            tls_context: Makes the context, in a thread, once.

        Raises:
            ValueError: An address is none; the text says which.
        """
        self.name = name
        self.limit = limit
        self._host = host
        self._port = port
        self._tls = tls
        self._user = user
        self._password = password or ""
        self._sender = address(sender)
        self._recipients = tuple(address(recipient) for recipient in recipients)
        self._letters = Letters(self._sender, self._recipients, now=now)
        self._make_context = tls_context
        self._context: ssl.SSLContext | None = None
        self._hidden = _hidden(user or "", self._password)

    def __repr__(self) -> str:
        return f"EmailSink({self.name!r}, {self._server})"

    async def send(self, notice: Notice) -> str:
        """
        Deliver it to every recipient that the server takes; returns the server's words, and whom it refused.

        Raises:
            Refused: The server takes no such message, or none of the recipients ever.
            Unavailable: Anything else.
        """
        message = self._letters.of(notice).as_bytes()
        smtp = await self._client()
        try:
            said = await self._deliver(smtp, message)
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await smtp.quit(timeout=QUIT_WITHIN)
        except aiosmtplib.SMTPResponseException as error:
            raise self._meaning(error) from error
        except (aiosmtplib.SMTPException, OSError, UnicodeError) as error:
            raise Unavailable(f"{self._server} {_words(error)}") from error
        finally:
            smtp.close()
        return said

    async def aclose(self) -> None:
        """Nothing is held between notices."""

    @property
    def _server(self) -> str:
        return f"{self._host}:{self._port}"

    async def _client(self) -> aiosmtplib.SMTP:
        if self._context is None and self._tls != "none":
            try:
                self._context = await asyncio.to_thread(self._make_context)  # reading the authorities takes its time
            except OSError as error:
                raise Unavailable(f"{self._server} was not called: no certificates to trust ({error})") from error
        return aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            local_hostname="localhost",  # until the connection tells which address is ours
            timeout=self.limit / SHARE,
            use_tls=self._tls == "tls",
            start_tls=False,
            tls_context=self._context,
        )

    async def _deliver(self, smtp: aiosmtplib.SMTP, message: bytes) -> str:
        await smtp.connect()
        smtp.local_hostname = _our_name(smtp)
        await smtp.ehlo()
        if self._tls == "starttls":
            if not smtp.supports_extension("starttls"):
                raise Unavailable(f"{self._server} does not offer STARTTLS: nothing was sent")
            await smtp.starttls()
            await smtp.ehlo()
        if self._user is not None:
            await self._sign_in(smtp, self._user)
        await smtp.mail(
            self._sender.addr_spec, options=[f"SIZE={len(message)}"] if smtp.supports_extension("size") else []
        )
        refused = await self._name_recipients(smtp)
        # From here on it may be delivered, so nothing but the caller's limit breaks off.
        answer = await smtp.data(message, timeout=None)
        said = f"{self._server} answered {answer.code}: {self._shown(answer.message)}"
        return f"{said}; it refused {self._told(refused)}" if refused else said

    async def _sign_in(self, smtp: aiosmtplib.SMTP, user: str) -> None:
        """In one way alone: servers that count wrong passwords lock users out."""
        ways = {"plain": smtp.auth_plain, "login": smtp.auth_login, "cram-md5": smtp.auth_crammd5}
        offered = [way for way in ways if way in smtp.server_auth_methods]
        if not offered:
            raise Unavailable(f"{self._server} offers no way to sign in with user and password")
        await ways[offered[-1 if self._tls == "none" else 0]](user, self._password)

    async def _name_recipients(self, smtp: aiosmtplib.SMTP) -> list[aiosmtplib.SMTPRecipientRefused]:
        """Those that the server does not take; it takes one at least."""
        refused: list[aiosmtplib.SMTPRecipientRefused] = []
        for recipient in self._recipients:
            try:
                await smtp.rcpt(recipient.addr_spec)
            except aiosmtplib.SMTPRecipientRefused as error:
                if error.code == CLOSING:
                    raise
                refused.append(error)
        if len(refused) == len(self._recipients):
            self._none_taken(refused)
        return refused

    def _none_taken(self, refused: Sequence[aiosmtplib.SMTPRecipientRefused]) -> NoReturn:
        text = f"{self._server} refused {self._told(refused)}"
        if all(_is_for_good(error) and _about_us.search(error.message) is None for error in refused):
            raise Refused(text)
        raise Unavailable(text)

    def _told(self, refused: Sequence[aiosmtplib.SMTPRecipientRefused]) -> str:
        return ", ".join(f"{error.recipient} ({error.code}: {self._shown(error.message)})" for error in refused)

    def _meaning(self, error: aiosmtplib.SMTPResponseException) -> DeliveryError:
        if error.code < 0:
            return Unavailable(f"{self._server} does not answer as SMTP does: {self._shown(error.message)}")
        text = f"{self._server} answered {error.code}: {self._shown(error.message)}"
        if isinstance(error, aiosmtplib.SMTPSenderRefused) and error.code == TOO_LARGE:
            return Refused(text)
        # What a filter or a policy holds against it may be mended within the day: a ban must not be lost to that.
        if isinstance(error, aiosmtplib.SMTPDataError) and _is_for_good(error) and not _about_us.search(error.message):
            return Refused(text)
        return Unavailable(text)

    def _shown(self, text: str) -> str:
        """The server's words on one line, shortened, without what signs us in."""
        for hidden in self._hidden:
            text = text.replace(hidden, "…")
        return one_line(text)[:MOST_SHOWN]


def _is_for_good(error: aiosmtplib.SMTPResponseException) -> bool:
    return 500 <= error.code <= 599 and error.code not in NOT_SIGNED_IN


def _our_name(smtp: aiosmtplib.SMTP) -> str:
    """What we greet with: this machine's full name, else our address (RFC 5321 4.1.3); no resolver is asked."""
    name = socket.gethostname()
    if "." in name and re.fullmatch(r"[A-Za-z0-9.-]+", name):
        return name
    ours: str = smtp.get_transport_info("sockname")[0]
    return f"[IPv6:{ours.partition('%')[0]}]" if ":" in ours else f"[{ours}]"


def _words(error: BaseException) -> str:
    """aiosmtplib wraps most faults; the one behind it tells them apart."""
    for carried in (error.__cause__, error):
        for kind, words in WORDS:
            if isinstance(carried, kind):
                reason = getattr(carried, "verify_message", "")
                return f"{words}: {reason}" if reason else words
    return "cannot be spoken to"


def _hidden(user: str, password: str) -> tuple[str, ...]:
    """What no message may repeat: the password, plain and as each way of signing in writes it."""
    if len(password) < SHORTEST_SECRET:
        return ()
    written = (password, f"\0{user}\0{password}")
    return (password, *(base64.b64encode(text.encode()).decode() for text in written))

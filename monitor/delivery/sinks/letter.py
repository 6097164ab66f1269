"""
A notice as a mail: plain text and HTML of the same content, under heads that no text can break.

No I/O but reading the template once.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from pathlib import Path

import jinja2

from monitor.delivery.people.notice import News, Notice
from monitor.delivery.sinks.plain import brings_relief, plain
from monitor.fleet.event import EventSeverity
from monitor.views.escape import terminal

TEMPLATES = Path(__file__).parent / "templates"

COLOURS: Mapping[EventSeverity, str] = {"critical": "#d6333c", "warning": "#e39412", "info": "#7d868e"}
RELIEF = "#2f9e57"

#: ASCII on the wire; heads that are given as text stay as they are.
POLICY = SMTP.clone(cte_type="7bit", refold_source="none")
SHORT = 60  # characters of a head that fits on its line


class Letters:
    """Writes them, from one sender to the same recipients."""

    def __init__(self, sender: Address, recipients: Sequence[Address], *, now: Callable[[], int]) -> None:
        """
        Args:
            sender: Who it is from.
            recipients: Each sees the others.
            now: Wall clock, milliseconds since 1970: the mails' date.
        """
        self._sender = sender
        self._recipients = tuple(recipients)
        self._now = now
        self._page = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        ).get_template("mail.html")

    def of(self, notice: Notice) -> EmailMessage:
        """The notice as a mail: ASCII on the wire, the same identity in every attempt."""
        message = EmailMessage(POLICY)
        message["From"] = self._sender
        message["To"] = self._recipients
        message.set_raw("Subject", _head(notice.title))
        message["Date"] = datetime.fromtimestamp(self._now() / 1000, UTC)
        identity = re.sub(r"[^A-Za-z0-9._-]", "-", notice.id)
        message.set_raw("Message-ID", f"<{identity}@number-monitor.{self._sender.domain}>")
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no "I am on holiday" comes back
        message["X-Auto-Response-Suppress"] = "All"  # what Exchange reads instead
        message.set_raw("X-Number-Monitor-Account", _head(notice.account))
        message.set_content(f"{notice.title}\n\n{plain(notice)}\n")
        message.add_alternative(self._html(notice), subtype="html")
        return message

    def _html(self, notice: Notice) -> str:
        return self._page.render(
            notice=notice,
            colour=RELIEF if brings_relief(notice) else COLOURS[notice.severity],
            items=[(item, RELIEF if item.news is News.CLOSED else COLOURS[item.severity]) for item in notice.shown],
        )


def address(text: str) -> Address:
    """
    A mail address, with a name in front or without.

    Raises:
        ValueError: It is none, or not in ASCII, which few servers take.
    """
    name, plain_address = parseaddr(text if text.isprintable() else "")
    try:
        found = Address(name, addr_spec=plain_address)
    except (ValueError, MessageError, IndexError):
        found = Address()
    if not found.username or not found.domain or not found.addr_spec.isascii():
        raise ValueError(f"{text!r} is no mail address: expected me@example.com or Name <me@example.com>")
    return found


def _head(text: str) -> str:
    """
    The text as the value of a head, on one line or folded.

    Python's own way decodes what looks encoded before it writes it, line breaks included, and loses spaces between
    long words.
    """
    line = one_line(text)
    if line.isascii() and len(line) <= SHORT and "=?" not in line:
        return line
    return Header(line, "utf-8", header_name="X-Number-Monitor-Account").encode(linesep="\r\n")


def one_line(text: str) -> str:
    """The text without line breaks, and with what cannot be seen written out."""
    return terminal(" ".join(text.split()))

"""What a mail needs: the host that takes it, and whom it is from and to."""

import re
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.policy import SMTP
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from monitor.settings.scalars import Text, Unfit, Whole, got, text

LONGEST_MAILBOX = 320
#: What Python's parser raises, beside listing defects, where an address is not whole.
HALF_AN_ADDRESS = (AttributeError, HeaderParseError, IndexError, RecursionError, TypeError, ValueError)

_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]+")  # a name, or an address
_DOMAIN = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\]")


def mailbox(value: object) -> str:
    """
    One address, with or without a name before it, spelled as a header has it: `Ops <a@example.com>`.

    Raises:
        Unfit: It is none or more than one, or has what would end the header: everything but printable ASCII.
    """
    written = text(value)
    address = _address(written) if len(written) <= LONGEST_MAILBOX and _is_plain(written) else None
    if address is None or not _is_plain(spelled := str(address)) or not _DOMAIN.fullmatch(address.domain):
        raise Unfit(f"expected one address in ASCII, such as a@example.com or Ops <a@example.com>, got {got(written)}")
    return spelled


def _address(written: str) -> Address | None:
    try:
        header = SMTP.header_factory("To", written)
    except HALF_AN_ADDRESS:
        return None
    if header.defects or len(header.addresses) != 1 or header.groups[0].display_name is not None:
        return None
    (address,) = header.addresses
    return address if isinstance(address, Address) and address.username else None


def _is_plain(written: str) -> bool:
    return written.isascii() and written.isprintable()


def _host(name: str) -> str:
    if not _HOST.fullmatch(name):
        raise Unfit(f"expected the name or address of a host, without scheme and port, got {got(name)}")
    return name


MailHost = Annotated[Text, AfterValidator(_host)]
Port = Annotated[Whole, Field(ge=1, le=65535)]
Mailbox = Annotated[str, BeforeValidator(mailbox)]

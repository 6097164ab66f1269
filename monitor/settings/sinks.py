"""What sinks have in common, and the one for programs: one class a type of sink, one field a key."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from monitor.settings.durations import spelled
from monitor.settings.match import EventMatch
from monitor.settings.scalars import Duration, MappingOrNothing, Text, Unfit, got, text
from monitor.settings.secret import Secret
from monitor.settings.section import FILE_TWIN, FileTwin, SecretUrl, Section

STDOUT = "stdout"  #: the sink that is always there

KEY_PREFIX = "whsec_"
SHORTEST_KEY = 24  # bytes, by Standard Webhooks,
LONGEST_KEY = 64

SHORTEST_TIMEOUT = 1_000
LONGEST_TIMEOUT = 30_000  # a claim in the store lasts twice as long

#: Headers of the request that are ours, or the connection's; and all that begin with `webhook-`.
OUR_HEADERS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    }
)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")


def signing_key(secret: Secret) -> bytes:
    """
    The bytes that sign: what follows `whsec_` decoded, any other text as it is.

    Raises:
        Unfit: It is no base64, or has not 24 to 64 bytes; the message does not repeat it.
    """
    value = secret.reveal()
    key = value.encode()
    if value.startswith(KEY_PREFIX):
        try:
            key = base64.b64decode(value.removeprefix(KEY_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            raise Unfit(f"expected base64 after {KEY_PREFIX}") from None
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        raise Unfit(f"expected {SHORTEST_KEY} to {LONGEST_KEY} bytes, got {len(key)}; take {KEY_PREFIX} and base64")
    return key


def _signing_secret(secret: Secret) -> Secret:
    signing_key(secret)
    return secret


def _beside_secret(previous: Secret | None, info: ValidationInfo) -> Secret | None:
    if previous is not None and info.data.get("secret", previous) is None:
        raise Unfit("is given without secret")
    return previous


def _beside_user(password: Secret | None, info: ValidationInfo) -> Secret | None:
    user = info.data.get("user", password)  # absent when it was wrong itself
    if password is not None and user is None:
        raise Unfit("is given without user")
    if password is None and user is not None:
        raise Unfit("is required beside user: give password or password_file")
    return password


def _sink_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Unfit(
            f"expected 1 to 60 letters, digits and signs of _ . - that begin with a letter or digit, got {got(name)}"
        )
    if name == STDOUT:
        raise Unfit(f"{STDOUT!r} is the sink that is always there; take another name")
    return name


def _header_name(name: object) -> str:
    read = text(name)
    if not _HEADER.fullmatch(read):
        raise Unfit("expected the name of a header")
    if read.lower() in OUR_HEADERS or read.lower().startswith("webhook-"):
        raise Unfit("is a header that number-monitor sets itself")
    return read


def _header_text(value: Secret) -> Secret:
    shown = value.reveal()
    if not (shown.isascii() and shown.isprintable()) or shown.strip() != shown:
        raise Unfit("expected printable ASCII without outer spaces: it is sent as a header")
    return value


def _once_each(headers: Mapping[str, Secret]) -> Mapping[str, Secret]:
    first: dict[str, str] = {}
    for name in headers:
        if first.setdefault(name.lower(), name) != name:
            raise Unfit(f"gives {first[name.lower()]} and {name}, which are one header")
    return headers


def _timeout(value: int) -> int:
    if not SHORTEST_TIMEOUT <= value <= LONGEST_TIMEOUT:
        raise Unfit(f"expected {spelled(SHORTEST_TIMEOUT)} to {spelled(LONGEST_TIMEOUT)}, got {spelled(value)!r}")
    return value


SinkName = Annotated[Text, AfterValidator(_sink_name)]
SigningSecret = Annotated[Secret, AfterValidator(_signing_secret)]
Timeout = Annotated[Duration, AfterValidator(_timeout)]
Password = Annotated[Secret | None, FILE_TWIN, AfterValidator(_beside_user)]  #: its default too is to be validated
HeaderName = Annotated[str, BeforeValidator(_header_name)]
HeaderText = Annotated[Secret, AfterValidator(_header_text)]


class WebhookSink(Section):
    """A program that takes events by HTTP."""

    name: SinkName
    type: Literal["webhook"] = "webhook"
    url: Annotated[SecretUrl, FILE_TWIN]
    secret: Annotated[SigningSecret | None, FILE_TWIN] = None  #: None: events are not signed
    previous_secret: Annotated[SigningSecret | None, FILE_TWIN, AfterValidator(_beside_secret)] = None
    headers: Annotated[
        Mapping[HeaderName, HeaderText], FileTwin.ENTRIES, MappingOrNothing, AfterValidator(_once_each)
    ] = {}
    proxy: Annotated[SecretUrl | None, FILE_TWIN] = None
    match: EventMatch = EventMatch()
    timeout_ms: Timeout = Field(default=15_000, alias="timeout")

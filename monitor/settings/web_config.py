"""
The exporter-toolkit's `web.config.yml`: its sections as the file has them, and what they come to.

Source: the web configuration of the Prometheus exporter-toolkit, whose keys and values these are.
What Python's TLS cannot do is refused where it would let in more than was asked for, else told as a warning.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from monitor.settings.document import Unquoted
from monitor.settings.scalars import (
    AbsolutePath,
    ListOrNothing,
    MappingOrNothing,
    Text,
    TextOrEmpty,
    Truth,
    Unfit,
    Whole,
    got,
    meant,
    one_of,
)
from monitor.settings.secret import Secret
from monitor.settings.section import Section
from monitor.settings.tls import CIPHERS, CIPHERS_OF_TLS13, CURVES, Tls

MOST_COST = 18  #: of a hash: some seconds of a core for one check

#: The headers that may be set, with the values they may have; none given: any.
HEADERS: Mapping[str, tuple[str, ...]] = {
    "Content-Security-Policy": (),
    "Strict-Transport-Security": (),
    "X-Content-Type-Options": ("nosniff",),
    "X-Frame-Options": ("deny", "sameorigin"),
    "X-XSS-Protection": (),
}

_HASH = re.compile(r"\$2[aby]\$(?P<cost>[0-9]{2})\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}")
_GO_DURATION = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?(?:ns|us|µs|ms|s|m|h))+")
_GO_PART = re.compile(r"([0-9.]+)(ns|us|µs|ms|s|m|h)")
_GO_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def _cipher(name: str) -> str:
    known = (*CIPHERS, *CIPHERS_OF_TLS13)
    if name not in known:
        raise Unfit(f"expected a cipher suite that Go knows, by its name there, got {got(name)}{meant(name, known)}")
    return name


def _curve(name: str) -> str:
    if name not in CURVES:
        raise Unfit(f"expected {one_of(tuple(CURVES))}, got {got(name)}{meant(name, CURVES)}")
    return name


def _user(name: object) -> str:
    read = str(name) if isinstance(name, str) else ""
    if not read or ":" in read or not read.isprintable():
        raise Unfit("expected a user's name of printable characters without a colon")
    return read


def _hash(value: Secret) -> Secret:
    match = _HASH.fullmatch(value.reveal())
    if match is None:
        raise Unfit("expected a bcrypt hash, such as htpasswd -nBC 10 USER makes")
    if not 4 <= int(match["cost"]) <= MOST_COST:
        raise Unfit(f"expected a bcrypt hash of a cost from 4 to {MOST_COST}: a check would take too long")
    return value


def _seconds(value: object) -> float:
    """Go's durations: `1s`, `1m30s`, `0.5s`; a number alone is nanoseconds."""
    if isinstance(value, float):
        return value
    read = str(value) if isinstance(value, str) else ""
    if isinstance(value, Unquoted) and read.isdecimal():
        return int(read) * 1e-9
    if not _GO_DURATION.fullmatch(read):
        raise Unfit(f"expected a duration such as 1s or 500ms, got {got(value)}")
    try:
        return sum(float(number) * _GO_UNITS[unit] for number, unit in _GO_PART.findall(read))
    except ValueError:
        raise Unfit(f"expected a duration such as 1s or 500ms, got {got(value)}") from None


class TlsServerConfig(Section):
    """The section of TLS."""

    cert: Text | None = None
    cert_file: AbsolutePath | None = None
    key: Secret | None = None
    key_file: AbsolutePath | None = None
    client_ca: Text | None = None
    client_ca_file: AbsolutePath | None = None
    client_auth_type: Literal[
        "NoClientCert",
        "RequestClientCert",
        "RequireClientCert",
        "RequireAnyClientCert",
        "VerifyClientCertIfGiven",
        "RequireAndVerifyClientCert",
    ] = "NoClientCert"
    client_allowed_sans: Annotated[tuple[Text, ...], ListOrNothing] = ()
    min_version: Literal["TLS10", "TLS11", "TLS12", "TLS13"] = "TLS12"
    max_version: Literal["TLS10", "TLS11", "TLS12", "TLS13"] = "TLS13"
    cipher_suites: Annotated[tuple[Annotated[Text, AfterValidator(_cipher)], ...], ListOrNothing] = ()
    prefer_server_cipher_suites: Truth = True
    curve_preferences: Annotated[tuple[Annotated[Text, AfterValidator(_curve)], ...], ListOrNothing] = ()

    @field_validator("client_auth_type", mode="after")
    @classmethod
    def _none_that_is_not_verified(cls, kind: str) -> str:
        if kind in {"RequireClientCert", "RequireAnyClientCert"}:
            raise Unfit(
                f"{kind} takes any certificate, whoever made it, and cannot be had here; "
                "RequireAndVerifyClientCert takes those of client_ca_file"
            )
        return kind

    @field_validator("max_version", mode="after")
    @classmethod
    def _not_only_what_is_broken(cls, version: str) -> str:
        if version in {"TLS10", "TLS11"}:
            raise Unfit(f"expected TLS12 or TLS13, got {got(version)}: below TLS 1.2 nothing is spoken here")
        return version


class HttpServerConfig(Section):
    """The section of HTTP."""

    http2: Truth | None = None
    headers: Annotated[Mapping[str, TextOrEmpty], MappingOrNothing] = {}

    @field_validator("headers", mode="after")
    @classmethod
    def _known(cls, headers: Mapping[str, str]) -> Mapping[str, str]:
        for name, value in headers.items():
            if name not in HEADERS:
                raise Unfit(f"expected {one_of(tuple(HEADERS))}{meant(name, HEADERS)}")
            if HEADERS[name] and value not in HEADERS[name]:
                raise Unfit(f"{name}: expected {one_of(HEADERS[name])}, got {got(value)}")
            if not (value.isascii() and value.isprintable()):
                raise Unfit(f"{name}: expected printable characters of ASCII")
        return headers


class RateLimitSection(Section):
    """How many requests are answered."""

    interval: Annotated[float, BeforeValidator(_seconds)] = 0.0
    burst: Annotated[Whole, Field(ge=0)] = 0


class WebConfigFile(Section):
    """All that the file can say."""

    tls_server_config: TlsServerConfig = TlsServerConfig()
    http_server_config: HttpServerConfig = HttpServerConfig()
    basic_auth_users: Annotated[
        Mapping[Annotated[str, BeforeValidator(_user)], Annotated[Secret, AfterValidator(_hash)]], MappingOrNothing
    ] = {}
    rate_limit: RateLimitSection = RateLimitSection()


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A token bucket over all requests."""

    interval: float  #: seconds between two requests
    burst: int  #: requests at once


@dataclass(frozen=True, slots=True)
class WebConfig:
    """What the web server goes by."""

    tls: Tls | None = None
    users: Mapping[str, Secret] = field(default_factory=dict)  #: bcrypt hashes; empty: nobody is asked who they are
    headers: Mapping[str, str] = field(default_factory=dict)  #: of every answer, over its own
    rate_limit: RateLimit | None = None
    warnings: tuple[str, ...] = ()  #: what the file says and this server does not do
    is_blank: bool = field(default=False, compare=False)  #: the file has nothing in it, not even `{}`

    @property
    def guards(self) -> bool:
        """Whether it keeps anybody out, or anybody from listening."""
        return self.tls is not None or bool(self.users)


NO_WEB_CONFIG = WebConfig()

"""
Read the file that `web.config_file` names: the exporter-toolkit's `web.config.yml` as it is.

Its faults join those of the configuration, each with the file, the place in it and the line.  Nothing is substituted
in it: a bcrypt hash is full of dollar signs.  Paths in it begin at its own directory.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from monitor.settings.document import Malformed, Node, Unquoted, parse
from monitor.settings.explanations import explain
from monitor.settings.findings import Findings
from monitor.settings.problems import Problem
from monitor.settings.reading import MEBIBYTE, NotText, Unreadable, content, decoded
from monitor.settings.scalars import got, kind
from monitor.settings.secret import Secret
from monitor.settings.substitution import Values
from monitor.settings.tls import CIPHERS, CURVES, Tls, UnusableTls
from monitor.settings.web_config import (
    NO_WEB_CONFIG,
    RateLimit,
    RateLimitSection,
    TlsServerConfig,
    WebConfig,
    WebConfigFile,
)

MOST_BYTES = MEBIBYTE  # a bundle of all public authorities is a quarter of it

_DEMANDS: dict[str, Literal["none", "optional", "required"]] = {
    "NoClientCert": "none",
    "RequestClientCert": "none",
    "VerifyClientCertIfGiven": "optional",
    "RequireAndVerifyClientCert": "required",
}
_SECTION = "tls_server_config"


class WebConfigReader:
    """Reads the file and those that it names in turn, and remembers which these were."""

    def __init__(self, directory: Path, findings: Findings) -> None:
        self.files: list[Path] = []
        self._directory = directory
        self._findings = findings  #: of the configuration

    def read(self, values: dict[str, Any]) -> WebConfig:
        """What the file comes to; where it is wrong that is told, and the result means nothing."""
        web = values.get("web")
        if not isinstance(web, dict):
            return NO_WEB_CONFIG
        config: WebConfig | None = NO_WEB_CONFIG
        named = web.get("config_file")
        if isinstance(named, str) and not isinstance(named, Unquoted) and named and "\0" not in named:
            config = self._read(self._directory / named)
        if config is not None:
            self._check_writers(web.get("writers"), config)
        return config or NO_WEB_CONFIG

    def _read(self, path: Path) -> WebConfig | None:
        self.files.append(path)
        try:
            text = decoded(content(path, MOST_BYTES))
        except Unreadable as error:
            self._findings.add(("web", "config_file"), f"{path}: {error}")
            return None
        except NotText as error:
            self._end(path, error.line, str(error))
            return None
        try:
            document, problems = parse(text)
            inner = Findings(document, {})
            inner.problems.extend(problems)
            values = Values(None, inner).of(document)
        except Malformed as error:
            self._end(path, error.line, error.message)
            return None
        config = WebConfig(is_blank=True) if values is None else self._of(path, document, values, inner)
        for place, line, message in inner.problems:
            self._findings.problems.append(Problem(f"{path}: {place}", line, message))
        return None if inner.problems else config

    def _end(self, path: Path, line: int, message: str) -> None:
        self._findings.problems.append(Problem(str(path), line, message))

    def _of(self, path: Path, document: Node, values: object, inner: Findings) -> WebConfig | None:
        if not isinstance(values, dict):
            inner.problems.append(Problem("the file", document.line, f"expected a mapping, got {kind(values)}"))
            return None
        try:
            file = WebConfigFile.model_validate(values, context=path.parent)
        except ValidationError as error:
            explain(error, inner, WebConfigFile)
            return None
        return WebConfig(
            tls=self._tls(file.tls_server_config, inner),
            users=dict(file.basic_auth_users),
            headers={name: value for name, value in file.http_server_config.headers.items() if value},
            rate_limit=_rate_limit(file.rate_limit, inner),
            warnings=tuple(f"{path}: {warning}" for warning in _warnings(file)),
        )

    def _tls(self, section: TlsServerConfig, inner: Findings) -> Tls | None:
        if not section.model_fields_set & {"cert", "cert_file", "key", "key_file", "client_ca", "client_ca_file"} and (
            section.client_auth_type == "NoClientCert"
        ):
            return None
        certificate = self._part(section, "cert", inner)
        key = self._part(section, "key", inner)
        client_ca = self._part(section, "client_ca", inner, required=False)
        for fault_at, message in _disagreements(section):
            inner.add((_SECTION, fault_at), message)
        if inner.problems or certificate is None or key is None:
            return None
        suites = [CIPHERS[name] for name in section.cipher_suites if name in CIPHERS]
        only_new = section.min_version == "TLS13" or bool(section.cipher_suites and not suites)
        tls = Tls(
            certificate=certificate,
            key=Secret(key),
            client_ca=client_ca,
            client_certificate=_DEMANDS[section.client_auth_type],
            client_allowed_sans=frozenset(section.client_allowed_sans),
            minimum="TLS13" if only_new else "TLS12",
            maximum=section.max_version,
            ciphers=tuple(suites),
            own_order=section.prefer_server_cipher_suites,
            curve=CURVES[section.curve_preferences[0]] if len(section.curve_preferences) == 1 else None,
        )
        try:
            tls.context()
        except UnusableTls as error:
            inner.add((_SECTION, error.key), str(error))
            return None
        return tls

    def _part(self, section: TlsServerConfig, key: str, inner: Findings, *, required: bool = True) -> str | None:
        """A certificate or key as text, given in place or as a file."""
        inline: str | Secret | None = getattr(section, key)
        path: Path | None = getattr(section, f"{key}_file")
        if inline is not None and path is not None:
            inner.add((_SECTION, f"{key}_file"), f"is given beside {key}; give one of the two")
        elif path is not None:
            self.files.append(path)
            try:
                return decoded(content(path, MOST_BYTES))
            except (Unreadable, NotText) as error:
                inner.add((_SECTION, f"{key}_file"), f"{path}: {error}")
        elif inline is not None:
            return inline.reveal() if isinstance(inline, Secret) else inline
        elif required:
            inner.add((_SECTION,), f"has no {key}: give {key}_file or {key}")
        return None

    def _check_writers(self, writers: object, config: WebConfig) -> None:
        """Writers are users: where nobody is asked who they are, a name proves nothing."""
        named = [writers] if isinstance(writers, str) else writers
        if not isinstance(named, list) or not named:
            return
        if not config.users:
            self._findings.add(
                ("web", "writers"), "names users, and there are none: give basic_auth_users in web.config_file"
            )
            return
        for index, writer in enumerate(named):
            if isinstance(writer, str) and writer not in config.users:
                at = ("web", "writers") if isinstance(writers, str) else ("web", "writers", index)
                self._findings.add(at, f"{got(writer)} is no user of web.config_file")


def _disagreements(section: TlsServerConfig) -> Iterator[tuple[str, str]]:
    """What is wrong between keys, by the key that tells it."""
    verifies = section.client_auth_type in {"VerifyClientCertIfGiven", "RequireAndVerifyClientCert"}
    has_ca = section.client_ca is not None or section.client_ca_file is not None
    if has_ca and section.client_auth_type == "NoClientCert":
        yield "client_ca", "is given, and client_auth_type asks nobody for a certificate"
    if verifies and not has_ca:
        yield "client_auth_type", f"{section.client_auth_type} needs client_ca_file: whose certificates are believed"
    if section.client_allowed_sans and section.client_auth_type != "RequireAndVerifyClientCert":
        yield "client_allowed_sans", "needs client_auth_type: RequireAndVerifyClientCert"
    if section.min_version == "TLS13" and section.max_version == "TLS12":
        yield "min_version", "is above max_version"
    only_new = section.cipher_suites and not any(name in CIPHERS for name in section.cipher_suites)
    if only_new and section.max_version == "TLS12":
        yield "cipher_suites", "has none of TLS 1.2, which max_version asks for"


def _rate_limit(section: RateLimitSection, inner: Findings) -> RateLimit | None:
    if section.interval == 0:
        return None
    if section.burst < 1:
        inner.add(("rate_limit", "burst"), "expected 1 at least, or nothing would be answered")
    return RateLimit(section.interval, section.burst)


_WARNINGS: tuple[tuple[Callable[[WebConfigFile], bool], str], ...] = (
    (
        lambda file: file.http_server_config.http2 is True,
        "http_server_config.http2: HTTP/2 is not spoken; clients take HTTP/1.1",
    ),
    (
        lambda file: file.tls_server_config.min_version in {"TLS10", "TLS11"},
        "tls_server_config.min_version: below TLS 1.2 nothing is spoken; it is taken as TLS12",
    ),
    (
        lambda file: file.tls_server_config.client_auth_type == "RequestClientCert",
        "tls_server_config.client_auth_type: RequestClientCert lets in everybody, so no certificate is asked for",
    ),
    (
        lambda file: len(file.tls_server_config.curve_preferences) > 1,
        "tls_server_config.curve_preferences: one curve can be set, several are left to OpenSSL's own choice",
    ),
)


def _warnings(file: WebConfigFile) -> Iterator[str]:
    """What the file asks for and is not done, though nobody is let in for it."""
    return (warning for fits, warning in _WARNINGS if fits(file))

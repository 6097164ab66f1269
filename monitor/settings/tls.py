"""
TLS as the web server speaks it: what the configuration says of it, and the `ssl.SSLContext` that this makes.

Certificates and keys are held as text and never written to a disk; what is equal here makes equal contexts.
"""

import contextlib
import os
import ssl
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from monitor.settings.secret import Secret

#: Go's names for the cipher suites below TLS 1.3, as the file has them, and OpenSSL's.
CIPHERS: Mapping[str, str] = {
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": "ECDHE-ECDSA-AES128-GCM-SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": "ECDHE-ECDSA-AES256-GCM-SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-ECDSA-CHACHA20-POLY1305",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA": "ECDHE-ECDSA-AES128-SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA": "ECDHE-ECDSA-AES256-SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": "ECDHE-RSA-AES128-GCM-SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": "ECDHE-RSA-AES256-GCM-SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-RSA-CHACHA20-POLY1305",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA": "ECDHE-RSA-AES128-SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA": "ECDHE-RSA-AES256-SHA",
    "TLS_RSA_WITH_AES_128_GCM_SHA256": "AES128-GCM-SHA256",
    "TLS_RSA_WITH_AES_256_GCM_SHA384": "AES256-GCM-SHA384",
    "TLS_RSA_WITH_AES_128_CBC_SHA": "AES128-SHA",
    "TLS_RSA_WITH_AES_256_CBC_SHA": "AES256-SHA",
}
CIPHERS_OF_TLS13 = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
CURVES: Mapping[str, str] = {
    "CurveP256": "prime256v1",
    "CurveP384": "secp384r1",
    "CurveP521": "secp521r1",
    "X25519": "X25519",
}
VERSIONS: Mapping[str, ssl.TLSVersion] = {"TLS12": ssl.TLSVersion.TLSv1_2, "TLS13": ssl.TLSVersion.TLSv1_3}

_DEMANDS: Mapping[str, ssl.VerifyMode] = {
    "none": ssl.CERT_NONE,
    "optional": ssl.CERT_OPTIONAL,
    "required": ssl.CERT_REQUIRED,
}


class UnusableTls(ValueError):
    """No context can be made; `key` says of which part the sentence is."""

    def __init__(self, key: Literal["cert", "key", "client_ca", "cipher_suites"], message: str) -> None:
        self.key = key
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Tls:
    """What is spoken on every address but Unix sockets."""

    certificate: str  #: PEM; the server's own first, then those above it
    key: Secret  #: PEM, without a password
    client_ca: str | None = None  #: PEM; whose certificates of clients are believed
    client_certificate: Literal["none", "optional", "required"] = "none"  #: always verified where one is given
    client_allowed_sans: frozenset[str] = frozenset()  #: one of them the client's certificate has; empty: no matter
    minimum: str = "TLS12"
    maximum: str = "TLS13"
    ciphers: tuple[str, ...] = ()  #: OpenSSL's names, for TLS 1.2; none given: OpenSSL's own choice
    own_order: bool = True  #: of ciphers, rather than the client's
    curve: str | None = None  #: OpenSSL's name of the one curve; None: OpenSSL's own choice

    def context(self) -> ssl.SSLContext:
        """
        Make a context for a server.

        Raises:
            UnusableTls: A part of it is wrong.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = VERSIONS[self.minimum]
        context.maximum_version = VERSIONS[self.maximum]
        context.set_alpn_protocols(["http/1.1"])
        if not self.own_order:
            context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
        if self.ciphers:
            self._choose_ciphers(context)
        if self.curve is not None:
            context.set_ecdh_curve(self.curve)
        self._load_certificate(context)
        if self.client_ca is not None:
            _believe(context, self.client_ca, "client_ca")
        context.verify_mode = _DEMANDS[self.client_certificate]
        return context

    @property
    def own(self) -> bytes:
        """The server's own certificate, in DER: by it a client on this machine knows us."""
        begin = self.certificate.index(ssl.PEM_HEADER)
        end = self.certificate.index(ssl.PEM_FOOTER, begin) + len(ssl.PEM_FOOTER)
        return ssl.PEM_cert_to_DER_cert(self.certificate[begin:end])

    def _choose_ciphers(self, context: ssl.SSLContext) -> None:
        try:
            context.set_ciphers(":".join(self.ciphers))
        except ssl.SSLError:
            raise UnusableTls("cipher_suites", "OpenSSL here has none of them") from None

    def _load_certificate(self, context: ssl.SSLContext) -> None:
        _believe(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), self.certificate, "cert")  # only to see that it is one
        with _file(self.certificate) as certificate, _file(self.key.reveal()) as key:
            try:
                context.load_cert_chain(certificate, key, password="")
            except ssl.SSLError as error:
                raise UnusableTls("key", _REASONS.get(error.reason, _NO_KEY)) from None


_NO_KEY = "expected a private key in PEM form without a password"
_REASONS: Mapping[str, str] = {
    "KEY_VALUES_MISMATCH": "is not the key of the certificate",
    "KEY_TYPE_MISMATCH": "is not the key of the certificate",
    "EE_KEY_TOO_SMALL": "is too short a key for OpenSSL; make a certificate with a longer one",
    "CA_MD_TOO_WEAK": "belongs to a certificate that is signed too weakly for OpenSSL; make another",
}


def _believe(context: ssl.SSLContext, certificates: str, key: Literal["cert", "client_ca"]) -> None:
    try:
        context.load_verify_locations(
            cadata=certificates.encode("ascii", "ignore").decode()
        )  # comments may be anything
    except (ssl.SSLError, ValueError):
        raise UnusableTls(key, "expected a certificate in PEM form") from None


@contextlib.contextmanager
def _file(text: str) -> Iterator[str]:
    """The name of a file in memory that holds the text: the one form in which `ssl` takes a key."""
    if sys.platform == "linux":
        with os.fdopen(os.memfd_create("tls"), "wb", buffering=0) as file:
            file.write(text.encode())
            yield f"/proc/self/fd/{file.fileno()}"
    else:
        with tempfile.NamedTemporaryFile(buffering=0) as temporary:
            temporary.write(text.encode())
            yield temporary.name

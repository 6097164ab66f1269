"""
The authorities that our calls out believe: those of SSL_CERT_FILE, of SSL_CERT_DIR, or the ones that come with certifi.

Read once for all clients, since it takes 20 ms of the event loop and 0.8 MB.
"""

import ssl
from collections.abc import Mapping
from pathlib import Path

import certifi

from monitor.http.errors import CannotCallOut

Seen = tuple[int, int, int]


class UnreadableCertificates(CannotCallOut):
    """No authority can be read where SSL_CERT_FILE or SSL_CERT_DIR says."""


class Certificates:
    """Hands out a context for TLS, which any number of connections may share."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """
        Args:
            environ: For SSL_CERT_FILE and SSL_CERT_DIR.
        """
        self._directory: str | None = None
        self._file: Path | None = None
        if environ.get("SSL_CERT_FILE"):
            self._file = Path(environ["SSL_CERT_FILE"])
        elif environ.get("SSL_CERT_DIR"):
            self._directory = environ["SSL_CERT_DIR"]  # in which OpenSSL looks at each handshake
        else:
            self._file = Path(certifi.where())
        self._seen: Seen | None = None
        self._context: ssl.SSLContext | None = None

    def context(self) -> ssl.SSLContext:
        """
        The context as of now: another one once the file is another one, and can be read.

        Raises:
            UnreadableCertificates: There is none, and never was.
        """
        seen = self._look()
        if self._context is None or (seen is not None and seen != self._seen):
            try:
                self._context = ssl.create_default_context(cafile=self._file, capath=self._directory)
            except OSError as error:  # ssl.SSLError too: no certificate is in it
                if self._context is None:
                    raise UnreadableCertificates(self._why(error)) from None
            self._seen = seen
        return self._context

    def _why(self, error: OSError) -> str:
        why = "it holds no certificate" if isinstance(error, ssl.SSLError) else str(error.strerror)
        return (
            f"SSL_CERT_FILE: {self._file} cannot be read ({why}); name a PEM file with all authorities to be believed"
        )

    def _look(self) -> Seen | None:
        """What tells one content of the file from another; None where there is none."""
        if self._file is None:
            return None
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

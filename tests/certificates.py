"""Certificates for the tests, made by `openssl`: an authority of its own for each directory."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

CURVE = ("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")


def openssl(*arguments: str) -> None:
    """Run it; where it is missing the test is skipped with its name, in CI it fails."""
    program = shutil.which("openssl")
    if program is None:
        reason = "openssl is not installed (tests/system-packages.txt names its Debian package)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    subprocess.run([program, *arguments], check=True, capture_output=True)


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, in PEM files."""

    certificate: Path
    key: Path


def self_signed(directory: Path, name: str = "server", *, names: str = "DNS:localhost,IP:127.0.0.1,IP:::1") -> Pair:
    """A certificate that nobody but itself has signed: an authority, or a server's own."""
    pair = Pair(directory / f"{name}.crt", directory / f"{name}.key")
    openssl(
        *("req", "-x509", "-newkey", *CURVE, "-nodes", "-days", "2", "-subj", f"/CN={name}"),
        *("-addext", f"subjectAltName={names}", "-keyout", str(pair.key), "-out", str(pair.certificate)),
    )
    return pair


def signed(directory: Path, name: str, authority: Pair, *, names: str, days: int = 2) -> Pair:
    """A certificate that the authority has signed; with days below 0 it has expired."""
    pair = Pair(directory / f"{name}.crt", directory / f"{name}.key")
    request, extensions = directory / f"{name}.csr", directory / f"{name}.ext"
    extensions.write_text(f"subjectAltName={names}\n", encoding="ascii")
    openssl(
        "req",
        "-new",
        "-newkey",
        *CURVE,
        "-nodes",
        "-subj",
        f"/CN={name}",
        "-keyout",
        str(pair.key),
        "-out",
        str(request),
    )
    openssl(
        *("x509", "-req", "-in", str(request), "-days", str(days), "-extfile", str(extensions), "-CAcreateserial"),
        *("-CA", str(authority.certificate), "-CAkey", str(authority.key), "-out", str(pair.certificate)),
    )
    return pair

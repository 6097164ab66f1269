"""Whom our calls out believe."""

import os
import ssl

import certifi
import pytest

from monitor.http.certificates import Certificates, UnreadableCertificates
from tests.certificates import self_signed


def authorities(context: ssl.SSLContext) -> list[str]:
    """The names of those that are believed."""
    return [str(found["subject"]).split("'")[-2] for found in context.get_ca_certs()]


@pytest.fixture
def file(tmp_path):
    """A file with one authority, which a test may change."""
    path = tmp_path / "believed.pem"
    path.write_bytes(self_signed(tmp_path, "first").certificate.read_bytes())
    return path


def test_it_is_read_once_for_all(file):
    certificates = Certificates({"SSL_CERT_FILE": str(file)})

    assert certificates.context() is certificates.context()
    assert authorities(certificates.context()) == ["first"]


def test_whoever_asks_after_it_has_changed_gets_it_as_it_is(file, tmp_path):
    certificates = Certificates({"SSL_CERT_FILE": str(file)})
    certificates.context()
    self_signed(tmp_path, "second").certificate.replace(file)

    assert authorities(certificates.context()) == ["second"]


@pytest.mark.parametrize("damage", [os.unlink, lambda file: file.write_text("half a certificate")])
def test_a_file_that_cannot_be_read_anew_leaves_what_there_was(file, damage, tmp_path):
    certificates = Certificates({"SSL_CERT_FILE": str(file)})
    before = certificates.context()
    damage(file)
    meanwhile = certificates.context()
    self_signed(tmp_path, "second").certificate.replace(file)

    assert meanwhile is before
    assert authorities(certificates.context()) == ["second"]


@pytest.mark.parametrize(
    ("content", "why"), [(None, "No such file or directory"), ("no certificate", "it holds no certificate")]
)
def test_a_file_that_never_could_be_read_is_said_in_words(tmp_path, content, why):
    path = tmp_path / "believed.pem"
    if content is not None:
        path.write_text(content)

    with pytest.raises(UnreadableCertificates) as refused:
        Certificates({"SSL_CERT_FILE": str(path)}).context()

    assert str(refused.value) == (
        f"SSL_CERT_FILE: {path} cannot be read ({why}); name a PEM file with all authorities to be believed"
    )


def test_the_file_counts_before_the_directory_and_both_before_certifi(file, tmp_path):
    both = Certificates({"SSL_CERT_FILE": str(file), "SSL_CERT_DIR": str(tmp_path)})
    directory, neither = Certificates({"SSL_CERT_DIR": str(tmp_path)}), Certificates({"SSL_CERT_FILE": ""})

    assert (authorities(both.context()), authorities(directory.context())) == (["first"], [])
    assert neither.context().cert_store_stats() == ssl.create_default_context(cafile=certifi.where()).cert_store_stats()

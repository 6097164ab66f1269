"""The exporter-toolkit's file: what is read of it, what is refused and in which words, and whether promtool agrees."""

import re
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from monitor.settings.load import load
from monitor.settings.problems import SettingsError
from monitor.settings.secret import Secret
from monitor.settings.shape import keys, spellings
from monitor.settings.tls import CIPHERS, CURVES, Tls, UnusableTls
from monitor.settings.web_config import NO_WEB_CONFIG, RateLimit, WebConfig, WebConfigFile
from tests.certificates import Pair, openssl, self_signed
from tests.settings.writing import ACCOUNT, written

HASH = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG"
TLS = "cert_file: server.crt, key_file: server.key"
CA = "client_ca_file: server.crt"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the configuration is, with the certificate and key `server`."""
    self_signed(tmp_path)
    return tmp_path


def read(folder: Path, text: str, more: str = "") -> WebConfig:
    """What a web.config.yml of this text comes to."""
    (folder / "web.config.yml").write_text(text, encoding="utf-8")
    return load(written(folder, f"{ACCOUNT}web: {{config_file: web.config.yml{more}}}\n"), {}).web_config


def problems(folder: Path, text: str, more: str = "") -> list[str]:
    with pytest.raises(SettingsError) as refused:
        read(folder, text, more)
    return [str(problem).replace(f"{folder}/", "") for problem in refused.value.problems]


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def indented(path: Path) -> str:
    return text_of(path).replace("\n", "\n    ")


def test_every_key_is_read(folder):
    text = f"""
tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: server.crt
  client_allowed_sans: [prometheus.example, "10.0.0.1"]
  min_version: TLS12
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: false
  curve_preferences: [CurveP384]
http_server_config:
  http2: false
  headers:
    Content-Security-Policy: default-src 'self'
    X-Frame-Options: sameorigin
    X-Content-Type-Options: nosniff
    X-XSS-Protection: "0"
    Strict-Transport-Security: max-age=31536000
basic_auth_users:
  ops: {HASH}
rate_limit: {{interval: 1m0.5s, burst: 20}}
"""
    assert read(folder, text) == WebConfig(
        tls=Tls(
            certificate=text_of(folder / "server.crt"),
            key=Secret(text_of(folder / "server.key")),
            client_ca=text_of(folder / "server.crt"),
            client_certificate="required",
            client_allowed_sans=frozenset({"prometheus.example", "10.0.0.1"}),
            ciphers=("ECDHE-RSA-AES128-GCM-SHA256",),
            own_order=False,
            curve="secp384r1",
        ),
        users={"ops": Secret(HASH)},
        headers={
            "Content-Security-Policy": "default-src 'self'",
            "X-Frame-Options": "sameorigin",
            "X-Content-Type-Options": "nosniff",
            "X-XSS-Protection": "0",
            "Strict-Transport-Security": "max-age=31536000",
        },
        rate_limit=RateLimit(interval=60.5, burst=20),
    )


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "tls_server_config:\n", "basic_auth_users: {}\n"])
def test_a_file_that_says_nothing_asks_for_nothing(tmp_path, text):
    assert read(tmp_path, text) == NO_WEB_CONFIG


def test_certificates_and_keys_may_stand_in_the_file_itself(folder):
    text = f"""
tls_server_config:
  cert: |
    {indented(folder / "server.crt")}
  key: |
    {indented(folder / "server.key")}
"""
    tls = read(folder, text).tls

    assert tls is not None
    assert tls.own == ssl.PEM_cert_to_DER_cert(text_of(folder / "server.crt"))


def test_paths_begin_at_the_directory_of_the_file(tmp_path):
    (tmp_path / "tls").mkdir()
    self_signed(tmp_path / "tls")
    (tmp_path / "tls/web.config.yml").write_text(f"tls_server_config: {{{TLS}}}\n", encoding="utf-8")

    settings = load(written(tmp_path, f"{ACCOUNT}web: {{config_file: tls/web.config.yml}}\n"), {})

    assert settings.files == tuple(tmp_path / "tls" / name for name in ("web.config.yml", "server.crt", "server.key"))


def test_no_variable_is_put_into_the_file(tmp_path):
    users = read(tmp_path, f"basic_auth_users: {{ops: '{HASH}', '${{HOME}}': '{HASH}'}}\n").users

    assert list(users) == ["ops", "${HOME}"]


def test_the_files_that_it_names_are_watched_even_while_it_is_wrong(folder):
    text = f"tls_server_config: {{{TLS}, min_version: TLS13, max_version: TLS12}}\n"

    with pytest.raises(SettingsError) as refused:
        read(folder, text)

    assert {path.name for path in refused.value.files} == {"web.config.yml", "server.crt", "server.key"}


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        pytest.param(
            "http_server_config: {http2: true}",
            "http_server_config.http2: HTTP/2 is not spoken; clients take HTTP/1.1",
            id="HTTP/2",
        ),
        pytest.param(
            f"tls_server_config: {{{TLS}, min_version: TLS10}}",
            "tls_server_config.min_version: below TLS 1.2 nothing is spoken; it is taken as TLS12",
            id="an old TLS",
        ),
        pytest.param(
            f"tls_server_config: {{{TLS}, client_auth_type: RequestClientCert}}",
            "tls_server_config.client_auth_type: RequestClientCert lets in everybody, so no certificate is asked for",
            id="a certificate that is asked for and not looked at",
        ),
        pytest.param(
            f"tls_server_config: {{{TLS}, curve_preferences: [X25519, CurveP256]}}",
            "tls_server_config.curve_preferences: one curve can be set, several are left to OpenSSL's own choice",
            id="several curves",
        ),
    ],
)
def test_what_is_not_done_and_lets_nobody_in_is_a_warning(folder, text, warning):
    assert read(folder, text).warnings == (f"{folder}/web.config.yml: {warning}",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("[a]", "the file (line 1): expected a mapping, got a list", id="a list"),
        pytest.param(
            f"tls_sever_config: {{{TLS}}}",
            "tls_sever_config (line 1): is not a known key; did you mean 'tls_server_config'?",
            id="an unknown section",
        ),
        pytest.param(
            f"tls_server_config:\n  {TLS.replace(', ', chr(10) + '  ')}\n  mni_version: TLS12",
            "tls_server_config.mni_version (line 4): is not a known key; did you mean 'min_version'?",
            id="an unknown key",
        ),
        pytest.param(
            "tls_server_config: {cert_file: server.crt}",
            "tls_server_config (line 1): has no key: give key_file or key",
            id="no key",
        ),
        pytest.param(
            "tls_server_config: {key_file: server.key}",
            "tls_server_config (line 1): has no cert: give cert_file or cert",
            id="no certificate",
        ),
        pytest.param(
            "tls_server_config: {cert_file: server.crt, cert: x, key_file: server.key}",
            "tls_server_config.cert_file (line 1): is given beside cert; give one of the two",
            id="a certificate twice",
        ),
        pytest.param(
            "tls_server_config: {cert_file: gone.crt, key_file: server.key}",
            "tls_server_config.cert_file (line 1): gone.crt: there is no such file",
            id="a certificate that is not there",
        ),
        pytest.param(
            "tls_server_config: {cert_file: server.key, key_file: server.key}",
            "tls_server_config.cert_file (line 1): expected a certificate in PEM form",
            id="a key for a certificate",
        ),
        pytest.param(
            "tls_server_config: {cert_file: server.crt, key_file: server.crt}",
            "tls_server_config.key_file (line 1): expected a private key in PEM form without a password",
            id="a certificate for a key",
        ),
        pytest.param(
            "tls_server_config: {cert_file: server.crt, key_file: other.key}",
            "tls_server_config.key_file (line 1): is not the key of the certificate",
            id="another's key",
        ),
        pytest.param(
            "tls_server_config: {cert_file: server.crt, key_file: locked.key}",
            "tls_server_config.key_file (line 1): expected a private key in PEM form without a password",
            id="a key with a password",
        ),
        pytest.param(
            f"tls_server_config: {{{TLS}, client_ca_file: server.key, client_auth_type: VerifyClientCertIfGiven}}",
            "tls_server_config.client_ca_file (line 1): expected a certificate in PEM form",
            id="a key for an authority",
        ),
        pytest.param(
            f"tls_server_config: {{{TLS}, {CA}}}",
            "tls_server_config.client_ca_file (line 1): is given, and client_auth_type asks nobody for a certificate",
            id="an authority that nobody asks for",
        ),
        pytest.param(
            f"tls_server_config: {{{TLS}, client_auth_type: RequireAndVerifyClientCert}}",
            "tls_server_config.client_auth_type (line 1): RequireAndVerifyClientCert needs client_ca_file: "
            "whose certificates are believed",
            id="no authority",
        ),
        pytest.param(
            f"tls_server_config: {{{TLS}, client_auth_type: RequireAnyClientCert}}",
            "tls_server_config.client_auth_type (line 1): RequireAnyClientCert takes any certificate, whoever made it, "
            "and cannot be had here; RequireAndVerifyClientCert takes those of client_ca_file",
            id="any certificate",
        ),
        pytest.param(
            f"tls_server_config: {{{TLS}, {CA}, client_auth_type: VerifyClientCertIfGiven, client_allowed_sans: [a]}}",
            "tls_server_config.client_allowed_sans (line 1): needs client_auth_type: RequireAndVerifyClientCert",
            id="names of clients that need no certificate",
        ),
        pytest.param(
            f"tls_server_config: {{{TLS}, min_version: TLS13, max_version: TLS12}}",
            "tls_server_config.min_version (line 1): is above max_version",
            id="versions the wrong way round",
        ),
        pytest.param(
            f"tls_server_config: {{{TLS}, max_version: TLS11}}",
            "tls_server_config.max_version (line 1): expected TLS12 or TLS13, got 'TLS11': "
            "below TLS 1.2 nothing is spoken here",
            id="only an old TLS",
        ),
        pytest.param(
            f"tls_server_config: {{{TLS}, cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]}}",
            "tls_server_config.cipher_suites[0] (line 1): expected a cipher suite that Go knows, by its name there, "
            "got 'TLS_RSA_WITH_RC4_128_SHA'; did you mean 'TLS_RSA_WITH_AES_128_CBC_SHA'?",
            id="a cipher that Go has given up",
        ),
        pytest.param(
            f"tls_server_config: {{{TLS}, cipher_suites: [TLS_AES_128_GCM_SHA256], max_version: TLS12}}",
            "tls_server_config.cipher_suites (line 1): has none of TLS 1.2, which max_version asks for",
            id="ciphers of another version",
        ),
        pytest.param(
            f"tls_server_config: {{{TLS}, curve_preferences: [P256]}}",
            "tls_server_config.curve_preferences[0] (line 1): expected CurveP256, CurveP384, CurveP521 or X25519, "
            "got 'P256'; did you mean 'CurveP256'?",
            id="a curve by another name",
        ),
        pytest.param(
            f"tls_server_config: {{{TLS}, prefer_server_cipher_suites: often}}",
            "tls_server_config.prefer_server_cipher_suites (line 1): expected true or false, got 'often'",
            id="neither true nor false",
        ),
        pytest.param(
            "http_server_config: {headers: {X-Frame-Options: DENY}}",
            "http_server_config.headers (line 1): X-Frame-Options: expected deny or sameorigin, got 'DENY'",
            id="a header's value",
        ),
        pytest.param(
            "http_server_config: {headers: {Server: x}}",
            "http_server_config.headers (line 1): expected Content-Security-Policy, Strict-Transport-Security, "
            "X-Content-Type-Options, X-Frame-Options or X-XSS-Protection",
            id="another header",
        ),
        pytest.param(
            'http_server_config: {headers: {X-XSS-Protection: "0\\r\\nSet-Cookie: a"}}',
            "http_server_config.headers (line 1): X-XSS-Protection: expected printable characters of ASCII",
            id="a header within a header",
        ),
        pytest.param(
            "basic_auth_users: {ops: hunter2}",
            "basic_auth_users.ops (line 1): expected a bcrypt hash, such as htpasswd -nBC 10 USER makes",
            id="a password",
        ),
        pytest.param(
            f"basic_auth_users: {{ops: {HASH.replace('$10$', '$31$')}}}",
            "basic_auth_users.ops (line 1): expected a bcrypt hash of a cost from 4 to 18: a check would take too long",
            id="a hash that takes a day",
        ),
        pytest.param(
            f'basic_auth_users: {{"a:b": {HASH}}}',
            "basic_auth_users (line 1): expected a user's name of printable characters without a colon",
            id="a colon in a name",
        ),
        pytest.param(
            "rate_limit: {interval: often, burst: 1}",
            "rate_limit.interval (line 1): expected a duration such as 1s or 500ms, got 'often'",
            id="no duration",
        ),
        pytest.param(
            "rate_limit: {interval: 1s}",
            "rate_limit.burst (line 1): expected 1 at least, or nothing would be answered",
            id="a limit of nothing",
        ),
    ],
)
def test_what_is_wrong_is_told_with_the_file_and_the_place(folder, text, message):
    self_signed(folder, "other")
    openssl("ec", "-aes256", "-passout", "pass:x", "-in", f"{folder}/server.key", "-out", f"{folder}/locked.key")

    assert problems(folder, text) == [f"web.config.yml: {message}"]


def test_what_is_no_yaml_and_no_text_is_told_with_its_line(tmp_path):
    (tmp_path / "web.config.yml").write_bytes(b"a: b\n\xff")
    broken = written(tmp_path, f"{ACCOUNT}web: {{config_file: web.config.yml}}\n")

    with pytest.raises(SettingsError, match=r"web.config.yml \(line 2\): is not UTF-8; save it as UTF-8"):
        load(broken, {})
    assert problems(tmp_path, "a: b: c\n")[0].startswith("web.config.yml (line 1): not valid YAML")


@pytest.mark.parametrize(
    ("writers", "message"),
    [
        pytest.param("bob", "web.writers (line 5): 'bob' is no user of web.config_file", id="one"),
        pytest.param("[ops, bob]", "web.writers[1] (line 5): 'bob' is no user of web.config_file", id="one of two"),
    ],
)
def test_a_writer_is_a_user(tmp_path, writers, message):
    assert problems(tmp_path, f"basic_auth_users: {{ops: {HASH}}}\n", f", writers: {writers}") == [message]


def test_writers_without_users_are_an_error(tmp_path):
    assert problems(tmp_path, "basic_auth_users:\n", ", writers: ops") == [
        "web.writers (line 5): names users, and there are none: give basic_auth_users in web.config_file"
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"tls_server_config: {{{TLS}}}", id="TLS"),
        pytest.param(
            f"tls_server_config: {{{TLS}, {CA}, client_auth_type: RequireAndVerifyClientCert}}",
            id="client certificates",
        ),
        pytest.param(f"tls_server_config: {{{TLS}, cipher_suites: [{', '.join(CIPHERS)}]}}", id="every cipher"),
        pytest.param(f"tls_server_config: {{{TLS}, curve_preferences: [{', '.join(CURVES)}]}}", id="every curve"),
        pytest.param(f"basic_auth_users: {{ops: {HASH}}}", id="users"),
        pytest.param(
            "http_server_config: {http2: true, headers: {X-Frame-Options: deny, X-Content-Type-Options: nosniff}}",
            id="headers",
        ),
    ],
)
def test_promtool_takes_what_we_take(folder, text):
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (tests/system-packages.txt names its Debian package)")

    read(folder, f"{text}\n")

    said = subprocess.run(
        [promtool, "check", "web-config", str(folder / "web.config.yml")], capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr


@pytest.mark.parametrize("curve", CURVES.values())
def test_every_curve_can_be_set(tmp_path, curve):
    assert tls_of(self_signed(tmp_path), curve=curve).context() is not None


def test_a_cipher_that_openssl_lacks_is_said(tmp_path):
    with pytest.raises(UnusableTls, match="OpenSSL here has none of them"):
        tls_of(self_signed(tmp_path), ciphers=("NONE-SUCH",)).context()


@pytest.mark.parametrize(
    ("text", "ciphers", "minimum"),
    [
        pytest.param("cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA]", ("AES128-SHA",), "TLS12", id="of TLS 1.2"),
        pytest.param("cipher_suites: [TLS_AES_128_GCM_SHA256]", (), "TLS13", id="of TLS 1.3 alone"),
    ],
)
def test_ciphers_of_the_newest_version_alone_leave_out_the_older_one(folder, text, ciphers, minimum):
    tls = read(folder, f"tls_server_config: {{{TLS}, {text}}}\n").tls

    assert tls is not None
    assert (tls.ciphers, tls.minimum) == (ciphers, minimum)


def tls_of(pair: Pair, **more) -> Tls:
    return Tls(certificate=text_of(pair.certificate), key=Secret(text_of(pair.key)), **more)


def documented() -> str:
    return (Path(__file__).parents[2] / "docs/access.md").read_text(encoding="utf-8")


def test_every_key_of_the_file_is_documented_and_every_documented_key_exists():
    rows = re.findall(
        r"^\| (`(?:tls_server_config|http_server_config|basic_auth|rate_limit)[^|]*) \|", documented(), re.MULTILINE
    )

    known = [
        f"{section}.{key}" if key else section
        for section, below in ((name, one.below) for name, one in keys(WebConfigFile).items())
        for key in (spellings(below[0]) if below else [""])
    ]
    assert sorted(key for row in rows for key in re.findall(r"`([^`]+)`", row)) == sorted(known)


def test_the_example_of_the_document_is_right(folder):
    blocks = re.findall(r"```yaml\n(.*?)```", documented(), re.DOTALL)
    (file,) = [block for block in blocks if block.startswith("tls_server_config")]
    (web,) = [block for block in blocks if block.startswith("web:")]
    (folder / "web.config.yml").write_text(file, encoding="utf-8")

    settings = load(written(folder, f"{ACCOUNT}{web}"), {})

    assert (sorted(settings.web_config.users), settings.web.writers) == (["ops", "prometheus"], ("ops",))
    assert settings.web_config.tls is not None

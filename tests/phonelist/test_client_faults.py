"""Each fault of a wire: its reason, its one line, and that the next call on the same single connection is answered."""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading

import pytest

from monitor.fleet.answer import FailureReason
from monitor.http.transport import open_transport
from monitor.phonelist import client as client_module
from monitor.phonelist import wire
from monitor.phonelist.client import PhoneList
from monitor.phonelist.errors import PhoneListError, TimedOut, failure
from tests.phonelist.conftest import NOW, SECRET
from tests.phonelist.faulty_vendor import (
    GOOD_BODY,
    FaultyVendor,
    answer,
    close_before_answer,
    drip,
    exactly,
    flood,
    hang,
    reset_before_answer,
    reset_within_body,
    status,
)

CUT_OFF = "{place} closed the connection before its answer was whole; it is asked again"
NOT_HTTP = "{place} answered something that is not HTTP; check base_url and any proxy in between"
NO_JSON = "the vendor's answer is no JSON; check base_url and any proxy in between"
A_PAGE = "the answer is a page (HTML or XML), no JSON; check base_url and any proxy or login page in between"
NEW_FORMAT = "if this lasts, the vendor has changed its format: please report it"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

FAULTS = [
    pytest.param(reset_before_answer, "connect", "", CUT_OFF, id="reset before the answer"),
    pytest.param(close_before_answer, "connect", "", CUT_OFF, id="closed before the answer"),
    pytest.param(reset_within_body, "connect", "", CUT_OFF, id="reset within the body"),
    pytest.param(
        exactly(answer(GOOD_BODY[:40], length=400), then_close=True),
        "connect",
        "",
        CUT_OFF,
        id="shorter than announced",
    ),
    pytest.param(exactly(CHUNKED + b"40\r\n{", then_close=True), "connect", "", CUT_OFF, id="a chunk cut off"),
    pytest.param(
        exactly(CHUNKED + b"zz\r\n{}\r\n", then_close=True), "decode", "", NOT_HTTP, id="a chunk without a size"
    ),
    pytest.param(exactly(b"\x00\x01\x02 no HTTP at all\r\n\r\n"), "decode", "", NOT_HTTP, id="garbage"),
    pytest.param(exactly(b"HTTP/1.1 two hundred\r\n\r\n"), "decode", "", NOT_HTTP, id="a status in words"),
    pytest.param(
        exactly(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n"),
        "decode",
        "",
        NOT_HTTP,
        id="an endless header",
    ),
    pytest.param(
        flood,
        "too_large",
        "",
        "{place} sent more than 8 MiB, which no list of numbers has; check base_url",
        id="a hundred megabytes",
    ),
    pytest.param(exactly(answer(b"")), "decode", "", "the vendor's answer is empty; it is asked again", id="no body"),
    pytest.param(
        exactly(answer(b"", status="204 No Content")),
        "decode",
        "",
        "the vendor's answer is empty; it is asked again",
        id="204",
    ),
    pytest.param(exactly(answer(b"<html>welcome</html>")), "decode", "", A_PAGE, id="a page with 200"),
    pytest.param(exactly(answer(GOOD_BODY[:-9])), "decode", "", NO_JSON, id="half a JSON text"),
    pytest.param(exactly(answer(b"Service busy")), "decode", "", NO_JSON, id="a sentence"),
    pytest.param(
        exactly(answer(b"null")),
        "schema",
        "",
        f"the vendor's answer is null, expected an object with a code; {NEW_FORMAT}",
        id="null",
    ),
    pytest.param(
        exactly(answer(b"[]")),
        "schema",
        "",
        f"the vendor's answer is a list, expected an object with a code; {NEW_FORMAT}",
        id="a list",
    ),
    pytest.param(
        exactly(answer(b'{"data":[]}')),
        "schema",
        "",
        f"the vendor's answer has no code, expected a number; {NEW_FORMAT}",
        id="no code",
    ),
    pytest.param(
        exactly(answer(b'{"code":0,"data":"none"}')),
        "schema",
        "",
        f"`data` of the vendor's answer is a string, expected a list of numbers; {NEW_FORMAT}",
        id="data is text",
    ),
    pytest.param(
        exactly(answer(b'{"code":0,"data":[null,7,{}]}')),
        "schema",
        "",
        f"none of the 3 rows in the vendor's answer has a number; {NEW_FORMAT}",
        id="rows without numbers",
    ),
    pytest.param(
        status("302 Found", "Location: https://elsewhere.example/\r\n"),
        "http_3xx",
        "302",
        "{place} answered HTTP 302, a redirect, and those are never followed; correct base_url",
        id="redirect",
    ),
    pytest.param(
        status("404 Not Found"),
        "http_4xx",
        "404",
        "{place} answered HTTP 404: check base_url and any proxy in between",
        id="404",
    ),
    pytest.param(
        status("401 Unauthorized"),
        "auth",
        "401",
        "{place} answered HTTP 401: check access_key and access_secret of account main",
        id="401",
    ),
    pytest.param(
        status("403 Forbidden"),
        "auth",
        "403",
        "{place} answered HTTP 403: check access_key and access_secret of account main",
        id="403",
    ),
    pytest.param(
        status("407 Proxy Authentication Required"),
        "proxy",
        "407",
        "{place} answered HTTP 407, which is the proxy's answer: check its user and password",
        id="407",
    ),
    pytest.param(
        status("502 Bad Gateway"),
        "http_5xx",
        "502",
        "{place} answered HTTP 502: a fault on the vendor's side or a proxy's; it is asked again",
        id="502",
    ),
    pytest.param(
        status("503 Service Unavailable"),
        "http_5xx",
        "503",
        "{place} answered HTTP 503: a fault on the vendor's side or a proxy's; it is asked again",
        id="503",
    ),
    pytest.param(
        status("429 Too Many Requests", "Retry-After: 7\r\n"),
        "throttled",
        "429",
        "{place} answered HTTP 429 and asked for 7 s of quiet: too many calls; lower rate_limit if this lasts",
        id="429",
    ),
    pytest.param(
        status("503 Service Unavailable", "Retry-After: soon\r\n"),
        "throttled",
        "503",
        "{place} answered HTTP 503: too many calls; lower rate_limit if this lasts",
        id="503 with an unreadable Retry-After",
    ),
    pytest.param(
        status("600 What"),
        "decode",
        "600",
        "{place} answered HTTP 600, which is no final status; check base_url and any proxy in between",
        id="a status nobody knows",
    ),
    pytest.param(
        exactly(answer(b'{"code":-1,"message":"Request failed","data":null}')),
        "vendor",
        "-1",
        'the vendor answered code -1 ("Request failed"): the request failed on the vendor\'s side; '
        "it is asked again; if this lasts, ask the vendor's support",
        id="code -1",
    ),
]


@pytest.mark.parametrize(("fault", "reason", "code", "text"), FAULTS)
async def test_a_fault_has_its_reason_and_costs_no_connection_slot(vendor, client, fault, reason, code, text):
    vendor.next(fault)
    phonelist = client(f"http://{vendor.place}")

    with pytest.raises(PhoneListError) as caught:
        await phonelist.ask("jh42xxxd434")
    after = await phonelist.ask("jh42xxxd434")

    failed = failure(caught.value, NOW)
    assert (failed.reason, failed.code, failed.text) == (FailureReason(reason), code, text.format(place=vendor.place))
    assert failed.started == NOW
    assert after.outcome.rows


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        pytest.param(hang, "did not answer within 0.5 s", id="silence"),
        pytest.param(drip, "did not finish its answer within 0.5 s", id="drop by drop"),
        pytest.param(
            exactly(b"HTTP/1.1 200 OK\r\nContent-"), "did not answer within 0.5 s", id="silence within the headers"
        ),
        pytest.param(
            exactly(answer(GOOD_BODY[:9], length=400)), "did not finish its answer within 0.5 s", id="silence within"
        ),
        pytest.param(
            exactly(b"HTTP/1.1 100 Continue\r\n\r\n"), "did not answer within 0.5 s", id="nothing but 100 Continue"
        ),
    ],
)
async def test_a_slow_vendor_is_given_up_at_the_deadline(vendor, client, fault, text):
    vendor.next(fault)
    phonelist = client(f"http://{vendor.place}", timeout=0.5)

    with pytest.raises(PhoneListError) as caught:
        await phonelist.ask("jh42xxxd434")
    after = await phonelist.ask("jh42xxxd434")

    assert caught.value.reason is FailureReason.TIMEOUT
    assert str(caught.value) == f"{vendor.place} {text}; check the network, or raise poll.timeout"
    assert after.outcome.rows


@pytest.fixture
def closed_port():
    """A port on which nobody listens, kept so that nobody else takes it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


async def test_a_refused_connection_says_where(client, closed_port):
    with pytest.raises(PhoneListError) as caught:
        await client(f"http://127.0.0.1:{closed_port}").ask("jh42xxxd434")

    assert caught.value.reason is FailureReason.CONNECT
    assert str(caught.value) == (
        f"cannot connect to 127.0.0.1:{closed_port} (Connection refused); check base_url, the network and its firewall"
    )


@pytest.fixture
def no_names(monkeypatch):
    """A machine whose name server knows nothing."""

    async def unknown(*_place, **_flags):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("asyncio.base_events.BaseEventLoop.getaddrinfo", unknown)


@pytest.mark.usefixtures("no_names")
async def test_a_name_without_address_is_told_from_other_trouble(client):
    with pytest.raises(PhoneListError) as caught:
        await client("https://api2.nxcloud.example").ask("jh42xxxd434")

    assert caught.value.reason is FailureReason.DNS
    assert str(caught.value) == (
        "the name api2.nxcloud.example cannot be resolved (Name or service not known); "
        "check base_url and the name server"
    )


@pytest.mark.usefixtures("no_names")
async def test_a_proxys_name_without_address_is_the_proxys_fault(client):
    phonelist = client("https://api2.nxcloud.example", proxy="http://u:hidden@proxy.example:3128")

    with pytest.raises(PhoneListError) as caught:
        await phonelist.ask("jh42xxxd434")

    assert caught.value.reason is FailureReason.PROXY
    assert str(caught.value) == (
        "the name of the proxy proxy.example cannot be resolved (Name or service not known); check the proxy"
    )


async def test_a_proxy_that_is_not_there_is_named(client, closed_port):
    phonelist = client("https://api2.nxcloud.example", proxy=f"http://u:hidden@127.0.0.1:{closed_port}")

    with pytest.raises(PhoneListError) as caught:
        await phonelist.ask("jh42xxxd434")

    assert caught.value.reason is FailureReason.PROXY
    assert str(caught.value) == (
        f"the proxy 127.0.0.1:{closed_port} cannot be reached (Connection refused); check the proxy"
    )


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        pytest.param("407 Proxy Authentication Required", "check user and password of the proxy", id="who are you"),
        pytest.param("403 Forbidden", "check the proxy's rules", id="not there"),
    ],
)
async def test_a_proxy_that_opens_no_way_is_the_proxys_fault(vendor, client, line, advice):
    vendor.next(status(line))
    phonelist = client("https://api2.nxcloud.example", proxy=f"http://u:hidden@{vendor.place}")

    with pytest.raises(PhoneListError) as caught:
        await phonelist.ask("jh42xxxd434")

    code = line.split()[0]
    assert (caught.value.reason, caught.value.code) == (FailureReason.PROXY, code)
    assert str(caught.value) == f"the proxy refused the way to api2.nxcloud.example with HTTP {code}; {advice}"


async def test_the_proxy_is_told_its_password_and_not_our_key(vendor, client):
    vendor.next(status("403 Forbidden"))
    phonelist = client("https://api2.nxcloud.example", proxy=f"http://u:p%40ss@{vendor.place}")

    with pytest.raises(PhoneListError):
        await phonelist.ask("jh42xxxd434")

    request = vendor.requests[0]
    sent = {name.lower(): value for name, value in request.headers}
    assert request.line == "CONNECT api2.nxcloud.example:443 HTTP/1.1"
    assert sent["proxy-authorization"] == "Basic dTpwQHNz"
    assert not {"accesskey", "sign", "ts"} & sent.keys()


async def test_an_unencrypted_call_goes_through_the_proxy_with_its_password(vendor, client):
    phonelist = client("http://api2.nxcloud.example", proxy=f"http://u:p%40ss@{vendor.place}")

    reply = await phonelist.ask("jh42xxxd434")

    assert vendor.requests[0].line.startswith("POST http://api2.nxcloud.example/api/wa/")
    assert vendor.requests[0].header("Proxy-Authorization") == "Basic dTpwQHNz"
    assert reply.outcome.rows


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that nobody but itself has signed, key and all in one file."""
    if shutil.which("openssl") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("openssl is missing")
        pytest.skip("needs the openssl command")
    folder = tmp_path_factory.mktemp("tls")
    key, cert, both = folder / "key.pem", folder / "cert.pem", folder / "both.pem"
    ask = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    names = ["-subj", "/CN=vendor", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)]
    subprocess.run([*ask, *names], check=True, capture_output=True)
    both.write_bytes(key.read_bytes() + cert.read_bytes())
    return both


@pytest.fixture
async def tls_vendor(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    async with FaultyVendor(tls=context) as vendor:
        yield vendor


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tls_vendor, client):
    with pytest.raises(PhoneListError) as caught:
        await client(f"https://{tls_vendor.place}").ask("jh42xxxd434")

    assert caught.value.reason is FailureReason.TLS
    assert str(caught.value) == (
        f"the certificate of {tls_vendor.place} is not trusted (self-signed certificate); "
        f"check base_url and the clock, or name your own authority in SSL_CERT_FILE"
    )
    assert not tls_vendor.requests


async def test_an_authority_of_ones_own_is_trusted(tls_vendor, client, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    reply = await client(f"https://{tls_vendor.place}").ask("jh42xxxd434")

    assert reply.outcome.rows


async def test_a_port_without_tls_is_a_tls_failure(client):
    async with FaultyVendor(greeting=b"SSH-2.0-OpenSSH_9.6\r\n") as other:
        with pytest.raises(PhoneListError) as caught:
            await client(f"https://{other.place}").ask("jh42xxxd434")

    assert caught.value.reason is FailureReason.TLS
    # OpenSSL's word for it depends on its version
    assert re.sub(r"\([A-Z_ ]+\)", "(WORD)", str(caught.value)) == (
        f"no TLS connection to {other.place} (WORD); check base_url and any proxy in between"
    )


async def test_a_fault_of_our_own_is_internal_and_does_not_name_what_it_stumbled_over(vendor, client):
    with pytest.raises(PhoneListError) as caught:
        await client(f"http://{vendor.place}").ask("\ud800")

    assert caught.value.reason is FailureReason.INTERNAL
    assert str(caught.value) == (
        f"UnicodeEncodeError while asking {vendor.place}: this is a fault of number-monitor, please report it"
    )


async def test_an_access_key_beyond_ascii_is_for_the_vendor_to_refuse(vendor):
    phonelist = PhoneList(
        account="main",
        base_url=f"http://{vendor.place}",
        access_key="schlüssel",
        access_secret=SECRET,
        sign_algorithm="md5",
        transport=open_transport(proxy=None, connections=1),
        timeout=20,
        now=lambda: NOW,
    )

    await phonelist.ask("jh42xxxd434")
    await phonelist.aclose()

    assert vendor.requests[0].header("accessKey").encode("latin-1") == "schlüssel".encode()


async def test_no_error_shows_the_secret_or_the_body(vendor, client):
    body = json.dumps({"code": 1003, "message": "sign \x1b[31m wrong\n" + "x" * 5_000, "hint": SECRET})
    vendor.next(exactly(answer(body.encode())))

    with pytest.raises(PhoneListError) as caught:
        await client(f"http://{vendor.place}").ask("jh42xxxd434")

    assert SECRET not in str(caught.value)
    assert str(caught.value).startswith('the vendor answered code 1003 ("sign [31m wrong xxx')
    assert len(str(caught.value)) < 300


async def test_an_answer_that_cannot_be_read_in_time_is_a_timeout(vendor, client, monkeypatch):
    monkeypatch.setattr(client_module, "READ_WITHIN", 0.05)
    monkeypatch.setattr(client_module, "LARGE", 0)
    goes_on = threading.Event()
    monkeypatch.setattr(wire, "read", lambda _: goes_on.wait(30))
    try:
        with pytest.raises(TimedOut, match=r"could not be read within 0\.05 s; this machine is too busy"):
            await client(f"http://{vendor.place}").ask("jh42xxxd434")
    finally:
        goes_on.set()

import pytest

from monitor.web.access import Asker, Refusal, is_loopback, why_refused

OWN_HOSTS = {"watch.internal", "10.0.0.5"}


def asker(address="127.0.0.1", *, on_socket=False, host="127.0.0.1:8620", http_version="1.1", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Asker(address=address, on_socket=on_socket, http_version=http_version, headers={"host": host, **named})


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        pytest.param(asker(), None, id="a program on this machine"),
        pytest.param(asker(address="127.8.0.1"), None, id="any loopback address"),
        pytest.param(asker(address="::1", host="[::1]:8620"), None, id="IPv6 loopback"),
        pytest.param(asker(address="::ffff:127.0.0.1"), None, id="IPv4 loopback in IPv6"),
        pytest.param(asker(host="localhost:8620"), None, id="localhost by name"),
        pytest.param(asker(host="LOCALHOST."), None, id="localhost by another spelling"),
        pytest.param(asker(host="monitor.localhost"), None, id="a name below localhost"),
        pytest.param(asker(host="watch.internal:8620"), None, id="a name that the configuration listens on"),
        pytest.param(asker(address="192.0.2.7"), Refusal.REMOTE, id="another machine"),
        pytest.param(asker(address="::ffff:192.0.2.7"), Refusal.REMOTE, id="another machine, IPv4 in IPv6"),
        pytest.param(asker(address="10.0.0.5", host="10.0.0.5:8620"), Refusal.REMOTE, id="our own outer address"),
        pytest.param(asker(address="", host="localhost"), Refusal.REMOTE, id="no address at all"),
        pytest.param(asker(x_forwarded_for="127.0.0.1"), Refusal.FORWARDED, id="X-Forwarded-For, even of loopback"),
        pytest.param(asker(forwarded="for=127.0.0.1"), Refusal.FORWARDED, id="Forwarded"),
        pytest.param(asker(x_real_ip="192.0.2.7"), Refusal.FORWARDED, id="X-Real-IP"),
        pytest.param(asker(via="1.1 proxy"), Refusal.FORWARDED, id="Via"),
        pytest.param(asker(http_version="1.0"), Refusal.FORWARDED, id="nginx as it comes: HTTP/1.0, no header"),
        pytest.param(asker(host="numbers.example.com"), Refusal.OTHER_HOST, id="a proxy that keeps the Host"),
        pytest.param(asker(host="192.0.2.1:8620"), Refusal.OTHER_HOST, id="a proxy asked by its address"),
        pytest.param(asker(host="rebound.example:8620"), Refusal.OTHER_HOST, id="a rebound DNS name"),
        pytest.param(asker(host="127.0.0.1.example"), Refusal.OTHER_HOST, id="a name that looks like loopback"),
        pytest.param(asker(host="[::1"), Refusal.OTHER_HOST, id="a bracket too few"),
        pytest.param(asker(host="[::1]evil.example"), Refusal.OTHER_HOST, id="a name behind the brackets"),
        pytest.param(asker(host="localhost:80@evil.example"), Refusal.OTHER_HOST, id="a user before the host"),
        pytest.param(asker(host="localhost:"), None, id="a port that is left out"),
        pytest.param(asker(host=""), Refusal.OTHER_HOST, id="an empty Host"),
        pytest.param(asker(sec_fetch_site="cross-site"), Refusal.CROSS_SITE, id="a page of another site"),
        pytest.param(asker(sec_fetch_site="same-site"), Refusal.CROSS_SITE, id="a page of another port"),
        pytest.param(asker(sec_fetch_site="same-origin"), None, id="our own page"),
        pytest.param(asker(sec_fetch_site="none"), None, id="typed by a person"),
        pytest.param(asker(origin="https://evil.example"), Refusal.CROSS_SITE, id="another origin"),
        pytest.param(asker(origin="null"), Refusal.CROSS_SITE, id="an origin that hides"),
        pytest.param(asker(origin="http://127.0.0.1:3000"), Refusal.CROSS_SITE, id="another port's origin"),
        pytest.param(asker(origin="http://127.0.0.1:8620"), None, id="our own origin"),
    ],
)
def test_only_programs_on_this_machine_may_write(who, expected):
    assert why_refused(who, OWN_HOSTS) is expected


def test_a_request_without_a_host_is_refused():
    nameless = Asker(address="127.0.0.1", on_socket=False, http_version="1.1", headers={})

    assert why_refused(nameless, OWN_HOSTS) is Refusal.OTHER_HOST


@pytest.mark.parametrize("text", ["", "localhost", "testclient", "127.0.0.1.2", "/run/socket"])
def test_what_is_no_address_is_no_loopback(text):
    assert not is_loopback(text)


def test_a_zone_does_not_hide_the_loopback():
    assert is_loopback("::1%lo")

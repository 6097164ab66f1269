"""Which proxy leads to an address."""

import pytest

from monitor.http.proxy import UnusableProxy, credentials, proxy_for

VENDOR = "https://api2.nxcloud.com"
PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize(
    ("base_url", "configured", "environ", "expected"),
    [
        pytest.param(VENDOR, None, {}, None, id="none"),
        pytest.param(VENDOR, PROXY, {"HTTPS_PROXY": "http://other"}, PROXY, id="configured"),
        pytest.param(VENDOR, PROXY, {"NO_PROXY": "*"}, PROXY, id="configured, NO_PROXY aside"),
        pytest.param(VENDOR, None, {"HTTPS_PROXY": PROXY}, PROXY, id="from the environment"),
        pytest.param(VENDOR, None, {"https_proxy": PROXY}, PROXY, id="in lower case"),
        pytest.param(VENDOR, None, {"https_proxy": PROXY, "HTTPS_PROXY": "http://b"}, PROXY, id="lower case first"),
        pytest.param(VENDOR, None, {"https_proxy": "", "HTTPS_PROXY": PROXY}, None, id="empty means none"),
        pytest.param(VENDOR, None, {"HTTP_PROXY": PROXY}, None, id="for the other scheme"),
        pytest.param("http://vendor", None, {"HTTP_PROXY": PROXY}, PROXY, id="for plain http"),
        pytest.param(VENDOR, None, {"HTTPS_PROXY": "proxy.example:3128"}, PROXY, id="without a scheme"),
        pytest.param(VENDOR, None, {"HTTPS_PROXY": "https://u:p@proxy"}, "https://u:p@proxy", id="with a password"),
    ],
)
def test_the_configured_proxy_else_the_environments(base_url, configured, environ, expected):
    assert proxy_for(base_url, configured, environ) == expected


@pytest.mark.parametrize(
    ("base_url", "no_proxy", "bypassed"),
    [
        pytest.param(VENDOR, "*", True, id="all"),
        pytest.param(VENDOR, "api2.nxcloud.com", True, id="the name"),
        pytest.param(VENDOR, "API2.NXCloud.com", True, id="the name in capitals"),
        pytest.param(VENDOR, "nxcloud.com", True, id="a domain above"),
        pytest.param(VENDOR, ".nxcloud.com", True, id="a domain above with a dot"),
        pytest.param(VENDOR, "a.example, nxcloud.com", True, id="one of several"),
        pytest.param(VENDOR, "xcloud.com", False, id="half a name"),
        pytest.param(VENDOR, "", False, id="empty"),
        pytest.param(VENDOR, " , ", False, id="nothing but a comma"),
        pytest.param("https://vendor:8443", "vendor:8443", True, id="with the port"),
        pytest.param("https://vendor:8443", "vendor:9443", False, id="with another port"),
        pytest.param("https://10.1.2.3", "10.0.0.0/8", True, id="a network"),
        pytest.param("https://11.1.2.3", "10.0.0.0/8", False, id="another network"),
        pytest.param("https://[::1]", "::1", True, id="an IPv6 address"),
    ],
)
def test_no_proxy_names_exceptions(base_url, no_proxy, bypassed):
    for name in ("NO_PROXY", "no_proxy"):
        found = proxy_for(base_url, None, {"HTTPS_PROXY": PROXY, name: no_proxy})

        assert found == (None if bypassed else PROXY)


@pytest.mark.parametrize(
    ("proxy", "message"),
    [
        ("socks5://u:hidden@proxy", "proxy: expected http://HOST:PORT or https://HOST:PORT, got scheme socks5"),
        ("http://", "proxy: expected http://HOST:PORT or https://HOST:PORT, got no host"),
        ("http://u:hidden@proxy:port", "proxy: the address cannot be read, expected http://HOST:PORT"),
    ],
)
def test_an_address_that_is_no_http_proxys_is_refused(proxy, message):
    with pytest.raises(UnusableProxy) as caught:
        proxy_for(VENDOR, proxy, {})

    assert str(caught.value) == message


def test_the_variable_at_fault_is_named():
    with pytest.raises(UnusableProxy, match=r"^HTTPS_PROXY: expected"):
        proxy_for(VENDOR, None, {"https_proxy": "socks5://proxy"})


@pytest.mark.parametrize(
    ("proxy", "told"),
    [
        ("http://proxy.example:3128", ()),
        ("http://user:pass%2Fw0rd@proxy.example:3128", ("pass/w0rd", "pass%2Fw0rd", "dXNlcjpwYXNzL3cwcmQ=")),
    ],
)
def test_what_lets_us_in_is_known_in_every_form(proxy, told):
    assert credentials(proxy) == told

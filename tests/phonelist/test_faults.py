"""Faults that no socket of a test can show; the others are in test_client_faults."""

import aiohttp
import httpx
import pytest

from monitor.fleet.answer import FailureReason
from monitor.phonelist.faults import Asked, fault

ASKED = Asked(host="vendor", place="vendor:8443")


def caused_by(cause: Exception) -> httpx.ConnectTimeout:
    """httpx's error as httpx-aiohttp raises it."""
    error = httpx.ConnectTimeout("whatever it was")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "reason", "text"),
    [
        pytest.param(
            caused_by(aiohttp.ServerDisconnectedError()),
            "connect",
            "vendor:8443 closed the connection before its answer was whole; it is asked again",
            id="the cause counts, not the name it goes by",
        ),
        pytest.param(
            caused_by(aiohttp.SocketTimeoutError()),
            "timeout",
            "vendor:8443 did not answer in time; check the network, or raise poll.timeout",
            id="a timeout of aiohttp's",
        ),
        pytest.param(
            httpx.ConnectTimeout("slow"),
            "timeout",
            "vendor:8443 did not answer in time; check the network, or raise poll.timeout",
            id="a timeout of httpx's",
        ),
        pytest.param(
            httpx.ReadError("reset"),
            "connect",
            "no connection to vendor:8443; check base_url, the network and its firewall",
            id="a network error of httpx's",
        ),
        pytest.param(
            httpx.ProxyError("no"),
            "proxy",
            "the proxy on the way to vendor:8443 failed; check the proxy",
            id="a proxy error of httpx's",
        ),
        pytest.param(
            httpx.RemoteProtocolError("garbage"),
            "decode",
            "vendor:8443 answered something that is not HTTP; check base_url and any proxy in between",
            id="a protocol error of httpx's",
        ),
        pytest.param(
            ZeroDivisionError("secret"),
            "internal",
            "ZeroDivisionError while asking vendor:8443: this is a fault of number-monitor, please report it",
            id="a fault of our own",
        ),
    ],
)
def test_who_failed_is_told_apart(error, reason, text):
    explained = fault(error, ASKED)

    assert (explained.reason, str(explained)) == (FailureReason(reason), text)

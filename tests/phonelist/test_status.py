"""What the head of an answer says."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.phonelist import status

NOW = 1_800_000_000_000  # 15 January 2027, 08:00:00 UTC


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({"Retry-After": "120"}, 120.0, id="seconds"),
        pytest.param({"Retry-After": " 1.5 "}, 1.5, id="a fraction"),
        pytest.param({"Retry-After": "0"}, 0.0, id="at once"),
        pytest.param({"Retry-After": "999999999"}, 3600.0, id="for ever"),
        pytest.param({"Retry-After": "-7"}, None, id="less than nothing"),
        pytest.param({"Retry-After": "nan"}, None, id="nan"),
        pytest.param({"Retry-After": "٣"}, None, id="digits of another script"),
        pytest.param({"Retry-After": ""}, None, id="empty"),
        pytest.param({}, None, id="missing"),
        pytest.param({"Retry-After": "Fri, 15 Jan 2027 08:02:00 GMT"}, 120.0, id="a date"),
        pytest.param({"Retry-After": "Fri, 15 Jan 2027 07:00:00 GMT"}, 0.0, id="a date that is over"),
        pytest.param({"Retry-After": "Fri, 15 Jan 2037 07:00:00 GMT"}, 3600.0, id="a date in ten years"),
        pytest.param(
            {"Retry-After": "Fri, 15 Jan 2027 09:00:30 GMT", "Date": "Fri, 15 Jan 2027 09:00:00 GMT"},
            30.0,
            id="a date by the vendor's clock",
        ),
        pytest.param({"Retry-After": "Fri, 99 Jan 2027 09:00:30 GMT"}, None, id="a date that never comes"),
    ],
)
def test_how_long_to_wait(headers, seconds):
    assert status.retry_after(httpx.Headers(headers, encoding="utf-8"), NOW) == seconds


@given(st.text(), st.text())
def test_no_header_breaks_the_reading(retry_after, date):
    wait = status.retry_after({"retry-after": retry_after, "date": date}, NOW)

    assert wait is None or 0 <= wait <= status.MAX_RETRY_AFTER


@pytest.mark.parametrize("code", [200, 201, 204, 299])
def test_success_is_no_refusal(code):
    assert status.refusal(code, {}, place="vendor", account="main", now=NOW) is None


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("Fri, 15 Jan 2027 08:00:00 GMT", NOW),
        ("Fri, 15 Jan 2027 16:00:00 +0800", NOW),
        ("Fri, 15 Jan 9999999 08:00:00 GMT", None),
        ("", None),
    ],
)
def test_an_http_date_is_milliseconds(text, milliseconds):
    assert status.http_date(text) == milliseconds

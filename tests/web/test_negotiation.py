import pytest

from monitor.web.negotiation import Format, accepts, language_of, metrics_format, wants_gzip

PROMETHEUS_2 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_2_NATIVE_HISTOGRAMS = (
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,"
    "application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
    "text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
)
PROMETHEUS_3_TEXT_FIRST = (
    "text/plain;version=0.0.4;q=0.6,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.4,*/*;q=0.1"
)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        pytest.param(PROMETHEUS_2, Format.OPENMETRICS, id="Prometheus 2"),
        pytest.param(PROMETHEUS_2_NATIVE_HISTOGRAMS, Format.OPENMETRICS, id="Prometheus 2 with native histograms"),
        pytest.param(PROMETHEUS_3, Format.OPENMETRICS, id="Prometheus 3"),
        pytest.param(PROMETHEUS_3_TEXT_FIRST, Format.TEXT, id="Prometheus 3 that prefers the text"),
        pytest.param(BROWSER, Format.TEXT, id="a browser"),
        pytest.param("*/*", Format.TEXT, id="curl"),
        pytest.param("", Format.TEXT, id="nothing said"),
        pytest.param("application/openmetrics-text", Format.OPENMETRICS, id="no version"),
        pytest.param('application/openmetrics-text; version="1.0.0"', Format.OPENMETRICS, id="a quoted version"),
        pytest.param("APPLICATION/OpenMetrics-Text;Version=1.0.0", Format.OPENMETRICS, id="capital letters"),
        pytest.param("application/openmetrics-text;version=2.0.0", Format.TEXT, id="a version of the future alone"),
        pytest.param("application/openmetrics-text;version=1.0.0;q=0,*/*", Format.TEXT, id="q=0 forbids"),
        pytest.param("text/plain;q=0.3,application/openmetrics-text;q=0.2", Format.TEXT, id="text liked more"),
        pytest.param("text/*;q=0.5,application/openmetrics-text;q=0.5", Format.OPENMETRICS, id="named beats a range"),
        pytest.param("text/plain,application/openmetrics-text", Format.TEXT, id="both named alike"),
        pytest.param("application/json", Format.TEXT, id="nothing that we have"),
        pytest.param("application/openmetrics-text;q=much", Format.TEXT, id="a quality that is none"),
        pytest.param(",;,q=", Format.TEXT, id="garbage"),
    ],
)
def test_the_format_is_the_one_that_the_client_likes_most(accept, expected):
    assert metrics_format(accept) is expected


@pytest.mark.parametrize(
    ("accept_encoding", "expected"),
    [
        pytest.param("gzip", True, id="Prometheus"),
        pytest.param("gzip, deflate, br, zstd", True, id="a browser"),
        pytest.param("", False, id="nothing said"),
        pytest.param("identity", False, id="identity"),
        pytest.param("gzip;q=0", False, id="q=0 forbids"),
        pytest.param("*", True, id="anything"),
        pytest.param("*;q=0", False, id="nothing at all"),
        pytest.param("gzip;q=0, *", False, id="anything but gzip"),
        pytest.param("gzip;q=0.5, identity", False, id="plain text liked more"),
        pytest.param("gzip, identity;q=0.5", True, id="gzip liked more"),
        pytest.param("x-gzip", True, id="the old name"),
        pytest.param("GZIP ; Q=0.8", True, id="capital letters and spaces"),
        pytest.param("deflate, br", False, id="others only"),
        pytest.param("gzip;q=nan", False, id="a quality that is none"),
    ],
)
def test_gzip_is_sent_where_it_is_accepted(accept_encoding, expected):
    assert wants_gzip(accept_encoding) is expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        pytest.param("", True, id="nothing said"),
        pytest.param("*/*", True, id="curl"),
        pytest.param("text/html,application/xhtml+xml,*/*;q=0.8", True, id="a browser"),
        pytest.param("application/json", True, id="by name"),
        pytest.param("Application/JSON ; charset=utf-8", True, id="capital letters and parameters"),
        pytest.param("application/*", True, id="of its kind"),
        pytest.param("text/html, application/json;q=0.1", True, id="liked little"),
        pytest.param("text/html", False, id="another form"),
        pytest.param("*/*, application/json;q=0", False, id="anything but this"),
        pytest.param("application/json;q=0.5, */*;q=0", True, id="this alone"),
        pytest.param("application/json;q=much", False, id="a quality that is none"),
    ],
)
def test_an_answer_is_given_where_its_form_is_accepted(accept, expected):
    assert accepts(accept, "application/json") is expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "en"),
        ("zh", "zh-CN"),
        ("zh-TW;q=0.8, en;q=0.7", "zh-CN"),
        ("en-GB, zh;q=0.9", "en"),
        ("zh;q=0.5, en;q=0.5", "en"),
        ("fr, zh;q=0.1", "zh-CN"),
        ("zh;q=broken", "en"),
    ],
)
def test_a_page_is_in_the_language_that_is_liked_best(header, expected):
    assert language_of(header) == expected

import pytest

from monitor.views.moment import moment

NOW = 1_795_420_812_345


@pytest.mark.parametrize(
    ("text", "at"),
    [
        pytest.param("24h", NOW - 86_400_000, id="hours ago"),
        pytest.param("500ms", NOW - 500, id="milliseconds ago"),
        pytest.param("90d", NOW - 90 * 86_400_000, id="days ago"),
        pytest.param("2026-11-23T08:00:12.345Z", 1_795_420_812_345, id="as events write it"),
        pytest.param("2026-11-23T16:00:12.345+08:00", 1_795_420_812_345, id="another offset"),
        pytest.param("2026-11-23T08:00:12", 1_795_420_812_000, id="no offset is UTC"),
        pytest.param("2026-11-23", 1_795_392_000_000, id="a day begins at midnight"),
        pytest.param("1969-12-31T23:59:59.999Z", -1, id="before 1970"),
    ],
)
def test_a_moment_is_read_as_it_is_written(text, at):
    assert moment(text, NOW) == at


@pytest.mark.parametrize("text", ["", "yesterday", "24", "h", "1.5h", "-1h", "2026-13-01", "\uff11h"])
def test_any_other_text_is_refused_with_what_it_could_be(text):
    with pytest.raises(ValueError, match="neither a duration such as 24h nor a time such as 2026-11-23T08:00:00Z"):
        moment(text, NOW)

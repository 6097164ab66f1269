import pytest
from starlette.requests import Request

from monitor.web.paths import to_root


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "./"),
        ("/nowhere", "./"),
        ("/a/b", "../"),
        ("/numbers/main/a%2Fb/-/1", "../../../../"),
        ("/" * 30_000, "../" * 16),
    ],
)
def test_the_way_to_the_root_is_relative(path, expected):
    assert to_root(Request({"type": "http", "path": path})) == expected

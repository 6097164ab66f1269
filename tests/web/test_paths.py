import pytest
from starlette.requests import Request

from monitor.web.paths import entry_path, to_root


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (("main", "a", "w", "+8613800000001"), "numbers/main/a/w/%2B8613800000001"),
        (("main", "a", "", "+86 xxx 24"), "numbers/main/a/-/%2B86%20xxx%2024"),
        (("a/b", "50%", "w", "号"), "numbers/a%2Fb/50%25/w/%E5%8F%B7"),
    ],
)
def test_an_entrys_path_keeps_its_segments_apart(entry, expected):
    assert entry_path(*entry) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/", "./"), ("/nowhere", "./"), ("/a/b", "../"), ("/numbers/main/a%2Fb/-/1", "../../../../")],
)
def test_the_way_to_the_root_is_relative(path, expected):
    assert to_root(Request({"type": "http", "path": path})) == expected
